"""The worlds of many games: moved at once where they have an array form, else one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.states import contexts_of, known_ahead_of
from fg_core.errors import AgentError, DataError, ForecastGameError
from fg_core.frozen import construct_unchecked, replace_unchecked
from fg_core.protocols import World
from fg_core.state import ForecastState

from .looking_ahead import cut_known_ahead

__all__ = ["WorldBatch", "ask_world", "states_of"]

Array = NDArray[np.float64]


def states_of(states: Sequence[ForecastState]) -> StateArrays:
    """Return the states of single games, all in one period, as arrays.

    Args:
        states: State of each game, all of one period.

    Returns:
        States of all games; numbers of shape (game,).
    """
    first = states[0]
    if len(states) == 1:
        numbers = np.array(
            [[first.value], [first.exogenous], [first.hidden_shift], [first.displacement]],
            dtype=np.float64,
        )
        alone: StateArrays = construct_unchecked(
            StateArrays,
            t=first.t,
            value=numbers[0],
            exogenous=numbers[1],
            hidden_shift=numbers[2],
            segment_id=first.segment_id,
            macro_context=first.macro_context,
            history=(),
            n_unrevealed=0,
            displacement=numbers[3],
            segments=(),
            game=0,
            missing=(),
            known_ahead=first.known_ahead,
            each=(first,),
        )
        return alone
    names = [one.segment_id for one in states]
    found: StateArrays = construct_unchecked(
        StateArrays,
        t=first.t,
        value=np.array([one.value for one in states], dtype=np.float64),
        exogenous=np.array([one.exogenous for one in states], dtype=np.float64),
        hidden_shift=np.array([one.hidden_shift for one in states], dtype=np.float64),
        segment_id=names[0] if len(set(names)) == 1 else tuple(names),
        macro_context=contexts_of([one.macro_context for one in states]),
        history=(),
        n_unrevealed=0,
        displacement=np.array([one.displacement for one in states], dtype=np.float64),
        segments=(),
        game=0,
        missing=(),
        known_ahead=known_ahead_of([one.known_ahead for one in states]),
    )
    found.__dict__["each"] = tuple(states)
    return found


@dataclass(frozen=True, eq=False)
class WorldBatch:
    """Worlds in which the series of many games move.

    Args:
        worlds: Worlds, one for all games or one per game.
        n: Number of games (paths).
        ahead: Number of periods ahead that anything is said to be known, by period.
    """

    worlds: tuple[World, ...]
    n: int
    ahead: Callable[[int], int]

    @property
    def slow(self) -> str:
        """Name of a world without an array form; empty: all have one."""
        for world in self.worlds:
            if not hasattr(world, "advance_array"):
                return type(world).__name__
        return ""

    def unit(self, step_scale: Any) -> Any:
        """Return the size of a disturbance of 1 in the unit of the series.

        Args:
            step_scale: One-step scale, one number or shape (game,).
        """
        if len(self.worlds) == 1:
            return self.worlds[0].unit(step_scale)
        scales = np.broadcast_to(step_scale, (self.n,)).tolist()
        found = [world.unit(one) for world, one in zip(self.worlds, scales, strict=True)]
        return 1.0 if all(one == 1.0 for one in found) else np.array(found)

    def advance(
        self, state: StateArrays, *, noise: Array, disturbance: Array, persistence: Any
    ) -> StateArrays:
        """Return the next states.

        Args:
            state: True states.
            noise: Standard normal draws, shape (game,).
            disturbance: Disturbances, shape (game,), in the unit of the series.
            persistence: Persistence of displacements, one number or shape (game,).

        Raises:
            AgentError: A world returned no state of the next period, or failed.
            DataError: A series left the range of numbers.
        """
        world: Any = self.worlds[0]
        as_array = (
            self.n > 1
            and len(self.worlds) == 1
            and hasattr(world, "advance_array")
            and not (_knows_segments(state) and any(one.segment_values for one in state.each))
        )
        if as_array:
            after = ask_world(
                world,
                "advance_array",
                state,
                noise=noise,
                disturbance=disturbance,
                persistence=persistence,
            )
            if not isinstance(after, StateArrays) or np.shape(after.value) != (self.n,):
                raise AgentError(f"world {_named(world)} returned no StateArrays of {self.n} games")
            self._require(world, after.t, state.t)
            if after.known_ahead and len(after.known_ahead) > self.ahead(after.t):
                after = replace_unchecked(
                    after, known_ahead=after.known_ahead[: self.ahead(after.t)]
                )
        else:
            after = self._one_by_one(state, noise, disturbance, persistence)
        if np.count_nonzero(np.isfinite(after.value)) < self.n:
            raise DataError(f"the series left the range of numbers in period {after.t}")
        return after

    def _one_by_one(
        self, state: StateArrays, noise: Array, disturbance: Array, persistence: Any
    ) -> StateArrays:
        if self.n == 1:
            world = self.worlds[0]
            keep = float(persistence if isinstance(persistence, float) else persistence[0])
            alone = ask_world(
                world,
                "advance",
                state.each[0],
                noise=float(noise[0]),
                disturbance=float(disturbance[0]),
                persistence=keep,
            )
            return _as_arrays((self._checked(world, alone, state.t),), world)
        worlds = self.worlds if len(self.worlds) == self.n else self.worlds * self.n
        lasting = (
            [persistence]
            if self.n == 1 and isinstance(persistence, float)
            else np.broadcast_to(persistence, (self.n,)).tolist()
        )
        rows = zip(worlds, state.each, noise.tolist(), disturbance.tolist(), lasting, strict=True)
        found = []
        for world, one, shock, push, kept in rows:
            after = ask_world(
                world, "advance", one, noise=shock, disturbance=push, persistence=kept
            )
            found.append(self._checked(world, after, state.t))
        return _as_arrays(found, *worlds)

    def _checked(self, world: World, after: Any, before: int) -> ForecastState:
        if not isinstance(after, ForecastState):
            raise AgentError(
                f"world {_named(world)} returned a {type(after).__name__}: a ForecastState is "
                "wanted"
            )
        self._require(world, after.t, before)
        return cut_known_ahead(after, self.ahead(after.t)) if after.known_ahead else after

    def _require(self, world: World, after: Any, before: int) -> None:
        if after != before + 1 or not isinstance(after, Integral):
            raise AgentError(
                f"world {_named(world)} went from period {before} to period {after}: the next one "
                "is wanted"
            )


def _as_arrays(states: Sequence[ForecastState], *worlds: World) -> StateArrays:
    """Return states of single games as arrays, if their numbers are numbers."""
    try:
        return states_of(states)
    except (TypeError, ValueError) as error:
        raise AgentError(
            f"world {', '.join(sorted({_named(world) for world in worlds}))} returned a state "
            f"whose numbers are none: {error}"
        ) from error


def _knows_segments(state: StateArrays) -> bool:
    return "each" in state.__dict__


def _named(world: World) -> str:
    return type(world).__name__


def ask_world(world: World, what: str, state: Any, **options: Any) -> Any:
    """Return what a method of a world returns.

    Args:
        world: World that is asked.
        what: Name of the method.
        state: State of the world, or states.
        options: Further arguments of the method, by name.

    Returns:
        Answer of the method, unchecked.

    Raises:
        AgentError: The method failed; the error names the world. Errors of this project pass as
            they are.
    """
    try:
        return getattr(world, what)(state, **options)
    except ForecastGameError:
        raise
    except Exception as error:
        raise AgentError(
            f"world {_named(world)} failed in {what}(): {type(error).__name__}: {error}"
        ) from error
