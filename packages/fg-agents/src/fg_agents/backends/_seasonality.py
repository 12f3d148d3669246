"""Seasonal figures: classical decomposition, a test for seasons, and their strength."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ._reduction import FloatArray

__all__ = ["decompose", "has_season", "seasonal_strength"]

_CHI2_10_PERCENT = 2.705543454095404


def _trend(values: FloatArray, season: int) -> FloatArray:
    """Return the centred moving average over a season; NaN at both ends."""
    weights = np.full(season + 1, 1.0 / season)
    weights[[0, -1]] /= 2.0
    if season % 2:
        weights = np.full(season, 1.0 / season)
    half = weights.size // 2
    trend = np.full(values.size, np.nan)
    trend[half : values.size - half] = np.convolve(values, weights, mode="valid")
    return trend


def decompose(values: FloatArray, season: int, method: Literal["add", "mul"]) -> FloatArray:
    """Return one seasonal figure per phase, shape (season,), phase 0 first.

    Classical decomposition: the mean by phase of the series less (or over) its centred moving
    average, then centred on 0 (or 1).

    Args:
        values: Values of the series, at least two seasons, shape (time,); above 0 for "mul".
        season: Periods in a season, at least 2.
        method: "add": figures add up to 0; "mul": their mean is 1.

    Reference: Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed.,
    section 3.4, https://otexts.com/fpp3/classical-decomposition.html.

    >>> decompose(np.array([1.0, 4.0, 2.0, 5.0, 3.0, 6.0]), 2, "add").tolist()
    [-1.25, 1.25]
    """
    trend = _trend(values, season)
    free = values - trend if method == "add" else values / trend
    figures = np.array([np.nanmean(free[phase::season]) for phase in range(season)])
    centred: FloatArray = (
        figures - np.mean(figures) if method == "add" else figures / np.mean(figures)
    )
    return centred


def has_season(values: FloatArray, season: int) -> bool:
    r"""Say whether the autocorrelation at the season differs from 0, at a level of 10 %.

    $n r_m^2 / \sum_{k<m} r_k^2 > \chi^2_{0.9}(1)$ with $r_0 = 1$: the test of the theta method, in
    the form that statsmodels gives it.

    >>> has_season(np.tile([1.0, 2.0, 3.0, 9.0], 6), 4)
    True
    """
    centred = values - np.mean(values)
    power = float(centred @ centred)
    lagged = [float(centred[k:] @ centred[: values.size - k]) / power for k in range(season + 1)]
    r = np.array(lagged)
    return bool(values.size * r[-1] ** 2 / np.sum(r[:-1] ** 2) > _CHI2_10_PERCENT)


def seasonal_strength(values: FloatArray, season: int) -> float:
    r"""Return $\max\{0, 1 - \operatorname{Var}(R) / \operatorname{Var}(S + R)\}$.

    $S$ and $R$ are the season and the remainder of the classical additive decomposition.

    Reference: Wang, Smith & Hyndman (2006), Data Min. Knowl. Disc. 13,
    doi:10.1007/s10618-005-0039-x.

    >>> round(seasonal_strength(np.tile([1.0, 2.0, 3.0, 9.0], 6), 4), 6)
    1.0
    """
    figures = decompose(values, season, "add")
    free = values - _trend(values, season)
    known = np.isfinite(free)
    remainder = (free - np.resize(figures, values.size))[known]
    whole = float(np.var(free[known]))
    return max(0.0, 1.0 - float(np.var(remainder)) / whole) if whole > 0.0 else 0.0
