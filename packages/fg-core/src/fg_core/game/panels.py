"""Panels: games of one number on several series, for agents that see all of them at once.

A forecaster with `fit_panel` is fitted on all series of a panel together, and an aggregator with
`update_panel` learns from all of them. The panel of game number g is game g of every group: what
was reported in games of another number, that is under other attacks, is no part of it. All games of
a panel are at the same period, so that nothing of a series' future reaches another's past.

In arrays, lanes are laid out series by series: of `n_series` series with `count` panels each, lane
`s * count + k` is series s in panel k. Without agents that see panels, `n_series` is 1: every lane
is a panel by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError, DataError
from fg_core.protocols import World

from .groups import GameGroup, Slice
from .schedule import Schedule

__all__ = ["by_panel", "lanes_of", "panel_slices", "require_panel"]

Lanes = NDArray[np.intp]


def by_panel(array: NDArray[Any], n_series: int) -> NDArray[Any]:
    """Return what lanes have as what panels have, one row per panel.

    Args:
        array: Array of shape (lane, ...).
        n_series: Number of series of a panel.

    Returns:
        Shape (panel, series, ...).

    >>> by_panel(np.array([1, 2, 3, 10, 20, 30]), 2).tolist()
    [[1, 10], [2, 20], [3, 30]]
    """
    return np.swapaxes(array.reshape(n_series, -1, *array.shape[1:]), 0, 1)


def lanes_of(panels: Lanes, count: int, n_series: int) -> Lanes:
    """Return the lanes of some panels, series by series.

    Args:
        panels: Numbers of the panels, in any order; one may occur several times.
        count: Number of panels.
        n_series: Number of series of a panel.

    Returns:
        Shape (len(panels) * n_series,).

    >>> lanes_of(np.array([2, 0]), 3, 2).tolist()
    [2, 0, 5, 3]
    """
    return (np.arange(n_series, dtype=np.intp)[:, np.newaxis] * count + panels).ravel()


def panel_slices(
    groups: Sequence[GameGroup], games_per_block: int
) -> tuple[tuple[Slice, ...], ...]:
    """Return blocks of whole panels.

    Args:
        groups: Games that begin alike, of the same numbers, see `require_panel`.
        games_per_block: Largest number of games in a block, unless one panel has more.

    Returns:
        Per block, one slice per group.

    >>> from fg_core.state import ForecastState
    >>> pair = (GameGroup(ForecastState(0, 1.0, 0.0, 0.0), n_games=3),) * 2
    >>> [[(s.group, s.first, s.count) for s in block] for block in panel_slices(pair, 5)]
    [[(0, 0, 2), (1, 0, 2)], [(0, 2, 1), (1, 2, 1)]]
    """
    n = groups[0].n_games
    step = max(1, games_per_block // len(groups))
    return tuple(
        tuple(Slice(i, first, min(step, n - first), i * n + first) for i in range(len(groups)))
        for first in range(0, n, step)
    )


def require_panel(
    agents: Sequence[str],
    groups: Sequence[GameGroup],
    worlds: Sequence[World],
    rounds: Sequence[int],
    rows_before: Sequence[int],
    schedules: Sequence[Schedule],
) -> None:
    """Refuse games whose series cannot be seen at once, period by period.

    Args:
        agents: Names of the agents that see panels.
        groups: Games that begin alike.
        worlds: World of each group.
        rounds: Number of rounds of the games of each group.
        rows_before: Number of periods before the games that the agents of each group may see.
        schedules: Periods in which the values of each group are printed and settled.

    Raises:
        ConfigError: Groups with games of other numbers, of another length, or with less to be seen
            before them, or one series in two groups.
        DataError: Groups that begin in different periods, whose values are printed or settled at
            different origins, or records in which the same period is not at the same time.
    """
    sees = "sees" if len(agents) == 1 else "see"
    why = f"{', '.join(agents)} {sees} all series of a batch at once"
    first = groups[0]
    places: dict[tuple[int, int], int] = {}
    for i, (group, world) in enumerate(zip(groups, worlds, strict=True)):
        if (group.game, group.n_games) != (first.game, first.n_games):
            raise ConfigError(
                f"{why}, game g of every series together, so that all groups must have games of "
                f"the same numbers: group 0 has {_numbered(first)}, group {i} {_numbered(group)}"
            )
        if group.initial.t != first.initial.t:
            raise DataError(
                f"{why}, period by period, so that all games must begin in the same period: group "
                f"0 begins in period {first.initial.t}, group {i} in period {group.initial.t}"
            )
        if rounds[i] != rounds[0]:
            raise ConfigError(
                f"{why}, to the last round, so that all games must have as many rounds: group 0 "
                f"has {rounds[0]}, group {i} {rounds[i]}; set `rounds`, or cut the records to the "
                "same last period"
            )
        if schedules[i] != schedules[0]:
            raise DataError(
                f"{why}, origin by origin, so that their values must be printed and settled at the "
                f"same origins: those of groups 0 and {i} are not"
            )
        if rows_before[i] != rows_before[0]:
            raise ConfigError(
                f"{why}, in one block of games, whose agents are shown as many earlier values: of "
                f"group 0 they would see {rows_before[0]}, of group {i} {rows_before[i]}; set "
                "`lookback` lower, or begin the games later"
            )
        key = id(world), id(group.initial)
        if key in places:
            raise ConfigError(
                f"{why}, and would see one series twice: groups {places[key]} and {i} begin in one "
                "state of one world; make them one group of `n_games` games"
            )
        places[key] = i
    ends = [one.initial.t + n for one, n in zip(groups, rounds, strict=True)]
    _require_same_times(why, ends, worlds)


def _numbered(group: GameGroup) -> str:
    return f"games {group.game} to {group.game + group.n_games - 1}"


def _require_same_times(why: str, last: Sequence[int], worlds: Sequence[Any]) -> None:
    """Refuse records in which one period is at different times, as far as they know their times."""
    known = [
        (i, tuple(world.timestamps(t)))
        for i, (world, t) in enumerate(zip(worlds, last, strict=True))
        if hasattr(world, "timestamps")
    ]
    for i, own in known[1:]:
        j, other = known[0]
        n = min(len(own), len(other))
        mine, theirs = own[len(own) - n :], other[len(other) - n :]
        if mine == theirs:
            continue
        k = next(k for k in range(n - 1, -1, -1) if mine[k] != theirs[k])
        raise DataError(
            f"{why}, so that a period must be at the same time in all of them: period "
            f"{last[i] - (n - 1 - k)} is {theirs[k]:%Y-%m-%d} in the record of group {j}, and "
            f"{mine[k]:%Y-%m-%d} in that of group {i}; give records without gaps that begin and "
            "end together"
        )
