r"""Checks of the rows of a dataset.

Spikes, shifts and drifts are those of `fg_data.poisoning`, beyond six robust standard deviations.
A shift is told more closely where the series is positive. It is a break of *units* if the level
(the median of three values on either side) moved by a factor of 3.5 or more that is within a tenth
of a power of ten, 4, 12 or 52 or one of their inverses; and a new *base* if it moved by a third or
more and the median change (of up to 24 on either side, 8 at least) by the same factor, within a
factor of 1.5 and half of the move: a shift of the world leaves the size of changes as it was.

A series is *stuck* where a run of $r$ equal values would come about by chance less than once in a
thousand such series: $n p^{r - 1} < 0.001$ with the share $p$ of repeated values outside of the
run, at least $1 / (n + 2)$. A *copy* is a stretch of six values or more that was there before, so
long that two such stretches would be alike by chance less than once in a thousand series:
$\frac{1}{2} n^2 q_1 q_2^{m - 1} < 0.001$ for $m$ values, with the probability $q_1$ that two values
of the series are equal, and $q_2$ that two of its changes are, if that is the larger one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise

import numpy as np

from fg_core import DataError, Dataset, Observation
from fg_core.calendar import counted_periods, period_label, period_number
from fg_core.transcendental import log
from fg_data.datasets import chronological_split
from fg_data.leaks import Leak, find_early_rows, find_early_use, find_leaks
from fg_data.poisoning import Departure, poisoned_series, series_departures
from fg_data.poisoning.suspicion import own_frequency_of, size_text
from fg_data.readings import is_rate
from fg_data.vintages import VintageHistory

from .finding import Finding, listed

__all__ = ["check_dataset", "poison_findings"]

ODD = 6.0
"""Robust standard deviations from which on a departure is told."""

_RARE = 1e-3
_STUCK_LEAST, _COPY = 4, 6
_LONGEST_HOLIDAY = 7
_SIDE, _SIDE_ENOUGH, _SIDE_NEAR = 24, 8, 3
_UNIT_LEAST, _UNIT_NEAR, _BASE_LEAST, _BASE_NEAR = 3.5, 1.1, 1.333, 1.5
_FACTORS = (4.0, 12.0, 52.0, *(10.0**k for k in range(1, 10)))


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
        bad = _numbers(name, rows)
        found += bad
        frequency = own_frequency_of(dataset, name)
        found += _missing(name, rows, frequency)
        if bad:
            continue  # nothing is measured with figures that are none
        found += _stuck(name, rows, frequency)
        found += _copied(name, rows, frequency)
        found += _departures(name, dataset, frequency)
    found += _same_series(dataset)
    return tuple(found)


def poison_findings(dataset: Dataset) -> tuple[Finding, ...]:
    """Return the series that count as poisoned, as faults.

    Args:
        dataset: The rows.

    Returns:
        One entry per series; see `fg_data.poisoning.poisoned_series`.
    """
    return tuple(
        Finding("fault", "poison", one.series_id, str(one)) for one in poisoned_series(dataset)
    )


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
    # Days are missing at every holiday, but not for longer than that.
    usual = _LONGEST_HOLIDAY if frequency in ("B", "D") else 0
    gaps = []
    for before, after in pairwise(rows):
        numbers = [period_number(row.timestamp.date(), frequency) for row in (before, after)]
        n_between = numbers[1] - numbers[0] - 1
        if n_between > usual:
            gaps.append((n_between, before.timestamp))
    if not gaps:
        return []
    total = sum(n for n, _ in gaps)
    places = listed([f"after {period_label(moment, frequency)}" for _, moment in gaps])
    text = f"{counted_periods(total, frequency)} without a row: {places}"
    return [Finding("oddity", "missing", name, text)]


def _stuck(name: str, rows: Sequence[Observation], frequency: str) -> list[Finding]:
    runs: list[tuple[int, int]] = []  # first row, number of rows
    first = 0
    for _, group in groupby(row.value for row in rows):
        n = sum(1 for _ in group)
        runs.append((first, n))
        first += n
    if len(runs) < 2:
        return []
    n_repeats = len(rows) - len(runs)
    odd = []
    for begin, n in runs:
        if n < _STUCK_LEAST:
            continue
        chance = (n_repeats - (n - 1) + 1) / (len(rows) - (n - 1) + 2)
        if len(rows) * chance ** (n - 1) < _RARE:
            odd.append((n, begin))
    if not odd:
        return []
    places = []
    for n, begin in sorted(odd, key=lambda run: -run[0]):
        ends = begin + n - 1
        span = f"{period_label(rows[begin].timestamp, frequency)} to "
        span += period_label(rows[ends].timestamp, frequency)
        places.append(f"{rows[begin].value:g} in {counted_periods(n, frequency)}, {span}")
    return [Finding("oddity", "stuck", name, f"the value does not move: {listed(places)}")]


def _copied(name: str, rows: Sequence[Observation], frequency: str) -> list[Finding]:
    values = [row.value for row in rows]
    n = len(values)
    alike = _alike(values)
    again = max(alike, _alike(np.round(np.diff(values), 9).tolist()))
    pairs = 0.5 * n**2 * alike
    length = next((m for m in range(_COPY, n // 4) if pairs * again ** (m - 1) < _RARE), None)
    if length is None:
        return []
    seen: dict[tuple[float, ...], int] = {}
    copies: list[list[int]] = []  # first row of the copy, of what it repeats, number of rows
    for row in range(n - length + 1):
        stretch = tuple(values[row : row + length])
        before = seen.setdefault(stretch, row)
        if before + length > row or len(set(stretch)) < _STUCK_LEAST:
            continue
        last = copies[-1] if copies else None
        if last and row - last[0] == before - last[1] and row <= last[0] + last[2]:
            last[2] = row - last[0] + length
        else:
            copies.append([row, before, length])
    if not copies:
        return []
    places = [
        f"{counted_periods(n_same, frequency)} from {period_label(rows[at].timestamp, frequency)} "
        f"on repeat those from {period_label(rows[before].timestamp, frequency)} on"
        for at, before, n_same in copies
    ]
    return [Finding("oddity", "copy", name, listed(places))]


def _alike(values: Sequence[float]) -> float:
    """Return the probability that two of the values are equal."""
    return sum((count / len(values)) ** 2 for count in Counter(values).values())


def _same_series(dataset: Dataset) -> list[Finding]:
    by_content: dict[tuple[tuple[datetime, float], ...], list[str]] = {}
    for name in dataset.series_ids:
        content = tuple((row.timestamp, row.value) for row in dataset.series(name))
        if len({value for _, value in content}) >= _STUCK_LEAST:
            by_content.setdefault(content, []).append(name)
    return [
        Finding("oddity", "copy", names[0], f"every row is also that of {listed(names[1:])}")
        for names in by_content.values()
        if len(names) > 1
    ]


def _departures(name: str, dataset: Dataset, frequency: str) -> list[Finding]:
    found = series_departures(dataset, name, ODD)
    rate = is_rate(dataset.units.get(name, ""))
    rows = dataset.series(name)
    place = {row.timestamp: number for number, row in enumerate(rows)}
    values = np.array([row.value for row in rows])
    by_kind: dict[str, list[tuple[Observation, Departure, str]]] = {}
    for row, one in found:
        kind: str = one.kind
        note = ""
        if one.kind == "shift" or one.is_last:
            told = None if rate else _told_shift(values, place[row.timestamp])
            if told is not None:
                kind, factor = told
                note = f"times {factor:.4g}"
        by_kind.setdefault(kind, []).append((row, one, note))
    findings = []
    for kind, text in _KINDS.items():
        entries = by_kind.get(kind, [])
        if not entries:
            continue
        entries.sort(key=lambda entry: -abs(entry[1].score))
        places = [_place(row, one, note, frequency) for row, one, note in entries]
        findings.append(Finding("oddity", kind, name, f"{text}: {listed(places)}"))
    return findings


_KINDS = {
    "spike": "prints that neither the one before nor the one after explains",
    "shift": "levels that moved, and stayed",
    "unit": "levels of another unit from here on",
    "base": "levels and their changes moved by one factor, as by a new base year",
    "drift": "changes that went one way for longer than chance explains",
}


def _place(row: Observation, one: Departure, note: str, frequency: str) -> str:
    label = period_label(row.timestamp, frequency)
    score = f"{abs(one.score):.1f} robust standard deviations"
    if one.kind == "drift":
        span = counted_periods(one.n_rows, frequency)
        return f"{size_text(one)} over {span} from {label} on ({score})"
    last = ", the last row, which may be a shift as well" if one.is_last and not note else ""
    return f"{note or size_text(one)} in {label} ({score}{last})"


def _told_shift(values: np.ndarray, row: int) -> tuple[str, float] | None:
    """Return whether a shift is one of units or base, and its factor; None: neither."""
    before, after = values[max(0, row - _SIDE) : row], values[row : row + _SIDE]
    if min(before.size, after.size) < 1 or not min(before.min(), after.min()) > 0.0:
        return None
    # Values right beside the break, so that growth does not count.
    factor = float(np.median(after[:_SIDE_NEAR]) / np.median(before[-_SIDE_NEAR:]))
    moved = abs(float(log(factor)))
    if moved > math.log(_UNIT_LEAST):
        nearest = min(abs(moved - math.log(known)) for known in _FACTORS)
        if nearest < math.log(_UNIT_NEAR):
            return "unit", factor
    if moved < math.log(_BASE_LEAST) or min(before.size, after.size) < _SIDE_ENOUGH:
        return None
    sizes = [float(np.median(np.abs(np.diff(side)))) for side in (before, after)]
    if not min(sizes) > 0.0:
        return None
    apart = abs(math.log(sizes[1] / sizes[0] / factor))
    return ("base", factor) if apart < min(math.log(_BASE_NEAR), 0.5 * moved) else None
