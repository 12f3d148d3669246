"""How the pools of a grid learn: what a memory becomes after a value, and what follows from it.

All pools learn in the same few array operations; axes as in `grid_memory`. Each operation is
elementwise over lanes, and sums run in the order of the forecasters and pools, so that a lane gets
the same bits alone and among others.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.pooling import (
    discounted_add,
    forget_ratio,
    normal_losses,
    normalise,
    ordered_rows,
    ordered_sum,
    relative_losses,
    update_evidence,
)
from fg_core.transcendental import log

from .grid import PoolGrid
from .grid_members import Membership
from .grid_memory import GridMemory, HorizonPosterior, join_lanes, lanes_of, take_lanes
from .lanes import Lanes, along_last, blocks, difference, rows
from .pooled_forecast import Pooled

__all__ = ["GridLearning", "MemoryView"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GridLearning:
    """The rules of a grid for certain forecasters.

    Args:
        grid: The settings.
        members: Members of each set.
    """

    grid: PoolGrid
    members: Membership

    @cached_property
    def _alphas(self) -> Array:
        return np.array(self.grid.alphas)[:, np.newaxis]

    @cached_property
    def _discounts(self) -> Array:
        return np.array(self.grid.discounts)[:, np.newaxis]

    @cached_property
    def _temperatures(self) -> Array:
        return np.array(self.grid.temperatures)[:, np.newaxis, np.newaxis]

    @cached_property
    def _wide_prior(self) -> Array:
        return self.members.prior(self.members.everyone)[0][..., np.newaxis, :]

    @cached_property
    def _n_pools(self) -> float:
        grid, n_sets = self.grid, self.members.members.shape[0]
        each = len(grid.discounts) * len(grid.temperatures) * len(grid.recalibrate)
        return float(n_sets * each)

    def start(self, start_square: float) -> GridMemory:
        """Return the memory of pools that have seen nothing.

        Args:
            start_square: Mean square of changes over the horizon in the training window.

        Returns:
            Memory without a lane axis.
        """
        grid, (s, k) = self.grid, self.members.members.shape
        d, t = len(grid.discounts), len(grid.temperatures)
        return GridMemory(
            evidence=np.zeros((s, d, t, len(grid.alphas), k)),
            scores=np.zeros((s, d, t, len(grid.alphas))),
            squares=np.zeros((d, k)),
            n_squares=np.zeros((d, k)),
            errors=np.zeros(k),
            n_errors=np.zeros(k),
            spread=np.zeros((s, d, t)),
            n_spread=np.zeros((s, d, t)),
            losses=np.zeros((s, d, t, len(grid.recalibrate))),
            typical=np.zeros(()),
            n_losses=np.zeros(()),
            start_square=np.array(start_square),
        )

    def ratio(self, memory: GridMemory) -> Array:
        """Return weight over prior weight for each forgetting factor, (..., s, d, t, q, k).

        Returns:
            Ratios of at least 0, without a unit.
        """
        return forget_ratio(memory.evidence, self._wide_prior, self._alphas, self.grid.floor)

    def blocks(self, lanes: int, memory: GridMemory) -> list[slice]:
        """Return blocks of lanes to learn in; empty where one is enough.

        Returns:
            Slices of neighbouring lanes, in order.
        """
        found = blocks(lanes, int(np.prod(memory.evidence.shape[-5:]))) if lanes > 1 else []
        return found if len(found) > 1 else []

    def posterior(self, memory: GridMemory, ratio: Array) -> HorizonPosterior:
        """Return the posterior given a memory; `ratio` is the result of `ratio` for it.

        Returns:
            Arrays with a lane axis where the memory has one.
        """
        rule = self.grid.scale
        square = rule.prior * memory.start_square[..., np.newaxis] + memory.errors
        # One number a lane beside the axes of the pools.
        typical, count = (
            one[..., np.newaxis, np.newaxis, np.newaxis, np.newaxis] if one.ndim else one
            for one in (memory.typical, memory.n_losses)
        )
        mixed = normalise(memory.scores)[..., np.newaxis] * ratio
        return HorizonPosterior(
            ratio=ordered_rows(mixed),
            factor=rule.factor(memory.squares, memory.n_squares),
            seen=np.sqrt(square / (rule.prior + memory.n_errors)),
            spread=self.grid.spread.factor(memory.spread, memory.n_spread),
            losses=relative_losses(memory.losses, typical, count),
        )

    def learned(
        self, memory: GridMemory, forgotten: tuple[Array, Array], pooled: Pooled, target: Array
    ) -> GridMemory:
        """Return the memory after the target of a forecast is revealed.

        Lanes come from the memory, the forecast or the target, whichever has them.

        Args:
            memory: Memory before the target.
            forgotten: Weight over prior weight for each forgetting factor, and its logarithm.
            pooled: The forecast, as each pool had made it.
            target: Value of the target, (...).

        Returns:
            Memory with a lane axis where any of the three has one.
        """
        grid, present, stated_scales = self.grid, pooled.present, pooled.stated_scales
        value = target[..., np.newaxis]
        everyone = int(np.count_nonzero(present)) == present.size
        error = difference(value, pooled.means, 1)
        density = grid.likelihood.log(0.0, pooled.scales, error[..., np.newaxis, :])
        usable = stated_scales > 0.0
        all_usable = int(np.count_nonzero(usable)) == usable.size
        z = error / (stated_scales if all_usable else np.where(usable, stated_scales, 1.0))
        capped = grid.scale.capped(z)
        if not everyone:
            density = np.where(present[..., np.newaxis, :], density, np.nan)
            error = np.where(present, error, np.nan)
        if not (everyone and all_usable):
            capped = np.where(present & usable, capped, np.nan)
        evidence, score = update_evidence(
            memory.evidence,
            forgotten,
            self._wide_prior,
            density[..., np.newaxis, :, np.newaxis, np.newaxis, :],
            self._temperatures,
        )
        squares, n_squares = discounted_add(
            memory.squares,
            memory.n_squares,
            capped[..., np.newaxis, :],
            self._discounts,
            everyone and all_usable,
        )
        errors, n_errors = discounted_add(
            memory.errors, memory.n_errors, error * error, grid.scale.discount, everyone
        )
        return GridMemory(
            evidence,
            grid.alpha_discount * memory.scores + score,
            squares,
            n_squares,
            errors,
            n_errors,
            *self._pools_learned(memory, pooled, target),
            memory.start_square,
        )

    def _pools_learned(
        self, memory: GridMemory, pooled: Pooled, target: Array
    ) -> tuple[Array, Array, Array, Array, Array]:
        """Return spread, n_spread, losses, typical and n_losses after a value."""
        grid, alive = self.grid, pooled.weighing.alive
        value = target[..., np.newaxis, np.newaxis, np.newaxis]
        distance = difference(value, pooled.centres, 3)
        deviations = np.sqrt(pooled.variances)
        square = grid.spread.capped(distance / deviations)
        # One recalibration after the other: an axis of two, the innermost, would be the slowest.
        losses = [
            normal_losses(
                0.0, deviations * pooled.weighing.spread if drawn else deviations, distance
            )
            for drawn in grid.recalibrate
        ]
        loss = along_last(losses, 3)
        all_alive = int(np.count_nonzero(alive)) == alive.size
        if not all_alive:
            # A pool without members is taken to have done as well as the others.
            there = alive[..., np.newaxis, np.newaxis, np.newaxis]
            n_alive = np.count_nonzero(alive, axis=-1) * (self._n_pools / alive.shape[-1])
            level = _summed(np.where(there, loss, 0.0)) / np.maximum(n_alive, 1.0)
            level = level[..., np.newaxis, np.newaxis, np.newaxis, np.newaxis]
            loss = np.where(there, loss, level)
            square = np.where(alive[..., np.newaxis, np.newaxis], square, np.nan)
        spread, n_spread = discounted_add(
            memory.spread, memory.n_spread, square, grid.spread.discount, all_alive
        )
        keep = grid.loss_discount
        mean = _summed(loss) / self._n_pools
        return (
            spread,
            n_spread,
            keep * memory.losses + loss,
            np.asarray(keep * memory.typical + mean),
            np.asarray(keep * memory.n_losses + 1.0),
        )


def _summed(losses: Array) -> Array:
    """Return the sums of losses over all pools, strictly in their order, (...)."""
    return ordered_sum(losses.reshape((*losses.shape[:-4], -1)))


@dataclass(frozen=True, eq=False)
class MemoryView:
    """A memory with what follows from it, computed when it is first asked for.

    Args:
        learning: The rules.
        memory: Memory of what was learned.
    """

    learning: GridLearning
    memory: GridMemory

    @lazy
    def lanes(self) -> int:
        """Number of lanes that the memory tells apart; 1: it is the same in all lanes."""
        return lanes_of(self.memory)

    @lazy
    def ratio(self) -> Array:
        """Weight over prior weight for each forgetting factor, (..., s, d, t, q, k)."""
        return self.learning.ratio(self.memory)

    @lazy
    def _logs(self) -> Array:
        """Its logarithm: the floor of the weights is above 0."""
        return log(self.ratio)

    @lazy
    def posterior(self) -> HorizonPosterior:
        """All that a forecast needs."""
        where = self.learning.blocks(self.lanes, self.memory)
        if not where:
            return self.learning.posterior(self.memory, self.ratio)
        return join_lanes([self.take(lanes).posterior for lanes in where], where)

    @lazy
    def posteriors(self) -> list[weakref.ref[Any]]:
        """The posteriors that this memory is part of, as long as they are in use."""
        return []

    @lazy
    def _next(self) -> list[tuple[Pooled, bytes, weakref.ref[MemoryView]]]:
        return []

    def learned(self, pooled: Pooled, target: Array) -> MemoryView:
        """Return the view after the target of a forecast is revealed.

        The game learns the same twice, from a print and when that turns out to have been true: as
        long as the result is in use, it is not computed again.

        Args:
            pooled: The forecast, as each pool had made it.
            target: Value of the target, (...).

        Returns:
            View with a lane axis where the view, the forecast or the target has one.
        """
        value = target.tobytes()
        for of, said, reference in self._next:
            known = reference()
            if of is pooled and said == value and known is not None:
                return known
        found = MemoryView(self.learning, self._after(pooled, target))
        if max(self.lanes, pooled.lanes, target.size) == 1:
            found.__dict__["lanes"] = 1
        self._next[:] = [(pooled, value, weakref.ref(found))]
        return found

    def _after(self, pooled: Pooled, target: Array) -> GridMemory:
        learning, lanes = self.learning, max(self.lanes, pooled.lanes, target.size)
        where = learning.blocks(lanes, self.memory)
        if not where:
            return learning.learned(self.memory, (self.ratio, self._logs), pooled, target)
        after = []
        for block in where:
            view = self.take(block)
            forgotten = view.ratio, view._logs
            values = rows(target, 0, block)
            after.append(learning.learned(view.memory, forgotten, pooled.take(block), values))
        return join_lanes(after, where)

    def take(self, lanes: Lanes) -> MemoryView:
        """Return the view of some lanes, with all that is known of them already.

        Returns:
            View whose lanes are those chosen, in that order.
        """
        if self.lanes == 1:
            return self
        found = MemoryView(self.learning, take_lanes(self.memory, lanes))
        for name in {"ratio", "_logs"} & self.__dict__.keys():
            found.__dict__[name] = rows(self.__dict__[name], 5, lanes)
        if "posterior" in self.__dict__:
            found.__dict__["posterior"] = take_lanes(self.posterior, lanes)
        return found
