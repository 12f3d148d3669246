"""Series that agents see all at once: they must be at the same period in every round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fg_core import DataError, Observation
from fg_core.periods import period_label

from .schedule import Schedule

__all__ = ["require_panel"]


def require_panel(
    agents: Sequence[str],
    rows: Mapping[str, Sequence[Observation]],
    schedules: Mapping[str, Schedule],
    frequency: str,
) -> None:
    """Refuse series that are not at the same period in every round of their games.

    Otherwise the future of one series would reach the past of another, through agents that see all
    of them at once.

    Args:
        agents: names of the agents that see panels (`AgentRegistry.panel_agents`).
        rows: rows of each series, by name.
        schedules: which of them are played and scored, by name.
        frequency: of the dataset.

    Raises:
        DataError: A series begins at another period, has a gap that others do not have, or is
            played from or to another period; the message names it and says what to do.
    """
    sees = "sees" if len(agents) == 1 else "see"
    why = f"{', '.join(agents)} {sees} all series at once, so that they must be played together"
    first, *others = rows

    def label(name: str, row: int) -> str:
        return period_label(rows[name][row].timestamp, frequency)

    def refuse(what: str, name: str, row: int, other: int, remedy: str) -> None:
        if rows[first][row].timestamp != rows[name][other].timestamp or row != other:
            raise DataError(
                f"{why}: series {first!r} {what} {label(first, row)}, and {name!r} "
                f"{label(name, other)}; {remedy}, or leave one of them out by naming the other "
                "series (--series)"
            )

    own, times = schedules[first], [row.timestamp for row in rows[first]]
    for name in others:
        theirs = schedules[name]
        refuse("begins in", name, 0, 0, "cut the data to a common first period")
        # The last origin has a target, one row later.
        stop = min(own.last_scored, theirs.last_scored) + 2
        if [row.timestamp for row in rows[name][:stop]] != times[:stop]:
            for row in range(stop):
                refuse(f"has as row {row}", name, row, row, "fill the gaps")
        refuse(
            "is played from",
            name,
            own.first_played,
            theirs.first_played,
            "set `start` and `warmup` (--start, --warmup) to moments",
        )
        refuse("is played to", name, own.last_scored, theirs.last_scored, "set `end` (--end)")
