"""What a pool remembers of its forecasters, and what follows from it.

Pure functions over arrays with the forecaster on the last axis; leading axes (games) broadcast.
The scalar pool and the pool of a batch call the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.scoring._kernels import gaussian_crps, gaussian_log_score, student_t_log_score

from . import weights as rules
from .scale import ScaleRule, discounted_add

__all__ = ["PoolMemory", "PoolMode", "PoolRule", "inflated"]

Array = NDArray[np.float64]
PoolMode = Literal["bayesian", "equal", "rank", "reward_proportional"]


@dataclass(frozen=True, eq=False)
class PoolMemory:
    """What a pool has learned for one horizon; arrays of shape (..., forecaster).

    Args:
        log_weights: Log posterior weights (Bayesian mode only).
        squares: Discounted sum of capped squared standardised errors.
        n_squares: Discounted count behind `squares`.
        errors: Discounted sum of squared errors.
        n_errors: Discounted count behind `errors`.
        losses: Discounted sum of CRPS (rank and reward modes only).
        n_losses: Discounted count behind `losses`.
        start_scale: Root mean square of changes over the horizon in the training window.
    """

    log_weights: Array
    squares: Array
    n_squares: Array
    errors: Array
    n_errors: Array
    losses: Array
    n_losses: Array
    start_scale: float
    _known: dict[str, tuple[PoolRule, Array]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def empty(cls, n: int, start_scale: float) -> PoolMemory:
        """Return the memory of a pool of `n` forecasters that has seen nothing."""
        zeros = np.zeros(n)
        start = np.full(n, -np.log(n))
        return cls(start, zeros, zeros, zeros, zeros, zeros, zeros, start_scale)

    def once(self, what: str, rule: PoolRule, compute: Callable[[PoolMemory], Array]) -> Array:
        """Return what `compute` makes of this memory; the second time it is only looked up."""
        known = self._known.get(what)
        if known is not None and (known[0] is rule or known[0] == rule):
            return known[1]
        found = compute(self)
        self._known[what] = rule, found
        return found


@dataclass(frozen=True)
class PoolRule:
    """The constants of a pool, and the rules that need them; see `PoolAggregator`."""

    mode: PoolMode
    alpha: float
    floor: float
    likelihood: Literal["gaussian", "student_t"]
    degrees_of_freedom: float
    shrinkage: float
    rescale: bool
    scale: ScaleRule
    loss_discount: float

    def believed(self, memory: PoolMemory, means: Array, claimed: Array) -> Array:
        """Return the scales that the pool uses, shape (..., forecaster).

        Args:
            memory: Of the horizon.
            means: Of the forecasts; NaN for a forecaster without one.
            claimed: Standard deviations; NaN where none is claimed (the pool then believes the
                forecaster's past errors).
        """
        found = claimed
        if self.rescale:
            found = claimed * memory.once("factor", self, self._factor)
        silent = np.isnan(claimed)
        if np.count_nonzero(silent):
            prior = self.scale.prior
            seen = np.sqrt(
                (prior * memory.start_scale**2 + memory.errors) / (prior + memory.n_errors)
            )
            found = np.where(silent, seen, found)
        # A claim of exactly no uncertainty is no density; the smallest step there is stands in.
        # (NaN means give NaN scales.)
        smallest = np.abs(means)
        smallest *= 1e-12
        np.maximum(smallest, 1e-300, out=smallest)
        return np.maximum(found, smallest, out=smallest)

    def weights(self, memory: PoolMemory, present: NDArray[np.bool_]) -> Array:
        """Return the weights of the next forecast, shape (..., forecaster).

        Args:
            memory: Of the horizon.
            present: Which forecasters have a forecast; the others get weight zero.
        """
        if np.count_nonzero(present) < present.size:
            return self._shared_among(memory, present)
        return memory.once("weights", self, lambda known: self._shared_among(known, present))

    def _factor(self, memory: PoolMemory) -> Array:
        return self.scale.factor(memory.squares, memory.n_squares)

    def _shared_among(self, memory: PoolMemory, present: NDArray[np.bool_]) -> Array:
        if self.mode == "equal":
            return rules.equal_weights(present)
        logs = memory.once("logs", self, self._logs)
        # In logarithms, so that the forecasters present share everything even if they had next
        # to nothing before the others left.
        found = rules.normalise(logs, present)
        found *= 1.0 - self.shrinkage
        found += self.shrinkage * rules.equal_weights(present)
        return found

    def _logs(self, memory: PoolMemory) -> Array:
        if self.mode == "bayesian":
            return rules.forget(memory.log_weights, self.alpha, self.floor)
        loss = np.where(
            memory.n_losses > 0.0, memory.losses / np.maximum(memory.n_losses, 1e-300), np.nan
        )
        if self.mode == "rank":
            return np.log(rules.rank_weights(loss))
        known = ~np.isnan(loss)
        count = ordered_sum(known.astype(np.float64))
        typical = ordered_sum(np.where(known, loss, 0.0)) / np.maximum(count, 1.0)
        return np.log(rules.reward_weights(-loss, np.maximum(typical, 1e-300)))

    def learned(
        self, memory: PoolMemory, means: Array, claimed: Array, scales: Array, target: Array
    ) -> PoolMemory:
        """Return the memory after the target of a forecast is revealed.

        Args:
            memory: Of the horizon.
            means: As in `believed`.
            claimed: As in `believed`.
            scales: What was believed when the forecast was made.
            target: Shape (..., 1) or a number, in the unit of the series.
        """
        known = ~np.isnan(means)
        everyone = np.count_nonzero(known) == known.size
        # Where nobody forecast there is no density; 1 stands in and NaN is put back below.
        safe_mean = means if everyone else np.where(known, means, 0.0)
        safe_scale = scales if everyone else np.where(known, scales, 1.0)

        def blanked(found: Array) -> Array:
            return found if everyone else np.where(known, found, np.nan)

        logs = memory.log_weights
        if self.mode == "bayesian":
            prior = memory.once("logs", self, self._logs)
            if self.likelihood == "gaussian":
                score = gaussian_log_score(safe_mean, safe_scale, target)
            else:
                dof = self.degrees_of_freedom
                width = safe_scale * np.sqrt((dof - 2.0) / dof)
                score = student_t_log_score(safe_mean, width, dof, target)
            logs = rules.bayes_weights(prior, blanked(-score))
        losses = (memory.losses, memory.n_losses)
        if self.mode in ("rank", "reward_proportional"):
            loss = blanked(gaussian_crps(safe_mean, safe_scale, target))
            losses = discounted_add(*losses, loss, self.loss_discount)
        error = target - means
        usable = claimed > 0.0
        all_usable = bool(usable.all())
        z = error / (claimed if all_usable else np.where(usable, claimed, np.nan))
        capped, square = self.scale.capped(z), error * error
        discount = self.scale.discount
        return PoolMemory(
            logs,
            *discounted_add(
                memory.squares, memory.n_squares, capped, discount, everyone and all_usable
            ),
            *discounted_add(memory.errors, memory.n_errors, square, discount, everyone),
            *losses,
            memory.start_scale,
        )


def inflated(scales: Array, inflation: Array) -> Array:
    """Return scales with a standard deviation added in quadrature, where there is one to add."""
    wider = np.sqrt(scales * scales + np.square(inflation))
    added = inflation > 0.0
    return np.asarray(
        wider if np.count_nonzero(added) == added.size else np.where(added, wider, scales),
        dtype=np.float64,
    )
