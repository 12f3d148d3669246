"""Checks of a dataset: what is wrong with it, and what only looks odd.

A *fault* makes results from the data wrong: a leak, a figure that is no number, a series that the
service has stopped updating. An *oddity* may be right, and should be looked at: a period without a
figure, a jump, a new base year, a revision far larger than usual. (In April 2020 unemployment
jumped by ten points, and in October 2025 no price index was collected. Both are true.)

Odd sizes are measured against the median absolute deviation $m$ from the median, which a few odd
ones do not move: a change is a jump if it is further than $k m$ from the median change, with
$k = 8$ times 1.4826, which makes $m$ a standard deviation for a normal distribution. Where more
than half of the changes are the same, $m$ is zero and the mean absolute deviation times 1.2533
stands for it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from fg_core import DataError, Dataset, Observation
from fg_core.calendar import counted_periods, own_frequency, period_label, period_number

from .datasets import chronological_split
from .leaks import Leak, find_early_rows, find_early_use, find_leaks
from .level_shifts import level_shifts
from .origins import OriginClock
from .readings import is_rate
from .vintages import VintageHistory, day_of_news

__all__ = ["Finding", "check_dataset", "check_histories"]

_ODD = 8.0
_MAD_TO_SD = 1.4826
_MEAN_TO_SD = 1.2533
_LISTED = 3
_MIN_CHANGES = 12
_SLACK = 3


@dataclass(frozen=True)
class Finding:
    """Something about one series.

    Args:
        severity: "fault" or "oddity".
        kind: "leak", "number", "stale", "missing", "jump", "base" or "revision".
        series_id: Name of the series; empty: the dataset as a whole.
        text: Finding in words, with its place.
    """

    severity: Literal["fault", "oddity"]
    kind: str
    series_id: str
    text: str

    def __str__(self) -> str:
        where = f" {self.series_id}:" if self.series_id else ""
        return f"{self.severity} ({self.kind}){where} {self.text}"


def check_dataset(
    dataset: Dataset,
    *,
    histories: Iterable[VintageHistory] = (),
    readings: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Return the faults and oddities of the rows of a dataset; none: it is sound.

    Args:
        dataset: The rows. Whether a split of theirs leaks is found out on the usual one.
        histories: The vintages that rows were made from; none: whether rows use figures before
            their publication is not asked.
        readings: Reading of each of them.

    Returns:
        One entry per fault or oddity.
    """
    histories = tuple(histories)
    leaks: list[Leak] = list(find_early_rows(dataset))
    if histories:
        leaks += find_early_use(dataset, histories, readings or {})
    found = [Finding("fault", "leak", leak.series_id, str(leak)) for leak in leaks]
    found += _split_leaks(dataset)
    for name in dataset.series_ids:
        rows = dataset.series(name)
        found += _numbers(name, rows)
        frequency = own_frequency([row.timestamp.date() for row in rows], dataset.frequency)
        found += _missing(name, rows, frequency)
        found += _jumps(name, rows, frequency)
    return tuple(found)


def check_histories(histories: Iterable[VintageHistory], now: datetime) -> tuple[Finding, ...]:
    """Return the faults and oddities of histories: figures overdue, new bases, odd revisions.

    A series is overdue if more periods are over without a figure than ever before when one came
    out, and three more.

    Args:
        histories: The vintages.
        now: The present moment, with a time zone.

    Returns:
        One entry per fault or oddity.
    """
    found: list[Finding] = []
    for history in histories:
        found += _overdue(history, now)
        found += _new_bases(history)
        found += _odd_revisions(history)
    return tuple(found)


def _split_leaks(dataset: Dataset) -> list[Finding]:
    try:
        bundle = chronological_split(dataset)
    except DataError:
        return []  # too short to be cut in three, so no model can be trained on it
    return [Finding("fault", "leak", leak.series_id, str(leak)) for leak in find_leaks(bundle)]


def _numbers(name: str, rows: Sequence[Observation]) -> list[Finding]:
    bad = [
        row for row in rows if not all(map(math.isfinite, (row.value, *row.macro_context.values())))
    ]
    if not bad:
        return []
    text = f"{len(bad)} rows with a figure that is not finite, first {bad[0].timestamp.date()}"
    return [Finding("fault", "number", name, text)]


def _missing(name: str, rows: Sequence[Observation], frequency: str) -> list[Finding]:
    gaps = []
    for before, after in pairwise(rows):
        numbers = [period_number(row.timestamp.date(), frequency) for row in (before, after)]
        n_between = numbers[1] - numbers[0] - 1
        if n_between > 0:
            gaps.append((n_between, before.timestamp))
    if not gaps or frequency in ("B", "D"):
        return []  # days are missing at every holiday
    total = sum(n for n, _ in gaps)
    places = _listed([f"after {period_label(moment, frequency)}" for _, moment in gaps])
    text = f"{counted_periods(total, frequency)} without a row: {places}"
    return [Finding("oddity", "missing", name, text)]


def _jumps(name: str, rows: Sequence[Observation], frequency: str) -> list[Finding]:
    changes = [after.value - before.value for before, after in pairwise(rows)]
    odd = _odd(changes)
    if not odd:
        return []
    rows_after = sorted(odd, key=lambda k: -abs(changes[k]))
    places = _listed(
        [
            f"{changes[k]:+.4g} in {period_label(rows[k + 1].timestamp, frequency)}"
            for k in rows_after
        ]
    )
    text = f"{len(odd)} changes of more than {_ODD:g} usual ones: {places}"
    return [Finding("oddity", "jump", name, text)]


def _overdue(history: VintageHistory, now: datetime) -> list[Finding]:
    if not history.prints:
        return []
    clock = OriginClock(history.frequency, anchor=history.prints[0].period)
    firsts = history.first_prints()
    if not firsts:
        return [Finding("fault", "stale", history.series_id, "no period has a figure")]
    usual = 0
    for known, following in pairwise(firsts):
        # How many periods were over just before the next figure came out.
        last = clock.last_over(following.available_at)
        numbers = [period_number(p.date(), history.frequency) for p in (known.period, last)]
        usual = max(usual, numbers[1] - numbers[0])
    origin = clock.at(now, history)
    if origin.n_waiting <= usual + _SLACK:
        return []
    last_known = firsts[-1].period
    text = (
        f"the last figure is of {period_label(last_known, history.frequency)}, and "
        f"{counted_periods(origin.n_waiting, history.frequency)} have passed since; it was never "
        f"more than {usual}"
    )
    return [Finding("fault", "stale", history.series_id, text)]


def _new_bases(history: VintageHistory) -> list[Finding]:
    shifts = level_shifts(history)
    if not shifts:
        return []
    text = f"all levels moved at once, by a new base year or a benchmark: {_listed(shifts)}"
    return [Finding("oddity", "base", history.series_id, text)]


def _odd_revisions(history: VintageHistory) -> list[Finding]:
    rate = is_rate(history.units)
    rebased = {shift.moment for shift in level_shifts(history)}
    steps: list[tuple[datetime, datetime, float]] = []
    for before, after in pairwise(history.prints):
        same = before.period == after.period and after.published not in rebased
        if same and before.value is not None and after.value is not None:
            size = 1.0 if rate else abs(before.value) or 1.0
            steps.append((after.period, after.published, (after.value - before.value) / size))
    odd = _odd([step for _, _, step in steps])
    if not odd:
        return []
    form = "+.3g" if rate else "+.2%"
    by_moment: dict[datetime, list[int]] = {}
    for k in sorted(odd, key=lambda k: -abs(steps[k][2])):
        by_moment.setdefault(steps[k][1], []).append(k)
    places = []
    for moment, found in by_moment.items():
        period, _, size = steps[found[0]]
        text = f"{size:{form}} of {period_label(period, history.frequency)}"
        more = f" and {len(found) - 1} smaller ones" if len(found) > 1 else ""
        places.append(f"{text}{more} on {day_of_news(moment)}")
    text = (
        f"{len(odd)} of {len(steps):,} revisions are far from the usual size: {_listed(places)}"
        f"{' days' if len(places) > _LISTED else ''}"
    )
    return [Finding("oddity", "revision", history.series_id, text)]


def _odd(values: Sequence[float]) -> list[int]:
    """Return the positions of values further from the median than is usual; see the module."""
    if len(values) < _MIN_CHANGES:
        return []
    middle = statistics.median(values)
    distances = [abs(value - middle) for value in values]
    scale = _MAD_TO_SD * statistics.median(distances)
    if scale == 0.0:
        scale = _MEAN_TO_SD * math.fsum(distances) / len(distances)
    return [k for k, distance in enumerate(distances) if scale > 0.0 and distance > _ODD * scale]


def _listed(items: Sequence[object]) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return ", ".join(str(item) for item in items[:_LISTED]) + more
