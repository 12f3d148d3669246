"""The adversaries and defenders of many games, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .adversary import Adversary
from .agent_batch import AgentBatch
from .defender import Defender
from .revealed_lanes import RevealedLanes

__all__ = ["Players", "players_of"]

Array = NDArray[np.float64]


def _follows_revisions(one: Adversary | Defender) -> bool:
    return bool(getattr(one.agents.members[0], "learns_from_revisions", False))


def players_of(agents: Sequence[Sequence[Any]], n: int, method: str) -> tuple[AgentBatch, ...]:
    """Return adversaries or defenders of many games.

    Args:
        agents: Agents of each game, or of all games.
        n: Number of games.
        method: Name of the method by which an array form is asked.

    Returns:
        Batch of each agent over all games, in the order of the registry.
    """
    return tuple(
        AgentBatch.of([one[i] for one in agents], n, method, stack_learners=True)
        for i in range(len(agents[0]))
    )


@dataclass(frozen=True, eq=False)
class Players:
    """The agents that learn game by game, also where games share a series."""

    adversaries: tuple[Adversary, ...]
    defenders: tuple[Defender, ...]

    def learned(
        self, revealed: RevealedLanes, own: Mapping[str, Array], *, doubtful: bool = False
    ) -> Players:
        """Return the players after a reveal; see `AgentBatch.learned`.

        Args:
            revealed: What they are told.
            own: Rewards of each agent that is credited, shape (game,).
            doubtful: Whether the value may still be doubted: defenders that learn from revisions
                are then told that it is not settled.
        """
        unsure = revealed.unsettled() if doubtful else revealed
        return Players(
            tuple(one.learned(revealed, own.get(one.name)) for one in self.adversaries),
            tuple(
                one.learned(unsure if _follows_revisions(one) else revealed, own.get(one.name))
                for one in self.defenders
            ),
        )

    def after_doubtful(self, revised: RevealedLanes) -> Players:
        """Return the players after a settled value was revised, or is not doubted any more.

        Only defenders that have `learns_from_revisions` are told.

        Args:
            revised: What they are told.
        """
        return Players(
            self.adversaries,
            tuple(
                one.learned(revised, None) if _follows_revisions(one) else one
                for one in self.defenders
            ),
        )

    def after_revision(self, revised: RevealedLanes) -> Players:
        """Return the players after a value was revised that is not settled.

        Only those that have `learns_from_revisions` are told.

        Args:
            revised: Revision that they are told.
        """

        def told(one: Any) -> Any:
            return one.learned(revised, None) if _follows_revisions(one) else one

        return Players(
            tuple(told(one) for one in self.adversaries),
            tuple(told(one) for one in self.defenders),
        )
