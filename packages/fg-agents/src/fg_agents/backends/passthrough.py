"""The last value, passed on: a model that does nothing, for comparison and for wiring."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import Self

import numpy as np

from fg_core import ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import (
    ReadsNoContext,
    floored,
    latest,
    require_fit,
    require_horizon,
    root_mean_square,
)
from fg_core.numerical import numerical_failures

from ._filtered import NoFit

__all__ = ["PassthroughBackend"]


@dataclass(frozen=True)
class PassthroughBackend(ReadsNoContext):
    r"""Expects no change.

    $$\hat y_{t+h} = y_t, \qquad
      \hat\sigma_h = \sqrt{h} \sqrt{\tfrac{1}{n} \textstyle\sum_s (y_s - y_{s-1})^2}$$

    over the $n$ one-step changes of the training window; at least the rounding of the series, so
    that a constant has a scale above 0. Needs no history and no further package.

    Args:
        fitted: The one-step scale, filled in by `fit`.

    >>> model = PassthroughBackend().fit(TrainingWindow([1.0, 3.0, 5.0]))
    >>> state = ForecastState(3, 5.0, 0.0, 0.0)
    >>> model.predict(state), model.predict_scale(state, horizon=4)
    (0.0, 4.0)
    """

    _: KW_ONLY
    fitted: float | NoFit | None = None

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`; one row is too short for a scale.

        Changes beyond the range of floats have no scale either.

        Returns:
            Backend that knows the scale of one change.
        """
        if len(window) < 2:
            return replace(self, fitted=NoFit("2 training rows wanted, got 1"))
        try:
            with numerical_failures("no scale"):
                scale = root_mean_square(np.diff(window.values))
        except ForecastUnavailable as error:
            return replace(self, fitted=NoFit(str(error)))
        return replace(self, fitted=floored(scale, window.values))

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 0.

        Returns:
            Change in the unit of the series.

        Raises:
            AgentError: Not fitted, or a value that is not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The training window was too short.
        """
        self._scale(state, horizon)
        return 0.0

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the standard deviation of the change; raises as `predict` does.

        Returns:
            Standard deviation in the unit of the series.
        """
        return self._scale(state, horizon) * math.sqrt(horizon)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 1: the forecast level moves with the last value; raises as `predict` does.

        Returns:
            Derivative of the forecast level by the last value, without a unit.
        """
        self._scale(state, horizon)
        return 1.0

    def _scale(self, state: ForecastState, horizon: int) -> float:
        require_horizon("PassthroughBackend", horizon, kind="backend")
        if isinstance(self.fitted, NoFit):
            raise ForecastUnavailable(f"PassthroughBackend: {self.fitted.reason}")
        fitted = require_fit("PassthroughBackend", self.fitted, kind="backend")
        latest("PassthroughBackend", state, 1, kind="backend")
        return fitted
