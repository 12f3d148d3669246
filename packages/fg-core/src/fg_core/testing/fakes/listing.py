"""A defender that doubts several prints, for tests of what the game makes of alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.action import AgentAction
from fg_core.alternatives import Alternative, AlternativeArrays
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import OutlierAssessment
from fg_core.state import ForecastState

__all__ = ["ListingDefender"]


@dataclass(frozen=True)
class ListingDefender:
    """Lists, after a surprise, that the newest print is false, or the newest two or three alike.

    Nothing where the print lies within a standard deviation of what was forecast. And, where
    prints are settled late, that the print before the newest alone is false.

    Args:
        probability: Probability of each alternative after a surprise without bounds; at most 0.25.
        name: Name of the agent.
        sensitivities_wanted: Number of the last values to which it is told the pool's
            sensitivities; corrections are then larger by a tenth of their sum.
        doubts_earlier_prints: Whether it says beforehand that it doubts several prints.

    >>> state = ForecastState(9, 8.0, 0.0, 0.0, history=(5.0, 8.0), n_unrevealed=1)
    >>> action = ListingDefender().act(state, ProbabilisticForecast(5.0, 1.0))
    >>> [one.pattern for one in action.alternatives]
    [(1.0,), (1.0, 1.0), (0.0, 1.0)]
    >>> round(action.p_bad, 6)
    0.36
    """

    probability: float = 0.2
    name: str = "lists"
    sensitivities_wanted: int = 0
    doubts_earlier_prints: bool = True

    def act(
        self,
        state: ForecastState,
        predictive: ProbabilisticForecast,
        sensitivities: tuple[float, ...] = (),
    ) -> AgentAction:
        """Return the alternatives; pure."""
        surprise = state.value - predictive.mean
        if abs(surprise) <= predictive.scale:
            return AgentAction.doubting(self.name, ())
        probability, delta, scale = self._numbers(surprise, predictive.scale, sensitivities)
        return AgentAction.doubting(
            self.name,
            [
                Alternative(probability, delta, pattern, scale)
                for pattern in self._patterns(state.n_unrevealed + 1)
            ],
        )

    def act_array(
        self,
        state: StateArrays,
        predictive: MixtureArrays,
        sensitivities: Any = (),
    ) -> OutlierAssessment:
        """Return what `act` returns, for many games."""
        surprise = state.value - predictive.mean
        numbers = self._numbers(surprise, predictive.scale, sensitivities)
        usual = np.abs(surprise) <= predictive.scale
        probability, delta, scale = [np.where(usual, 0.0, one) for one in numbers]
        patterns = self._patterns(state.n_unrevealed + 1)
        width = max(map(len, patterns))
        rows = np.array([(*one, *(0.0,) * (width - len(one))) for one in patterns])
        shape = (len(patterns), state.n_games)
        listed = AlternativeArrays(
            np.broadcast_to(probability, shape),
            np.broadcast_to(delta, shape),
            rows,
            np.broadcast_to(scale, shape),
        )
        return OutlierAssessment.doubting(self.name, listed, state.n_games)

    def _numbers(self, surprise: Any, scale: Any, sensitivities: Any) -> tuple[Any, Any, Any]:
        bad = surprise * surprise
        larger = 1.0
        for one in sensitivities:
            larger = larger + 0.1 * one
        return self.probability * bad / (bad + scale * scale), -surprise * larger, 0.5 * scale

    def _patterns(self, unsettled: int) -> list[tuple[float, ...]]:
        found = [(1.0,) * age for age in range(1, min(unsettled, 3) + 1)]
        return [*found, (0.0, 1.0)] if unsettled > 1 else found
