"""Adapters of services that show today's figures alone: what they have in common.

Such an adapter asks for series and says what came; this module makes histories and rows
of it. Through the cache, each answer that brings something new is kept as a vintage.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, Generic

from fg_core import ConfigError, DataError, Dataset, ForecastGameError, Query
from fg_core.calendar import period_end
from fg_data.cache import utc_now
from fg_data.http import Transport
from fg_data.snapshots import snapshot_history
from fg_data.vintages import VintageHistory

from .asking import fetch_dataset
from .series_set import DescribedT, SeriesHistories
from .service import DataService
from .span import Span

__all__ = ["Snapshot", "SnapshotAdapter"]


@dataclass(frozen=True)
class Snapshot(Generic[DescribedT]):
    """Figures of one series, as one answer of a service has them.

    Args:
        values: Values by first moment of the period, UTC; None: marked as missing.
        frequency: One of `fg_core.calendar.FREQUENCIES`.
        about: What the service says about the series.
        release_lag: Days from the end of a period to the moment at which its figure is assumed to
            have come out, unless a caller says otherwise.
        notes: Notes that a reader must know.
    """

    values: Mapping[datetime, float | None]
    frequency: str
    about: DescribedT
    release_lag: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SnapshotAdapter(ABC, Generic[DescribedT]):
    """Source of a service that keeps no vintages; a subclass says how it is asked.

    Args:
        base_url: Address of the service; empty: that of its description, or of the environment.
        transport: Transport of the requests; None: at the pace of the service.
        clock: Function that returns the present moment, with a time zone.
    """

    service: ClassVar[DataService]  # type: ignore[type-arg]

    _: KW_ONLY
    base_url: str = ""
    transport: Transport | None = field(default=None, repr=False, compare=False)
    clock: Callable[[], datetime] = field(default=utc_now, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Name of the source."""
        return self.service.name

    @abstractmethod
    def _ask(
        self, names: Sequence[str], span: Span
    ) -> Mapping[str, Snapshot[DescribedT] | ForecastGameError]:
        """Ask the service.

        Args:
            names: Names of series, each once.
            span: First and last period; what the service sends beside them is left out later.

        Returns:
            What came of each series, or why nothing did.

        Raises:
            ForecastGameError: What no series survives.
        """

    def fetch_multi_series(
        self,
        series: Sequence[str] = (),
        *,
        release_lag: int | None = None,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> SeriesHistories[DescribedT]:
        """Return histories of several series, from the service itself.

        Args:
            series: Names; none: those of the service by default.
            release_lag: Days from the end of a period to its release, instead of those that are
                assumed of the service.
            start: First period; a moment has a time zone.
            end: Last period.

        Returns:
            Histories and metadata by series, and the error of each series that failed. Every
            publication is assumed.

        Raises:
            ForecastGameError: What no series survives, such as a service that is down.
        """
        if release_lag is not None and release_lag < 0:
            raise ConfigError(f"a release lag is 0 days or more, got {release_lag}")
        names = self.service.names(series or self.service.default_series)
        span, now = Span.of(start, end), self.clock()
        histories: dict[str, VintageHistory] = {}
        metadata: dict[str, DescribedT] = {}
        errors: dict[str, ForecastGameError] = {}
        for name, found in self._ask(names, span).items():
            if isinstance(found, ForecastGameError):
                errors[name] = found
                continue
            # Services send more than they are asked for: bounds are applied here once more.
            values = {period: x for period, x in found.values.items() if span.has(period)}
            if all(value is None for value in values.values()):
                errors[name] = DataError(
                    f"series {name!r} of {self.service.title} has no values in these periods"
                )
                continue
            lag = timedelta(days=found.release_lag if release_lag is None else release_lag)
            histories[name] = snapshot_history(
                name,
                values,
                now,
                partial(_released, frequency=found.frequency, lag=lag),
                frequency=found.frequency,
                units=found.about.units,
                notes=found.notes,
            )
            metadata[name] = found.about
        provenance = self.service.provenance(histories, metadata, now.date())
        return SeriesHistories(histories, metadata, errors, provenance)

    def history(
        self,
        series_id: str,
        *,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        release_lag: int | None = None,
    ) -> VintageHistory:
        """Return the figures of a series as the service has them now.

        Args:
            series_id: Name of the series.
            start: First period; a moment has a time zone.
            end: Last period.
            release_lag: Days from the end of a period to its release.

        Returns:
            One print per period, in the unit of the series.

        Raises:
            UnknownSeriesError: No such series.
            ForecastGameError: The service refuses, fails, or sends what cannot be used.
        """
        found = self.fetch_multi_series((series_id,), release_lag=release_lag, start=start, end=end)
        return found[series_id]

    def fetch(self, query: Query | str, as_of: date | datetime | None = None) -> Dataset:
        """Return the rows of a query, through the cache; see `fetch_dataset`.

        Args:
            query: Series, first and last period, and options; or the name of one series.
            as_of: Moment by which figures must have been known; None: all.

        Returns:
            Rows in the units of the series, or those that the options ask for.

        Raises:
            ForecastGameError: As `fetch_dataset`.
        """
        return fetch_dataset(self, query, as_of)

    def _transport(self) -> Transport:
        return self.service.transport() if self.transport is None else self.transport

    def _address(self) -> str:
        return self.service.address(self.base_url or self.service.base_url)


def _released(period: datetime, *, frequency: str, lag: timedelta) -> datetime:
    return period_end(period, frequency) + lag
