"""Files of the user: CSV, JSON, JSON lines and Parquet."""

from __future__ import annotations

from .content import MAX_BYTES, MAX_CELLS, MAX_ROWS
from .source import FileSource

__all__ = ["MAX_BYTES", "MAX_CELLS", "MAX_ROWS", "FileSource"]
