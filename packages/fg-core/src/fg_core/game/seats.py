"""One agent in many games: asked once where it has an array form, else game by game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, StateArrays, has_array_form
from fg_core.batch.lazy import lazy
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.protocols import AttackBudget, Revealed, Suspicion
from fg_core.rng import AgentDraws, Stream

from .team import ask, call, sensitivity

__all__ = ["RevealedGames", "Seat"]

Array = NDArray[np.float64]


class RevealedGames:
    """A reveal in many games, as arrays and, when somebody wants it, game by game."""

    def __init__(self, revealed: Revealed) -> None:
        self.arrays: Any = revealed

    @lazy
    def each(self) -> tuple[Revealed, ...]:
        """The reveal of each game."""
        arrays = self.arrays
        states = arrays.state.each
        prints = np.broadcast_to(arrays.printed, (len(states),)).tolist()
        nothing = [None] * len(states)
        expected = nothing if arrays.predictive is None else arrays.predictive.each
        rewards = nothing if arrays.reward is None else arrays.reward.tolist()
        rows = zip(states, prints, expected, rewards, strict=True)
        return tuple(Revealed(s, printed, p, reward=reward) for s, printed, p, reward in rows)


@dataclass(frozen=True)
class Seat:
    """An agent's place in a batch.

    Args:
        agent: The agent for all games, or where `games` is not empty, the one that it began as.
        games: One agent a game, where it has no array form.
    """

    agent: Any
    games: tuple[Any, ...] = ()

    @classmethod
    def of(cls, agent: Any, n_games: int, *methods: str) -> Self:
        """Return the seat of an agent that would need `methods` to be asked once."""
        return cls(agent) if has_array_form(agent, *methods) else cls(agent, (agent,) * n_games)

    @property
    def name(self) -> str:
        """Name of the agent."""
        return str(self.agent.name)

    @lazy
    def learns(self) -> bool:
        """Whether the agent learns anything from a reveal."""
        return hasattr(self.agent, "update" if self.games else "update_array")

    def learned(self, revealed: RevealedGames) -> Self:
        """Return the seat after a reveal (or a print taken for one)."""
        if not self.learns:
            return self
        if not self.games:
            return type(self)(call(self.agent, "update_array", revealed.arrays))
        pairs = zip(self.games, revealed.each, strict=True)
        return type(self)(self.agent, tuple(call(a, "update", one) for a, one in pairs))

    # -------------------------------------------------------------------------------- forecasters

    def ask(self, state: StateArrays, horizon: int) -> ActionArrays:
        """Return what a forecaster says."""
        if not self.games:
            try:
                found = call(self.agent, "act_array", state, horizon)
            except ForecastUnavailable as reason:
                return ActionArrays(np.nan, reason=str(reason))
            if not isinstance(found, ActionArrays):
                raise AgentError(f"agent {self.name!r} returned no ActionArrays")
            return found
        said = [ask(agent, s, horizon) for agent, s in zip(self.games, state.each, strict=True)]
        return ActionArrays(
            np.array([np.nan if isinstance(one, str) else one.delta for one in said]),
            np.array([np.nan if isinstance(one, str) else _number(one.scale) for one in said]),
            [one if isinstance(one, str) else "" for one in said],
        )

    def sensitivity(
        self, state: StateArrays, horizon: int, step: Array, wanted: NDArray[np.bool_]
    ) -> Array | float:
        """Return d(forecast of the level) / d(last value), where it is wanted."""
        if not self.games:
            if hasattr(self.agent, "sensitivity_array"):
                found: Array | float = call(self.agent, "sensitivity_array", state, horizon)
                return found
            low, high = (
                self.ask(replace(state, value=state.value + side * step), horizon).delta
                for side in (-1.0, 1.0)
            )
            rise = 1.0 + (high - low) / (2.0 * step)
            # It cannot say; a forecast that moves with the value is the cautious guess.
            return np.where(np.isnan(rise), 1.0, rise)
        slopes = np.zeros(state.n_games)
        for i in np.flatnonzero(wanted).tolist():
            slopes[i] = sensitivity(self.games[i], state.each[i], horizon, float(step[i]))
        return slopes

    # -------------------------------------------------------------------- adversaries, defenders

    def attack(
        self, state: StateArrays, budget: AttackBudget, streams: Sequence[Stream]
    ) -> Array | float:
        """Return what an adversary would add.

        Args:
            state: The true state.
            budget: With arrays of shape (game,) for what is left.
            streams: The adversary's random numbers, one a game; empty where it is asked once.
        """
        if not self.games:
            found: Array | float = call(self.agent, "delta", state, budget)
            if not np.isfinite(found).all():
                raise AgentError(f"agent {self.name!r} returned a delta that is not finite")
            return found
        rooms = np.broadcast_to(budget.cap, (len(self.games),)).tolist()
        lefts = np.broadcast_to(budget.remaining, (len(self.games),)).tolist()
        used = np.broadcast_to(budget.spent, (len(self.games),)).tolist()
        wanted = np.empty(len(self.games))
        for i, (agent, s, stream) in enumerate(zip(self.games, state.each, streams, strict=True)):
            draws = AgentDraws(stream, state.t)
            own = AttackBudget(budget.scale, rooms[i], lefts[i], budget.cost, draws, spent=used[i])
            action = call(agent, "act", s, own)
            if not isinstance(action, AgentAction):
                raise AgentError(f"adversary {self.name!r} returned no AgentAction")
            wanted[i] = action.delta
        return wanted

    def doubt(self, state: StateArrays, predictive: Any) -> Suspicion:
        """Return a defender's doubt about `state.value`."""
        if not self.games:
            found: Suspicion = call(self.agent, "act_array", state, predictive)
            return found
        rows = zip(self.games, state.each, predictive.each, strict=True)
        said = [call(agent, "act", s, expected) for agent, s, expected in rows]
        return Suspicion(
            np.array([one.delta for one in said]),
            np.array([1.0 if one.p_bad is None else one.p_bad for one in said]),
            np.array([one.scale or 0.0 for one in said]),
        )


def _number(scale: float | None) -> float:
    return np.nan if scale is None else scale
