"""A forecaster that is fitted on all series of a panel at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, StateArrays
from fg_core.errors import AgentError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["PooledTrend"]


@dataclass(frozen=True)
class PooledTrend:
    r"""An autoregression of changes with one coefficient for all series, each in its own scale.

    With the changes $d_{s,t}$ of series $s$ in units of their standard deviation, the coefficient
    is $\sum_s \sum_t d_{s,t} d_{s,t-1} / \sum_s \sum_t d_{s,t-1}^2$: least squares over the panel.

    Args:
        name: Name of the agent.
        slope: Coefficient; set by a fit.
        scale: Standard deviation of changes, in the unit of the series; set by a fit.

    >>> up, down = TrainingWindow([0.0, 1.0, 3.0, 4.0]), TrainingWindow([9.0, 5.0, 5.0, 5.0])
    >>> one, other = PooledTrend().fit_panel((up, down))
    >>> one.slope == other.slope != PooledTrend().fit(up).slope
    True
    """

    name: str = "pooled_trend"
    slope: float = 0.0
    scale: float = 1.0

    def fit_panel(self, windows: Sequence[TrainingWindow]) -> tuple[Self, ...]:
        """Return a forecaster per series, all with the coefficient of all series."""
        scales = [one.step_scale for one in windows]
        above = below = 0.0
        for window, scale in zip(windows, scales, strict=True):
            changes = np.diff(window.values) / (scale or 1.0)
            above += float(changes[1:] @ changes[:-1])
            below += float(changes[:-1] @ changes[:-1])
        slope = above / below if below > 0.0 else 0.0
        return tuple(replace(self, slope=slope, scale=scale) for scale in scales)

    def fit(self, window: TrainingWindow) -> Self:
        """Return the forecaster of a panel of one series."""
        return self.fit_panel((window,))[0]

    def required_history(self, horizon: int = 1, **since: Any) -> int:  # noqa: ARG002
        """Return 1: the change before the forecast."""
        return 1

    def _share(self, horizon: int) -> float:
        return sum(self.slope**k for k in range(1, horizon + 1))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return what the last change lets expect."""
        if not state.history:
            raise AgentError(f"forecaster {self.name!r} needs one earlier value")
        delta = self._share(horizon) * (state.value - state.history[-1])
        return AgentAction(self.name, delta, scale=self.scale * float(np.sqrt(horizon)))

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        delta = self._share(horizon) * (state.value - state.history[-1])
        return ActionArrays(delta, self.scale * float(np.sqrt(horizon)))

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:  # noqa: ARG002
        """Return the derivative of the forecast level with respect to the last value."""
        return 1.0 + self._share(horizon)

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:  # noqa: ARG002
        """Return what `sensitivity` returns: the same for all games."""
        return 1.0 + self._share(horizon)
