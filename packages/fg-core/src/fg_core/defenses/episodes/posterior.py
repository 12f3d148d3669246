r"""Which episode explains the latest surprises, and that nothing has been revised since?

With $\pi$ the probability that an episode begins, $l$ its length and $\phi$ the coefficients of an
autoregression, an episode of age $a$ and shape $g$ has against "no print is false"

$$\text{prior odds } \frac{\pi\, P(g, l \ge a)}{(1 - \pi)^a}, \qquad \text{likelihood ratio }
\int p(c) \prod_j \frac{f(e_j - c\, w_j)}{f(e_j)}\, dc, \qquad
w_j = g_j - \sum_i \phi_i g_{j-i}$$

where $e_j$ are the one-step surprises of the history as it stands, and $f$ the density of a
true one: $(1-q) N(0, s^2) + q N(0, (\kappa s)^2)$. In a series with nearly a unit root the second
print of a level looks perfectly normal ($w \approx 0$): all evidence is the first surprise, and
that it has not been revised, which $P(l \ge a)$ carries. The integral is a sum over nodes that
follow the first surprise, so that no error is too large for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.transcendental import exp, log

from .autoregression import ORDER, Autoregression
from .corroboration import CommonShock
from .counts import EpisodeCounts, EpisodePrior
from .hypotheses import AGE, LONGEST, NEWEST_FIRST, PATTERN, RAMP, SHAPE

__all__ = ["EpisodePosterior", "TailedNormal", "false_if_unrevised", "posterior_of"]

Array = NDArray[np.float64]

_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))
_NODES = np.linspace(-6.0, 6.0, 41)
_SPACING = float(_NODES[1] - _NODES[0])
_FARTHEST = 1e3
"""In standard deviations: surprises beyond are taken for it."""

# Prints of all hypotheses one after the other: whose they are, which in the episode, where among
# the latest surprises.
_OWNER = np.repeat(np.arange(AGE.size), AGE)
_PLACE = np.concatenate([np.arange(age) for age in AGE])
_SURPRISE = LONGEST - AGE[_OWNER] + _PLACE
_FIRST = np.concatenate([[0], np.cumsum(AGE)[:-1]])
_NEWEST_PRINT = 1
"""Number of hypotheses of age 1; they stand first."""


@dataclass(frozen=True, eq=False)
class TailedNormal:
    """The density of true surprises: a normal one with turmoil, in each of many games.

    Args:
        scale: Standard deviation of calm surprises, shape (game,), in steps.
        tail_share: q, the share of surprises in turmoil, shape (game,).
        tail_factor: kappa, by how much wider these are.
    """

    scale: Array
    tail_share: Array
    tail_factor: float

    def log_density(self, z: Array, common: CommonShock | None = None) -> Array:
        """Return the logarithm of the density up to a constant; it is finite wherever `z` is.

        Args:
            z: Surprises in calm standard deviations, shape (game, print) or (game, print, node).
            common: Shock to all series at each print; None: there is no sign of any.
        """
        lone = (-1, *(1,) * (z.ndim - 1))
        q, factor = self.tail_share.reshape(lone), self.tail_factor
        half = 0.5 * z * z
        calm = (1.0 - q) * exp(-half * (1.0 - 1.0 / factor**2))
        own = np.asarray(log(calm + q / factor) - half / factor**2)
        if common is None:
            return own
        weight, wide = (
            one if z.ndim == 2 else one[..., np.newaxis] for one in (common.weight, common.factor)
        )
        shared = log(np.maximum(weight, 1e-300) / wide) - half / wide**2
        own = own + log(1.0 - weight)
        most = np.maximum(own, shared)
        return np.asarray(most + log(exp(own - most) + exp(shared - most)))

    @classmethod
    def learned(
        cls, z: Array, weights: Array, sigma: Array, *, share: float, weight: float, factor: float
    ) -> Self:
        """Return the density by surprises that each is true with some probability.

        Args:
            z: Surprises in standard deviations of one-step errors, shape (game, print).
            weights: Weight of each surprise, likewise.
            sigma: Standard deviation of one-step errors, shape (game,), in steps.
            share: Share of turmoil before any surprise.
            weight: How many surprises that is worth.
            factor: By how much wider surprises in turmoil are.
        """
        squares = z * z
        n = weights.sum(axis=-1)
        capped = (weights * np.minimum(squares, 9.0)).sum(axis=-1)
        f = np.minimum(np.maximum(np.sqrt((4.0 + capped) / (4.0 + n)), 0.4), 2.5)
        ratio = np.minimum(squares / (f * f)[:, np.newaxis], 1e4)
        calmer = factor * exp(-0.5 * ratio * (1.0 - 1.0 / factor**2))
        q = np.full_like(f, share)
        for _ in range(2):  # two steps of expectation and maximisation
            one = q[:, np.newaxis]
            rough = (weights * (one / (one + (1.0 - one) * calmer))).sum(axis=-1)
            q = (weight * share + rough) / (weight + n)
        return cls(sigma * f, q, factor)


@dataclass(frozen=True, eq=False)
class EpisodePosterior:
    """Posterior of each hypothesis in each of many games.

    Args:
        probability: Shape (game, hypothesis); what is left of one is "no print is false".
        mean: Mean of the size c, likewise, in steps.
        variance: Variance of the size, likewise, in squared steps.
    """

    probability: Array
    mean: Array
    variance: Array


def posterior_of(
    prior: EpisodePrior,
    counts: EpisodeCounts,
    model: Autoregression,
    true: TailedNormal,
    surprises: Array,
    unrevised: NDArray[np.intp],
    prints: int = LONGEST,
    common: CommonShock | None = None,
) -> EpisodePosterior:
    """Return the posterior of all hypotheses.

    Args:
        prior: Prior of episodes.
        counts: What reveals have taught.
        model: Autoregression of each game.
        true: Density of true surprises.
        surprises: Latest surprises, shape (game, 8), oldest first, in steps.
        unrevised: How many of the newest prints are neither revised nor settled, shape (game,).
        prints: How many these are at most in any game. If 1, only the hypothesis that the newest
            print alone is false is worked out, and returned.
        common: Shock to all series at each of the surprises; None: there is no sign of any.

    Returns:
        Posterior; hypotheses that are older than the prints allow have no probability.
    """
    s, sd = true.scale, model.sd
    latest = surprises[:, -1:] if prints == 1 else surprises
    z = np.minimum(np.maximum(latest / s[:, np.newaxis], -_FARTHEST), _FARTHEST)
    unit = (s / sd)[:, np.newaxis, np.newaxis]
    if prints == 1:
        age, shape = AGE[:_NEWEST_PRINT], SHAPE[:_NEWEST_PRINT]
        own = z[..., np.newaxis]
        c = own - _NODES
        # An error of the newest print moves its surprise by as much.
        here = None if common is None else common.take(slice(-1, None))
        both = np.concatenate([own - c, own], axis=-1)
        density_log = true.log_density(both, here)
        log_ratio = density_log[..., :-1] - density_log[..., -1:]
        density = counts.size_density(prior, c * unit) * unit
    else:
        age, shape = AGE, SHAPE
        sizes_by_start = z[:, :, np.newaxis] - _NODES  # c / s by where an episode began
        begins = LONGEST - age
        c = sizes_by_start[:, begins]
        own = z[:, _SURPRISE]
        rest = own[..., np.newaxis] - c[:, _OWNER] * _responses(model.phi)[..., np.newaxis]
        here = None if common is None else common.take(_SURPRISE)
        ratio = true.log_density(rest, here) - true.log_density(own, here)[..., np.newaxis]
        log_ratio = np.add.reduceat(ratio, _FIRST, axis=1)
        density = (counts.size_density(prior, sizes_by_start * unit) * unit)[:, begins]
        step = prior.ramp_step / unit
        steps = c[:, shape == RAMP] / step
        density[:, shape == RAMP] = exp(-0.5 * steps * steps) / (_ROOT_TWO_PI * step)
    rates = counts.rates(prior)
    later = counts.last != 0.0
    if later.any():
        # The print before was revised: perhaps this one is off by as much.
        again = counts.repeated(prior)[:, np.newaxis]
        width = counts.repeat_width(sd)[:, np.newaxis]
        off = (c[:, 0] * s[:, np.newaxis] - counts.last[:, np.newaxis]) / width
        alike = exp(-0.5 * off * off) * s[:, np.newaxis] / (_ROOT_TWO_PI * width)
        mixed = (1.0 - again) * density[:, 0] + again * alike
        density[:, 0] = np.where(later[:, np.newaxis], mixed, density[:, 0])
    rate = np.where(later, rates[:, 1], rates[:, 0])[:, np.newaxis]
    if prints == 1:
        odds = rate / (1.0 - rate)
    else:
        lasting = counts.lasting(prior)[:, shape, age]
        lasting[:, 0] = 1.0  # at age 1 all shapes look alike
        quiet = np.ones_like(rate)
        powers = [quiet := quiet * (1.0 - rate) for _ in range(LONGEST)]
        odds = rate * lasting / np.concatenate(powers, axis=1)[:, age - 1]
    odds = np.where(unrevised[:, np.newaxis] >= age, odds, 0.0)
    mass = density * exp(np.minimum(log_ratio, 600.0)) * _SPACING
    total = mass.sum(axis=-1) + 1e-300
    weight = odds * total
    probability = weight / (1.0 + weight.sum(axis=-1, keepdims=True))
    c = c * s[:, np.newaxis, np.newaxis]
    mean = (mass * c).sum(axis=-1) / total
    off = c - mean[..., np.newaxis]
    variance = (mass * off * off).sum(axis=-1) / total
    return EpisodePosterior(probability, mean, variance)


def _responses(phi: Array) -> Array:
    """Return by how much each print of each hypothesis surprises per unit of c, (game, entry)."""
    found = np.broadcast_to(PATTERN, (phi.shape[0], *PATTERN.shape)).copy()
    for k in range(ORDER):
        found[..., k + 1 :] -= phi[:, k, np.newaxis, np.newaxis] * PATTERN[:, : LONGEST - k - 1]
    return np.ascontiguousarray(found[:, _OWNER, _PLACE])


def false_if_unrevised(
    prior: EpisodePrior, counts: EpisodeCounts, found: EpisodePosterior
) -> Array:
    """Return how probably the newest prints are still false if none of them is revised next.

    Args:
        prior: Prior of episodes.
        counts: What reveals have taught.
        found: Posterior at the latest of these prints.

    Returns:
        Probabilities, shape (game, 8), newest first.
    """
    lasting = counts.lasting(prior)
    now, then = lasting[:, SHAPE, AGE], lasting[:, SHAPE, AGE + 1]
    goes_on = then / np.where(now > 0.0, now, 1.0)
    goes_on[:, 0] = lasting[:, :, 2].sum(axis=-1) / lasting[:, :, 1].sum(axis=-1)
    left = found.probability * goes_on
    none = 1.0 - found.probability.sum(axis=-1, keepdims=True)
    left = left / (none + left.sum(axis=-1, keepdims=True))
    return np.asarray((left[..., np.newaxis] * (NEWEST_FIRST != 0.0)).sum(axis=1))
