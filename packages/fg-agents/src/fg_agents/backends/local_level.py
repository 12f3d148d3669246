r"""Local level model: a random walk seen through noise, by an exact Kalman filter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fg_agents.model_forecaster import ModelForecaster
from fg_core import ForecastUnavailable
from fg_core.transcendental import log

from ._filtered import FilteredBackend
from ._line_search import lowest
from ._reduction import FloatArray, Reduction

__all__ = ["LocalLevelBackend", "LocalLevelModel", "local_level_forecaster"]

_LEAST_ROWS = 4


@dataclass(frozen=True)
class LocalLevelTrack:
    """Filtered levels and their variances by period; see `Track`."""

    values: tuple[float, ...]
    levels: tuple[float, ...]
    variances: tuple[float, ...]
    gains: tuple[float, ...]
    noise: float
    drift: float
    unit: float

    def change(self, origin: int, horizon: int) -> float:  # noqa: ARG002 - flat forecasts
        """Return the expected change from the value at `origin`.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Change over `horizon` steps, in the unit of the series.
        """
        return self.unit * (self.levels[origin] - self.values[origin])

    def scale(self, origin: int, horizon: int) -> float:
        """Return the standard deviation of that change.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Standard deviation in the unit of the series.
        """
        variance = self.variances[origin] + horizon * self.drift + self.noise
        return self.unit * math.sqrt(variance)

    def slope(self, origin: int, horizon: int) -> float:  # noqa: ARG002
        """Return the derivative of the forecast level by the value at `origin`.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Derivative without a unit.
        """
        return self.gains[origin]


@dataclass(frozen=True)
class LocalLevelModel:
    r"""Estimates of `LocalLevelBackend.fit`.

    Args:
        share: $\sigma_\eta^2 / (\sigma_\eta^2 + \sigma_\varepsilon^2)$, in [0, 1].
        variance: $\sigma_\eta^2 + \sigma_\varepsilon^2$ of the reduced series.
        reduction: Center and unit by which the series is reduced.
    """

    share: float
    variance: float
    reduction: Reduction

    @property
    def level_variance(self) -> float:
        r"""$\sigma_\eta^2$, in the squared unit of the series."""
        return self.share * self.variance * self.reduction.unit**2

    @property
    def noise_variance(self) -> float:
        r"""$\sigma_\varepsilon^2$, in the squared unit of the series."""
        return (1.0 - self.share) * self.variance * self.reduction.unit**2

    def track(self, values: FloatArray) -> LocalLevelTrack:
        """Return the filter's pass over `values`.

        Returns:
            Levels and their variances by period, in reduced units.
        """
        reduced = self.reduction.reduce(values).tolist()
        drift, noise = self.share * self.variance, (1.0 - self.share) * self.variance
        level, variance = reduced[0], noise  # the diffuse first step: the level is what was seen
        levels, variances, gains = [level], [variance], [1.0]
        for value in reduced[1:]:
            predicted = variance + drift
            gain = predicted / (predicted + noise)
            level += gain * (value - level)
            variance = gain * noise
            levels.append(level)
            variances.append(variance)
            gains.append(gain)
        return LocalLevelTrack(
            tuple(reduced),
            tuple(levels),
            tuple(variances),
            tuple(gains),
            noise,
            drift,
            self.reduction.unit,
        )


@dataclass(frozen=True)
class LocalLevelBackend(FilteredBackend):
    r"""Forecasts with $y_t = \mu_t + \varepsilon_t$, $\mu_{t+1} = \mu_t + \eta_t$.

    The filter is exact from a diffuse start ($m_1 = y_1$, $P_1 = \sigma_\varepsilon^2$):

    $$K_t = \frac{P_{t-1} + \sigma_\eta^2}{P_{t-1} + \sigma_\eta^2 + \sigma_\varepsilon^2}, \quad
      m_t = m_{t-1} + K_t (y_t - m_{t-1}), \quad P_t = K_t \sigma_\varepsilon^2,$$

    $$\hat y_{t+h} = m_t, \qquad
      \hat\sigma_h^2 = P_t + h \sigma_\eta^2 + \sigma_\varepsilon^2.$$

    The ratio of the variances maximises the diffuse likelihood with their sum concentrated out,
    searched over the gain that the filter settles at, $\alpha \in [0, 1]$, with
    $\sigma_\eta^2 / \sigma_\varepsilon^2 = \alpha^2 / (1 - \alpha)$. The ends are included: 0, a
    constant level, and 1, a random walk. Own implementation; needs no further package. Wants 4
    training rows.

    Args:
        fitted: Filled in by `fit`.

    Reference: Durbin & Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed.,
    sections 2.2, 2.9 and 2.10.

    >>> from fg_core import ForecastState, TrainingWindow
    >>> window = TrainingWindow([5.0, 7.0, 4.0, 6.0, 5.0, 6.0, 5.0, 6.0])
    >>> model = LocalLevelBackend().fit(window)
    >>> state = ForecastState(1, 6.0, 0.0, 0.0)
    >>> round(model.predict(state), 6), round(model.sensitivity(state), 6)
    (-0.444444, 0.111111)
    """

    def _estimate(self, values: FloatArray, season_length: int) -> LocalLevelModel:  # noqa: ARG002
        if values.size < _LEAST_ROWS:
            raise ForecastUnavailable(f"{_LEAST_ROWS} training rows wanted, got {values.size}")
        reduction = Reduction.of(values)
        reduced = reduction.reduce(values)
        gain = lowest(lambda gains: _deviance(_share(gains), reduced)[0], 0.0, 1.0)
        share = _share(np.array([gain]))
        variance = float(_deviance(share, reduced)[1][0])
        return LocalLevelModel(float(share[0]), variance, reduction)


def _share(gains: FloatArray) -> FloatArray:
    shares: FloatArray = gains * gains / (1.0 - gains + gains * gains)
    return shares


def _deviance(shares: FloatArray, reduced: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Return $-2 \log L$ (up to a constant) and the variance that maximises $L$, by share."""
    noise = 1.0 - shares
    level, variance = np.full(shares.size, reduced[0]), noise
    squares, logs = np.zeros(shares.size), np.zeros(shares.size)
    for value in reduced[1:]:
        predicted = variance + shares
        total = predicted + noise
        error = value - level
        gain = predicted / total
        level = level + gain * error
        variance = gain * noise
        squares += error * error / total
        logs += log(total)
    n = reduced.size - 1
    best = squares / n
    return n * log(best) + logs, best


def local_level_forecaster() -> ModelForecaster:
    """Return the local level model."""
    return ModelForecaster(LocalLevelBackend(), "local_level")
