"""Options of a query to FRED beyond series and span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from fg_data.histories.options import OPTIONS, VINTAGES, HistoryOptions

from .provenance import SOURCE_NAME

__all__ = ["OPTIONS", "VINTAGES", "FredOptions"]


class FredOptions(HistoryOptions):
    """Options of a query to FRED: those that all sources with histories have."""

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], *, source: str = SOURCE_NAME) -> Self:
        """Return options that come as text; see `HistoryOptions`.

        Returns:
            Options of the types that their fields state.

        >>> FredOptions.from_texts({"units": "pca", "release_lag": "30"}).release_lag
        30
        """
        return super().from_texts(texts, source=source)
