"""Made-up histories under five FRED ids, for when no key is there: same schema, other numbers.

The paths are those of the source `synthetic` (its model is described there). Around them, each
series is published as the real one is:

- CPIAUCSL monthly, about the 12th of the next month; with every January's figure, in February, the
  last five years are revised.
- UNRATE monthly, on the first Friday of the next month; five years are revised in January.
- FEDFUNDS monthly, on the first business day of the next month, never revised.
- GDP quarterly: advance, second and third estimate about one, two and three months after the
  quarter, then in September of the next five years.
- T10YIE for every business day, on the day itself, never revised; holidays are marked as missing.
  Its last value in a month is the month's of the model; within, a bridge of daily noise.

A print is off the final figure by a share of the level (for UNRATE, by points) that shrinks from
revision to revision to nothing: `error_k = sd_k e`, with one standard normal draw e per period.
Draws are keyed by seed, series and period. The sizes are round numbers of the order of the real
revisions; the tests compare scale, persistence and correlations with recorded figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from fg_core import DataError, Provenance, frozen_mapping
from fg_core.calendar import period_end
from fg_core.nearest import nearest_first
from fg_core.rng import Stream
from fg_data.histories.aggregation import aggregate_history
from fg_data.histories.span import Span
from fg_data.histories.transforms import transform_history
from fg_data.synthetic import SERIES, synthetic_paths
from fg_data.vintages import Print, VintageHistory

from .metadata import SeriesMetadata, SeriesTag
from .provenance import KEY_IS_NOT_SET, synthetic_provenance
from .realtime import known_from

__all__ = ["SyntheticFred", "synthetic_history", "synthetic_metadata"]

_STREAM = "fred_proxy"
_FIRST_YEAR = 2005
_DECIMALS = frozen_mapping({"CPIAUCSL": 3, "GDP": 3, "UNRATE": 1, "FEDFUNDS": 2, "T10YIE": 2})
_YEARS_REVISED = 5
# Of the first print and of the revisions in each of the five years after it.
_CPI_ERRORS = (4e-4, 3e-4, 2e-4, 1e-4, 5e-5)
_UNRATE_ERRORS = (0.06, 0.05, 0.04, 0.03, 0.02)
# Of the advance, second and third estimate, and of those in the first four Septembers.
_GDP_ERRORS = (1.5e-3, 1.0e-3, 9e-4, 6e-4, 4e-4, 2e-4, 1e-4)
_DAILY_NOISE = 0.02

_TITLES = frozen_mapping(
    {
        "CPIAUCSL": ("consumer price index", "Monthly", "M", "Index 1982-1984=100", "SA"),
        "GDP": ("gross domestic product", "Quarterly", "Q", "Billions of Dollars", "SAAR"),
        "UNRATE": ("unemployment rate", "Monthly", "M", "Percent", "SA"),
        "FEDFUNDS": ("federal funds rate", "Monthly", "M", "Percent", "NSA"),
        "T10YIE": ("10-year breakeven inflation", "Daily", "D", "Percent", "NSA"),
    }
)


@dataclass(frozen=True)
class SyntheticFred:
    """Archive that answers as `FredArchive` does, with made-up numbers.

    Args:
        seed: Seed of the paths.
    """

    seed: int

    def metadata(self, series_id: str) -> SeriesMetadata:
        """Return the facts about a made-up series.

        Returns:
            Title, frequency, unit and other facts.
        """
        return synthetic_metadata(series_id)

    def tags(self, series_id: str) -> tuple[SeriesTag, ...]:
        """Return the one label of a made-up series.

        Returns:
            One entry.
        """
        return (SeriesTag("synthetic", "cc", synthetic_metadata(series_id).notes),)

    def search(self, text: str, limit: int) -> tuple[SeriesMetadata, ...]:
        """Return made-up series whose names or titles have one of the words.

        Returns:
            Metadata of at most `limit` series.
        """
        words = text.lower().split()
        found = [synthetic_metadata(series_id) for series_id in SERIES]
        return tuple(
            one
            for one in found
            if any(word in f"{one.series_id} {one.title}".lower() for word in words)
        )[:limit]

    def release_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which something new was published.

        Returns:
            Dates of the calendar, rising.
        """
        return self.vintage_dates(series_id)

    def vintage_dates(self, series_id: str) -> tuple[date, ...]:
        """Return the days on which something new was published.

        Returns:
            Dates of the calendar, rising.
        """
        changes = synthetic_history(series_id, self.seed).vintage_dates
        return tuple((moment - timedelta(days=1)).date() for moment in changes)

    def history(
        self, series_id: str, span: Span, *, release_lag: int | None = None
    ) -> tuple[VintageHistory, SeriesMetadata]:
        """Return every print of a made-up series, and its metadata.

        Returns:
            Prints in the unit of the series, by period and publication; and the metadata.

        Raises:
            DataError: No made-up series of this name, or no periods in the span.
        """
        del release_lag  # all moments are known here
        history = _within(synthetic_history(series_id, self.seed), span)
        return history, synthetic_metadata(series_id)

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
        """Return the figures of one vintage.

        Returns:
            One print per period, in the unit that the transformation gives.

        Raises:
            DataError: No made-up series of this name, or no periods in the span by that moment.
            ConfigError: An aggregation to a frequency that is not lower.
        """
        del release_lag
        history = synthetic_history(series_id, self.seed)
        if frequency is not None:
            history = aggregate_history(history, frequency, aggregation)
        history = transform_history(history, units)
        if as_of is not None:
            history = history.until(as_of)
        standing = tuple(one for one in history.prints if one.superseded is None)
        return _within(replace(history, prints=standing), span)

    def provenance(
        self, histories: Mapping[str, VintageHistory], metadata: Mapping[str, SeriesMetadata]
    ) -> Provenance:
        """Return the provenance of made-up histories.

        Returns:
            Provenance that is marked as synthetic.
        """
        del metadata
        return synthetic_provenance(histories, self.seed)


def synthetic_metadata(series_id: str) -> SeriesMetadata:
    """Return metadata of a made-up series.

    Args:
        series_id: Name of the series.

    Returns:
        Title, frequency, unit and other facts.

    Raises:
        DataError: There is no made-up series of this name.
    """
    _require_synthetic(series_id)
    title, frequency, code, units, adjustment = _TITLES[series_id]
    days = [one.period.date() for one in synthetic_history(series_id, 0).prints]
    return SeriesMetadata(
        series_id,
        f"Synthetic {title}",
        frequency,
        code,
        units,
        adjustment,
        days[0],
        days[-1],
        datetime.combine(days[-1], time(), UTC),
        f"Made-up numbers: {KEY_IS_NOT_SET}.",
    )


def _require_synthetic(series_id: str) -> None:
    if series_id not in SERIES:
        raise DataError(
            f"series {series_id!r}: {KEY_IS_NOT_SET}, and the synthetic proxy has only (nearest "
            f"first) {', '.join(nearest_first(series_id, SERIES))}"
        )


@lru_cache(maxsize=64)
def synthetic_history(series_id: str, seed: int) -> VintageHistory:
    """Return a made-up history: a pure function of the seed.

    Args:
        series_id: Name of one of the five series.
        seed: Seed of the random numbers, from 0 to 2^64 - 1.

    Returns:
        Prints in the unit of the real series, by period and publication.

    Raises:
        DataError: There is no made-up series of this name.
        ConfigError: A seed out of its range.

    >>> history = synthetic_history("GDP", 7)
    >>> history.frequency, len(history.first_prints()), len(history.revisions(
    ...     datetime(2010, 1, 1, tzinfo=UTC)))
    ('Q', 80, 8)
    """
    _require_synthetic(series_id)
    path = synthetic_paths(seed)[series_id]
    make = {
        "CPIAUCSL": _prices,
        "UNRATE": _unemployment,
        "FEDFUNDS": _policy_rate,
        "GDP": _accounts,
        "T10YIE": _breakeven,
    }[series_id]
    _, _, code, units, _ = _TITLES[series_id]
    return VintageHistory(
        series_id,
        "B" if code == "D" else code,
        units,
        tuple(make(path, Stream(seed, _STREAM, agent=series_id))),
        notes=(f"made-up numbers (seed {seed}): {KEY_IS_NOT_SET}",),
    )


def _within(history: VintageHistory, span: Span) -> VintageHistory:
    prints = tuple(one for one in history.prints if span.has(one.period))
    if not prints:
        whole = synthetic_history(history.series_id, 0).prints
        raise DataError(
            f"the synthetic proxy of {history.series_id} has no figures as asked; its periods go "
            f"from {whole[0].period.date()} to {whole[-1].period.date()}"
        )
    return replace(history, prints=prints)


Path = tuple[float, ...]


def _prices(path: Path, stream: Stream) -> Iterator[Print]:
    for number, final in enumerate(path):
        period = _month(number)
        first = _weekday_from(_next_month(period).replace(day=12))
        factors = [1.0 + sd * stream.normal(number) for sd in _CPI_ERRORS]
        days = [first, *_yearly(first, month=2, day=12)]
        yield from _prints(period, days, [*(final * f for f in factors), final], "CPIAUCSL")


def _unemployment(path: Path, stream: Stream) -> Iterator[Print]:
    for number, final in enumerate(path):
        period = _month(number)
        first = _first_friday(_next_month(period))
        errors = [sd * stream.normal(number) for sd in _UNRATE_ERRORS]
        days = [first, *(_first_friday(day) for day in _yearly(first, month=1, day=1))]
        yield from _prints(period, days, [*(final + e for e in errors), final], "UNRATE")


def _policy_rate(path: Path, _: Stream) -> Iterator[Print]:
    for number, final in enumerate(path):
        period = _month(number)
        yield from _prints(period, [_weekday_from(_next_month(period))], [final], "FEDFUNDS")


def _accounts(path: Path, stream: Stream) -> Iterator[Print]:
    for number in range(len(path) // 3):
        period = _month(3 * number)
        final = sum(path[3 * number : 3 * number + 3]) / 3.0
        after = period_end(datetime.combine(period, time()), "Q").date()
        estimates = [_weekday_until(_months_on(after, month).replace(day=28)) for month in range(3)]
        days = [*estimates, *_yearly(estimates[-1], month=9, day=26)]
        factors = [1.0 + sd * stream.normal(number) for sd in _GDP_ERRORS]
        yield from _prints(period, days, [*(final * f for f in factors), final], "GDP")


def _breakeven(path: Path, stream: Stream) -> Iterator[Print]:
    for number, end in enumerate(path):
        first = _month(number)
        after = _next_month(first)
        days = [
            day
            for day in (first + timedelta(days=k) for k in range((after - first).days))
            if day.weekday() < 5
        ]
        start = path[number - 1] if number else end
        walk = [0.0]
        for k in range(len(days)):
            walk.append(walk[-1] + _DAILY_NOISE * stream.normal(number, k))
        for k, day in enumerate(days, start=1):
            share = k / len(days)
            value = start + share * (end - start) + walk[k] - share * walk[-1]
            yield from _prints(day, [day], [None if _is_holiday(day) else value], "T10YIE")


def _prints(
    period: date, days: list[date], values: list[float | None], series_id: str
) -> Iterator[Print]:
    """Yield a print for every day on which the rounded figure changed."""
    begin = datetime.combine(period, time(), UTC)
    rounded = [None if v is None else round(v, _DECIMALS[series_id]) for v in values]
    kept = [
        (day, value)
        for k, (day, value) in enumerate(zip(days, rounded, strict=True))
        if k == 0 or value != rounded[k - 1]
    ]
    for (day, value), (after, _) in pairwise(kept):
        yield Print(begin, value, known_from(day), known_from(after))
    day, value = kept[-1]
    yield Print(begin, value, known_from(day))


def _yearly(first: date, *, month: int, day: int) -> list[date]:
    """Return a date in each of the five years after a first publication."""
    begin = first.year if (month, day) > (first.month, first.day) else first.year + 1
    return [date(begin + k, month, day) for k in range(_YEARS_REVISED)]


def _month(number: int) -> date:
    years, month = divmod(number, 12)
    return date(_FIRST_YEAR + years, month + 1, 1)


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def _next_month(day: date) -> date:
    return _months_on(day, 1)


def _weekday_from(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= 5 else 0)


def _weekday_until(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _first_friday(day: date) -> date:
    return day + timedelta(days=(4 - day.weekday()) % 7)


def _is_holiday(day: date) -> bool:
    fixed = (day.month, day.day) in ((1, 1), (7, 4), (11, 11), (12, 25))
    return fixed or (day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28)
