"""Checks of histories: figures overdue, new bases, odd revisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from fg_core.calendar import counted_periods, period_label, period_number
from fg_data.level_shifts import level_shifts
from fg_data.origins import OriginClock
from fg_data.readings import is_rate
from fg_data.vintages import VintageHistory, day_of_news

from .finding import LISTED, Finding, listed
from .revisions import odd_revisions, revision_steps

__all__ = ["check_histories"]

_SLACK = 3


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
    text = f"all levels moved at once, by a new base year or a benchmark: {listed(shifts)}"
    return [Finding("oddity", "base", history.series_id, text)]


def _odd_revisions(history: VintageHistory) -> list[Finding]:
    rate = is_rate(history.units)
    steps = revision_steps(history)
    odd = odd_revisions(steps)
    if not odd:
        return []
    form = "+.3g" if rate else "+.2%"
    by_moment: dict[datetime, list[int]] = {}
    for k in sorted(odd, key=lambda k: -abs(steps[k].size)):
        by_moment.setdefault(steps[k].published, []).append(k)
    places = []
    for moment, found in by_moment.items():
        largest = steps[found[0]]
        text = f"{largest.size:{form}} of {period_label(largest.period, history.frequency)}"
        more = f" and {len(found) - 1} smaller ones" if len(found) > 1 else ""
        places.append(f"{text}{more} on {day_of_news(moment)}")
    text = (
        f"{len(odd)} of {len(steps):,} revisions are far from the usual size: {listed(places)}"
        f"{' days' if len(places) > LISTED else ''}"
    )
    return [Finding("oddity", "revision", history.series_id, text)]
