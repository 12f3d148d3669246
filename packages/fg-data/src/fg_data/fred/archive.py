"""Histories of FRED and ALFRED, made of the service's answers: whole ones, and single vintages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from fg_core import DataError, Provenance, SourceError
from fg_data.histories.aggregation import METHODS
from fg_data.histories.span import Span
from fg_data.histories.transforms import UNITS
from fg_data.release_lags import assumed_release
from fg_data.vintages import Print, VintageHistory

from .client import FredClient
from .metadata import SeriesMetadata, SeriesTag
from .provenance import provenance_of
from .realtime import (
    VINTAGES_PER_REQUEST,
    known_from,
    last_known_day,
    merge_windows,
    prints_of,
    realtime_windows,
)
from .refusals import NoVintagesError
from .wire import Row

__all__ = ["FredArchive"]

_SATURDAY = 5
_WEEK = timedelta(days=6)


@dataclass(frozen=True)
class FredArchive:
    """Histories and vintages of FRED and ALFRED.

    Args:
        client: Asks the service.
        now: The time: nothing that the service has is published later.
        vintages_per_request: Largest number of vintages per request.
    """

    client: FredClient
    now: datetime
    vintages_per_request: int = VINTAGES_PER_REQUEST

    def metadata(self, series_id: str) -> SeriesMetadata:
        """Return the facts that the service states about a series.

        Returns:
            Title, frequency, unit and other facts.
        """
        return self.client.metadata(series_id)

    def tags(self, series_id: str) -> tuple[SeriesTag, ...]:
        """Return the labels of a series.

        Returns:
            One entry per label.
        """
        return self.client.tags(series_id)

    def search(self, text: str, limit: int) -> tuple[SeriesMetadata, ...]:
        """Return series whose names or descriptions have certain words.

        Returns:
            Metadata of at most `limit` series.
        """
        return self.client.search(text, limit)

    def release_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which the release that carries a series came out.

        Returns:
            Dates of the calendar, rising.
        """
        return self.client.release_dates(series_id)

    def vintage_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which something new was published; none: not archived.

        Returns:
            Dates of the calendar, rising.
        """
        try:
            return self.client.vintage_dates(series_id)
        except NoVintagesError:
            return ()

    def history(
        self, series_id: str, span: Span, *, release_lag: int | None = None
    ) -> tuple[VintageHistory, SeriesMetadata]:
        """Return every print of a series, and its metadata.

        Args:
            series_id: Name of the series.
            span: First and last period.
            release_lag: Days from the end of a period to its release, for periods older than the
                archive of a series that the table of release lags does not have.

        Returns:
            Prints in the unit of the series, by period and publication; and the metadata.

        Raises:
            UnknownSeriesError: No such series.
            DataError: No rows in the span, or no rule says when they were published.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        metadata = self.client.metadata(series_id)
        vintages = self.vintage_dates(series_id)
        start, end = span.days()
        if not vintages:
            rows = self.client.observations(series_id, start=start, end=end)
            return _unarchived(rows, metadata, span, self.now, release_lag), metadata
        windows = realtime_windows(vintages, self.vintages_per_request)
        parts = [
            self.client.observations(series_id, start=start, end=end, realtime=window)
            for window in windows
        ]
        rows = merge_windows(windows, parts, vintages, what=f"FRED observations of {series_id}")
        frequency = _frequency(metadata, rows)
        prints = prints_of(
            rows,
            period_of=partial(_period, frequency=frequency),
            first_vintage=vintages[0],
            release=_lag(series_id, frequency, release_lag),
        )
        archive = known_from(vintages[0])
        kept = _wanted(prints, span, series_id)
        n_assumed = sum(one.published < archive for one in kept)
        notes: tuple[str, ...] = ()
        if n_assumed:
            notes = (
                f"{n_assumed} periods are older than the archive, which begins on {vintages[0]}: "
                "their publication is assumed from release lags, and their first figures are "
                "those of then",
            )
        history = VintageHistory(series_id, frequency, metadata.units, kept, archive, notes)
        return history, metadata

    def snapshot(
        self,
        series_id: str,
        span: Span,
        *,
        as_of: datetime | None = None,
        release_lag: int | None = None,
        units: str = "lin",
        frequency: str | None = None,
        aggregation: str = "avg",
    ) -> VintageHistory:
        """Return the figures of one vintage, transformed by the service.

        One vintage does not tell when its figures were first published: their moments are assumed
        from release lags, never after the vintage; without a lag they are the vintage's.

        Args:
            series_id: Name of the series.
            span: First and last period.
            as_of: Moment as of which figures are returned; None: today's.
            release_lag: Days from the end of a period to its release, for a series that the table
                of release lags does not have.
            units: One of `UNITS`, applied by the service.
            frequency: Lower frequency that the service aggregates to: "M", "Q" or "Y".
            aggregation: Method of aggregation: "avg", "sum" or "eop".

        Returns:
            One print per period, in the unit that the transformation gives.

        Raises:
            UnknownSeriesError: No such series.
            DataError: No rows in the span, or the series was not there at that moment.
            SourceError: The service refuses, fails, or sends what cannot be used.
        """
        metadata = self.client.metadata(series_id)
        start, end = span.days()
        # A day that is not over yet is not known, and the service refuses days to come.
        day = last_known_day(self.now if as_of is None else min(as_of, self.now))
        try:
            rows = self.client.observations(
                series_id,
                start=start,
                end=end,
                realtime=None if as_of is None else (day, day),
                units=units,
                frequency=None if frequency is None else _SERVICE_FREQUENCIES[frequency],
                aggregation=aggregation,
            )
        except NoVintagesError as error:
            raise DataError(
                f"series {series_id!r} is not in the archive as of {day}: it begins later, or the "
                "series is not archived; leave as_of out, or take a later one"
            ) from error
        if as_of is not None:
            _require_standing(rows, day, series_id)
        ours = frequency or _frequency(metadata, rows)
        known = self.now if as_of is None else known_from(day)
        release = _lag(series_id, ours, release_lag)
        prints = []
        for row in rows:
            period = _period(row.day, frequency=ours)
            assumed = release(period)
            moment = known if assumed is None else min(assumed, known)
            prints.append(Print(period, row.value, moment))
        text = metadata.units
        if frequency is not None:
            text = f"{METHODS[aggregation]} of {metadata.frequency.lower()} {text}"
        if units != "lin":
            text = f"{UNITS[units]} ({text})"
        of = "the latest one" if as_of is None else f"as of {day}"
        notes = (
            f"one vintage ({of}): figures as revised by then; dates of publication are assumed "
            "from release lags",
        )
        kept = _wanted(prints, span, series_id)
        return VintageHistory(series_id, ours, text, kept, known, notes)

    def provenance(
        self, histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesMetadata]
    ) -> Provenance:
        """Return the provenance of histories.

        Returns:
            Source, licence and required notices.
        """
        return provenance_of(histories, metadata, self.now.astimezone(UTC).date())


def _require_standing(rows: Sequence[Row], day: date, series_id: str) -> None:
    """Refuse rows that did not hold on a day, or that are several for one date."""
    if any(not row.first <= day <= row.last for row in rows):
        raise SourceError(
            f"series {series_id!r}: figures as of {day} were asked for, and others came; the "
            "service seems to have ignored the real-time period"
        )
    twice = next((row for before, row in pairwise(rows) if row.day == before.day), None)
    if twice is not None:
        raise SourceError(
            f"series {series_id!r}: two figures of {twice.day} as of {day} came; the service "
            "contradicts itself"
        )


_SERVICE_FREQUENCIES = {"M": "m", "Q": "q", "Y": "a"}


def _unarchived(
    rows: Sequence[Row],
    metadata: SeriesMetadata,
    span: Span,
    now: datetime,
    release_lag: int | None,
) -> VintageHistory:
    series_id = metadata.series_id
    frequency = _frequency(metadata, rows)
    release = _lag(series_id, frequency, release_lag)
    prints = []
    for row in rows:
        period = _period(row.day, frequency=frequency)
        assumed = release(period)
        if assumed is None:
            raise DataError(
                f"series {series_id!r} has no vintages in ALFRED, and no release lag is known for "
                "it: say how many days after a period its figure is out (release_lag)"
            )
        prints.append(Print(period, row.value, min(assumed, now)))
    notes = (
        "no vintages in ALFRED: figures are as revised by now, and their dates of publication are "
        "assumed from release lags",
    )
    kept = _wanted(prints, span, series_id)
    return VintageHistory(series_id, frequency, metadata.units, kept, now, notes)


def _frequency(metadata: SeriesMetadata, rows: Sequence[Row]) -> str:
    return metadata.period_frequency(any(row.day.weekday() >= _SATURDAY for row in rows))


def _period(day: date, *, frequency: str) -> datetime:
    """Return the first moment of the period that the service dates by a day."""
    moment = datetime.combine(day, time(), UTC)
    return moment - _WEEK if frequency == "W" else moment


def _lag(
    series_id: str, frequency: str, release_lag: int | None
) -> Callable[[datetime], datetime | None]:
    def release(period: datetime) -> datetime | None:
        return assumed_release(series_id, period, frequency, days=release_lag)

    return release


def _wanted(prints: Sequence[Print], span: Span, series_id: str) -> tuple[Print, ...]:
    kept = tuple(one for one in prints if span.has(one.period))
    if not kept:
        there = (
            f"its periods go from {prints[0].period.date()} to {prints[-1].period.date()}"
            if prints
            else "the service has none"
        )
        asked = [f"from {span.start.date()}"] if span.start else []
        asked += [f"to {span.end.date()}"] if span.end else []
        raise DataError(f"FRED has no rows of {series_id} {' '.join(asked)}; {there}".strip())
    return kept
