"""Histories computed from histories: every figure from figures of one and the same moment.

A growth rate of first prints mixes vintages: where the level was revised in between, it shows a
jump that was never published. So a derived history goes through the moments at which anything
changed, and computes anew what that touches, from what stood published then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum

from fg_data.vintages import Print, VintageHistory

__all__ = ["Absent", "Figure", "derived_prints"]


class Absent(Enum):
    """No figure at all, not even a mark that it is missing."""

    ABSENT = 0


Figure = float | None | Absent
"""A figure, None where it is marked as missing, or `Absent.ABSENT`."""

Step = Callable[
    [Mapping[datetime, float | None], Collection[datetime]], Iterable[tuple[datetime, Figure]]
]
"""Function from all figures that stand and the periods of those that changed, to derived ones."""


def _changes(history: VintageHistory) -> Iterator[tuple[datetime, dict[datetime, Figure]]]:
    """Go through the moments at which figures changed, with the new ones by period."""
    by_moment: dict[datetime, dict[datetime, Figure]] = {}
    for one in history.prints:
        if one.superseded is not None:
            # The next print of the period, if it follows at once, takes this entry over.
            by_moment.setdefault(one.superseded, {}).setdefault(one.period, Absent.ABSENT)
        by_moment.setdefault(one.published, {})[one.period] = one.value
    for moment in sorted(by_moment):
        yield moment, by_moment[moment]


def derived_prints(history: VintageHistory, step: Step) -> tuple[Print, ...]:
    """Return the prints of a derived history.

    Args:
        history: History that it is derived from.
        step: Function that says, after every change, which derived figures have which value. A
            figure that is the same as before makes no new print.

    Returns:
        Prints by period and publication, in the unit of what `step` computes.
    """
    known: dict[datetime, float | None] = {}
    standing: dict[datetime, tuple[float | None, datetime]] = {}
    prints: list[Print] = []
    for moment, changed in _changes(history):
        for period, figure in changed.items():
            if isinstance(figure, Absent):
                known.pop(period, None)
            else:
                known[period] = figure
        for period, figure in step(known, changed.keys()):
            before = standing.get(period)
            if before is not None:
                if before[0] == figure:
                    continue
                prints.append(Print(period, before[0], before[1], moment))
                del standing[period]
            if not isinstance(figure, Absent):
                standing[period] = (figure, moment)
    prints += [Print(period, value, moment) for period, (value, moment) in standing.items()]
    return tuple(sorted(prints, key=lambda one: (one.period, one.published)))
