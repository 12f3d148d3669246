"""FRED through the cache."""

from __future__ import annotations

from dataclasses import dataclass

from fg_data.histories import CachedHistories, DataService

from .metadata import SeriesMetadata
from .service import FRED

__all__ = ["CachedFred"]


@dataclass(frozen=True)
class CachedFred(CachedHistories[SeriesMetadata]):
    """Asks FRED through a cache; see `CachedHistories`.

    Args:
        adapter: Adapter that asks the service, such as `FredMacroAdapter()`.
        store: The cache, with its clock, and whether to refresh or stay offline.
        service: Fixed facts about FRED.
    """

    service: DataService[SeriesMetadata] = FRED
