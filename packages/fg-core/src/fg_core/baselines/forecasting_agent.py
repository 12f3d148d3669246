"""A strategy runtime as a forecaster."""

from __future__ import annotations

from dataclasses import dataclass, field

from fg_core.action import AgentAction
from fg_core.protocols import StrategyRuntime
from fg_core.state import ForecastState

from ._contract import require_horizon
from ._sensitivity import finite_difference
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

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the central finite difference of `act` (a runtime states no derivative)."""
        return finite_difference(self, state, horizon)
