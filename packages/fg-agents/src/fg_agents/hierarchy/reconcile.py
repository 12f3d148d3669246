r"""Forecasts of a total and of its parts that do not add up, made to add up: MinT.

Series of a hierarchy obey $y = S b$ with $b$ the bottom series and $S$ the summing matrix, whose
last rows are the identity. Base forecasts $\hat y$ with errors of covariance $W$ need not. The
unbiased coherent forecast with the smallest error variances is (minimum trace)

$$\tilde y = M \hat y, \qquad M = S (S' W^{-1} S)^{-1} S' W^{-1} = I - W U (U' W U)^{-1} U',$$

with $U' = [I, -C]$ the constraints of $S = [C; I]$ ($U' S = 0$); its error covariance is $M W M'$,
which is $W - W U (U' W U)^{-1} U' W$, so no variance grows. The second form is what is computed
here: it inverts one number per constraint, and $W$ may be singular.

$W$ is estimated by shrinking the correlations of past base errors towards zero,
$\hat r^\star_{ij} = (1 - \lambda) \hat r_{ij}$, with the intensity that minimises the expected
squared error,

$$\lambda = \frac{\sum_{i \ne j} \widehat{\operatorname{Var}}(\hat r_{ij})}
                 {\sum_{i \ne j} \hat r_{ij}^2}, \qquad
  \widehat{\operatorname{Var}}(\hat r_{ij}) =
  \frac{1}{n (n - 1)} \sum_k (w_{kij} - \bar w_{ij})^2, \quad w_{kij} = x_{ki} x_{kj},$$

clipped to [0, 1], $x$ the errors in units of their root mean square. Errors of unbiased forecasts
have mean zero, so they are not centred.

References: Wickramasuriya, Athanasopoulos & Hyndman (2019), JASA 114,
doi:10.1080/01621459.2018.1448825; Schäfer & Strimmer (2005), Stat. Appl. Genet. Mol. Biol. 4,
doi:10.2202/1544-6115.1175.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core import ConfigError, DataError
from fg_core.authoring import binary_unit

__all__ = [
    "Method",
    "mint",
    "mint_projection",
    "projection",
    "shrinkage_intensity",
    "shrunk_correlation",
    "shrunk_covariance",
    "summing_matrix",
]

Array = NDArray[np.float64]

Method = Literal["shrink", "sample", "wls", "ols"]
"""Choice of $W$ in the projection: shrunk, as estimated, its diagonal, or the identity."""

_FEWEST = 3
"""Fewest rows of errors that say anything about correlations."""

_DISAGREEMENT = 1e-12
"""Variance of a disagreement, relative to that of the series, below which it is rounding."""


def summing_matrix(n: int) -> Array:
    """Return the summing matrix of one total over `n` segments, shape (1 + n, n).

    Args:
        n: Number of segments, at least 1.

    Returns:
        Matrix of zeros and ones; the total is the first row.

    >>> summing_matrix(2).tolist()
    [[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    """
    return np.vstack([np.ones((1, n)), np.eye(n)])


def _table(errors: ArrayLike) -> Array:
    table = np.asarray(errors, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise DataError(f"errors want the shape (time, series), got {table.shape}")
    if not np.isfinite(table).all():
        raise DataError("errors must be finite: leave rows out in which one is missing")
    return table


def _standardised(table: Array) -> tuple[Array, Array]:
    """Return errors in units of their root mean square, and that; a column of zeros stays."""
    units = np.array([binary_unit(column) for column in table.T])
    reduced = table / units
    size = np.sqrt(np.mean(np.square(reduced), axis=0)) if len(table) else np.zeros(len(units))
    return reduced / np.where(size > 0.0, size, 1.0), units * size


def _intensity(x: Array) -> float:
    n = len(x)
    if n < _FEWEST:
        return 1.0
    r = x.T @ x / n
    squares = np.square(x)
    variances = np.maximum(squares.T @ squares - n * np.square(r), 0.0) / (n * (n - 1.0))
    off = ~np.eye(x.shape[1], dtype=bool)
    below = float(np.sum(np.square(r[off])))
    return 1.0 if below == 0.0 else min(1.0, float(np.sum(variances[off])) / below)


def shrinkage_intensity(errors: ArrayLike) -> float:
    r"""Return $\lambda$, the share of "no correlation" in the estimate, in [0, 1].

    Args:
        errors: Finite errors of mean zero, shape (time, series).

    Returns:
        1 where there is nothing to shrink, or fewer than three rows.

    >>> shrinkage_intensity([[1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
    0.0
    """
    return _intensity(_standardised(_table(errors))[0])


def shrunk_correlation(errors: ArrayLike) -> Array:
    r"""Return $\hat R^\star$, the correlations of errors shrunk towards zero.

    Args:
        errors: Finite errors of mean zero, shape (time, series); with fewer than three rows all
            correlations are taken to be zero.

    Returns:
        Shape (series, series), ones on its diagonal.
    """
    x, _ = _standardised(_table(errors))
    return _correlation(x, _intensity(x))


def _correlation(x: Array, intensity: float) -> Array:
    r = (1.0 - intensity) * (x.T @ x) / max(1, len(x))
    np.fill_diagonal(r, 1.0)
    return r


def shrunk_covariance(errors: ArrayLike, scales: ArrayLike | None = None) -> Array:
    r"""Return $\hat W_{ij} = s_i s_j \hat r^\star_{ij}$.

    Args:
        errors: Finite errors of mean zero, shape (time, series).
        scales: $s$, shape (series,): the standard deviations; None: the root mean squares of
            `errors`. Errors of a fit in its own window are too small; a caller that knows better
            scales (with degrees of freedom) gives them, and takes only the correlations from here.

    Returns:
        Symmetric matrix of shape (series, series), in the squared unit of the errors.

    >>> shrunk_covariance([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]).round(9).tolist()
    [[2.0, 0.0], [0.0, 0.5]]
    """
    return _covariance(errors, scales, None)


def _covariance(errors: ArrayLike, scales: ArrayLike | None, intensity: float | None) -> Array:
    x, sizes = _standardised(_table(errors))
    s = sizes if scales is None else np.asarray(scales, dtype=np.float64)
    if s.shape != sizes.shape or not (np.isfinite(s) & (s >= 0.0)).all():
        raise DataError(f"scales want {sizes.size} numbers that are finite and >= 0, got {s}")
    r = _correlation(x, _intensity(x) if intensity is None else intensity)
    return np.outer(s, s) * r


def projection(covariance: ArrayLike, summing: ArrayLike) -> Array:
    r"""Return $M$, which maps base forecasts to coherent ones.

    Where base forecasts disagree although the covariance says that they cannot ($U' W U$ is
    singular), the bottom series decide.

    Args:
        covariance: $W$ up to a factor, shape (series, series).
        summing: $S$, shape (series, bottom), its last rows the identity.

    Returns:
        Shape (series, series); $M S = S$.

    Raises:
        DataError: Shapes that do not fit, or a summing matrix that does not end in the identity.

    >>> projection(np.eye(3), summing_matrix(2)).round(4)[0].tolist()
    [0.6667, 0.3333, 0.3333]
    """
    w, s = np.asarray(covariance, dtype=np.float64), np.asarray(summing, dtype=np.float64)
    rows, bottom = s.shape if s.ndim == 2 else (0, 0)
    above = rows - bottom
    if above < 0 or bottom == 0 or not np.array_equal(s[above:], np.eye(bottom)):
        raise DataError(f"a summing matrix of shape {s.shape} must end in the identity")
    if w.shape != (rows, rows):
        raise DataError(f"a covariance of shape {w.shape} does not fit {rows} series")
    constraints = np.hstack([np.eye(above), -s[:above]])
    w = w / binary_unit(np.diag(w))
    shared = w @ constraints.T
    variances, axes = np.linalg.eigh(constraints @ shared)
    some = variances > _DISAGREEMENT
    gain = (shared @ axes[:, some]) / variances[some] @ axes[:, some].T
    lower = (np.eye(rows) - gain @ constraints)[above:]
    found: Array = s @ lower
    return found


def mint_projection(
    errors: ArrayLike,
    summing: ArrayLike,
    *,
    scales: ArrayLike | None = None,
    method: Method = "shrink",
) -> tuple[Array, Array]:
    r"""Return $M$ of a method, and the covariance $\Sigma$ of the base errors.

    Args:
        errors: Past errors, as for `mint`.
        summing: Summing matrix $S$, as for `mint`.
        scales: Standard deviations, as for `mint`.
        method: Method of the projection, as for `mint`.

    Returns:
        Two matrices of shape (series, series): $M$ without a unit, and $\Sigma$ in the squared unit
        of the errors.

    Raises:
        DataError: Shapes that do not fit, or numbers that are not finite.
        ConfigError: Another method.
    """
    if method not in get_args(Method):
        raise ConfigError(f"method is one of {', '.join(get_args(Method))}, got {method!r}")
    covariance = _covariance(errors, scales, 0.0 if method == "sample" else None)
    if method == "wls":
        return projection(np.diag(np.diag(covariance)), summing), covariance
    if method == "ols":
        return projection(np.eye(len(covariance)), summing), covariance
    return projection(covariance, summing), covariance


def mint(
    base: ArrayLike,
    errors: ArrayLike,
    summing: ArrayLike,
    *,
    scales: ArrayLike | None = None,
    method: Method = "shrink",
) -> tuple[Array, Array]:
    r"""Reconcile base forecasts.

    Args:
        base: $\hat y$, shape (series,), in the order of the rows of `summing`.
        errors: Past errors of such forecasts, shape (time, series), finite, of mean zero.
        summing: $S$, shape (series, bottom), its last rows the identity.
        scales: Standard deviations of the base forecasts; None: those of `errors`.
        method: $W$ of the projection. "ols" and "wls" leave correlations (and scales) out of the
            projection, not out of the covariance that is returned.

    Returns:
        $\tilde y$, and its error covariance $M \Sigma M'$ with $\Sigma$ the shrunk covariance of
        the base errors (unshrunk for "sample").

    Raises:
        DataError: Shapes that do not fit, or numbers that are not finite.
        ConfigError: Another method.

    >>> past = [[1.0, 1.0, 0.0], [-1.0, 0.0, -1.0], [1.0, 0.0, 1.0], [-1.0, -1.0, 0.0]]
    >>> mean, _ = mint([10.0, 4.0, 3.0], past, summing_matrix(2), method="ols")
    >>> mean.round(6).tolist()
    [9.0, 5.0, 4.0]
    """
    y, s = np.asarray(base, dtype=np.float64), np.asarray(summing, dtype=np.float64)
    m, covariance = mint_projection(errors, s, scales=scales, method=method)
    if y.shape != (len(covariance),) or not np.isfinite(y).all():
        raise DataError(f"base wants {len(covariance)} finite forecasts, got {y}")
    # Summed once more from the bottom: coherent to the rounding of one sum.
    return s @ (m @ y)[-s.shape[1] :], m @ covariance @ m.T
