r"""The theta method in closed form: exponential smoothing with half the trend as drift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from fg_agents.model_forecaster import ModelForecaster
from fg_core import ConfigError, ForecastUnavailable

from ._filtered import FilteredBackend
from ._line_search import lowest
from ._reduction import FloatArray, Reduction
from ._seasonality import decompose, has_season

__all__ = ["ThetaBackend", "ThetaModel", "theta_forecaster"]

_LEAST_ROWS = 4
_LOWEST_ALPHA, _HIGHEST_ALPHA = 1e-4, 0.9999

Season = Literal["auto", "add", "mul", "none"]


@dataclass(frozen=True)
class ThetaTrack:
    """Smoothed levels of the adjusted series by period; see `Track`."""

    model: ThetaModel
    values: tuple[float, ...]
    levels: tuple[float, ...]

    def change(self, origin: int, horizon: int) -> float:
        """Return the expected change from the value at `origin`.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Change over `horizon` steps, in the unit of the series.
        """
        forecast = self.levels[origin] + self.model.drift(origin + 1, horizon)
        season = self.model.figure(origin + horizon)
        forecast = forecast * season if self.model.season == "mul" else forecast + season
        return self.model.unit * (forecast - self.values[origin])

    def scale(self, origin: int, horizon: int) -> float:
        """Return the standard deviation of that change.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Standard deviation in the unit of the series.
        """
        spread = math.sqrt(1.0 + (horizon - 1) * self.model.alpha**2)
        return self.model.unit * self.model.sigma * spread * self._stretch(origin + horizon)

    def slope(self, origin: int, horizon: int) -> float:
        """Return the derivative of the forecast level by the value at `origin`.

        Args:
            origin: Number of the value, from 0.
            horizon: Steps ahead.

        Returns:
            Derivative without a unit.
        """
        return self.model.alpha * self._stretch(origin + horizon) / self._stretch(origin)

    def _stretch(self, t: int) -> float:
        return self.model.figure(t) if self.model.season == "mul" else 1.0


@dataclass(frozen=True)
class ThetaModel:
    r"""Estimates of `ThetaBackend.fit`, for the series in units of `unit`.

    Args:
        alpha: The smoothing parameter.
        slope: $b_0$, the slope of the straight line through the adjusted series.
        weight: $(\theta - 1) / \theta$, the share of the slope.
        sigma: Root mean square one-step error of the adjusted series.
        season: "add", "mul" or "none".
        figures: Seasonal figures by phase, counted from the first training row.
        unit: A power of two, in the unit of the series.
    """

    alpha: float
    slope: float
    weight: float
    sigma: float
    season: Season
    figures: tuple[float, ...]
    unit: float

    def figure(self, t: int) -> float:
        """Return the seasonal figure of row `t`; 0 or 1 where there is no season.

        Returns:
            Seasonal figure in units of `unit` where the season is added, else a factor.
        """
        if self.season == "none":
            return 0.0
        return self.figures[t % len(self.figures)]

    def drift(self, seen: int, horizon: int) -> float:
        """Return the change of the level by the trend after `seen` values, `horizon` steps ahead.

        Returns:
            Change in units of `unit`.
        """
        rest = (1.0 - (1.0 - self.alpha) ** seen) / self.alpha
        return self.weight * self.slope * (horizon - 1 + rest)

    def adjust(self, values: FloatArray) -> FloatArray:
        """Return a series in units of `unit` without its season.

        Returns:
            Array of shape (time,), in units of `unit`.
        """
        if self.season == "none":
            return values
        season = np.resize(self.figures, values.size)
        adjusted: FloatArray = values / season if self.season == "mul" else values - season
        return adjusted

    def track(self, values: FloatArray) -> ThetaTrack:
        """Return the smoothing pass over `values`.

        Returns:
            Smoothed levels by period, in units of `unit`.
        """
        reduced = values / self.unit
        level, levels = float(self.adjust(reduced)[0]), []
        for value in self.adjust(reduced).tolist():
            level += self.alpha * (value - level)
            levels.append(level)
        return ThetaTrack(self, tuple(reduced.tolist()), tuple(levels))


@dataclass(frozen=True)
class ThetaBackend(FilteredBackend):
    r"""Forecasts with the theta method, written as exponential smoothing with drift.

    With $\ell_t = \ell_{t-1} + \alpha (y_t - \ell_{t-1})$, $\ell_0 = y_1$, and $b_0$ the slope of
    the straight line through the training values,

    $$\hat y_{T+h} = \ell_T + \frac{\theta - 1}{\theta} b_0
      \Bigl[h - 1 + \frac{1 - (1 - \alpha)^T}{\alpha}\Bigr], \qquad
      \hat\sigma_h = \hat\sigma \sqrt{1 + (h - 1) \alpha^2}.$$

    $\alpha$ minimises the squared one-step errors of the smoothing in [0.0001, 0.9999];
    $\hat\sigma$ is the root mean square one-step error of the whole forecast. Series with a season
    are adjusted first and their forecasts given the season back. Own implementation, with the
    definitions of statsmodels' `ThetaModel` (means; its intervals are others); needs no further
    package. Wants 4 training rows, and two seasons for a season.

    Args:
        theta: $\theta \ge 1$; 2 is the standard method, 1 leaves out the drift.
        alpha: The smoothing parameter, in (0, 1]; None: estimated.
        season: "none"; "add" or "mul"; or "auto": where the training window has a season length
            and the test of `has_season` finds a season, and then multiplicative for values above
            0 and seasonal figures above 0, else additive.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range.

    Reference: Assimakopoulos & Nikolopoulos (2000), Int. J. Forecasting 16,
    doi:10.1016/S0169-2070(00)00066-2; Hyndman & Billah (2003), Int. J. Forecasting 19,
    doi:10.1016/S0169-2070(01)00143-1 (closed form).

    >>> from fg_core import ForecastState, TrainingWindow
    >>> model = ThetaBackend(alpha=0.5).fit(TrainingWindow([1.0, 2.0, 3.0, 4.0], 3))
    >>> state = ForecastState(3, 4.0, 0.0, 0.0)
    >>> model.predict(state), model.predict(state, horizon=3)
    (0.0625, 1.0625)
    """

    theta: float = 2.0
    alpha: float | None = None
    season: Season = "auto"

    def __post_init__(self) -> None:
        if not self.theta >= 1.0:
            raise ConfigError(f"ThetaBackend: theta {self.theta} given, 1 or more wanted")
        if self.alpha is not None and not 0.0 < self.alpha <= 1.0:
            raise ConfigError(f"ThetaBackend: alpha {self.alpha} given, in (0, 1] wanted")
        if self.season not in get_args(Season):
            raise ConfigError(
                f"ThetaBackend: season {self.season!r} given, one of "
                f"{', '.join(get_args(Season))} wanted"
            )

    def _estimate(self, values: FloatArray, season_length: int) -> ThetaModel:
        if values.size < _LEAST_ROWS:
            raise ForecastUnavailable(f"{_LEAST_ROWS} training rows wanted, got {values.size}")
        unit = Reduction.of(values).unit
        season, figures = self._season(values / unit, season_length)
        weight = (self.theta - 1.0) / self.theta
        model = ThetaModel(self.alpha or 1.0, 0.0, weight, 1.0, season, figures, unit)
        adjusted = model.adjust(values / unit)
        times = np.arange(values.size) - (values.size - 1) / 2.0
        slope = float(times @ (adjusted - adjusted[0])) / float(times @ times)
        alpha = self.alpha
        if alpha is None:
            alpha = lowest(
                lambda alphas: _squared_errors(alphas, adjusted), _LOWEST_ALPHA, _HIGHEST_ALPHA
            )
        model = replace(model, alpha=alpha, slope=slope)
        levels = np.array(model.track(values).levels[:-1])
        drifts = np.array([model.drift(seen, 1) for seen in range(1, values.size)])
        errors = adjusted[1:] - levels - drifts
        sigma = math.sqrt(float(np.mean(errors * errors)))
        if not (math.isfinite(sigma) and sigma > 0.0):
            raise ForecastUnavailable(f"a one-step error of {sigma} leaves no scale")
        return replace(model, sigma=sigma)

    def _season(self, values: FloatArray, length: int) -> tuple[Season, tuple[float, ...]]:
        if self.season == "none" or length < 2:
            return "none", ()
        if values.size < 2 * length:
            if self.season == "auto":
                return "none", ()
            raise ForecastUnavailable(
                f"two seasons of {length} training rows wanted, got {values.size}"
            )
        if self.season == "auto" and not has_season(values, length):
            return "none", ()
        if self.season != "add" and float(np.min(values)) > 0.0:
            figures = decompose(values, length, "mul")
            if float(np.min(figures)) > 0.0:
                return "mul", tuple(figures.tolist())
        if self.season == "mul":
            raise ForecastUnavailable("multiplicative seasons want values above 0")
        return "add", tuple(decompose(values, length, "add").tolist())


def _squared_errors(alphas: FloatArray, adjusted: FloatArray) -> FloatArray:
    level, squares = np.full(alphas.size, adjusted[0]), np.zeros(alphas.size)
    for value in adjusted:
        error = value - level
        level = level + alphas * error
        squares += error * error
    return squares


def theta_forecaster() -> ModelForecaster:
    """Return the standard theta method."""
    return ModelForecaster(ThetaBackend(), "theta")
