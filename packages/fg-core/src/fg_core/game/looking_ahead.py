"""How far games look ahead: as far as their longest horizon, whatever their worlds know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fg_core.config import SimulationConfig
from fg_core.frozen import altered
from fg_core.protocols import World
from fg_core.state import ForecastState, without_empty_end

from .groups import GameGroup

__all__ = ["cut_known_ahead", "look_ahead"]


def cut_known_ahead(state: ForecastState, n: int) -> ForecastState:
    """Return a state that says at most of the next `n` periods what is known in advance."""
    if len(state.known_ahead) <= n:
        return state
    return altered(state, known_ahead=without_empty_end(state.known_ahead[:n]))


def look_ahead(
    config: SimulationConfig, groups: Sequence[GameGroup], worlds: Sequence[World]
) -> tuple[tuple[GameGroup, ...], tuple[World, ...]]:
    """Return games and their worlds, looking as far ahead as the games do.

    What is one object before is one object afterwards.

    Args:
        config: The settings.
        groups: The games.
        worlds: World of each group.
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
            # Where values come late, a world looks further ahead than games ask it to.
            ahead = getattr(moved[id(world)], "ahead", None)
            initial[key] = cut_known_ahead(group.initial, n if ahead is None else max(n, ahead))
        begins = initial[key]
        found.append(group if begins is group.initial else replace(group, initial=begins))
    return tuple(found), tuple([moved[id(world)] for world in worlds])
