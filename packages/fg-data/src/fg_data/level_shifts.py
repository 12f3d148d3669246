r"""Changes of base year: moments at which all levels of a series moved by one factor.

An index is rebased, accounts are benchmarked: from one vintage to the next the last $k = 8$ levels
that stood move by log ratios $d_i = \ln (x_i' / x_i)$ that are nearly the same. First prints from
before and after such a moment do not compare. A level shift is a moment at which all of the last
$k$ moved, with the median ratio $d$ and their distances from it such that

$$|d| > 2 \operatorname{med}_i |\ln (x_i / x_{i-1})|, \qquad
|d| > 2 \operatorname{med}_i |d_i - d|:$$

larger than what the series itself does in a few periods, and common to the levels. So growth taken
over the splice would be of the wrong size, and most often of the wrong sign. Ordinary revisions
differ from period to period and are none.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from .readings import KnownValues, is_rate
from .vintages import VintageHistory, day_of_news

__all__ = ["LevelShift", "level_shifts", "splice_notice"]

_N_LEVELS = 8
_TIMES = 2.0
_ROUNDING = 1e-6
_LISTED = 3


@dataclass(frozen=True)
class LevelShift:
    """A moment at which the levels of a series moved by one factor.

    Args:
        moment: Moment from which on the new levels count as known, UTC.
        factor: New levels as a multiple of the old ones.
    """

    moment: datetime
    factor: float

    def __str__(self) -> str:
        change = self.factor - 1.0
        text = f"times {self.factor:.4g}" if abs(change) > 1.0 else f"{change:+.2%}"
        return f"{text} on {day_of_news(self.moment)}"


def level_shifts(history: VintageHistory) -> tuple[LevelShift, ...]:
    """Return the moments at which the levels of a series moved by one factor.

    Args:
        history: Every print of the series. Rates have no base, and no shifts.

    Returns:
        Shifts, by moment; none for a series of fewer than eight positive levels.

    >>> from datetime import UTC, timedelta
    >>> from fg_data.vintages import Print
    >>> months = [datetime(2020, month, 1, tzinfo=UTC) for month in range(1, 11)]
    >>> rebased = datetime(2021, 1, 1, tzinfo=UTC)
    >>> prints = []
    >>> for number, month in enumerate(months):
    ...     out, level = month + timedelta(days=40), 240.0 * 1.002**number
    ...     prints += [Print(month, level, out, rebased), Print(month, level / 2.4, rebased)]
    >>> print(*level_shifts(VintageHistory("X", "M", "Index", tuple(prints))))
    -58.33% on 2020-12-31
    """
    if is_rate(history.units):
        return ()
    found = []
    known = KnownValues(history)
    for moment in known.moments():
        periods = known.periods[-_N_LEVELS:]
        before = [known.value(period) for period in periods]
        changed = set(known.advance(moment))
        if len(periods) < _N_LEVELS or not changed.issuperset(periods):
            continue
        after = [known.value(period) for period in periods]
        old = [one.value for one in before if one is not None and one.value > 0.0]
        new = [one.value for one in after if one is not None and one.value > 0.0]
        if len(old) == len(new) == _N_LEVELS and _is_shift(old, new):
            factor = statistics.median(b / a for a, b in zip(old, new, strict=True))
            found.append(LevelShift(moment, factor))
    return tuple(found)


def _is_shift(old: list[float], new: list[float]) -> bool:
    ratios = [math.log(b / a) for a, b in zip(old, new, strict=True)]
    size = statistics.median(ratios)
    spread = statistics.median(abs(ratio - size) for ratio in ratios)
    usual = statistics.median(abs(math.log(b / a)) for a, b in pairwise(old))
    return abs(size) > max(_TIMES * usual, _TIMES * spread, _ROUNDING)


def splice_notice(
    history: VintageHistory, begin: datetime, end: datetime, *, vintage: str = "first"
) -> str:
    """Return the notice that levels of several bases are in one dataset.

    Args:
        history: Every print of the series.
        begin: Moment from which on the first of the values counts as known.
        end: Moment from which on the last of them does.
        vintage: "first" for first prints, which are spliced; "all" for all vintages, where
            forecasts and the values that they are scored on may be of two bases.

    Returns:
        Text of the notice; empty where the base did not change in between.
    """
    shifts = [shift for shift in level_shifts(history) if begin < shift.moment <= end]
    if not shifts:
        return ""
    listed = ", ".join(str(one) for one in shifts[-_LISTED:])
    n_before = len(shifts) - _LISTED
    more = f", and {n_before} time{'s' if n_before > 1 else ''} before" if n_before > 0 else ""
    moved = (
        f"all levels of {history.series_id} moved at once ({listed}{more}), by a new base year or "
        "a benchmark"
    )
    if vintage == "all":
        return (
            f"REBASED: {moved}. A forecast from before it is on the old base, and the last values, "
            "on which forecasts are scored unless told otherwise (--truth first), are on the new "
            "one: take a rate of change."
        )
    return (
        f"SPLICED: {moved}. First prints from before and after it do not compare: take a rate of "
        "change, of which both levels are of one vintage, or the figures of one vintage."
    )
