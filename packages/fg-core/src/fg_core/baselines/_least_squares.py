r"""Least squares of a series on its own lags, and the choice of how many.

Everything here works on the *reduced* series $z_t = (y_t - c) / u$: $c$ its first value, which
turns a constant into exact zeros, and $u$ a power of two above all $|y_t - c|$, which makes every
result the same to the last bit in any unit that is a power of two larger or smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Criterion", "Regression", "highest_order", "regress", "select_order"]

Criterion = Literal["aicc", "bic", "aic"]

_EPS = float(np.finfo(np.float64).eps)
_EXACT_FIT = (64.0 * _EPS) ** 2
"""Mean square residual (the reduced series is at most 1) below which a fit counts as perfect."""


@dataclass(frozen=True)
class Regression:
    r"""The fit $z_t = c_0 + \sum_k \phi_k z_{t-k} + e_t$.

    Args:
        offset: $c_0$.
        phi: $\phi_1, \dots, \phi_p$.
        rss: Residual sum of squares.
        n_rows: How many $t$ it was fitted on.
    """

    offset: float
    phi: tuple[float, ...]
    rss: float
    n_rows: int


def regress(reduced: NDArray[np.float64], order: int, first: int) -> Regression:
    """Fit an autoregression with intercept on the rows from `first` on, by least squares.

    Lags and target are centred, then solved by singular value decomposition; of all solutions of
    a singular problem (a constant, an exact trend) it takes the one with the shortest `phi`.
    Directions as small as the rounding errors of the series count as singular.

    Args:
        reduced: Shape (time,), at most 1 in size.
        order: How many lags, at least 0.
        first: Index of the first target, at least `order`.
    """
    n = reduced.size
    target = reduced[first:]
    target_mean = float(np.mean(target))
    residuals = target - target_mean
    if order == 0:
        return Regression(target_mean, (), float(residuals @ residuals), n - first)
    lags = np.stack([reduced[first - k : n - k] for k in range(1, order + 1)], axis=1)
    lag_means = np.mean(lags, axis=0)
    left, singular, right = np.linalg.svd(lags - lag_means, full_matrices=False)
    kept = singular > _EPS * max(lags.shape) * float(np.linalg.norm(reduced))
    phi = right[kept].T @ ((left.T[kept] @ residuals) / singular[kept])
    residuals = residuals - (lags - lag_means) @ phi
    return Regression(
        target_mean - float(lag_means @ phi),
        tuple(phi.tolist()),
        float(residuals @ residuals),
        n - first,
    )


def highest_order(n_values: int, max_order: int) -> int:
    """Return the highest order worth comparing: AICc must exist on the common sample."""
    return min(max_order, (n_values - 4) // 2)


def select_order(reduced: NDArray[np.float64], max_order: int, criterion: Criterion) -> int:
    r"""Return the order from 0 to `max_order` with the smallest criterion; a tie goes to the lower.

    All orders are fitted to the same $n$ targets. With $k = p + 2$ parameters ($p$ lags, the
    intercept, the variance),

    $$\mathrm{AIC} = n \log(\mathrm{RSS} / n) + 2 k, \quad
      \mathrm{AICc} = \mathrm{AIC} + \frac{2 k (k + 1)}{n - k - 1}, \quad
      \mathrm{BIC} = n \log(\mathrm{RSS} / n) + k \log n.$$

    Reference: Hurvich & Tsai (1989), Biometrika 76, doi:10.1093/biomet/76.2.297; Ng & Perron
    (2005), Oxf. Bull. Econ. Stat. 67, doi:10.1111/j.1468-0084.2005.00113.x (common sample).
    """
    highest = highest_order(reduced.size, max_order)
    scores = []
    for order in range(highest + 1):
        fit = regress(reduced, order, highest)
        n, k = fit.n_rows, order + 2
        score = n * math.log(max(fit.rss / n, _EXACT_FIT))
        if criterion == "bic":
            score += k * math.log(n)
        else:
            score += 2.0 * k
            if criterion == "aicc":
                score += 2.0 * k * (k + 1) / (n - k - 1)
        scores.append(score)
    return scores.index(min(scores))
