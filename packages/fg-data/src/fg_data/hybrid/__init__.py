"""A real history, extended or stressed by made-up paths."""

from __future__ import annotations

from .counterparts import COUNTERPARTS
from .options import HybridOptions
from .source import HybridSource, hybrid_dataset

__all__ = ["COUNTERPARTS", "HybridOptions", "HybridSource", "hybrid_dataset"]
