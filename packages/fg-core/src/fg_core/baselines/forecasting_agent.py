"""A strategy runtime as a forecaster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import finite_difference, finite_difference_array, require_horizon
from fg_core.batch import ActionArrays, StateArrays
from fg_core.protocols import StrategyRuntime
from fg_core.runtime_status import RuntimeStatus, status_of
from fg_core.state import ForecastState

from .runtime import PythonStrategyRuntime

__all__ = ["ForecastingAgent"]


@dataclass(frozen=True)
class ForecastingAgent:
    r"""Plays a strategy: $\delta_h = h \delta_1$, with $\delta_1$ from the runtime.

    A strategy says nothing about its own uncertainty, so the action has no scale (None) and the
    aggregator goes by the errors it has seen. Nothing to fit.

    Args:
        name: Name of the forecaster.
        runtime: Runs the strategy: from a state to the change expected in one step.

    >>> state = ForecastState(0, 7.0, 0.0, 0.0, history=(1.0, 2.0))
    >>> ForecastingAgent().act(state, horizon=2)
    AgentAction(actor='forecaster', delta=2.0, scale=None, p_bad=None)
    """

    name: str = "forecaster"
    runtime: StrategyRuntime = field(default_factory=PythonStrategyRuntime)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps.

        Raises:
            AgentError: The runtime failed, or its answer is not finite.
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return AgentAction(self.name, horizon * self.runtime.forecast_delta(state))

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return an agent that plays in every lane; None where the lanes' agents differ.

        Args:
            agents: Agents, one per lane; nothing is fitted, so that those of one line-up are the
                same.
        """
        return agents[0] if agents and all(agent == agents[0] for agent in agents) else None

    def status(self) -> RuntimeStatus:
        """Return who computes the changes: the status of the runtime."""
        return status_of(self.runtime)

    @property
    def array_form(self) -> bool:
        """Whether the runtime has one."""
        return hasattr(self.runtime, "forecast_delta_array")

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        require_horizon(self.name, horizon)
        runtime: Any = self.runtime
        return ActionArrays(horizon * runtime.forecast_delta_array(state))

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> NDArray[np.float64]:
        """Return what `sensitivity` returns, for many games."""
        return finite_difference_array(self, state, horizon)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the central finite difference of `act` (a runtime states no derivative)."""
        return finite_difference(self, state, horizon)
