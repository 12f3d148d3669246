"""Random walk: the forecast is the last value (also called the naive forecast)."""

from __future__ import annotations

import math
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
    stack_fits,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["RandomWalk", "RandomWalkFit"]


@dataclass(frozen=True)
class RandomWalkFit:
    """Estimates of `RandomWalk.fit`.

    Args:
        step_scale: Root mean square of one-step changes, in the unit of the series, above 0; in a
            stacked agent an array of shape (lane,).
    """

    step_scale: float


@dataclass(frozen=True)
class RandomWalk(MovesWithLevel, ReadsNoContext):
    r"""Forecasts no change.

    $$\hat y_{t+h} = y_t, \qquad
      \hat\sigma_h = \sqrt{h} \sqrt{\tfrac{1}{n} \textstyle\sum_s (y_s - y_{s-1})^2}$$

    over the $n$ one-step changes of the training window. Changes are not centred: a drift that
    the forecast leaves out is part of its error. Needs no history.

    Args:
        name: Name of the forecaster.
        fitted: Filled in by `fit`.

    Reference: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed.,
    sections 5.2 and 5.5, https://otexts.com/fpp3/.

    >>> walk = RandomWalk().fit(TrainingWindow([1.0, 3.0, 5.0]))
    >>> action = walk.act(ForecastState(0, 5.0, 0.0, 0.0), horizon=4)
    >>> action.delta, action.scale
    (0.0, 4.0)
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: str = "random_walk"
    _: KW_ONLY
    fitted: RandomWalkFit | None = None

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Raises:
            DataError: Fewer than 2 rows.
            ForecastUnavailable: A change is beyond the range of numbers.
        """
        require_rows(self.name, window, 2)
        with fitting(self.name):
            scale = floored(root_mean_square(np.diff(window.values)), window.values)
        require_finite_fit(self.name, scale)
        return replace(self, fitted=RandomWalkFit(scale))

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int]:  # noqa: ARG002
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds; any has the same.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees: the forecast is the value, and the variance a mean of squared changes.
        """
        return (1, 2 if refitted else 0)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one agent for all lanes; None where the agents differ in more than their fits."""
        stacked: Self | None = stack_fits(RandomWalk, agents, "step_scale")
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
        """Return delta 0 and the scale of the change in `horizon` steps.

        Raises:
            AgentError: Not fitted, or a value that is not finite.
            ConfigError: `horizon` below 1.
        """
        latest(self.name, state, 1)
        return forecast_action(self.name, 0.0, self._scale(horizon))

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:  # noqa: ARG002
        """Return what `act` returns, for many games."""
        return ActionArrays(0.0, self._scale(horizon))

    def _scale(self, horizon: int) -> Any:
        require_horizon(self.name, horizon)
        return require_fit(self.name, self.fitted).step_scale * math.sqrt(horizon)
