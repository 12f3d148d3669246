"""Files of the user: CSV, JSON, JSON lines, Parquet and Excel workbooks."""

from __future__ import annotations

from .content import MAX_BYTES, MAX_CELLS, MAX_ROWS
from .source import OPTIONS, FileSource

__all__ = ["MAX_BYTES", "MAX_CELLS", "MAX_ROWS", "OPTIONS", "FileSource"]
