r"""Linear models of several columns, and everything that follows from their coefficients.

$$x_t = c + \sum_{l=1}^P A_l x_{t-l} + e_t, \qquad e_t \sim N(0, \Sigma).$$

Every forecaster of this package is such a model, so forecasts, their variances, impulse responses
and sensitivities are written once, here. All functions take leading axes (one model per origin).

Reference: Lütkepohl (2005), New Introduction to Multiple Time Series Analysis, sections 2.1.2,
2.2.2 and 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HorizonForms", "LinearModel"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HorizonForms:
    r"""Forecasts of one column as linear functions of the latest rows, for horizons $1, ..., H$.

    $$E[y_{t+h}] = a_h + \sum_{l=0}^{P-1} w_{h,l}' x_{t-l}.$$

    `weights[..., h - 1, 0, i]` is the sensitivity of the forecast to column $i$ of the last row.

    Args:
        offsets: $a_h$, shape (..., horizon).
        weights: $w_{h,l}$, shape (..., horizon, lag, column); the last row is lag 0.
        variances: Variances of the forecast errors, shape (..., horizon).
    """

    offsets: Array
    weights: Array
    variances: Array


@dataclass(frozen=True, eq=False)
class LinearModel:
    r"""Coefficients and covariance of $x_t = c + \sum_l A_l x_{t-l} + e_t$.

    Args:
        constant: $c$, shape (..., column), in the units of the columns.
        lags: $A_1, ..., A_P$, shape (..., lag, column, column): `lags[l - 1, i, j]` is the effect
            of column $j$, $l$ periods ago, on column $i$.
        covariance: $\Sigma$, shape (..., column, column).

    >>> model = LinearModel(np.array([1.0]), np.array([[[0.5]]]), np.array([[4.0]]))
    >>> model.responses(2)[:, 0, 0].tolist()
    [1.0, 0.5, 0.25]
    >>> model.forecast(np.array([[6.0]]), 2)[:, 0].tolist()
    [4.0, 3.0]
    >>> model.forecast_covariance(2)[:, 0, 0].tolist()
    [4.0, 5.0]
    """

    constant: Array
    lags: Array
    covariance: Array

    @property
    def order(self) -> int:
        """Number of lags."""
        return int(self.lags.shape[-3])

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.lags.shape[-1])

    def at(self, index: int | NDArray[np.intp]) -> LinearModel:
        """Return one model of many, or some: positions `index` of the first axis.

        Returns:
            Model without the first axis for a number, with one of that length for an array.
        """
        return LinearModel(self.constant[index], self.lags[index], self.covariance[index])

    def responses(self, n: int) -> Array:
        r"""Return $\Psi_0, ..., \Psi_n$, shape (..., step, column, column).

        $$\Psi_0 = I, \qquad \Psi_j = \sum_{l=1}^{\min(j, P)} A_l \Psi_{j-l}:$$

        `[j, i, k]` is what a unit change of column $k$ does to column $i$ in $j$ periods, and how
        far the forecast of column $i$ moves with column $k$ of the last row.

        Returns:
            Responses in units of column $i$ per unit of column $k$.
        """
        identity = np.broadcast_to(np.eye(self.n_columns), self.covariance.shape)
        found = [identity]
        for j in range(1, n + 1):
            step = np.zeros_like(identity)
            for lag in range(1, min(j, self.order) + 1):
                step = step + self.lags[..., lag - 1, :, :] @ found[j - lag]
            found.append(step)
        return np.stack(found, axis=-3)

    def orthogonal_responses(self, n: int) -> Array:
        r"""Return $\Psi_j L$ with $\Sigma = L L'$, $L$ lower triangular; shape as `responses`.

        Responses to uncorrelated shocks of one standard deviation, where a column answers within
        the period only to those before it.

        Returns:
            Responses in units of column $i$, to shocks of one standard deviation.

        Raises:
            numpy.linalg.LinAlgError: The covariance is singular (a column without a shock).
        """
        root = np.linalg.cholesky(self.covariance)
        return np.asarray(self.responses(n) @ root[..., np.newaxis, :, :], dtype=np.float64)

    def forecast(self, recent: Array, n: int) -> Array:
        """Return expected rows of the next `n` periods, shape (..., period, column).

        Args:
            recent: The last `order` rows, shape (..., lag, column); the latest first.
            n: Number of periods.

        Returns:
            Array in the units of the columns.
        """
        rows = [recent[..., lag, :] for lag in range(self.order)]
        found = []
        for _ in range(n):
            row = self.constant
            for lag, past in enumerate(rows):
                row = row + (self.lags[..., lag, :, :] @ past[..., np.newaxis])[..., 0]
            found.append(row)
            rows = [row, *rows[:-1]]
        return np.stack(found, axis=-2)

    def forecast_covariance(self, n: int) -> Array:
        r"""Return $\sum_{j<h} \Psi_j \Sigma \Psi_j'$ for $h = 1, ..., n$, one matrix per horizon.

        The uncertainty of the coefficients is not in it.

        Returns:
            Array of shape (..., horizon, column, column), in products of the columns' units.
        """
        psi = self.responses(n - 1)
        steps = psi @ self.covariance[..., np.newaxis, :, :] @ psi.swapaxes(-1, -2)
        return np.asarray(np.cumsum(steps, axis=-3), dtype=np.float64)

    def forms(self, column: int, n: int) -> HorizonForms:
        r"""Return the forecasts of one column for horizons 1 to `n` as linear functions.

        A recursion for one row, since the others are not wanted: with $r_0 = (e', 0, ..., 0)$,

        $$r_{h,l} = r_{h-1,0} A_{l+1} + r_{h-1,l+1}, \quad a_h = a_{h-1} + r_{h-1,0} c, \quad
          v_h = v_{h-1} + r_{h-1,0} \Sigma r_{h-1,0}',$$

        and $r_{h,0}$ is the row of $\Psi_h$.

        Returns:
            Constants, coefficients of the latest rows and variances, one per horizon from 1 on.
        """
        lead = self.constant.shape[:-1]
        row = np.zeros((*lead, self.order, self.n_columns))
        row[..., 0, column] = 1.0
        offset, variance = np.zeros(lead), np.zeros(lead)
        offsets, variances = np.empty((2, *lead, n))
        weights = np.empty((*lead, n, self.order, self.n_columns))
        for h in range(n):
            first = row[..., :1, :]
            offset = offset + (first @ self.constant[..., np.newaxis])[..., 0, 0]
            variance = variance + (first @ self.covariance @ first.swapaxes(-1, -2))[..., 0, 0]
            carried = np.zeros_like(row)
            carried[..., :-1, :] = row[..., 1:, :]
            row = (first[..., np.newaxis, :, :] @ self.lags)[..., 0, :] + carried
            offsets[..., h], variances[..., h] = offset, variance
            weights[..., h, :, :] = row
        return HorizonForms(offsets, weights, variances)
