"""Estimation of one exponential smoothing model by statsmodels."""

from __future__ import annotations

import math
import warnings

import numpy as np

from fg_core import ForecastUnavailable

from ._ets_filter import ETSModel, ETSShape
from ._reduction import FloatArray, Reduction
from ._statsmodels import models
from ._threads import one_thread

__all__ = ["fit_shape"]

_PERFECT = 1e-12
"""Error scale, in units of the series' usual step, below which there is no variance left."""


def fit_shape(shape: ETSShape, values: FloatArray, maxiter: int) -> tuple[ETSModel, float]:
    """Return the model of maximum likelihood, and its AICc.

    Raises:
        ForecastUnavailable: The series is too short for it, the optimiser did not converge, or no
            variance is left.
    """
    n_parameters = (
        3 + 2 * shape.trend + shape.damped + (shape.season is not None) * (1 + shape.length)
    )
    least = max(n_parameters + 3, 2 * shape.length if shape.season else 0)
    if values.size < least:
        raise ForecastUnavailable(f"{least} training rows wanted, got {values.size}")
    ratios = "mul" in (shape.error, shape.season)
    reduction = Reduction.of(values, centred=not ratios)
    library = models("ETSBackend")
    with warnings.catch_warnings(), one_thread():
        # Everything that it warns of is looked at below: convergence and numbers that overflow.
        warnings.simplefilter("ignore")
        results = library.ets(
            reduction.reduce(values),
            error=shape.error,
            trend="add" if shape.trend else None,
            damped_trend=shape.damped,
            seasonal=shape.season,
            seasonal_periods=shape.length if shape.season else None,
        ).fit(disp=False, maxiter=maxiter)
    if not results.mle_retvals["converged"]:
        raise ForecastUnavailable(f"did not converge within {maxiter} iterations")
    found = dict(zip(results.model.param_names, map(float, results.params), strict=True))
    sigma = math.sqrt(float(np.mean(np.asarray(results.resid) ** 2)))
    llf = float(results.llf)
    if not (all(map(math.isfinite, (sigma, llf, *found.values()))) and sigma > _PERFECT):
        raise ForecastUnavailable(f"an error scale of {sigma} leaves no variance to forecast with")
    model = ETSModel(
        shape,
        alpha=found["smoothing_level"],
        beta=found.get("smoothing_trend", 0.0),
        gamma=found.get("smoothing_seasonal", 0.0),
        phi=found.get("damping_trend", 1.0),
        level=found["initial_level"],
        growth=found.get("initial_trend", 0.0),
        figures=tuple(
            found[f"initial_seasonal.{k}"]
            for k in range(shape.length - 1 if shape.season else -1, -1, -1)
        ),
        sigma=sigma,
        reduction=reduction,
    )
    n, k = values.size, n_parameters
    return model, -2.0 * llf + 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)
