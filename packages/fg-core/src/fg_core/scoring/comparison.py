"""Whether one forecaster's scores are lower than another's by more than chance explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fg_core.errors import DataError
from fg_core.transcendental import stdtr

__all__ = ["ScoreComparison", "compare_scores"]

_FEWEST = 4


@dataclass(frozen=True)
class ScoreComparison:
    """The mean difference of two forecasters' scores, and how sure it is.

    Args:
        n: number of origins.
        mean: mean of the first forecaster's scores less the second's, in the unit of the scores;
            below 0, the first is better where lower scores are.
        standard_error: standard error of that mean, in the same unit; NaN where there are too few
            origins, or the differences do not vary.
        p_value: probability, if the two were equally good, of a mean as far from 0 or farther, in
            either direction; 1 where it cannot be told.
    """

    n: int
    mean: float
    standard_error: float
    p_value: float


def compare_scores(first: ArrayLike, second: ArrayLike, horizon: int = 1) -> ScoreComparison:
    r"""Compare the scores of two forecasters at the same origins (Diebold and Mariano's test).

    $$t = \sqrt{\tfrac{n + 1 - 2h + h (h - 1) / n}{n}} \; \frac{\bar d}{\sqrt{\hat V / n}}$$

    with $d$ the differences of scores in the order of their origins, $h$ the horizon, and $\hat V$
    the sum of their autocovariances up to lag $h - 1$ (those of optimal forecasts $h$ steps ahead
    end there), with Bartlett weights where the plain sum is not above 0. $t$ is held against
    Student's distribution with $n - 1$ degrees of freedom.

    Args:
        first: scores of the first forecaster, shape (origin,); NaN where it has none.
        second: scores of the second at the same origins.
        horizon: steps ahead, at least 1.

    Returns:
        The comparison over the origins that both have scores of.

    Raises:
        DataError: Shapes differ, a score is infinite, or the horizon is below 1.

    Reference: Diebold & Mariano (1995), J. Bus. Econ. Stat. 13, 253-263; Harvey, Leybourne &
    Newbold (1997), Int. J. Forecasting 13, doi:10.1016/S0169-2070(96)00719-4.

    >>> found = compare_scores([1.0, 1.2, 0.9, 1.1, 1.0], [2.0, 1.9, 2.2, 1.8, 2.1])
    >>> round(found.mean, 3), found.p_value < 0.01
    (-0.96, True)
    """
    ours, theirs = (np.asarray(one, dtype=np.float64) for one in (first, second))
    if ours.ndim != 1 or ours.shape != theirs.shape:
        raise DataError(
            f"scores of two forecasters need one shape (origin,), got {ours.shape} and "
            f"{theirs.shape}"
        )
    if np.isinf(ours).any() or np.isinf(theirs).any():
        raise DataError("a score is infinite, so that differences have no mean")
    if horizon < 1:
        raise DataError(f"horizon must be at least 1, got {horizon}")
    d = ours - theirs
    d = d[~np.isnan(d)]
    n = d.size
    if n == 0:
        return ScoreComparison(0, float("nan"), float("nan"), 1.0)
    mean = float(np.mean(d))
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    if n < max(_FEWEST, 2 * horizon) or correction <= 0.0:
        return ScoreComparison(n, mean, float("nan"), 1.0)
    e = d - mean
    lags = [float(e[k:] @ e[: n - k]) / n for k in range(horizon)]
    variance = lags[0] + 2.0 * sum(lags[1:])
    if variance <= 0.0:
        variance = lags[0] + 2.0 * sum((1.0 - k / horizon) * lags[k] for k in range(1, horizon))
    # Differences that are equal but for rounding say nothing of how they would vary.
    if variance <= (1e-12 * max(abs(mean), float(np.max(np.abs(d))))) ** 2:
        return ScoreComparison(n, mean, float("nan"), 1.0)
    error = float(np.sqrt(variance / n / correction))
    return ScoreComparison(n, mean, error, float(2.0 * stdtr(n - 1, -abs(mean) / error)))
