"""An ARIMA model with fixed parameters: one Kalman pass, and forecasts from any period."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from ._orders import Orders
from ._reduction import FloatArray, Reduction
from ._statsmodels import models
from ._threads import one_thread

__all__ = ["ARIMAModel", "ARIMATrack"]


@dataclass(frozen=True)
class ARIMAModel:
    """Estimates of `ARIMABackend.fit`.

    Args:
        orders: Orders and constant.
        parameters: Parameters in the order of statsmodels, for the reduced series: constant, AR,
            MA, seasonal AR, seasonal MA, variance.
        reduction: Center and unit by which the series is reduced.
    """

    orders: Orders
    parameters: tuple[float, ...]
    reduction: Reduction

    def track(self, values: FloatArray) -> ARIMATrack:
        """Return the Kalman filter's pass over `values`, from an exact diffuse start."""
        reduced = self.reduction.reduce(values)
        library = models("ARIMABackend")
        with warnings.catch_warnings(), one_thread():
            # A series shorter than its own lags is warned of; its forecasts come out as NaN.
            warnings.simplefilter("ignore")
            passed = library.sarimax(
                reduced,
                order=self.orders.order,
                seasonal_order=self.orders.seasonal,
                trend=self.orders.trend,
                use_exact_diffuse=True,
            ).filter(np.array(self.parameters), return_ssm=True)
        selection, noise = passed.selection[:, :, 0], passed.state_cov[:, :, 0]
        return ARIMATrack(
            reduced,
            passed.predicted_state.T.copy(),
            np.moveaxis(passed.predicted_state_cov, 2, 0).copy(),
            passed.kalman_gain[:, 0, :].T.copy(),
            passed.transition[:, :, 0].copy(),
            passed.state_intercept[:, 0].copy(),
            passed.design[0, :, 0].copy(),
            selection @ noise @ selection.T,
            self.orders.n_lost,
            self.reduction.unit,
        )


@dataclass(frozen=True, eq=False)
class ARIMATrack:
    r"""Predicted states by period; see `Track`.

    After the value of period $t$ the filter predicts $a_{t+1}, P_{t+1}$, and

    $$\hat y_{t+h} = Z a_{t+h}, \quad \hat\sigma_h^2 = Z P_{t+h} Z', \qquad
      a_{s+1} = T a_s + c, \quad P_{s+1} = T P_s T' + Q.$$

    Before `n_diffuse` values are in, the level is not known, and the answer is NaN.
    """

    values: FloatArray
    states: FloatArray
    covariances: FloatArray
    gains: FloatArray
    transition: FloatArray
    intercept: FloatArray
    design: FloatArray
    noise: FloatArray
    n_diffuse: int
    unit: float

    def change(self, origin: int, horizon: int) -> float:
        if origin + 1 < self.n_diffuse:
            return math.nan
        state = self.states[origin + 1]
        for _ in range(horizon - 1):
            state = self.transition @ state + self.intercept
        return self.unit * float(self.design @ state - self.values[origin])

    def scale(self, origin: int, horizon: int) -> float:
        if origin + 1 < self.n_diffuse:
            return math.nan
        covariance = self.covariances[origin + 1]
        for _ in range(horizon - 1):
            covariance = self.transition @ covariance @ self.transition.T + self.noise
        variance = float(self.design @ covariance @ self.design)
        return self.unit * math.sqrt(variance) if variance > 0.0 else math.nan

    def slope(self, origin: int, horizon: int) -> float:
        state = self.gains[origin]
        for _ in range(horizon - 1):
            state = self.transition @ state
        return float(self.design @ state)
