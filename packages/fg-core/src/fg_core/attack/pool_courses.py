r"""How the weights and scales of a pool move with the newest print.

A pool that has learned the print $r$ has, with learned shares $q$ before floor and shrinkage,

$$q_i(r) \propto q_{0,i} \, p_i(r)^\alpha, \qquad
  q_i' = \alpha \, q_i \sum_j q_j (\ell_i' - \ell_j'), \quad \ell_i = \log p_i,$$

and multiplies the scale that forecaster $i$ states by $f_i$, where $f_i^2$ has the derivative
$2 z_i / (s_i M)$ with $z_i = (r - m_i) / s_i$ and the discounted number of observations $M$, or 0
where $z_i^2$ is beyond its cap or $f_i$ at one of its limits. Both laws are checked at all points
that were played.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.pooling import PoolAggregator
from fg_core.pooling.likelihood import Likelihood
from fg_core.pooling.rules import BayesWeights
from fg_core.transcendental import exp

from .enclosures import Course, Interval, product
from .played_hits import PlayedHits

__all__ = ["factor_course", "follows_bayes", "weight_course"]

Array = NDArray[np.float64]
_CLOSE = 1e-6


def follows_bayes(pool: Any) -> bool:
    """Return whether the weights of a pool are posterior weights, or learn nothing at all."""
    return isinstance(pool, PoolAggregator) and (
        type(pool.rule) is BayesWeights or not pool.rule.learns
    )


def weight_course(pool: PoolAggregator, played: PlayedHits) -> Course | None:
    """Return how the weights move with the print.

    Args:
        pool: Pool with posterior weights, or with weights that learn nothing.
        played: Forecasts by hit; the first rounds of a horizon are left unbounded.

    Returns:
        Course of the weights; None where they do not follow the law.
    """
    weights = played.weights
    cells = (weights.shape[0], weights.shape[1] - 1, weights.shape[2])
    rule: Any = pool.rule
    if not rule.learns or pool.shrinkage == 1.0:
        still = bool((np.abs(weights - weights[:, [played.none]]) < _CLOSE).all())
        return Course(weights, Interval.at(np.zeros(cells))) if still else None
    prior = _prior(pool, weights.shape[2])
    unshrunk = (1.0 - pool.shrinkage) / (1.0 + rule.floor)
    shares = (weights - pool.shrinkage * prior) / unshrunk - rule.floor * prior
    shares = np.clip(shares, 0.0, 1.0)
    means, scales = played.earlier_means, played.earlier_scales
    if not _follows(shares, rule.likelihood, rule.alpha, means, scales, played):
        return None
    width = np.diff(played.points, axis=1)[..., np.newaxis]
    apart = _differences(rule.likelihood, means, scales, played.points)
    apart = Interval(rule.alpha * apart.low, rule.alpha * apart.high)
    least, most = apart.low.min(axis=-1), apart.high.max(axis=-1)
    start, end = shares[:, :-1], shares[:, 1:]
    with np.errstate(over="ignore", invalid="ignore"):
        grown = np.minimum(
            start * exp(width * np.maximum(most, 0.0)), end * exp(width * np.maximum(-least, 0.0))
        )
        shrunk = np.maximum(
            start * exp(width * np.minimum(least, 0.0)), end * exp(width * np.minimum(-most, 0.0))
        )
        held = Interval(shrunk, np.minimum(grown, 1.0))
        others = Interval(held.low[..., np.newaxis, :], held.high[..., np.newaxis, :])
        mean = product(others, apart).total()
        mean = Interval(np.maximum(mean.low, least), np.minimum(mean.high, most))
        slope = product(held, mean)
    return Course(weights, Interval(unshrunk * slope.low, unshrunk * slope.high))


def _prior(pool: PoolAggregator, n: int) -> Array:
    before = pool._settings.before
    return np.full(n, 1.0 / n) if before is None else before


def _follows(
    shares: Array,
    likelihood: Likelihood,
    alpha: float,
    means: Array,
    scales: Array,
    played: PlayedHits,
) -> bool:
    """Return whether shares at all points follow from those without a hit by Bayes' rule."""
    known = ~np.isnan(means).any(axis=1)
    x = played.points[known][..., np.newaxis]
    logs = alpha * likelihood.log(means[known][:, np.newaxis], scales[known][:, np.newaxis], x)
    gained = logs - logs[:, [played.none]]
    gained -= gained.max(axis=-1, keepdims=True)
    wanted = shares[known][:, [played.none]] * exp(gained)
    total = wanted.sum(axis=-1, keepdims=True)
    # Where the one that explains the print best had next to nothing, the odds are lost in rounding.
    told = total > 1e-9
    off = np.abs(wanted / np.where(told, total, 1.0) - shares[known])
    return bool((np.where(told, off, 0.0) < _CLOSE).all())


def _differences(likelihood: Likelihood, means: Array, scales: Array, points: Array) -> Interval:
    """Return bounds of the differences of slopes of log densities.

    Returns:
        Shape (round, cell, forecaster, forecaster), per unit of the series.
    """
    error = points[..., np.newaxis] - means[:, np.newaxis]
    if likelihood.kind == "gaussian":
        slope = -error / (scales * scales)[:, np.newaxis]
        apart = slope[..., :, np.newaxis] - slope[..., np.newaxis, :]
        # Slopes are linear in the print, and so are their differences.
        return Interval(
            np.minimum(apart[:, :-1], apart[:, 1:]), np.maximum(apart[:, :-1], apart[:, 1:])
        )
    dof = likelihood.degrees_of_freedom
    spread = ((dof - 2.0) * scales * scales)[:, np.newaxis]
    slope = -(dof + 1.0) * error / (spread + error * error)
    steepest = (dof + 1.0) / (2.0 * np.sqrt(spread))
    low, high = np.minimum(slope[:, :-1], slope[:, 1:]), np.maximum(slope[:, :-1], slope[:, 1:])
    turn = np.sqrt(spread)
    for at, value in ((turn, -steepest), (-turn, steepest)):
        inside = (error[:, :-1] < at) & (error[:, 1:] > at)
        low = np.where(inside, np.minimum(low, value), low)
        high = np.where(inside, np.maximum(high, value), high)
    return Interval(
        low[..., :, np.newaxis] - high[..., np.newaxis, :],
        high[..., :, np.newaxis] - low[..., np.newaxis, :],
    )


def factor_course(pool: PoolAggregator, played: PlayedHits) -> Course | None:
    """Return how the squares of the factors move by which the pool multiplies stated scales.

    Args:
        pool: Pool of normals.
        played: Forecasts by hit; the first rounds of a horizon are left unbounded.

    Returns:
        Course of the squared factors; None where they do not follow the law.
    """
    n = played.stated.shape[-1]
    squares = (played.scales[..., :n] / played.stated) ** 2
    rounds, cells = squares.shape[0], squares.shape[1] - 1
    if not pool.rescale:
        still = bool((np.abs(squares - 1.0) < _CLOSE).all())
        return Course(squares, Interval.at(np.zeros((rounds, cells, n)))) if still else None
    rule, stated = pool.scale, played.earlier_stated
    learned = np.maximum(np.arange(rounds) - played.horizon + 1, 0)
    counts = np.array([(rule.discount ** np.arange(k)).sum() for k in learned])
    total = (rule.prior + rule.discount * counts + 1.0)[:, np.newaxis, np.newaxis]
    z = (played.points[..., np.newaxis] - played.earlier_means[:, np.newaxis]) / stated[
        :, np.newaxis
    ]
    low, high = rule.lowest**2, rule.highest**2
    free = (squares > low * (1.0 + _CLOSE)) & (squares < high * (1.0 - _CLOSE))
    capped = np.minimum(z * z, rule.cap) / total
    gained = capped - capped[:, [played.none]]
    both = free & free[:, [played.none]] & ~np.isnan(z)
    if (np.abs(squares - squares[:, [played.none]] - gained)[both] > _CLOSE * high).any():
        return None
    slope = 2.0 * z / (stated[:, np.newaxis] * total)
    ends = Interval(
        np.minimum(slope[:, :-1], slope[:, 1:]), np.maximum(slope[:, :-1], slope[:, 1:])
    )
    loose = ~free | (z * z >= rule.cap * (1.0 - _CLOSE))
    return Course(squares, ends.with_zero(loose[:, :-1] | loose[:, 1:]))
