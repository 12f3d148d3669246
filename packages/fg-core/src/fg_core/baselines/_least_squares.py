r"""Least squares of a series on its own lags, and the choice of how many.

Everything here works on the *reduced* series $z_t = (y_t - c) / u$: $c$ its first value, which
turns a constant into exact zeros, and $u$ a power of two above all $|y_t - c|$, which makes every
result the same to the last bit in any unit that is a power of two larger or smaller.

One QR decomposition of the centred columns $[z_{t-1}, \dots, z_{t-p}, z_t]$ holds the fits of all
orders $q \le p$ to these targets: with $R$ its triangle and $d$ the last column of $R$,

$$R_{1..q,1..q}\, \phi = d_{1..q}, \qquad \mathrm{RSS}_q = \textstyle\sum_{i > q} d_i^2.$$

Reference: Golub & Van Loan (2013), Matrix Computations, 4th ed., sections 5.3.3 and 5.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fg_core.transcendental import log

__all__ = [
    "Criterion",
    "Regression",
    "criterion_scores",
    "highest_order",
    "regress",
    "residual_squares",
    "select_order",
]

Array = NDArray[np.float64]
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


@dataclass(frozen=True)
class _Triangle:
    r"""All that the fits of orders up to $p$ need of their rows.

    Args:
        columns: $R$ by columns: of each lag from 1 on, then of the target; the entries up to the
            diagonal, shape (p + 1, p + 1).
        means: Of each lag, then of the target.
        n_rows: How many targets.
        smallest: Singular values of the lags up to this are rounding errors of the series.
    """

    columns: Array
    means: list[float]
    n_rows: int
    smallest: float

    @classmethod
    def of(cls, reduced: Array, order: int, first: int) -> _Triangle:
        """Decompose the rows from `first` on."""
        n = reduced.size - first
        # One lag per row of memory, which is the column order that LAPACK wants.
        columns = np.empty((order + 1, n))
        for k in range(1, order + 1):
            columns[k - 1] = reduced[first - k : first - k + n]
        columns[order] = reduced[first:]
        means = columns.sum(axis=1) / n
        columns -= means[:, np.newaxis]
        triangle = np.linalg.qr(columns.T, mode="raw")[0][:, : order + 1]
        smallest = _EPS * max(n, order) * math.sqrt(float(reduced @ reduced))
        return cls(triangle, means.tolist(), n, smallest)

    def is_regular(self, order: int) -> bool:
        r"""Return whether the first lags are independent: all singular values are above `smallest`.

        Most often a bound tells, by the inequality of arithmetic and geometric means: the smallest
        one is at least $|\det R| \{(q - 1) / \lVert R \rVert^2\}^{(q - 1) / 2}$.

        Raises:
            numpy.linalg.LinAlgError: The singular value decomposition does not converge.
        """
        if order == 0:
            return True
        determinant, squares = 1.0, 0.0
        for j, column in enumerate(self.columns[:order].tolist()):
            determinant *= column[j]
            for entry in column[: j + 1]:
                squares += entry * entry
        if determinant == 0.0:
            return False
        bound = abs(determinant) * ((order - 1) / squares) ** ((order - 1) / 2)
        if bound > self.smallest:
            return True
        singular = np.linalg.svd(self._lags(order), compute_uv=False)
        return bool(singular[-1] > self.smallest)

    def _lags(self, order: int) -> Array:
        return np.triu(self.columns[:order, :order].T)

    def solve(self, order: int, *, regular: bool) -> tuple[list[float], float]:
        r"""Return $\phi$ of an order, and its residual sum of squares.

        Args:
            order: At least 1.
            regular: Whether the lags are known to be independent. Otherwise directions with a
                singular value up to `smallest` are left out, which gives the shortest $\phi$.

        Raises:
            numpy.linalg.LinAlgError: The singular value decomposition does not converge.
        """
        target = self.columns[-1].tolist()
        rest = 0.0
        for entry in target[order:]:
            rest += entry * entry
        if regular:
            columns = self.columns[:order].tolist()
            phi, left = [0.0] * order, target[:order]
            for k in range(order - 1, -1, -1):
                phi[k] = left[k] / columns[k][k]
                for i in range(k):
                    left[i] -= columns[k][i] * phi[k]
            return phi, rest
        triangle = self._lags(order)
        wanted = self.columns[-1, :order]
        left_side, singular, right = np.linalg.svd(triangle)
        kept = singular > self.smallest
        found = right[kept].T @ ((left_side.T[kept] @ wanted) / singular[kept])
        unexplained = wanted - triangle @ found
        return found.tolist(), rest + float(unexplained @ unexplained)


def regress(reduced: Array, order: int, first: int) -> Regression:
    """Fit an autoregression with intercept on the rows from `first` on, by least squares.

    Lags and target are centred, then solved by QR decomposition; of all solutions of a singular
    problem (a constant, an exact trend) it takes the one with the shortest `phi`, by a singular
    value decomposition of the triangle. Directions as small as the rounding errors of the series
    count as singular.

    Args:
        reduced: Shape (time,), at most 1 in size.
        order: How many lags, at least 0.
        first: Index of the first target, at least `order`.

    Raises:
        numpy.linalg.LinAlgError: The singular value decomposition does not converge.
    """
    if order == 0:
        target = reduced[first:]
        mean = float(np.mean(target))
        residuals = target - mean
        return Regression(mean, (), float(residuals @ residuals), target.size)
    triangle = _Triangle.of(reduced, order, first)
    phi, rss = triangle.solve(order, regular=triangle.is_regular(order))
    *lag_means, offset = triangle.means
    for coefficient, mean in zip(phi, lag_means, strict=True):
        offset -= coefficient * mean
    return Regression(offset, tuple(phi), rss, triangle.n_rows)


def _residual_squares(reduced: Array, highest: int) -> tuple[list[float], int]:
    """Return the residual sums of squares of orders 0 to `highest`, and how many targets."""
    triangle = _Triangle.of(reduced, highest, highest)
    if not triangle.is_regular(highest):
        alone = float(triangle.columns[-1] @ triangle.columns[-1])
        each = [triangle.solve(q, regular=False)[1] for q in range(1, highest + 1)]
        return [alone, *each], triangle.n_rows
    squares, total = [], 0.0
    for entry in reversed(triangle.columns[-1].tolist()):
        total += entry * entry
        squares.append(total)
    return squares[::-1], triangle.n_rows


def highest_order(n_values: int, max_order: int) -> int:
    """Return the highest order worth comparing: AICc must exist on the common sample."""
    return min(max_order, (n_values - 4) // 2)


def select_order(reduced: Array, max_order: int, criterion: Criterion) -> int:
    r"""Return the order from 0 to `max_order` with the smallest criterion; a tie goes to the lower.

    All orders are fitted to the same $n$ targets. With $k = p + 2$ parameters ($p$ lags, the
    intercept, the variance),

    $$\mathrm{AIC} = n \log(\mathrm{RSS} / n) + 2 k, \quad
      \mathrm{AICc} = \mathrm{AIC} + \frac{2 k (k + 1)}{n - k - 1}, \quad
      \mathrm{BIC} = n \log(\mathrm{RSS} / n) + k \log n.$$

    Args:
        reduced: Shape (time,), at most 1 in size, at least four rows.
        max_order: Highest order, at least 0.
        criterion: "aicc", "bic" or "aic".

    Raises:
        numpy.linalg.LinAlgError: The singular value decomposition does not converge.

    Reference: Hurvich & Tsai (1989), Biometrika 76, doi:10.1093/biomet/76.2.297; Ng & Perron
    (2005), Oxf. Bull. Econ. Stat. 67, doi:10.1111/j.1468-0084.2005.00113.x (common sample).
    """
    scores = criterion_scores(*residual_squares(reduced, max_order), criterion)
    return scores.index(min(scores))


def residual_squares(reduced: Array, max_order: int) -> tuple[list[float], int]:
    """Return the residual sums of squares of all orders worth comparing, and how many targets.

    Args:
        reduced: Shape (time,), at most 1 in size, at least four rows.
        max_order: Highest order, at least 0.

    Raises:
        numpy.linalg.LinAlgError: The singular value decomposition does not converge.
    """
    return _residual_squares(reduced, highest_order(reduced.size, max_order))


def criterion_scores(squares: Sequence[float], n: int, criterion: Criterion) -> list[float]:
    """Return the criterion of orders from 0 on; see `select_order`.

    Args:
        squares: Residual sum of squares of each order.
        n: Number of targets.
        criterion: "aicc", "bic" or "aic".
    """
    scores = []
    for order, rss in enumerate(squares):
        k = order + 2
        score = n * float(log(max(rss / n, _EXACT_FIT)))
        if criterion == "bic":
            score += k * float(log(n))
        else:
            score += 2.0 * k
            if criterion == "aicc":
                score += 2.0 * k * (k + 1) / (n - k - 1)
        scores.append(score)
    return scores
