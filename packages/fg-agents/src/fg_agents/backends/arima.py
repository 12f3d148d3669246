"""ARIMA models, estimated and filtered by statsmodels."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fg_agents.model_forecaster import ModelForecaster
from fg_core import ConfigError, ForecastUnavailable

from ._arima_filter import ARIMAModel
from ._filtered import FilteredBackend
from ._orders import Constant, Orders, difference, differences, seasonal_differences, shortlist
from ._reduction import FloatArray, Reduction
from ._statsmodels import models
from ._threads import one_thread

__all__ = ["ARIMABackend", "ARIMAModel", "arima_forecaster"]

_LONGEST_SEASON = 12
_PERFECT = 1e-20
"""Innovation variance, in units of the series' usual step, below which none is left."""


@dataclass(frozen=True)
class ARIMABackend(FilteredBackend):
    r"""Forecasts with a (seasonal) ARIMA model, its order given or chosen.

    $$\phi(B) \Phi(B^s) (1 - B)^d (1 - B^s)^D y_t = c + \theta(B) \Theta(B^s) e_t$$

    `fit` estimates by exact maximum likelihood on the differenced series (statsmodels' `SARIMAX`
    with `simple_differencing`); forecasts come from the Kalman filter of the series itself, from
    an exact diffuse start. Between fits the parameters stay as they are and the filter runs on
    over the values that have come (`apply(refit=False)` in statsmodels, which starts it less
    exactly).

    Where `order` is None:

    * $D$ is 1 if the seasonal strength is above 0.64, else 0; $d$ is how many differences, at
      most 2, until the KPSS test at 5 % no longer rejects a constant level;
    * all $p, q \le$ `max_lags` and, with a season, $P, Q \le 1$ are ranked by the AICc of
      Hannan-Rissanen regressions, and the best `shortlist` of them are fitted in full; the lowest
      AICc of those that converge wins. With one difference in all, a constant (a drift) is a
      candidate too; with none it is always there, with more never.

    A season is looked for where the training window has a season length of 2 to 12; longer ones
    want `seasonal_order`. What does not converge, or leaves no variance, is no candidate; where
    none is left, there is no forecast until the next fit, and the reason is in the error.

    Args:
        order: $(p, d, q)$; None: chosen.
        seasonal_order: $(P, D, Q, s)$; None: chosen where `order` is None, else no season.
        trend: "n", no constant; "c", a constant $c$ in the differenced series; None: chosen where
            `order` is None, else "c" where nothing is differenced.
        max_lags: Highest $p$ and $q$ tried; a short series allows an eighth of its rows.
        shortlist: Number of models that are fitted in full where `order` is None.
        maxiter: Iterations that the optimiser may take.
        fitted: Filled in by `fit`.

    Raises:
        ConfigError: A setting out of its range.

    Reference: Hyndman & Khandakar (2008), J. Stat. Softw. 27, doi:10.18637/jss.v027.i03 (rules
    for d and the constant); Durbin & Koopman (2012), sections 3.4 and 5.2 (filter).

    >>> from fg_core import ForecastState, TrainingWindow
    >>> model = ARIMABackend((0, 1, 0)).fit(TrainingWindow([1.0, 3.0, 2.0, 5.0, 4.0, 6.0], 5))
    >>> state = ForecastState(6, 9.0, 0.0, 0.0)
    >>> model.predict(state), round(model.predict_scale(state, horizon=4), 4)
    (0.0, 3.8987)
    """

    order: tuple[int, int, int] | None = None
    seasonal_order: tuple[int, int, int, int] | None = None
    trend: Literal["n", "c"] | None = None
    max_lags: int = 3
    shortlist: int = 3
    maxiter: int = 100

    def __post_init__(self) -> None:
        for name, length in (("order", 3), ("seasonal_order", 4)):
            given = getattr(self, name)
            if given is None:
                continue
            whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in given)
            if len(given) != length or not whole:
                raise ConfigError(
                    f"ARIMABackend: {name} {given!r} given, {length} whole numbers >= 0 wanted"
                )
            object.__setattr__(self, name, tuple(given))
        if self.seasonal_order and any(self.seasonal_order[:3]) and self.seasonal_order[3] < 2:
            raise ConfigError(
                f"ARIMABackend: seasonal_order {self.seasonal_order} has a season of "
                f"{self.seasonal_order[3]} periods, 2 or more wanted"
            )
        if self.trend not in (None, "n", "c"):
            raise ConfigError(f'ARIMABackend: trend {self.trend!r} given, "n" or "c" wanted')
        for name, low in (("max_lags", 0), ("shortlist", 1), ("maxiter", 1)):
            if getattr(self, name) < low:
                raise ConfigError(
                    f"ARIMABackend: {name} {getattr(self, name)} given, {low} or more wanted"
                )

    def _estimate(self, values: FloatArray, season_length: int) -> ARIMAModel:
        reduction = Reduction.of(values)
        reduced = reduction.reduce(values)
        candidates = self._candidates(reduced, season_length)
        if not candidates:
            raise ForecastUnavailable(f"{values.size} training rows are too few to choose an order")
        best: ARIMAModel | None = None
        lowest, failures = math.inf, []
        for orders in candidates:
            try:
                parameters, aicc = _fit(orders, reduced, self.maxiter)
            except ForecastUnavailable as error:
                failures.append(f"{orders.label}: {error}")
                continue
            if best is None or aicc < lowest:
                best, lowest = ARIMAModel(orders, parameters, reduction), aicc
        if best is None:
            raise ForecastUnavailable("; ".join(failures))
        return best

    def _candidates(self, reduced: FloatArray, season_length: int) -> list[Orders]:
        none = (0, 0, 0, 0)
        if self.order is not None:
            seasonal = self.seasonal_order or none
            plain = self.order[1] + seasonal[1] == 0
            return [Orders(self.order, seasonal, self.trend or ("c" if plain else "n"))]
        seasonals = [none]
        if self.seasonal_order is not None:
            seasonals = [self.seasonal_order]
        elif 2 <= season_length <= min(_LONGEST_SEASON, reduced.size // 3):
            s, sd = season_length, seasonal_differences(reduced, season_length)
            seasonals = [(sp, sd, sq, s) for sp in (0, 1) for sq in (0, 1)]
        _, sd, _, s = seasonals[0]
        d = differences(difference(reduced, 0, sd, s))
        trends: tuple[Constant, ...] = ("c",) if d + sd == 0 else ("n",)
        if d + sd == 1:
            trends = ("n", "c")
        return shortlist(
            reduced,
            d,
            max_lags=self.max_lags,
            seasonal=seasonals,
            trends=trends if self.trend is None else (self.trend,),
            count=self.shortlist,
        )


def _fit(orders: Orders, reduced: FloatArray, maxiter: int) -> tuple[tuple[float, ...], float]:
    """Return the parameters of maximum likelihood, and their AICc.

    Raises:
        ForecastUnavailable: Too few rows, no convergence, or no variance left.
    """
    k, n = orders.n_parameters, reduced.size - orders.n_lost
    least = max(k + 2, orders.reach + 2)
    if n < least:
        raise ForecastUnavailable(
            f"{least + orders.n_lost} training rows wanted, got {reduced.size}"
        )
    library = models("ARIMABackend")
    with warnings.catch_warnings(), one_thread():
        # Everything that it warns of is looked at below: convergence and numbers that overflow.
        warnings.simplefilter("ignore")
        try:
            results = library.sarimax(
                reduced,
                order=orders.order,
                seasonal_order=orders.seasonal,
                trend=orders.trend,
                simple_differencing=True,
            ).fit(disp=False, cov_type="none", maxiter=maxiter)
        except np.linalg.LinAlgError as error:
            raise ForecastUnavailable(f"the likelihood has no solution ({error})") from error
    if not results.mle_retvals["converged"]:
        raise ForecastUnavailable(f"did not converge within {maxiter} iterations")
    parameters = tuple(float(x) for x in results.params)
    llf = float(results.llf)
    if not (math.isfinite(llf) and all(map(math.isfinite, parameters))):
        raise ForecastUnavailable("the likelihood is not finite at its maximum")
    if parameters[-1] <= _PERFECT:
        raise ForecastUnavailable(
            f"an innovation variance of {parameters[-1]} leaves none to forecast with"
        )
    return parameters, -2.0 * llf + 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)


def arima_forecaster() -> ModelForecaster:
    """Return ARIMA with its order chosen at every fit."""
    return ModelForecaster(ARIMABackend(), "arima")
