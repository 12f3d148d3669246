"""Agents that do the same in every round: one hit, or one doubt, per game of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.protocols import OutlierAssessment
from fg_core.state import ForecastState

__all__ = ["GridAdversary", "GridDefender"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GridAdversary:
    """Hits alike in all rounds.

    Args:
        sizes: Hit of each game, in step scales, shape (game,).
        name: Name of the agent.
    """

    sizes: Array
    name: str = "payoffs: hits"

    def delta(self, state: Any, budget: Any) -> Any:  # noqa: ARG002 - the same in every state
        """Return the hits, shape (game,), in the unit of the series."""
        return self.sizes * budget.scale

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        """Return the hit of the only game."""
        return AgentAction(self.name, float(self.delta(state, budget)[0]))


@dataclass(frozen=True, eq=False)
class GridDefender:
    """Doubts alike in all rounds and would put the predictive's mean in a value's place.

    Args:
        p_bad: Probability that the value is bad, per game, shape (game,).
        scales: Scale of the replacement, in standard deviations of the predictive, shape (game,).
        name: Name of the agent.
    """

    p_bad: Array
    scales: Array
    name: str = "payoffs: doubts"

    def act_array(self, state: Any, predictive: Any) -> OutlierAssessment:
        """Return the doubts, shape (game,)."""
        delta = predictive.mean - state.value
        return OutlierAssessment(delta, self.p_bad, self.scales * predictive.scale)

    def act(self, state: ForecastState, predictive: Any) -> AgentAction:
        """Return the doubt of the only game."""
        found = self.act_array(state, predictive)
        return AgentAction(
            self.name, float(found.delta), scale=float(found.scale[0]), p_bad=float(found.p_bad[0])
        )
