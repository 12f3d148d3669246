r"""The conjugate Minnesota prior, by moments: regressions shrunk towards random walks.

For $y_t = B' x_t + e_t$ with $k$ columns and regressors $x_t = (1, y_{t-1}', ..., y_{t-P}')'$, the
normal-inverse-Wishart prior of Litterman's kind says of the effect of lag $l$ of column $j$ on
column $i$

$$E = \delta_j \text{ if } i = j, l = 1, \text{ else } 0, \qquad
  \operatorname{Var} = \frac{\lambda^2}{l^{2 \kappa}} \frac{\Sigma_{ii}}{s_j^2},$$

nothing of the constant, and $E[\Sigma] = \operatorname{diag}(s^2)$. $s_j$ is the residual standard
deviation of a first-order autoregression of column $j$. With the precision $P$ (diagonal,
$s_j^2 l^{2 \kappa} / \lambda^2$) and the moments $M$ the posterior is that of a regression with
dummy observations:

$$B = (M_{xx} + P)^{-1} (M_{xy} + P B_0), \qquad
  \Sigma = \frac{\nu_0 \operatorname{diag}(s^2) + S}{\nu_0 + N - f},$$

$S$ being the sum of squared residuals of data and dummies together, $N$ the weight of the rows and
$f$ the number of regressors about which the prior says nothing. $\nu_0 = 2$.

*Sum-of-coefficients* dummies say of a column that, once it has been at its mean $\mu_j$ for $P$
periods, it stays there: one row more, $\mu_j / \tau$ at each own lag and as its target. They keep
a wandering rate from being pulled to a mean that it does not have, without forcing a unit root.

Without a tightness there is no prior but a ridge that only settles singular cases: least squares.

Reference: Litterman (1986), J. Business & Economic Statistics 4,
doi:10.1080/07350015.1986.10509491; Kadiyala & Karlsson (1997), J. Applied Econometrics 12;
Bańbura, Giannone & Reichlin (2010), J. Applied Econometrics 25, doi:10.1002/jae.1137 (dummies);
Doan, Litterman & Sims (1984), Econometric Reviews 3, doi:10.1080/07474938408800053 (sum of
coefficients).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError

from .moments import Moments, diagonal

__all__ = ["MinnesotaPrior", "Posterior", "posterior"]

Array = NDArray[np.float64]

_PRIOR_ROWS = 2.0
_RIDGE = 1e-13
_TINY = 1e-30


@dataclass(frozen=True)
class MinnesotaPrior:
    r"""Minnesota prior of the coefficients.

    Args:
        tightness: $\lambda$, above 0: standard deviation of an own first lag; None: no prior.
        decay: $\kappa$, at least 0: how much harder longer lags are shrunk.
        sum_tightness: $\tau$, above 0, of the sum-of-coefficients dummies; smaller is harder.

    Raises:
        ConfigError: A number outside its range.
    """

    tightness: float | None = 0.2
    decay: float = 1.0
    sum_tightness: float = 1.0

    def __post_init__(self) -> None:
        if self.tightness is not None and not 0.0 < self.tightness < np.inf:
            raise ConfigError(f"tightness must be above 0, got {self.tightness!r}")
        if not 0.0 <= self.decay < np.inf:
            raise ConfigError(f"decay must be at least 0, got {self.decay!r}")
        if not 0.0 < self.sum_tightness < np.inf:
            raise ConfigError(f"sum_tightness must be above 0, got {self.sum_tightness!r}")


@dataclass(frozen=True, eq=False)
class Posterior:
    r"""Posterior means at some origins.

    Args:
        coefficients: $B$, shape (origin, regressor, column); the constant first, then by lag.
        covariance: $\Sigma$, shape (origin, column, column).
    """

    coefficients: Array
    covariance: Array


def posterior(
    moments: Moments,
    prior: MinnesotaPrior | Sequence[MinnesotaPrior],
    own_lag: Sequence[float] | Array,
    means: Array | None = None,
) -> Posterior:
    r"""Return the posterior at every origin of `moments`; NaN where they are singular.

    (The prior keeps moments regular, but where a column is so large in some rows that the others
    are lost in its rounding: after a jump of the level by a billion usual changes.)

    Args:
        moments: Moments of a regression on a constant and lags of the columns.
        prior: Prior of the coefficients, everywhere or at each origin; priors with and without a
            tightness, and with different decays, do not mix.
        own_lag: $\delta_j$, shape (column,) or (origin, column).
        means: $\mu_j$, shape (origin, column), where a column has a sum-of-coefficients dummy,
            else 0; None: no column has.

    Returns:
        Coefficients of shape (origin, regressor, column) and covariances of shape (origin, column,
        column), in the units of the moments.

    >>> from fg_agents.linear.moments import lagged, moments_at
    >>> x, y = lagged(np.array([[0.0], [2.0], [1.0], [3.0]]), 1)
    >>> sums = moments_at(x, y, np.ones(3), [2])
    >>> posterior(sums, MinnesotaPrior(None), [0.0]).coefficients[0, :, 0].round(6).tolist()
    [2.5, -0.5]
    >>> posterior(sums, MinnesotaPrior(1e-3), [1.0]).coefficients[0, :, 0].round(3).tolist()
    [1.0, 1.0]
    """
    n, _, k = moments.xy.shape
    priors = (prior,) * n if isinstance(prior, MinnesotaPrior) else prior
    scales = moments.residual_variances
    precision, start, free = _prior(moments, priors, own_lag, scales)
    believed = precision[:, :, np.newaxis] * start
    xx, xy = moments.xx.copy(), moments.xy + believed
    yy = moments.yy + start.swapaxes(-1, -2) @ believed
    diagonal(xx)[...] += precision
    if means is not None:
        pull = means / np.array([[one.sum_tightness] for one in priors])
        square = pull * pull
        # A dummy's regressors are the lags of its own column alone.
        for j in np.logical_or.reduce(pull != 0.0).nonzero()[0].tolist():
            own = square[:, j, np.newaxis]
            xx[:, 1 + j :: k, 1 + j :: k] += own[:, :, np.newaxis]
            xy[:, 1 + j :: k, j] += own
            yy[:, j, j] += square[:, j]
    found = _solved(xx, xy)
    fitted = found.swapaxes(-1, -2) @ xy
    squares = yy - 0.5 * (fitted + fitted.swapaxes(-1, -2))
    before = 0.0 if priors[0].tightness is None else _PRIOR_ROWS
    diagonal(squares)[...] += before * scales
    rows = np.maximum(before + moments.count - free, 1.0)
    return Posterior(np.asarray(found, np.float64), squares / rows[:, np.newaxis, np.newaxis])


def _solved(xx: Array, xy: Array) -> Array:
    """Return the solution at every origin; NaN where the matrix is singular."""
    try:
        return np.asarray(np.linalg.solve(xx, xy), dtype=np.float64)
    except np.linalg.LinAlgError:
        found = np.full(xy.shape, np.nan)
    for i in range(len(xx)):
        try:
            found[i] = np.linalg.solve(xx[i], xy[i])
        except np.linalg.LinAlgError:
            continue  # it stays NaN, and the fit says so
    return found


def _prior(
    moments: Moments,
    priors: Sequence[MinnesotaPrior],
    own_lag: Sequence[float] | Array,
    scales: Array,
) -> tuple[Array, Array, int]:
    """Return precision (origin, regressor), prior means, and the number of free regressors."""
    n, m, k = moments.xy.shape
    start = np.zeros((n, m, k))
    if priors[0].tightness is None:
        size = np.diagonal(moments.xx, axis1=-2, axis2=-1)
        return np.maximum(_RIDGE * size, _TINY), start, m
    diagonal(start[:, 1 : 1 + k])[...] = own_lag
    precision = np.zeros((n, m))
    harder = _by_lag((m - 1) // k, priors[0].decay)
    squares = np.array([[[(one.tightness or 0.0) ** 2]] for one in priors])
    by_lag = scales[:, np.newaxis] * harder / squares
    precision[:, 1:] = by_lag.reshape(n, m - 1)
    return precision, start, 1


@lru_cache(maxsize=64)
def _by_lag(order: int, decay: float) -> Array:
    """Return the factor by which each lag is shrunk harder than the first, shape (lag, 1)."""
    return np.array([[lag ** (2.0 * decay)] for lag in range(1, order + 1)])
