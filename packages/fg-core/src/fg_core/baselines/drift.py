"""Random walk with drift: the mean change of the past goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from fg_core.action import AgentAction
from fg_core.authoring import (
    MovesWithLevel,
    ReadsNoContext,
    fitting,
    floored,
    forecast_action,
    latest,
    require_finite_fit,
    require_fit,
    require_horizon,
    require_rows,
    root_mean_square,
    square_root,
    stack_fits,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["Drift", "DriftFit"]


@dataclass(frozen=True)
class DriftFit:
    """Estimates of `Drift.fit`; in a stacked agent arrays of shape (lane,).

    Args:
        slope: Mean one-step change, in the unit of the series per period.
        step_scale: Standard deviation (n - 1) of one-step changes, above 0.
        n_changes: Number of changes that the two were estimated from.
    """

    slope: float
    step_scale: float
    n_changes: int


@dataclass(frozen=True)
class Drift(MovesWithLevel, ReadsNoContext):
    r"""Forecasts the mean change of the training window.

    With $n$ one-step changes $d_s$, their mean $\bar d$ and standard deviation
    $\hat\sigma = \sqrt{\sum_s (d_s - \bar d)^2 / (n - 1)}$,

    $$\hat y_{t+h} = y_t + h \bar d, \qquad \hat\sigma_h = \hat\sigma \sqrt{h + h^2 / n}.$$

    The term $h^2 / n$ is the uncertainty of the mean change itself. Needs no history.

    Args:
        name: Name of the forecaster.
        fitted: Filled in by `fit`.

    Reference: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed.,
    table 5.2 (where $n$ is written $T - 1$), https://otexts.com/fpp3/prediction-intervals.html.

    >>> drift = Drift().fit(TrainingWindow([1.0, 1.0, 3.0, 7.0]))
    >>> action = drift.act(ForecastState(0, 7.0, 0.0, 0.0), horizon=3)
    >>> action.delta, round(action.scale, 6)
    (6.0, 4.898979)
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: str = "drift"
    _: KW_ONLY
    fitted: DriftFit | None = None

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Raises:
            DataError: Fewer than 3 rows.
            ForecastUnavailable: A change is beyond the range of numbers.
        """
        require_rows(self.name, window, 3)
        with fitting(self.name):
            changes = np.diff(window.values)
            slope = float(window.values[-1] - window.values[0]) / changes.size
            scale = floored(root_mean_square(changes - slope, lost=1), window.values)
        require_finite_fit(self.name, slope, scale)
        return replace(self, fitted=DriftFit(slope, scale, int(changes.size)))

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int]:  # noqa: ARG002
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds; any has the same.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees: the slope is linear in the value, and the variance a mean of squares.
        """
        return (1, 2 if refitted else 0)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one agent for all lanes; None where the agents differ in more than their fits."""
        stacked: Self | None = stack_fits(Drift, agents, "slope", "step_scale", "n_changes")
        return stacked

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most: none.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return 0

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Raises:
            AgentError: Not fitted, or a value that is not finite.
            ConfigError: `horizon` below 1.
        """
        latest(self.name, state, 1)
        delta, scale = self._forecast(horizon)
        return forecast_action(self.name, delta, scale)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:  # noqa: ARG002
        """Return what `act` returns, for many games."""
        return ActionArrays(*self._forecast(horizon))

    def _forecast(self, horizon: int) -> tuple[Any, Any]:
        require_horizon(self.name, horizon)
        fitted = require_fit(self.name, self.fitted)
        spread = square_root(horizon + horizon * horizon / fitted.n_changes)
        return horizon * fitted.slope, fitted.step_scale * spread
