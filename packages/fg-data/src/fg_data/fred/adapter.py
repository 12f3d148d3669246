"""The source `fred`: series of the Federal Reserve Bank of St. Louis, with all their vintages."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import ClassVar

from fg_core import ConfigError, DataError, Dataset, Query
from fg_data.histories import (
    DataService,
    SeriesHistories,
    Span,
    dataset_of_query,
    gather_histories,
    moment_of,
    require_aggregation,
    require_units,
)
from fg_data.http import Transport
from fg_data.vintages import VintageHistory, day_of_news

from .archive import FredArchive
from .client import FredClient
from .metadata import SeriesMetadata, SeriesTag
from .options import FredOptions
from .provenance import KEY_IS_NOT_SET, SyntheticDataWarning
from .realtime import MOST_VINTAGES, VINTAGES_PER_REQUEST
from .refusals import KEY_VARIABLE
from .service import BASE_URL, DEFAULT_SERIES, FRED
from .synthetic import SyntheticFred

__all__ = ["FredMacroAdapter"]

_DEFAULT_SEED = 7


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class FredMacroAdapter:
    """Series of FRED, and of its archive ALFRED every figure that was ever published for them.

    What the archive took in on a day counts as known from the end of that day (UTC) on. Without a
    key everything is made up (five series, one schema) with a warning and a mark in the provenance;
    made-up and real figures never meet in one answer.

    Args:
        api_key: The key; None: the environment variable FRED_API_KEY, read at every call.
        base_url: Address of the service; while it is the default one, the environment variable
            FRED_BASE_URL goes before it.
        transport: Asks over HTTP.
        clock: Function that returns the present moment, with a time zone.
        seed: Seed of the made-up series; None: that of a query, else 7.
        max_workers: Series that are asked for side by side.
        vintages_per_request: Largest number of vintages per request; more are asked for in several.

    >>> adapter = FredMacroAdapter(api_key="")
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SyntheticDataWarning)
    ...     gdp = adapter.history("GDP")
    >>> [round(one.value) for one in gdp.revisions(datetime(2010, 1, 1, tzinfo=UTC))][:3]
    [15734, 15727, 15725]
    """

    service: ClassVar[DataService[SeriesMetadata]] = FRED

    _: KW_ONLY
    api_key: str | None = field(default=None, repr=False)
    base_url: str = BASE_URL
    transport: Transport = field(default_factory=FRED.transport, repr=False)
    clock: Callable[[], datetime] = field(default=_utc_now, repr=False)
    seed: int | None = None
    max_workers: int = 5
    vintages_per_request: int = VINTAGES_PER_REQUEST

    def __post_init__(self) -> None:
        if self.max_workers < 1:
            raise ConfigError(f"max_workers is 1 or more, got {self.max_workers}")
        if not 1 <= self.vintages_per_request <= MOST_VINTAGES:
            raise ConfigError(
                f"vintages_per_request is 1 to {MOST_VINTAGES:,}, got {self.vintages_per_request}"
            )

    @property
    def name(self) -> str:
        """Name of the source."""
        return FRED.name

    @property
    def has_key(self) -> bool:
        """Whether there is a key now; without one, figures are made up."""
        return bool(self._key())

    def history(
        self,
        series_id: str,
        *,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        release_lag: int | None = None,
    ) -> VintageHistory:
        """Return every print of a series.

        Args:
            series_id: Name of the series.
            start: First period; a moment has a time zone.
            end: Last period.
            release_lag: Days from the end of a period to its release, where neither the archive nor
                the table of release lags says when a figure was published.

        Returns:
            Prints in the unit of the series, by period and publication.

        Raises:
            UnknownSeriesError: No such series.
            DataError: No rows in the span, or no rule says when they were published.
            SourceKeyError: The service does not accept the key.
            SourceUnavailableError: The service cannot be reached, or fails.
            SourceError: It refuses, or sends what cannot be used.
        """
        origin = self._origin()
        return origin.history(series_id, Span.of(start, end), release_lag=release_lag)[0]

    def snapshot(
        self,
        series_id: str,
        *,
        as_of: date | datetime | None = None,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        units: str = "lin",
        frequency: str | None = None,
        aggregation: str = "avg",
        release_lag: int | None = None,
    ) -> VintageHistory:
        """Return the figures of one vintage, transformed and aggregated by the service.

        A vintage does not tell when its figures were first published: their moments are assumed
        from release lags (`assumed_before` says so), never after the vintage.

        Args:
            series_id: Name of the series.
            as_of: Moment as of which figures are returned; a date stands for its end. None:
                today's.
            start: First period.
            end: Last period.
            units: Transformation, a key of `UNITS`.
            frequency: Lower frequency: "M", "Q" or "Y".
            aggregation: Method of aggregation: "avg", "sum" or "eop".
            release_lag: Release lag in days, as for `history`.

        Returns:
            One print per period, in the unit that the transformation gives.

        Raises:
            ForecastGameError: As for `history`, and ConfigError for unknown units or frequencies.
        """
        require_units(units)
        if frequency is not None:
            # Any series is of days or of something between.
            require_aggregation("Q" if frequency == "Y" else "D", frequency, aggregation)
        return self._origin().snapshot(
            series_id,
            Span.of(start, end),
            as_of=moment_of(as_of),
            release_lag=release_lag,
            units=units,
            frequency=frequency,
            aggregation=aggregation,
        )

    def metadata(self, series_id: str) -> SeriesMetadata:
        """Return the facts that the service states about a series.

        Returns:
            Title, frequency, unit and other facts.

        Raises:
            ForecastGameError: As for `history`.
        """
        return self._origin().metadata(series_id)

    def tags(self, series_id: str) -> tuple[SeriesTag, ...]:
        """Return the labels of a series; those of the group "cc" tell its copyright.

        Returns:
            One entry per label.

        Raises:
            ForecastGameError: As for `history`.
        """
        return self._origin().tags(series_id)

    def search(self, text: str, *, limit: int = 20) -> tuple[SeriesMetadata, ...]:
        """Return series whose names or descriptions have certain words, the likeliest first.

        Args:
            text: Words to search for.
            limit: Largest number of series to return, 1 to 1,000.

        Returns:
            Metadata of at most `limit` series.

        Raises:
            ForecastGameError: As for `history`.
        """
        if not 1 <= limit <= 1000:
            raise ConfigError(f"limit is 1 to 1,000, got {limit}")
        return self._origin().search(text, limit)

    def release_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which the release that carries a series came out, rising.

        Returns:
            Dates of the calendar, without a time zone.

        Raises:
            ForecastGameError: As for `history`.
        """
        return self._origin().release_dates(series_id)

    def vintage_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which something new was published, rising; none: not archived.

        Returns:
            Dates of the calendar, without a time zone.

        Raises:
            ForecastGameError: As for `history`.
        """
        return self._origin().vintage_dates(series_id)

    def fetch_multi_series(
        self,
        series: Iterable[str] = DEFAULT_SERIES,
        *,
        as_of: date | datetime | None = None,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        release_lag: int | None = None,
    ) -> SeriesHistories[SeriesMetadata]:
        """Return the histories of several series, asked for side by side.

        A series that fails does not spoil the others: its error is in the answer.

        Args:
            series: Names.
            as_of: Moment by which prints must have been known; a date stands for its end. None:
                all.
            start: First period.
            end: Last period.
            release_lag: Release lag in days, as for `history`.

        Returns:
            Histories and metadata by series, and the error of each series that failed.

        Raises:
            SourceKeyError: The service does not accept the key, which no series would survive.
            ConfigError: No series, or a moment without a time zone.
        """
        names, span, moment = FRED.names(series), Span.of(start, end), moment_of(as_of)
        return self._set(self._origin(), names, span, moment, release_lag)

    def fetch(self, query: Query | str, as_of: date | datetime | None = None) -> Dataset:
        """Return rows, by default of first prints with the moments of their publication.

        Series that are asked for by name are brought to the lowest of their frequencies, or to that
        of the options. Without names, the monthly ones of `DEFAULT_SERIES` have rows, and the
        others stand in their context.

        Args:
            query: Series, first and last period, seed of made-up series, and options (`FredOptions`
                describes them); or the name of one series.
            as_of: Moment by which figures must have been known; a date stands for its end. None:
                all.

        Returns:
            Rows in the units of the series, or those that the options ask for.

        Raises:
            ForecastGameError: As for `history`, of the first series that failed; ConfigError for an
                unknown option.
        """
        if isinstance(query, str):
            query = Query((query,))
        options = FredOptions.from_texts(query.options)
        moment = moment_of(as_of)
        names = FRED.names(query.series or DEFAULT_SERIES)
        origin = self._origin(query.seed)
        found = self._set(origin, names, Span(), None, options.release_lag)
        return dataset_of_query(FRED, found, query, moment, options)

    def with_seed(self, seed: int) -> FredMacroAdapter:
        """Return an adapter whose made-up series have this seed; its own goes first if it has one.

        Args:
            seed: Seed of the random numbers, from 0 to 2^64 - 1.

        Returns:
            Adapter with the same settings otherwise.
        """
        return self if self.seed is not None else replace(self, seed=seed)

    def _set(
        self,
        origin: _Origin,
        names: tuple[str, ...],
        span: Span,
        as_of: datetime | None,
        release_lag: int | None,
    ) -> SeriesHistories[SeriesMetadata]:
        def one(name: str) -> tuple[VintageHistory, SeriesMetadata]:
            history, metadata = origin.history(name, span, release_lag=release_lag)
            return _until(history, as_of), metadata

        return gather_histories(names, one, origin.provenance, max_workers=self.max_workers)

    def _origin(self, seed: int = _DEFAULT_SEED) -> _Origin:
        """Return the archive, of the service or made up, that answers for the whole of a call."""
        key = self._key()
        if not key:
            warnings.warn(
                f"{KEY_IS_NOT_SET}: these numbers are made up, they are not FRED's; a key is free "
                "at https://fred.stlouisfed.org/docs/api/api_key.html",
                SyntheticDataWarning,
                stacklevel=3,
            )
            return SyntheticFred(seed if self.seed is None else self.seed)
        client = FredClient(FRED.address(self.base_url), key, self.transport)
        return FredArchive(client, self.clock(), self.vintages_per_request)

    def _key(self) -> str:
        key = os.environ.get(KEY_VARIABLE, "") if self.api_key is None else self.api_key
        return key.strip()


_Origin = FredArchive | SyntheticFred


def _until(history: VintageHistory, as_of: datetime | None) -> VintageHistory:
    if as_of is None:
        return history
    known = history.until(as_of)
    if not known.prints:
        raise DataError(
            f"series {history.series_id!r} had no figures by {as_of.isoformat()}; the first one "
            f"was published on {day_of_news(history.vintage_dates[0])}"
        )
    return known
