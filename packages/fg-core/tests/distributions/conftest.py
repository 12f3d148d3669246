"""Independent implementations, straight from the definitions, for what the package computes."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from fg_core.distributions import NormalPart, QuantileGrid


def plain_cdf(stated, x, *, strictly=False):
    """Distribution function of a stated distribution at one place, by its definition."""
    total, left = 0.0, 1.0
    for mass in stated.masses:
        total += mass.probability * (mass.at < x if strictly else mass.at <= x)
        left -= mass.probability
    if isinstance(stated.rest, NormalPart):
        return total + left * norm.cdf(x, stated.rest.mean, stated.rest.scale)
    if isinstance(stated.rest, QuantileGrid):
        return total + left * _grid_cdf(stated.rest, x, strictly)
    return total


def _tail_scales(grid):
    tau, q = np.array(grid.levels), np.array(grid.quantiles)
    low = tau[0] * (q[1] - q[0]) / (tau[1] - tau[0])
    return low, (1.0 - tau[-1]) * (q[-1] - q[-2]) / (tau[-1] - tau[-2])


def reach(stated):
    """How far a distribution reaches: its scale, or that of a tail with little probability."""
    tails = _tail_scales(stated.rest) if isinstance(stated.rest, QuantileGrid) else ()
    return max(stated.scale, *tails, 0.0) + 1e-3


def _grid_cdf(grid, x, strictly):
    tau, q = np.array(grid.levels), np.array(grid.quantiles)
    low, high = _tail_scales(grid)
    if x < q[0] or (x == q[0] and strictly):
        return tau[0] * np.exp((x - q[0]) / low) if low > 0.0 else 0.0
    if x > q[-1] or (x == q[-1] and not strictly):
        return 1.0 - (1.0 - tau[-1]) * np.exp(-(x - q[-1]) / high) if high > 0.0 else 1.0
    found = tau[0]
    for (a, b), (from_level, to_level) in zip(pairwise(q), pairwise(tau), strict=True):
        if a == b:
            reached = a < x if strictly else a <= x
            found += (to_level - from_level) * reached
        else:
            found += (to_level - from_level) * min(max((x - a) / (b - a), 0.0), 1.0)
    return found


def breakpoints(several):
    """Every place where one of the distribution functions has a kink or a jump."""
    found = set()
    for stated in several:
        found |= {mass.at for mass in stated.masses}
        if isinstance(stated.rest, QuantileGrid):
            found |= set(stated.rest.quantiles)
        elif isinstance(stated.rest, NormalPart):
            found |= {stated.rest.mean + k * stated.rest.scale for k in (-6, -2, -1, 0, 1, 2, 6)}
    return found


def plain_crps(weights, several, value):
    """The integral of {F(x) - 1(y <= x)}^2, piece by piece."""

    def miss(x):
        total = sum(w * plain_cdf(s, x) for w, s in zip(weights, several, strict=True))
        return (total - (value <= x)) ** 2

    spread = max(reach(stated) for stated in several)
    ends = breakpoints(several) | {value}
    low, high = min(ends), max(ends)
    far = spread * np.array([0.2, 1.0, 5.0, 25.0, 60.0])
    ends = sorted(ends | set(low - far) | set(high + far))
    return sum(quad(miss, a, b, epsabs=1e-11, epsrel=1e-11)[0] for a, b in pairwise(ends))


def plain_moments(stated):
    """Mean and variance as integrals of the distribution function, around a place of its own."""
    ends = breakpoints([stated])
    middle = sorted(ends)[len(ends) // 2]
    size = reach(stated)
    far = size * np.array([0.2, 1.0, 5.0, 25.0, 60.0])
    ends = sorted(ends | set(min(ends) - far) | set(max(ends) + far))
    first = second = 0.0
    for a, b in pairwise(ends):
        side = 1.0 if a >= middle else -1.0

        def weight(x, side=side):
            return 1.0 - plain_cdf(stated, x) if side > 0.0 else plain_cdf(stated, x)

        first += side * quad(weight, a, b, epsabs=1e-10 * size)[0]
        moment = quad(lambda x, w=weight: 2.0 * abs(x - middle) * w(x), a, b, epsabs=1e-10 * size)
        second += moment[0]
    return middle + first, second - first * first


@pytest.fixture(scope="session")
def plainly():
    """The functions above, by name."""
    return {"cdf": plain_cdf, "crps": plain_crps, "moments": plain_moments}
