# ruff: noqa: ARG002 - a fake ignores some of what its protocol hands it
"""Forecasters that state a distribution, one obvious one each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, StateArrays
from fg_core.distributions import Mass, QuantileGrid, StatedDistribution, stated_arrays
from fg_core.state import ForecastState

__all__ = ["IntermittentForecaster", "QuantileForecaster"]


@dataclass(frozen=True)
class QuantileForecaster:
    """States the same quantiles of the change, growing with the root of the horizon.

    Args:
        levels: Increasing, in [0, 1].
        changes: Quantiles of the change one step ahead, in the unit of the series.
        name: Name of the agent.

    >>> action = QuantileForecaster().act(ForecastState(0, 3.0, 0.0, 0.0), 4)
    >>> action.shape.rest.quantiles
    (1.0, 3.0, 7.0)
    """

    levels: tuple[float, ...] = (0.1, 0.5, 0.9)
    changes: tuple[float, ...] = (-1.0, 0.0, 2.0)
    name: str = "quantiles"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the last value with the quantiles around it."""
        root = float(np.sqrt(horizon))
        changes = [root * change for change in self.changes]
        grid = QuantileGrid.around(state.value, self.levels, changes)
        return AgentAction.stating(self.name, state.value, StatedDistribution(grid))

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        changes = float(np.sqrt(horizon)) * np.array(self.changes)
        quantiles = state.value[:, np.newaxis] + changes
        return ActionArrays.stating(state, stated_arrays(levels=self.levels, quantiles=quantiles))

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 1: the forecast level moves with the last value."""
        return 1.0

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class IntermittentForecaster:
    """Expects nothing with some probability, else a demand with fixed quantiles.

    Args:
        p_zero: Probability of a demand of exactly zero, in (0, 1).
        levels: Increasing, in [0, 1].
        demands: Quantiles of a demand that is not zero.
        name: Name of the agent.

    >>> action = IntermittentForecaster().act(ForecastState(0, 3.0, 0.0, 0.0))
    >>> action.shape.cdf(0.0), round(action.delta, 12)
    (0.6, -1.8)
    """

    p_zero: float = 0.6
    levels: tuple[float, ...] = (0.0, 0.5, 1.0)
    demands: tuple[float, ...] = (1.0, 3.0, 5.0)
    name: str = "intermittent"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the same distribution whatever the last value was."""
        rest = QuantileGrid(self.levels, self.demands)
        shape = StatedDistribution(rest, (Mass(0.0, self.p_zero),))
        return AgentAction.stating(self.name, state.value, shape)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        one = stated_arrays(
            levels=self.levels,
            quantiles=self.demands,
            places=(0.0,),
            probabilities=(self.p_zero,),
        )
        return ActionArrays.stating(state, one)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 0: the forecast level does not move with the last value."""
        return 0.0

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:
        """Return 0."""
        return 0.0
