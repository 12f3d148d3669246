"""Scores without their checks: what the public functions and the game's hot path share.

Arguments are float arrays that are known to be in range; components are on the last axis. Rows
give the same bits alone, in a batch, and in any memory layout. Tiny scales overflow to the right
limits: callers ignore that warning of numpy (`np.errstate(over="ignore")`), once for all calls.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray, ordered_sum, take_columns, weighted_components
from fg_core.transcendental import betaln, exp, hypot, log, log1p, ndtr

__all__ = [
    "expected_distance",
    "gaussian_crps",
    "gaussian_log_score",
    "mixture_crps",
    "standardised",
    "student_t_log_score",
]

SQRT_PI = float(np.sqrt(np.pi))
SQRT_2PI = float(np.sqrt(2.0 * np.pi))
HALF_LOG_2PI = 0.5 * float(log(2.0 * np.pi))
_TINY = float(np.finfo(np.float64).tiny)


def standardised(distance: Any, scale: Any) -> FloatArray:
    """Return distance / scale; with a scale of 0 the limit, which is 0 for no distance."""
    z: FloatArray = distance / np.maximum(scale, _TINY)
    return z


def expected_distance(distance: FloatArray, scale: FloatArray) -> FloatArray:
    """E|N(distance, scale^2)|, with a scale of 0 |distance|.

    It is written without `scale * z`, which fails for tiny scales.
    """
    z = standardised(distance, scale)  # an infinite z has the right limit: |distance|
    # In place where that saves memory: distance * (2 ndtr(z) - 1) + 2 scale density.
    square = -0.5 * z
    square *= z
    density = exp(square)
    density /= SQRT_2PI
    expected: FloatArray = ndtr(z)
    expected *= 2.0
    expected -= 1.0
    expected *= distance
    expected += 2.0 * scale * density
    return expected


def gaussian_crps(mean: Any, std: Any, value: Any) -> FloatArray:
    """Return the CRPS of normal forecasts; see `crps_gaussian`."""
    score: FloatArray = expected_distance(value - mean, std) - std / SQRT_PI
    return score


def mixture_crps(w: FloatArray, m: FloatArray, s: FloatArray, y: FloatArray) -> FloatArray:
    """Return the CRPS of mixtures, shape (..., component) against (...); see `crps_mixture`.

    Components of weight zero change no bit, wherever they stand. Weights sum to 1.
    """
    w, m, s = weighted_components(w, m, s)
    first, second = _pairs(m.shape[-1])
    to_value = ordered_sum(w * expected_distance(y[..., np.newaxis] - m, s))
    # Half of the double sum: the diagonal, where A(0, s sqrt 2) = 2 s / sqrt pi, and every pair
    # once.
    within = ordered_sum(w * w * s) / SQRT_PI
    between = ordered_sum(
        take_columns(w, first)
        * take_columns(w, second)
        * expected_distance(
            take_columns(m, first) - take_columns(m, second),
            hypot(take_columns(s, first), take_columns(s, second)),
        )
    )
    # The difference of large numbers can fall below 0 by rounding; NaN stays NaN.
    score: FloatArray = np.maximum(to_value - within - between, 0.0)
    return score


@lru_cache(maxsize=64)
def _pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(n, k=1)
    first.setflags(write=False)  # cached: a change would reach every later caller
    second.setflags(write=False)
    return first, second


def gaussian_log_score(mean: Any, std: Any, value: Any) -> FloatArray:
    """Return the negative log density of normal forecasts; see `log_score_gaussian`."""
    z = (value - mean) / std
    half_square = 0.5 * z * z
    score: FloatArray = HALF_LOG_2PI + log(std) + half_square
    return score


def student_t_log_score(location: Any, scale: Any, df: Any, value: Any) -> FloatArray:
    """Return the negative log density of Student t forecasts; see `log_score_student_t`."""
    z = (value - location) / scale
    tail = 0.5 * (df + 1.0) * log1p(z * z / df)
    normaliser = log(scale) + 0.5 * log(df) + betaln(0.5 * df, 0.5)
    score: FloatArray = normaliser + tail
    return score
