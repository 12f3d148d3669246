r"""Effects of columns on a series whose errors are autocorrelated: feasible least squares.

$$y_t = x_t' b + n_t, \qquad n_t = c + \sum_{l \in L} \phi_l n_{t-l} + e_t.$$

Given $b$, the $\phi_l$ are a regression of the errors $n$ on their own past; given $\phi$, $b$ is a
regression of the filtered series on the filtered columns. A few turns of both settle on the
estimate of Cochrane and Orcutt, whose covariance is that of the second regression.

Reference: Cochrane & Orcutt (1949), J. American Statistical Association 44,
doi:10.1080/01621459.1949.10483290; Pankratz (1991), Forecasting with Dynamic Regression Models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import binary_unit, binary_units
from fg_core.frozen import frozen_mapping

__all__ = ["Effects", "error_lags", "estimate_effects"]

Array = NDArray[np.float64]

_ORDER = 4
_TURNS = 5
_SPARE = 8
_RIDGE = 1.0 / 16.0
"""Weight of the prior that an effect is 0, in rows: next to nothing, so that columns that say the
same share their effect instead of having none."""


@dataclass(frozen=True, eq=False)
class Effects:
    """Effects of columns on a series.

    Args:
        columns: Names of the columns.
        values: Change of the series per unit of each column, shape (column,).
        covariance: Covariance of the estimates, shape (column, column).

    >>> found = Effects(("promo",), np.array([12.0]), np.array([[0.25]]))
    >>> dict(found.with_errors)
    {'promo': (12.0, 0.5)}
    """

    columns: tuple[str, ...]
    values: Array
    covariance: Array

    @property
    def errors(self) -> Array:
        """Standard error of each effect, shape (column,)."""
        found: Array = np.sqrt(np.maximum(np.diagonal(self.covariance), 0.0))
        return found

    @property
    def with_errors(self) -> Mapping[str, tuple[float, float]]:
        """Effect and standard error by column, in the unit of the series per unit of the column."""
        pairs = zip(self.values.tolist(), self.errors.tolist(), strict=True)
        return frozen_mapping(dict(zip(self.columns, pairs, strict=True)))


def error_lags(rows: int, columns: int, season_length: int) -> tuple[int, ...]:
    """Return the lags of the errors, as many as the rows allow.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        season_length: Periods in a season; 1: none. A season is two lags more: itself, and the
            one after it.

    Returns:
        Lags, increasing; empty: there are too few rows for any fit.

    >>> error_lags(60, 1, 12), error_lags(20, 1, 12), error_lags(8, 1, 12)
    ((1, 2, 3, 4, 12, 13), (1, 2, 3, 4), ())
    """
    short = tuple(range(1, _ORDER + 1))
    season = (season_length, season_length + 1) if season_length > 1 else ()
    for lags in (tuple(sorted({*short, *season})), short, short[:1]):
        if rows - lags[-1] >= len(lags) + 2 * columns + 1 + _SPARE:
            return lags
    return ()


def estimate_effects(
    values: Array, table: Array, columns: Sequence[str], lags: Sequence[int]
) -> Effects | None:
    """Return the effects of columns on a series.

    Args:
        values: Values of the series, shape (time,), in its unit.
        table: Columns, shape (time, column), none of them constant.
        columns: Names of the columns.
        lags: Lags of the errors, at least one, as `error_lags` returns them.

    Returns:
        Effects in the unit of the series per unit of each column; None: the arithmetic fails.

    >>> t = np.arange(60)
    >>> promo = (t % 7 == 3) * 1.0
    >>> found = estimate_effects(0.1 * t + 5.0 * promo, promo[:, np.newaxis], ["promo"], (1,))
    >>> round(found.with_errors["promo"][0], 1)
    5.0
    """
    # In units that are powers of two, estimates are the same to the last bit in any such unit.
    unit = binary_unit(values - values[0])
    units = binary_units(table - table[0])
    y, x = (values - values[0]) / unit, (table - table[0]) / units
    with np.errstate(all="ignore"):
        found, covariance = _regression(np.diff(y), np.diff(x, axis=0), 1)
        for _ in range(_TURNS):
            weights = _own_past(y - x @ found, lags)
            filtered = _filtered(np.column_stack([y, x]), weights, lags)
            found, covariance = _regression(filtered[:, 0], filtered[:, 1:], 1 + len(lags))
        per: Array = np.divide(unit, units)
        values = np.asarray(per * found, dtype=np.float64)
        covariance = np.asarray(covariance * np.multiply.outer(per, per), dtype=np.float64)
    if not (np.isfinite(values).all() and np.isfinite(covariance).all()):
        return None
    return Effects(tuple(columns), values, covariance)


def _own_past(errors: Array, lags: Sequence[int]) -> Array:
    """Return the coefficients of errors on their own past, shape (lag,)."""
    longest = lags[-1]
    past = [np.ones(errors.size - longest), *(errors[longest - k : -k] for k in lags)]
    x = np.column_stack(past)
    found = np.linalg.lstsq(x, errors[longest:], rcond=None)[0][1:]
    return np.asarray(found, dtype=np.float64)


def _filtered(columns: Array, weights: Array, lags: Sequence[int]) -> Array:
    """Return the part of each column that its past leaves open, given the weights of the lags."""
    longest = lags[-1]
    left = columns[longest:].copy()
    for weight, k in zip(weights.tolist(), lags, strict=True):
        left -= weight * columns[longest - k : -k]
    return left


def _regression(y: Array, x: Array, others: int) -> tuple[Array, Array]:
    """Return coefficients with a constant beside them, and their covariance.

    Args:
        y: Target, shape (time,).
        x: Regressors, shape (time, column).
        others: Number of further coefficients that the rows have paid for.
    """
    centred, target = x - x.mean(axis=0), y - y.mean()
    inner = centred.T @ centred
    size = np.diagonal(inner) / y.size
    inverse = np.linalg.pinv(inner + np.diag(_RIDGE * size), hermitian=True)
    found: Array = inverse @ (centred.T @ target)
    left = target - centred @ found
    spare = max(1, y.size - x.shape[1] - others)
    return found, np.asarray((left @ left) / spare * inverse, dtype=np.float64)
