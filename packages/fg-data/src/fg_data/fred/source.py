"""The source `fred`: rows of FRED's series, through the cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from fg_core import Dataset, Query
from fg_data.histories import DataService, SeriesHistories, fetch_dataset

from .adapter import FredMacroAdapter
from .metadata import SeriesMetadata
from .service import FRED

__all__ = ["FredSource"]


@dataclass(frozen=True)
class FredSource:
    """Series of FRED, and of its archive ALFRED every figure that was ever published for them.

    What is fetched is kept in the cache that `cache_location` names, and with `FG_OFFLINE` set
    nothing is fetched. The options of a query are those of `FredOptions`.

    Args:
        adapter: Adapter that asks the service.
    """

    service: ClassVar[DataService[SeriesMetadata]] = FRED

    adapter: FredMacroAdapter = field(default_factory=lambda: FredMacroAdapter())

    @property
    def name(self) -> str:
        """Name of the source."""
        return FRED.name

    @property
    def has_key(self) -> bool:
        """Whether there is a key now; without one, figures are made up unless they are kept."""
        return self.adapter.has_key

    @property
    def api_key(self) -> str | None:
        """Key that the adapter was given, which is kept out of files; None: by the environment."""
        return self.adapter.api_key

    def with_seed(self, seed: int) -> FredSource:
        """Return a source whose made-up series have this seed.

        Args:
            seed: Seed of the random numbers, from 0 to 2^64 - 1.

        Returns:
            Source with the same settings otherwise.
        """
        return replace(self, adapter=self.adapter.with_seed(seed))

    def fetch_multi_series(
        self, series: Sequence[str] = FRED.default_series, *, release_lag: int | None = None
    ) -> SeriesHistories[SeriesMetadata]:
        """Return whole histories of several series, from the service itself.

        Args:
            series: Names.
            release_lag: Days from the end of a period to its release, where neither the archive nor
                the table says.

        Returns:
            Histories and metadata by series, and the error of each series that failed.

        Raises:
            ForecastGameError: As `FredMacroAdapter.fetch_multi_series`.
        """
        return self.adapter.fetch_multi_series(series, release_lag=release_lag)

    def fetch(self, query: Query | str, as_of: datetime | None = None) -> Dataset:
        """Return the rows of a query, from kept histories where they are fresh.

        Args:
            query: Series, first and last period, seed of made-up series, and options; or the name
                of one series.
            as_of: Moment by which figures must have been known; None: all.

        Returns:
            Rows in the units of the series, or those that the options ask for.

        Raises:
            ForecastGameError: As `fetch_dataset`.
        """
        return fetch_dataset(self, query, as_of)
