r"""Ridge regression on standardised columns, some of which may be left unpenalised.

$$\min_{a, b} \sum_i (y_i - a - \textstyle\sum_j b_j z_{ij})^2 + \sum_j \kappa_j b_j^2,$$

$z$ the columns in units of their standard deviation around their mean. A penalty of $\kappa$
weighs as much as $\kappa$ rows that say "this coefficient is 0": a column uncorrelated with the
others keeps the share $n / (n + \kappa)$ of its least squares coefficient.

**Scale.** With $H$ the matrix that maps targets to fitted values and $\Omega$ the correlations of
the errors, the residual sum of squares is about $\sigma^2 (n - \operatorname{tr} H \Omega)$, and
the forecast of a new target by a row like those of the window has the error variance

$$s^2 = \hat\sigma^2 \Bigl(1 + \frac{\operatorname{tr} H \Omega H'}{n}\Bigr), \qquad
  \hat\sigma^2 = \frac{\mathrm{RSS}}{n - \operatorname{tr} H \Omega}.$$

For uncorrelated errors and least squares these are the usual degrees of freedom, and $s^2$ is the
final prediction error: the uncertainty of the coefficients is in it, at its average over the rows.
Errors of forecasts $h$ steps ahead overlap; $\Omega_{ij} = \max(0, 1 - |t_i - t_j| / h)$, what sums
of $h$ independent shocks have.

References: Hoerl & Kennard (1970), Technometrics 12, doi:10.1080/00401706.1970.10488634; Akaike
(1969), Ann. Inst. Stat. Math. 21, doi:10.1007/BF02532251 (final prediction error); Hansen & Hodrick
(1980), J. Polit. Economy 88, doi:10.1086/260910 (overlapping forecast errors).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import binary_unit

__all__ = ["Ridge", "ridge"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ridge:
    r"""A fitted regression.

    Args:
        intercept: Fitted value where every column is at its mean.
        slopes: Slopes per unit of the column itself, shape (column,); 0 for a column that is
            constant.
        means: Means of the columns, shape (column,).
        scale: Standard deviation of the error of a new row's forecast.
        degrees: $\operatorname{tr} H \Omega$, the degrees of freedom that the fit uses.
        n_rows: Number of rows of the fit.
    """

    intercept: float
    slopes: Array
    means: Array
    scale: float
    degrees: float
    n_rows: int

    def predict(self, columns: Array) -> Array:
        """Return fitted values.

        Args:
            columns: Columns of shape (time, column); NaN counts as the column's mean.

        Returns:
            Shape (time,). Terms are added from left to right, so that a row by itself gives the
            same bits as among others.
        """
        total = np.full(len(columns), self.intercept)
        for k, (slope, mean) in enumerate(zip(self.slopes, self.means, strict=True)):
            total = total + slope * np.where(np.isnan(columns[:, k]), 0.0, columns[:, k] - mean)
        return total


def ridge(
    columns: Array,
    target: Array,
    penalties: Array,
    *,
    times: Array | None = None,
    horizon: int = 1,
) -> Ridge:
    r"""Fit a ridge regression.

    Args:
        columns: Finite columns, shape (time, column).
        target: Finite targets, shape (time,); more rows than columns + 1.
        penalties: $\kappa$, shape (column,), at least 0.
        times: Number of the period of each row, shape (time,), rising; None: without gaps.
        horizon: Steps from a row to its target.

    Returns:
        Coefficients in units of the target per unit of a column, and what a scale is computed from.

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> fit = ridge(x, 5.0 + 2.0 * x[:, 0], np.array([4.0]))
    >>> round(fit.intercept, 9), fit.slopes.round(9).tolist(), round(fit.degrees, 9)
    (8.0, [1.0], 1.5)
    """
    n, k = columns.shape
    means = np.zeros(k)
    spreads = np.zeros(k)
    z = np.zeros((n, k))
    for j in range(k):
        unit = binary_unit(columns[:, j])
        reduced = columns[:, j] / unit
        mean = float(np.mean(reduced))
        centred = reduced - mean
        spread = math.sqrt(float(np.mean(np.square(centred))))
        means[j] = unit * mean
        # What rounding alone leaves of a constant is no spread.
        if spread > 64.0 * np.finfo(np.float64).eps:
            spreads[j] = unit * spread
            z[:, j] = centred / spread
    unit = binary_unit(target)
    y = target / unit
    intercept = float(np.mean(y))
    stacked = np.vstack([z, np.diag(np.sqrt(penalties))])
    left, singular, right = np.linalg.svd(stacked, full_matrices=False)
    kept = singular > np.finfo(np.float64).eps * max(n, k) * np.max(singular, initial=0.0)
    top = left[:n, kept]
    b = right[kept].T @ ((top.T @ (y - intercept)) / singular[kept])
    residuals = y - intercept - z @ b
    slopes = np.where(spreads > 0.0, unit * b / np.where(spreads > 0.0, spreads, 1.0), 0.0)
    # H = Q Q', so that no matrix of rows by rows is needed.
    q = np.column_stack([top, np.full(n, 1.0 / math.sqrt(n))])
    when = np.arange(n, dtype=np.float64) if times is None else times
    spread_out = q.T @ _correlated(q, when, horizon)
    degrees = float(np.trace(spread_out))
    uncertainty = float(np.sum(spread_out * (q.T @ q))) / n
    variance = float(residuals @ residuals) / (n - degrees) * (1.0 + uncertainty)
    scale = unit * math.sqrt(variance)
    return Ridge(unit * intercept, slopes, means, scale, degrees, n)


def _correlated(q: Array, times: Array, horizon: int) -> Array:
    r"""Return $\Omega Q$ for overlapping errors; rows are in the order of time."""
    total = q.copy()
    for apart in range(1, min(horizon, len(q))):
        weight = np.maximum(0.0, 1.0 - (times[apart:] - times[:-apart]) / horizon)[:, None]
        total[apart:] += weight * q[:-apart]
        total[:-apart] += weight * q[apart:]
    return total
