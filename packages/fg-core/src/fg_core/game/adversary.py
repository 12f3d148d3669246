"""An adversary in many games, asked once or game by game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import StateArrays
from fg_core.batch.handing import handed_to
from fg_core.batch.states import LaneContexts
from fg_core.errors import AgentError
from fg_core.frozen import replace_unchecked
from fg_core.protocols import AttackBudget
from fg_core.rng import AgentDraws

from .agent_batch import AgentBatch
from .asking import call, is_per_lane, refuse_parts, require_numbers
from .draws import LaneSeed
from .revealed_lanes import RevealedLanes

__all__ = ["Adversary"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Adversary:
    """An adversary in each of many games, and its random numbers.

    Args:
        agents: Adversary of each game.
        seeds: Source of its random numbers.
    """

    agents: AgentBatch
    seeds: LaneSeed

    def __post_init__(self) -> None:
        name = self.agents.name
        # What a stream has drawn is kept; a learned adversary goes on with the same ones.
        streams: Any = (
            self.seeds.arrays("adversary", name)
            if self.agents.is_array
            else self.seeds.each("adversary", name)
        )
        object.__setattr__(self, "_streams", streams)
        object.__setattr__(self, "_games", self.seeds.games)

    @property
    def name(self) -> str:
        """Name of the agent."""
        return self.agents.name

    def learned(self, revealed: RevealedLanes, own: Any) -> Self:
        """Return the adversary after a reveal."""
        agents = self.agents.learned(revealed, own)
        if agents is self.agents:
            return self
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["agents"] = agents
        return new

    def attack(
        self, state: StateArrays, budget: AttackBudget
    ) -> tuple[Array | float, tuple[AgentAction, ...], Mapping[str, Array]]:
        """Return what it would add in each game, and its action where it was asked by itself.

        Args:
            state: True states.
            budget: Budget with arrays of shape (game,) for what is left.

        Returns:
            What it would add to the values, its actions, and what it would add to context columns,
            by column, shape (game,).
        """
        n, streams = self.agents.n, self._streams  # type: ignore[attr-defined]
        games = self._games  # type: ignore[attr-defined]
        if self.agents.is_array:
            return self._asked_once(state, budget)
        rooms, lefts = _per_lane(budget.cap, n), _per_lane(budget.remaining, n)
        used, units = _per_lane(budget.spent, n), _per_lane(budget.scale, n)
        scales = budget.context_scales
        wanted, said = [], []
        for i, (agent, s) in enumerate(zip(self.agents.each, state.each, strict=True)):
            own = AttackBudget(
                units[i],
                rooms[i],
                lefts[i],
                budget.cost,
                AgentDraws(streams[i], state.t),
                spent=used[i],
                game=int(games[i]),
                context_scales=scales.rows[i] if isinstance(scales, LaneContexts) else scales,
            )
            action = call(agent, "act", s, own)
            if not isinstance(action, AgentAction):
                raise AgentError(
                    f"adversary {self.name!r} returned a {type(action).__name__}: an AgentAction "
                    "is wanted"
                )
            refuse_parts(self.name, "adversary", action, "alternatives", "shape")
            wanted.append(action.delta)
            said.append(action)
        columns = {name for action in said if action.context for name in action.context}
        beside = {
            name: np.array([action.context.get(name, 0.0) for action in said], dtype=np.float64)
            for name in columns
        }
        return np.array(wanted, dtype=np.float64), tuple(said), beside

    def _asked_once(
        self, state: StateArrays, budget: AttackBudget
    ) -> tuple[Array | float, tuple[AgentAction, ...], Mapping[str, Array]]:
        one = self.agents.one
        own: Any = replace_unchecked(
            budget,
            draws=self._streams.at(state.t),  # type: ignore[attr-defined]
            game=self._games,  # type: ignore[attr-defined]
        )
        if one is None:
            raise AgentError(f"adversary {self.name!r} cannot be asked once for all games")
        found: Array | float = call(one, "delta", handed_to(one, state), handed_to(one, own))
        self._require("delta", found, state.n_games)
        if not hasattr(one, "context_delta"):
            return found, (), {}
        beside = call(one, "context_delta", handed_to(one, state), handed_to(one, own))
        if not isinstance(beside, Mapping) or not all(isinstance(name, str) for name in beside):
            raise AgentError(
                f"adversary {self.name!r} returned a {type(beside).__name__} from context_delta(): "
                "it must be a mapping from names of columns to arrays"
            )
        for name, numbers in beside.items():
            self._require(f"hit on context column {name!r}", numbers, state.n_games)
        wanted = {
            name: np.broadcast_to(np.asarray(numbers, dtype=np.float64), (state.n_games,))
            for name, numbers in beside.items()
        }
        return found, (), wanted

    def _require(self, what: str, numbers: Any, n_games: int) -> None:
        """Refuse what is not one finite number, or one per game."""
        if is_per_lane(numbers, n_games) and np.count_nonzero(np.isfinite(numbers)) == np.size(
            numbers
        ):
            return
        require_numbers(self.name, what, numbers)
        if np.shape(numbers) not in ((), (n_games,)):
            raise AgentError(
                f"adversary {self.name!r} returned a {what} of shape {np.shape(numbers)} for "
                f"{n_games} games"
            )
        if np.count_nonzero(np.isfinite(numbers)) != np.size(numbers):
            raise AgentError(f"adversary {self.name!r} returned a {what} that is not finite")


def _per_lane(number: Any, n: int) -> list[float]:
    if isinstance(number, np.ndarray) and number.shape == (n,):
        found: list[float] = number.tolist()
        return found
    return [float(number)] * n
