"""How far games look ahead: as far as their forecasts reach, whatever their worlds know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fg_core.config import SimulationConfig
from fg_core.frozen import FrozenMapping, replace_unchecked
from fg_core.protocols import World
from fg_core.state import ForecastState, without_empty_end
from fg_core.vintage import Vintage

from .groups import GameGroup
from .schedule import periods_ahead

__all__ = ["cut_known_ahead", "known_since", "look_ahead"]

Ahead = tuple[Mapping[str, float], ...]
_NOTHING: Mapping[str, float] = FrozenMapping()


def cut_known_ahead(state: ForecastState, n: int) -> ForecastState:
    """Return a state that says at most of the next `n` periods what is known in advance.

    Args:
        state: State of one game.
        n: Number of periods that it may look ahead.

    Returns:
        State whose `known_ahead` has at most `n` entries.
    """
    if len(state.known_ahead) <= n:
        return state
    return replace_unchecked(state, known_ahead=without_empty_end(state.known_ahead[:n]))


def known_since(told: Sequence[Ahead], n: int) -> Ahead:
    """Return what is known by now of the periods that follow an earlier one.

    Args:
        told: Contexts known in advance in that period, and in each period after it up to now.
        n: Largest number of periods that follow it.

    Returns:
        Context per period, the first one after the earlier period first, in the units of the
        columns.

    >>> known_since([({"sale": 1.0},), ({"sale": 0.0},), ({"sale": 2.0},)], 3)
    ({'sale': 1.0}, {'sale': 0.0}, {'sale': 2.0})
    """
    found = list(told[0])
    for later, entries in enumerate(told[1:], 1):
        if later + len(entries) > len(found):
            found += [_NOTHING] * (later - len(found))
            found += entries[len(found) - later :]
    return without_empty_end(tuple(found[:n]))


def look_ahead(
    config: SimulationConfig, groups: Sequence[GameGroup], worlds: Sequence[World]
) -> tuple[tuple[GameGroup, ...], tuple[World, ...]]:
    """Return games and their worlds, looking as far ahead as the games do.

    What is one object before is one object afterwards.

    Args:
        config: Settings of the games.
        groups: Games that begin alike.
        worlds: World of each group.

    Returns:
        Groups whose first states look no further, and the world of each.
    """
    n = max(*config.horizons, config.reveal_lag)
    moved: dict[int, Any] = {}
    initial: dict[tuple[int, int], ForecastState] = {}
    found = []
    for group, world in zip(groups, worlds, strict=True):
        if id(world) not in moved:
            told: Any = getattr(world, "looking_ahead", None)
            moved[id(world)] = world if told is None else told(n)
        key = id(group.initial), id(world)
        if key not in initial:
            initial[key] = cut_known_ahead(group.initial, _ahead_at(group.initial.t, world, config))
        begins = initial[key]
        found.append(group if begins is group.initial else replace(group, initial=begins))
    return tuple(found), tuple([moved[id(world)] for world in worlds])


def _ahead_at(t: int, world: Any, config: SimulationConfig) -> int:
    """Return how far the first state of games may look; see `Schedule.ahead`."""
    told = world.vintage(t) if hasattr(world, "vintage") else None
    if not isinstance(told, Vintage):  # none, or one that is refused where it is checked
        return periods_ahead(config.horizons, t, t - config.reveal_lag)
    return periods_ahead(config.horizons, told.printed, told.settled)
