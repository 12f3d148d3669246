"""State of a pool, and the weights and scales that follow from it.

Pure functions over arrays with the forecaster on the last axis; leading axes (games) broadcast.
The scalar pool and the pool of a batch call the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays
from fg_core.errors import DataError
from fg_core.frozen import construct_unchecked
from fg_core.transcendental import log

from . import weights as functions
from .prior import group_weights
from .rules import ScoredForecasts, WeightRule
from .saving import array_from_plain, array_to_plain, field_of
from .scale import ScaleRule, discounted_add

__all__ = ["PoolSettings", "PoolState", "inflated"]

Array = NDArray[np.float64]
T = TypeVar("T")
_ARRAYS = ("squares", "n_squares", "errors", "n_errors")


@dataclass(frozen=True, eq=False)
class PoolState:
    """State that a pool has learned for one horizon; arrays of shape (..., forecaster).

    In a batch, lanes (games, or series that games share) are the first axis; an array without
    that axis, or of length 1 along it, is the same in all lanes.

    Args:
        learned: State of the rule of the weights.
        squares: Discounted sum of capped squared standardised errors.
        n_squares: Discounted count behind `squares`.
        errors: Discounted sum of squared errors.
        n_errors: Discounted count behind `errors`.
        start_scale: Root mean square of changes over the horizon in the training window; of
            shape (lane, 1) where lanes have windows of their own.
    """

    learned: tuple[Array, ...]
    squares: Array
    n_squares: Array
    errors: Array
    n_errors: Array
    start_scale: float | Array
    _known: dict[str, tuple[PoolSettings, Any]] = field(
        default_factory=dict, init=False, repr=False
    )

    @classmethod
    def empty(cls, settings: PoolSettings, n: int, start_scale: float) -> PoolState:
        """Return the memory of a pool of `n` forecasters that has seen nothing.

        Args:
            settings: Settings of the pool.
            n: Number of forecasters.
            start_scale: Standard deviation that the pool begins with, in the unit of the series.

        Returns:
            Memory without lanes, arrays of shape (forecaster,).
        """
        zeros = np.zeros(n)
        start = settings.weighing.start(n, settings.before)
        return cls(start, zeros, zeros, zeros, zeros, start_scale)

    def to_plain(self) -> dict[str, Any]:
        """Return the memory as plain values that JSON can hold."""
        return {
            "learned": [array_to_plain(array) for array in self.learned],
            **{name: array_to_plain(getattr(self, name)) for name in _ARRAYS},
            "start_scale": self.start_scale,
        }

    @classmethod
    def from_plain(cls, settings: PoolSettings, n: int, plain: object) -> PoolState:
        """Return the memory that `to_plain` wrote.

        Args:
            settings: Settings of the pool that it is for.
            n: Number of forecasters.
            plain: Plain values as they were read.

        Returns:
            Memory equal to the one that was written, to the last bit.

        Raises:
            DataError: It is no memory, or not of such a pool.
        """
        start = float(field_of(plain, "start_scale"))
        fresh = cls.empty(settings, n, start)
        learned = [array_from_plain("learned", item) for item in field_of(plain, "learned")]
        if [a.shape for a in learned] != [a.shape for a in fresh.learned]:
            raise DataError(
                "what was saved has another rule for weights, or other forecasters: it holds "
                f"arrays of shapes {[a.shape for a in learned]}, and this pool wants "
                f"{[a.shape for a in fresh.learned]}"
            )
        others = [array_from_plain(name, field_of(plain, name)) for name in _ARRAYS]
        for name, array in zip(_ARRAYS, others, strict=True):
            if array.shape[-1:] not in ((), (n,)):
                raise DataError(f"{name}: {n} forecasters are wanted, got shape {array.shape}")
        return cls(tuple(learned), others[0], others[1], others[2], others[3], start)

    def once(self, what: str, settings: PoolSettings, compute: Callable[[PoolState], T]) -> T:
        """Return what `compute` makes of this memory; the second time it is only looked up."""
        known = self._known.get(what)
        if known is not None and (known[0] is settings or known[0] == settings):
            made: T = known[1]
            return made
        found = compute(self)
        self._known[what] = settings, found
        return found


@dataclass(frozen=True)
class PoolSettings:
    """The constants of a pool, and the arithmetic that needs them; see `PoolAggregator`.

    Args:
        weighing: Rule of the weights.
        shrinkage: Share of the prior weights mixed into learned ones.
        rescale: Whether stated scales are corrected by past errors.
        scale: Constants of that correction.
        groups: Number of each forecaster's group; empty: all forecasters count alike.
    """

    weighing: WeightRule
    shrinkage: float
    rescale: bool
    scale: ScaleRule
    groups: tuple[int, ...] = ()

    def prior(self, present: NDArray[np.bool_]) -> Array:
        """Return the weights of forecasters of which nothing is known.

        Args:
            present: Whether a forecaster has a forecast, shape (..., forecaster).

        Returns:
            Prior weights, shape (..., forecaster), sum 1; zero for the absent.
        """
        if self.before is None:
            return functions.equal_weights(present)
        if np.count_nonzero(present) == present.size:
            return self.before
        return group_weights(np.array(self.groups), present)

    @cached_property
    def before(self) -> Array | None:
        """The prior of all forecasters together; None where they count alike."""
        if not self.groups:
            return None
        return group_weights(np.array(self.groups), np.ones(len(self.groups), dtype=np.bool_))

    def believed(self, memory: PoolState, means: Array, stated_scales: Array) -> Array:
        """Return the scales that the pool uses.

        Args:
            memory: Memory of the horizon.
            means: Means of the forecasts, shape (..., forecaster); NaN for a forecaster without
                one.
            stated_scales: Standard deviations; NaN where none is stated (the pool then believes the
                forecaster's past errors).

        Returns:
            Standard deviations, shape (..., forecaster), in the unit of the series.
        """
        found = stated_scales
        if self.rescale:
            found = stated_scales * memory.once("factor", self, self._factor)
        silent = np.isnan(stated_scales)
        if np.count_nonzero(silent):
            prior = self.scale.prior
            start = memory.start_scale
            seen = np.sqrt((prior * (start * start) + memory.errors) / (prior + memory.n_errors))
            found = np.where(silent, seen, found)
        # A stated scale of exactly 0 is no density; the smallest step there is stands in.
        # (NaN means give NaN scales.)
        smallest = np.abs(means)
        smallest *= 1e-12
        np.maximum(smallest, 1e-300, out=smallest)
        return np.maximum(found, smallest, out=smallest)

    def weights(self, memory: PoolState, present: NDArray[np.bool_] | None) -> Array:
        """Return the weights of the next forecast.

        Args:
            memory: Memory of the horizon.
            present: Whether a forecaster has a forecast; the others get weight zero. None: all
                have one.

        Returns:
            Weights of the forecasters, shape (..., forecaster), sum 1; zero for the absent.
        """
        if present is not None and np.count_nonzero(present) < present.size:
            return self._shared_among(memory, present)
        return memory.once("weights", self, self._shared_among_all)

    def _shared_among_all(self, memory: PoolState) -> Array:
        prior = self.before
        if prior is None:
            k = memory.squares.shape[-1]
            prior = np.full(k, 1.0 / k)
        if not self.weighing.learns:
            return prior
        return self._shrunk(memory.once("weighed", self, self._weighed)[0], prior)

    def _shrunk(self, shares: Array, prior: Array) -> Array:
        found: Array = (1.0 - self.shrinkage) * shares
        found += self.shrinkage * prior
        return found

    def _factor(self, memory: PoolState) -> Array:
        return self.scale.factor(memory.squares, memory.n_squares)

    def _shared_among(self, memory: PoolState, present: NDArray[np.bool_]) -> Array:
        prior = self.prior(present)
        if not self.weighing.learns:
            return prior
        shares, logs = memory.once("weighed", self, self._weighed)
        if np.count_nonzero(present) < present.size:
            if self.before is not None:
                # What the absent leave behind stays in their group as long as a member of it is
                # there.
                with np.errstate(divide="ignore"):
                    logs = logs + log(prior / self.before)
            # In logarithms, so that the forecasters present share everything even if they had
            # next to nothing before the others left.
            everyone = np.logical_and.reduce(present, axis=-1)[..., np.newaxis]
            shares = np.where(everyone, shares, functions.normalise(logs, present))
        return self._shrunk(shares, prior)

    def _weighed(self, memory: PoolState) -> tuple[Array, Array]:
        """Return the weights of all forecasters before shrinkage, and their logarithms."""
        return self.weighing.weights(memory.learned, self.before)

    def learned(
        self,
        memory: PoolState,
        means: Array,
        stated_scales: Array,
        scales: Array,
        target: Array,
        weights: Array | None = None,
        shapes: ShapeArrays | None = None,
        n_series: int = 1,
    ) -> PoolState:
        """Return the memory after the target of a forecast is revealed.

        Args:
            memory: Memory of the horizon.
            means: Means of the forecasts, as in `believed`.
            stated_scales: Stated standard deviations, as in `believed`.
            scales: Standard deviations that were believed when the forecast was made.
            target: Value that was forecast, shape (..., 1) or a number, in the unit of the series.
            weights: Weights of the forecast, zero for the absent; None: those of the next one.
            shapes: Distributions that were believed then, leading axes (..., forecaster);
                None: all are normal.
            n_series: Number of series that the weights are learned from together; see
                `ScoredForecasts`.
        """
        known = ~np.isnan(means)
        everyone = np.count_nonzero(known) == known.size
        if weights is None and self.weighing.learns_from_weights:
            weights = self.weights(memory, known)
        # Without any forecast there is no density; 1 stands in and NaN is put back below.
        scored = construct_unchecked(
            ScoredForecasts,
            means=means if everyone else np.where(known, means, 0.0),
            scales=scales if everyone else np.where(known, scales, 1.0),
            target=target,
            known=known,
            everyone=everyone,
            weights=weights,
            shapes=shapes,
            typical_change=memory.start_scale,
            n_series=n_series,
        )
        _, logs = memory.once("weighed", self, self._weighed)
        state = self.weighing.update(memory.learned, logs, self.before, scored)
        error = target - means
        usable = stated_scales > 0.0
        all_usable = np.count_nonzero(usable) == usable.size
        z = error / (stated_scales if all_usable else np.where(usable, stated_scales, np.nan))
        capped, square = self.scale.capped(z), error * error
        discount = self.scale.discount
        squares, n_squares = discounted_add(
            memory.squares, memory.n_squares, capped, discount, everyone and all_usable
        )
        errors, n_errors = discounted_add(
            memory.errors, memory.n_errors, square, discount, everyone
        )
        return construct_unchecked(
            PoolState,
            learned=state,
            squares=squares,
            n_squares=n_squares,
            errors=errors,
            n_errors=n_errors,
            start_scale=memory.start_scale,
            _known={},
        )


def inflated(scales: Array, inflation: Array) -> Array:
    """Return scales with a standard deviation added in quadrature, where there is one to add.

    Args:
        scales: Standard deviations, any shape, at least 0, in the unit of the series.
        inflation: Standard deviations to add, of a shape that broadcasts, in the same unit; where
            one is 0 the scale stays as it is, to the last bit.

    Returns:
        Square roots of the sums of squares, of the shape to which both broadcast, in the unit of
        the series.
    """
    wider = np.sqrt(scales * scales + np.square(inflation))
    added = inflation > 0.0
    return np.asarray(
        wider if np.count_nonzero(added) == added.size else np.where(added, wider, scales),
        dtype=np.float64,
    )
