r"""Suspicious prints of a series, and series that hold more of them than honest data do.

A print is *suspicious* at a rate of false alarms $\alpha$ if it is a spike (`departures`) whose
statistic is beyond the quantile of the normal distribution that normal innovations pass at that
rate. Innovations of real series have heavier tails: docs/quality.md says how many of their prints
pass it.

A series counts as *poisoned*, with rows left out of neither count, if

- a spike is further out than 6 times the distance within which 95 % of the prints of the series
  stay, where that distance is at least the 1.96 of a normal distribution; or
- spikes beyond 4.6, of which honest macro series have fewer than 1 %, are three or more and more
  than 4 % of its prints.

So the measure of the first is the tail of the series itself: what would be a forgery in a calm
series is an ordinary crisis in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError, DataError, Dataset, Observation
from fg_core.calendar import own_frequency, period_label, period_number
from fg_data.readings import is_rate

from .departures import Departure, find_departures, gaussian_threshold, scored_departures

__all__ = [
    "DEFAULT_RATE",
    "PoisonedSeries",
    "poisoned_series",
    "require_no_poisoning",
    "series_departures",
    "suspicious_prints",
]

Array = NDArray[np.float64]

DEFAULT_RATE = 0.003
"""Rate of false alarms among normal innovations unless told otherwise: 3 in 1,000 prints."""

_NORMAL_95 = 1.96
_TAILS = 6.0
_CROWD_SCORE = 4.6
_CROWD_SHARE, _CROWD_LEAST = 0.04, 3
_LISTED = 3
_MOST_MISSING = 0.1


@dataclass(frozen=True)
class PoisonedSeries:
    """A series that holds prints which honest data do not have.

    Args:
        series_id: Name of the series.
        frequency: Frequency of its rows.
        prints: Bad prints as periods, with their departures, the clearest first.
        n_rows: Number of rows of the series.
        reason: "size": one is too far out; "number": too many are.
    """

    series_id: str
    frequency: str
    prints: tuple[tuple[datetime, Departure], ...]
    n_rows: int
    reason: str

    def __str__(self) -> str:
        places = [
            f"{size_text(one)} in {period_label(period, self.frequency)} ({abs(one.score):.1f} sd)"
            for period, one in self.prints[:_LISTED]
        ]
        more = len(self.prints) - len(places)
        listed = ", ".join(places) + (f" and {more} more" if more else "")
        what = (
            "further out than its own tails explain"
            if self.reason == "size"
            else f"more than honest data have among {self.n_rows}"
        )
        noun = "print is" if len(self.prints) == 1 else "prints are"
        return f"{len(self.prints)} {noun} {what}: {listed}"


def suspicious_prints(
    values: Sequence[float] | Array,
    *,
    false_alarm_rate: float = DEFAULT_RATE,
    season_length: int = 1,
    logs: bool | None = None,
) -> tuple[Departure, ...]:
    """Return the prints that do not fit the rest of a series, at a stated rate of false alarms.

    Args:
        values: Values by period, shape (row,); NaN where a period has none.
        false_alarm_rate: Share of honest prints that are called suspicious where innovations are
            normal, above 0 and at most 0.2.
        season_length: Periods in a season; 1: none.
        logs: Whether logarithms are taken; None: if changes grow with the level.

    Returns:
        Spikes by row; none for a series of fewer than 30 rows.

    Raises:
        ConfigError: A rate out of range.

    >>> rng = np.random.default_rng(5)
    >>> prints = np.cumsum(rng.standard_normal(400))
    >>> prints[250] += 6.0
    >>> [one.row for one in suspicious_prints(prints, false_alarm_rate=0.0001)]
    [250]
    """
    if not 0.0 < false_alarm_rate <= 0.2:
        raise ConfigError(
            f"a rate of false alarms must be above 0 and at most 0.2, got {false_alarm_rate}"
        )
    found = find_departures(
        np.asarray(values, dtype=np.float64),
        gaussian_threshold(false_alarm_rate),
        season_length=season_length,
        logs=logs,
    )
    return tuple(one for one in found if one.kind == "spike")


def series_departures(
    dataset: Dataset, series_id: str, threshold: float
) -> tuple[tuple[Observation, Departure], ...]:
    """Return the departures of one series of a dataset, each with its (first) row.

    Args:
        dataset: The rows.
        series_id: Name of the series.
        threshold: Statistic from which on a departure counts.

    Returns:
        Rows with departures, by period; none for a series of fewer than 30 rows.
    """
    return _row_departures(dataset, series_id, threshold)[0]


def _row_departures(
    dataset: Dataset, series_id: str, threshold: float
) -> tuple[tuple[tuple[Observation, Departure], ...], Array]:
    """Return departures with their rows, and the size of the statistic of every row."""
    rows = dataset.series(series_id)
    frequency = own_frequency_of(dataset, series_id)
    values, places = on_calendar(rows, frequency)
    found, scores = scored_departures(
        values,
        threshold,
        season_length=dataset.season_length if frequency == dataset.frequency else 1,
        logs=False if is_rate(dataset.units.get(series_id, "")) else None,
    )
    row_of = dict(zip(places, rows, strict=True))
    told = tuple((row_of[one.row], one) for one in found if one.row in row_of)
    return told, np.abs(scores[places])


def poisoned_series(dataset: Dataset) -> tuple[PoisonedSeries, ...]:
    """Return the series with prints that honest data do not have; none: nothing speaks for it.

    Args:
        dataset: The rows.

    Returns:
        One entry per series that counts as poisoned; see the module.

    >>> from fg_data import load_dataset
    >>> poisoned_series(load_dataset("us_macro"))
    ()
    """
    found = []
    for name in dataset.series_ids:
        n_rows = len(dataset.series(name))
        departures, scores = _row_departures(dataset, name, _CROWD_SCORE)
        spikes = sorted(
            ((row.timestamp, one) for row, one in departures if one.kind == "spike"),
            key=lambda entry: -abs(entry[1].score),
        )
        inside = float(np.quantile(scores, 0.95))
        far = _TAILS * max(_NORMAL_95, inside)
        out = tuple(entry for entry in spikes if abs(entry[1].score) > far)
        frequency = own_frequency_of(dataset, name)
        if len(spikes) >= _CROWD_LEAST and len(spikes) > _CROWD_SHARE * n_rows:
            found.append(PoisonedSeries(name, frequency, tuple(spikes), n_rows, "number"))
        elif out:
            found.append(PoisonedSeries(name, frequency, out, n_rows, "size"))
    return tuple(found)


def require_no_poisoning(dataset: Dataset) -> None:
    """Refuse a dataset with series that count as poisoned.

    Args:
        dataset: The rows.

    Raises:
        DataError: A series holds prints that honest data do not have; the message names them.
    """
    found = poisoned_series(dataset)
    if found:
        listed = "; ".join(f"series {one.series_id!r}: {one}" for one in found)
        raise DataError(
            f"source {dataset.provenance.source!r} may hold poisoned prints: {listed}. Mend or "
            "leave them out, exclude the series, or load without fail_on_poisoning"
        )


def size_text(one: Departure) -> str:
    """Return the size of a departure in words: in the unit of the series, or as a share."""
    return f"{one.size:+.2%}" if one.relative else f"{one.size:+.4g}"


def own_frequency_of(dataset: Dataset, series_id: str) -> str:
    """Return the frequency of a series' own rows, which may be coarser than the dataset's.

    Args:
        dataset: The rows.
        series_id: Name of the series.

    Returns:
        One of `fg_core.calendar.FREQUENCIES`.
    """
    days = [row.timestamp.date() for row in dataset.series(series_id)]
    return own_frequency(days, dataset.frequency)


def on_calendar(rows: Sequence[Observation], frequency: str) -> tuple[Array, list[int]]:
    """Return the values of rows by period, with NaN for missing periods.

    Where more than a tenth of the periods is missing, or rows are of days, which are missing at
    every holiday, rows are taken as they follow each other.

    Args:
        rows: Rows of one series, by period.
        frequency: Frequency of its rows.

    Returns:
        Values of shape (period,), and the place of each row among them.
    """
    values = np.array([row.value for row in rows])
    numbers = [period_number(row.timestamp.date(), frequency) for row in rows]
    span = numbers[-1] - numbers[0] + 1
    if frequency in ("B", "D") or span - len(rows) > _MOST_MISSING * span:
        return values, list(range(len(rows)))
    places = [number - numbers[0] for number in numbers]
    laid_out = np.full(span, np.nan)
    laid_out[places] = values
    return laid_out, places
