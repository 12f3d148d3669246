r"""Exponential smoothing as a state-space model (ETS), estimated by statsmodels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from fg_agents.model_forecaster import ModelForecaster
from fg_core import ConfigError, ForecastUnavailable

from ._ets_filter import ETSModel, ETSShape
from ._ets_fit import fit_shape
from ._filtered import FilteredBackend
from ._reduction import FloatArray

__all__ = ["ETSBackend", "ets_forecaster"]

Error = Literal["add", "mul"]
Trend = Literal["auto", "add", "none"]
Season = Literal["auto", "add", "mul", "none"]

_LONGEST_SEASON = 24


@dataclass(frozen=True)
class ETSBackend(FilteredBackend):
    r"""Forecasts by exponential smoothing; the model is chosen by AICc where it is left open.

    $$y_t = (\ell_{t-1} + \phi b_{t-1}) + s_{t-m} + \varepsilon_t, \quad
      \ell_t = \ell_{t-1} + \phi b_{t-1} + \alpha \varepsilon_t, \quad
      b_t = \phi b_{t-1} + \beta \varepsilon_t, \quad
      s_t = s_{t-m} + \gamma \varepsilon_t$$

    with the season as a factor for `season="mul"`, where
    $s_t = s_{t-m} + \gamma^* (y_t / \ell_t - s_{t-m})$ and $\gamma^* = \gamma / (1 - \alpha)$ as
    statsmodels has it, and $\operatorname{sd}(\varepsilon_t) = \sigma \mu_t$, $\mu_t$ the one-step
    forecast, for `error="mul"`. The forecast variance is the model's own,
    $\sigma^2 (1 + \sum_{j<h} c_j^2)$ with $c_j = \alpha + \beta (\phi + \dots + \phi^j) + \gamma
    [m \mid j]$ for additive errors.

    Parameters and first states maximise the likelihood (statsmodels' `ETSModel`); between fits
    the states follow the values that come. Candidates that do not converge are left out; where
    none is left, there is no forecast. Errors are additive unless told otherwise, since a series
    that was above 0 in training need not stay there, and a print may be tampered with.

    Args:
        error: "add" or "mul" (values above 0).
        trend: "add", "none", or "auto".
        damped: Whether the trend is damped; None: chosen, where there is a trend.
        season: "add", "mul" (with `error="mul"`), "none", or "auto": additive or none, where the
            training window has a season length of 2 to 24.
        maxiter: Iterations that the optimiser may take.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range, or combined as no model is.

    Reference: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing,
    doi:10.1007/978-3-540-71918-2, chapters 2, 5 and 6 (variances: tables 6.1 to 6.3).

    >>> from fg_core import ForecastState, TrainingWindow
    >>> window = TrainingWindow([3.0, 5.0, 4.0, 6.0, 5.0, 7.0, 6.0, 8.0, 7.0, 9.0, 8.0, 10.0], 11)
    >>> model = ETSBackend(trend="none").fit(window)
    >>> state = ForecastState(12, 9.0, 0.0, 0.0)
    >>> model.predict(state, 1) == model.predict(state, 8)
    True
    """

    error: Error = "add"
    trend: Trend = "auto"
    damped: bool | None = None
    season: Season = "auto"
    maxiter: int = 1000

    def __post_init__(self) -> None:
        for name, allowed in (("error", Error), ("trend", Trend), ("season", Season)):
            if getattr(self, name) not in get_args(allowed):
                raise ConfigError(
                    f"ETSBackend: {name} {getattr(self, name)!r} given, one of "
                    f"{', '.join(get_args(allowed))} wanted"
                )
        if self.season == "mul" and self.error == "add":
            raise ConfigError('ETSBackend: season="mul" wants error="mul"')
        if self.damped and self.trend == "none":
            raise ConfigError('ETSBackend: damped=True wants a trend, "add" or "auto"')
        if self.maxiter < 1:
            raise ConfigError(f"ETSBackend: maxiter {self.maxiter} given, 1 or more wanted")

    def _estimate(self, values: FloatArray, season_length: int) -> ETSModel:
        if self.error == "mul" and float(np.min(values)) <= 0.0:
            raise ForecastUnavailable("multiplicative errors want values above 0")
        best: ETSModel | None = None
        lowest, failures = math.inf, []
        for shape in self._shapes(values.size, season_length):
            try:
                model, aicc = fit_shape(shape, values, self.maxiter)
            except ForecastUnavailable as error:
                failures.append(f"{shape.label}: {error}")
                continue
            if aicc < lowest:
                best, lowest = model, aicc
        if best is None:
            raise ForecastUnavailable("no model could be fitted (" + "; ".join(failures) + ")")
        return best

    def _shapes(self, n: int, season_length: int) -> list[ETSShape]:
        trends: list[tuple[bool, bool]] = []
        if self.trend != "add" and not self.damped:
            trends.append((False, False))
        if self.trend != "none":
            trends += [(True, d) for d in (False, True) if self.damped in (None, d)]
        seasons: list[Literal["add", "mul"] | None] = []
        if self.season in ("auto", "none"):
            seasons.append(None)
        if self.season in ("add", "mul"):
            if season_length < 2:
                raise ForecastUnavailable(
                    f"a season is wanted, and the training window has a season length of "
                    f"{season_length}"
                )
            seasons.append("mul" if self.season == "mul" else "add")
        elif self.season == "auto" and 2 <= season_length <= min(_LONGEST_SEASON, n // 2):
            seasons.append("add")
        return [
            ETSShape(self.error, trend, damped, season, season_length if season else 1)
            for season in seasons
            for trend, damped in trends
        ]


def ets_forecaster() -> ModelForecaster:
    """Return exponential smoothing with trend and season chosen at every fit."""
    return ModelForecaster(ETSBackend(), "ets")
