"""Series that agents see all at once: one calendar, in which each has its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fg_core import DataError, Observation
from fg_core.periods import period_label

from .schedule import Schedule

__all__ = ["places_in_calendar"]


def places_in_calendar(
    agents: Sequence[str],
    rows: Mapping[str, Sequence[Observation]],
    schedules: Mapping[str, Schedule],
    frequency: str,
    shown: int,
) -> dict[str, int]:
    """Return the place of each series' first row among the periods of all series.

    In every round of their games the series must be at the same period: otherwise the future of one
    would reach the past of another, through agents that see all of them at once.

    Args:
        agents: names of the agents that see panels (`AgentRegistry.panel_agents`).
        rows: rows of each series, by name.
        schedules: which of them are played and scored, by name.
        frequency: of the dataset.
        shown: how many earlier rows agents are shown at most.

    Raises:
        DataError: A series has a gap that others do not have, is played from or to another period,
            or has fewer earlier rows than agents are shown of others; the message names it and says
            what to do.
    """
    sees = "sees" if len(agents) == 1 else "see"
    why = f"{', '.join(agents)} {sees} all series at once, so that they must be played together"
    leave = "or leave one of them out by naming the other series (--series)"
    calendar = sorted({row.timestamp for ours in rows.values() for row in ours})
    place = {moment: i for i, moment in enumerate(calendar)}
    first_t = {name: place[ours[0].timestamp] for name, ours in rows.items()}

    def label(t: int) -> str:
        return period_label(calendar[t], frequency)

    begun: dict[str, tuple[int, int]] = {}
    for name, ours in rows.items():
        own, first = schedules[name], first_t[name]
        # The last origin has a target, one row later.
        for t, row in enumerate(ours[: own.last_scored + 2], first):
            if row.timestamp != calendar[t]:
                raise DataError(
                    f"{why}: series {name!r} has no row for {label(t)}, and others have; fill the "
                    "gap, or leave series out by naming the others (--series)"
                )
        begun[name] = first + own.first_played, first + own.last_scored
    (one, (begin, end)), *others = begun.items()
    for name, (other, last) in others:
        if other != begin:
            raise DataError(
                f"{why}: series {one!r} is played from {label(begin)}, and {name!r} from "
                f"{label(other)}; set `start` and `warmup` (--start, --warmup) to moments, {leave}"
            )
        if last != end:
            raise DataError(
                f"{why}: series {one!r} is played to {label(end)}, and {name!r} to {label(last)}; "
                f"set `end` (--end), {leave}"
            )
    known = {name: min(schedules[name].first_played, shown) for name in rows}
    short = min(known, key=known.__getitem__)
    longer = [name for name, n in known.items() if n > known[short]]
    if longer:
        raise DataError(
            f"{why}: agents are shown up to {shown} earlier rows, and at {label(begin)} series "
            f"{short!r} has {known[short]}, {longer[0]!r} more; set `lookback` of `config` lower, "
            f"play from a later period on, {leave}"
        )
    return first_t
