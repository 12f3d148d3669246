"""Point-in-time data sources for Forecast Game.

Everything public is importable from here: the sources, the reader of installed sources, the
chronological split, and the table of release lags that sources without vintages go by.
"""

from __future__ import annotations

from .datasets import chronological_split, load_dataset
from .files import FileSource
from .release_lags import RELEASE_LAGS, ReleaseLag, available_at
from .synthetic import SyntheticSource
from .us_macro import UsMacroSource

__version__ = "0.1.0"

__all__ = [
    "RELEASE_LAGS",
    "FileSource",
    "ReleaseLag",
    "SyntheticSource",
    "UsMacroSource",
    "__version__",
    "available_at",
    "chronological_split",
    "load_dataset",
]
