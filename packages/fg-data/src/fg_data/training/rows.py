"""Rows that a backtest may play, from histories of vintages: each as it was first known.

**Value.** The first figure of a period that could be computed. A level is the first print. A growth
rate compares two levels of the vintage in which both were known for the first time, never levels of
two vintages. A series that is finer than the dataset (days in a dataset of months) has the last
value of each period, known once a value of a later period is out: nothing before tells that no
further day will come. A coarser series has a row in each of its own periods, and none in between.

**Context.** The other series by the last figure published when the row was, and the age of each:
`alignment.align` at the moment of the row. The row's own series is not in it, in whatever form.

So a row is a function of the prints that were out at its `available_at`, and what is published
later changes no row that is there. A figure published before its period began is a projection and
no row.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fg_core import Observation
from fg_core.calendar import FREQUENCIES, is_finer, next_period, period_end, period_start
from fg_data.alignment import AGE_SUFFIX, align
from fg_data.readings import PERIODS_A_YEAR, KnownValues, is_rate, require_reading
from fg_data.vintages import KnownValue, VintageHistory

__all__ = ["automatic_reading", "dataset_frequency", "own_values", "training_rows"]

_COARSEST_FINE = "M"
"""Series that are finer than this have a row per month, and a value of the month's last day."""


def dataset_frequency(histories: Iterable[VintageHistory]) -> str:
    """Return the frequency of a dataset of these series: the finest of theirs, at most monthly.

    Args:
        histories: Histories of the series.

    Returns:
        One of `fg_core.calendar.FREQUENCIES`, such as "M".

    >>> dataset_frequency([VintageHistory("T10YIE", "B", "Percent", ())])
    'M'
    """
    months = FREQUENCIES.index(_COARSEST_FINE)
    finest = max(FREQUENCIES.index(history.frequency) for history in histories)
    return FREQUENCIES[min(finest, months)]


def automatic_reading(history: VintageHistory) -> str:
    """Return the reading of a series by default: growth of a level, a rate as it is.

    A series in percent, one of weeks or days, and one that is ever zero or below is read as it is;
    every other one by its growth.

    Args:
        history: Prints of the series.

    Returns:
        "growth" or "level".

    >>> automatic_reading(VintageHistory("UNRATE", "M", "Percent", ()))
    'level'
    """
    if is_rate(history.units) or history.frequency not in PERIODS_A_YEAR:
        return "level"
    positive = all(one.value is None or one.value > 0.0 for one in history.prints)
    return "growth" if positive else "level"


def own_values(history: VintageHistory, reading: str, frequency: str) -> tuple[KnownValue, ...]:
    """Return the figure of each period as it was first known, by period.

    Args:
        history: The series.
        reading: A key of `fg_data.readings.READINGS`.
        frequency: Frequency of the dataset; a finer series is cut down to it.

    Returns:
        Figures in the unit of the reading, one per period, with the moments of publication.

    Raises:
        ConfigError: An unknown reading.
        DataError: The reading cannot be made.
    """
    finer = is_finer(history.frequency, than=frequency)
    found = (
        _last_of_periods(history, reading, frequency) if finer else _first_known(history, reading)
    )
    return tuple(found[period] for period in sorted(found))


def _first_known(history: VintageHistory, reading: str) -> dict[datetime, KnownValue]:
    """Return each period's figure at the first moment at which it could be read."""
    read = require_reading(reading)
    known = KnownValues(history)
    found: dict[datetime, KnownValue] = {}
    for moment in known.moments():
        changed = known.advance(moment)
        # A level that comes late makes the growth of the period after it readable too.
        touched = {*changed, *(next_period(period, history.frequency) for period in changed)}
        for period in touched - found.keys():
            figure = read(known, period)
            if figure is not None:
                found[period] = KnownValue(period, figure.value, moment)
    return found


def _last_of_periods(
    history: VintageHistory, reading: str, frequency: str
) -> dict[datetime, KnownValue]:
    """Return the last figure of each period of the dataset, once a later period has begun."""
    read = require_reading(reading)
    known = KnownValues(history)
    found: dict[datetime, KnownValue] = {}
    waiting: set[datetime] = set()
    for moment in known.moments():
        changed = known.advance(moment)
        waiting |= {period_start(day, frequency) for day in changed} - found.keys()
        if not known.periods:
            continue
        running = period_start(known.periods[-1], frequency)
        for period in sorted(period for period in waiting if period < running):
            after = bisect_left(known.periods, period_end(period, frequency))
            day = known.periods[after - 1] if after else period
            figure = read(known, day) if period <= day else None
            if figure is not None:
                found[period] = KnownValue(period, figure.value, moment)
            waiting.discard(period)
    return found


def training_rows(
    histories: Sequence[VintageHistory],
    readings: Mapping[str, str],
    frequency: str,
    *,
    source: str,
    ages: bool = True,
) -> tuple[Observation, ...]:
    """Return the rows of all series, each as it was first known.

    Args:
        histories: Histories of the series.
        readings: Reading of each series, by its name.
        frequency: Frequency of the dataset.
        source: Name of the source, in every row.
        ages: Whether the ages of the context stand beside it, as `SERIES_age_days`.

    Returns:
        Rows in the units of the readings.

    Raises:
        DataError: A growth rate of a level that is not positive.
    """
    values = {
        history.series_id: own_values(history, readings[history.series_id], frequency)
        for history in histories
    }
    moments = sorted({known.available_at for column in values.values() for known in column})
    if not moments:
        return ()
    table = align(histories, moments=moments, readings=readings)
    contexts = {row.moment: row.context(ages=ages) for row in table.rows}
    rows = []
    for name, column in values.items():
        own = (name, name + AGE_SUFFIX)
        for known in column:
            if known.available_at < known.period:
                continue  # a projection: there was no such period yet
            context = contexts[known.available_at]
            beside = {key: value for key, value in context.items() if key not in own}
            rows.append(
                Observation(known.period, known.value, beside, known.available_at, name, source)
            )
    return tuple(rows)
