"""Series that agents see all at once: one calendar, in which each has its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fg_core import DataError, Observation
from fg_core.calendar import period_label

from .schedule import Schedule

__all__ = ["SeriesPanel", "panel_of"]


@dataclass(frozen=True)
class SeriesPanel:
    """All series of a backtest, for agents that see them at once.

    Args:
        agents: names of these agents.
        first_t: place of each series' first row among the periods of all series, by name.
        lookback: number of earlier values that agents are shown, the same for all series.
        shortest: name of the series that has no more of them; empty: all have as many as the
            settings say.
    """

    agents: tuple[str, ...]
    first_t: Mapping[str, int]
    lookback: int
    shortest: str

    def to_plain(self) -> dict[str, Any]:
        """Return the panel as a report states it."""
        return {"agents": list(self.agents), "lookback": self.lookback, "shortest": self.shortest}


def panel_of(
    agents: Sequence[str],
    rows: Mapping[str, Sequence[Observation]],
    schedules: Mapping[str, Schedule],
    frequency: str,
    *,
    lookback: int,
    reveal_lag: int,
) -> SeriesPanel:
    """Return series as agents see them at once, on one calendar.

    In every round of their games the series must be at the same period: otherwise the future of one
    would reach the past of another, through agents that see all of them at once.

    Args:
        agents: names of the agents that see panels (`AgentRegistry.panel_agents`).
        rows: rows of each series, by name.
        schedules: rows that are played and scored, by name of the series.
        frequency: frequency of the dataset.
        lookback: largest number of earlier values that agents are shown.
        reveal_lag: rounds until a value is revealed.

    Returns:
        The series on one calendar, with the rows that agents may see in each round.

    Raises:
        DataError: A series has a gap that others do not have, or is played from or to another
            period; the message names it and says what to do.
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
    # The last revealed value before the games is forecast from as well.
    shown = {name: min(lookback, schedules[name].first_played - reveal_lag) for name in rows}
    least = min(shown, key=shown.__getitem__)
    if max(shown.values()) == shown[least]:
        return SeriesPanel(tuple(agents), first_t, lookback, "")
    return SeriesPanel(tuple(agents), first_t, shown[least], least)
