"""How the pools of a grid learn: what a memory becomes after a value, and what follows from it.

All pools learn in the same few array operations; axes as in `grid_memory`.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.pooling import (
    discounted_add,
    fade_evidence,
    gather_evidence,
    normal_losses,
    normalise,
    relative_losses,
)

from .grid import PoolGrid
from .grid_members import Membership
from .grid_memory import Beliefs, GridMemory

__all__ = ["GridLearning", "MemoryView", "Pooled"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pooled:
    """A forecast as each pool makes it.

    Args:
        means: Of the forecasters, (k,); 0 for the absent.
        present: Who has a forecast, (k,).
        scales: As they are believed, (d, k); 1 for the absent.
        weights: Of the forecasters in the pools, (s, d, t, k).
        alive: Sets that have a member with a forecast, (s,).
        centres: Means of the pools, (s, d, t); 0 for those of no set that is alive.
        variances: Within plus between forecasters, before any recalibration; 1 for the same.
        spread: Recalibration, (s, d, t).
        mixture: Weights, means and scales of all pools together, once they were asked for.
    """

    means: Array
    present: NDArray[np.bool_]
    scales: Array
    weights: Array
    alive: NDArray[np.bool_]
    centres: Array
    variances: Array
    spread: Array
    mixture: tuple[Array, Array, Array] | None = None


@dataclass(frozen=True, eq=False)
class GridLearning:
    """The rules of a grid for certain forecasters.

    Args:
        grid: The settings.
        members: Who is in which set.
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
    def _recalibrated(self) -> NDArray[np.bool_]:
        return np.array(self.grid.recalibrate)

    def start(self, start_square: float) -> GridMemory:
        """Return the memory of pools that have seen nothing.

        Args:
            start_square: Mean square of changes over the horizon in the training window.
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

    def faded(self, memory: GridMemory) -> tuple[Array, Array]:
        """Return weight over prior weight for each forgetting factor, and its logarithm."""
        return fade_evidence(memory.evidence, self._wide_prior, self._alphas, self.grid.floor)

    def beliefs(self, memory: GridMemory, faded: tuple[Array, Array]) -> Beliefs:
        """Return what follows from a memory; `faded` is what `faded` says of it."""
        rule = self.grid.scale
        square = rule.prior * memory.start_square + memory.errors
        return Beliefs(
            ratio=(normalise(memory.scores)[..., np.newaxis] * faded[0]).sum(axis=-2),
            factor=rule.factor(memory.squares, memory.n_squares),
            seen=np.sqrt(square / (rule.prior + memory.n_errors)),
            spread=self.grid.spread.factor(memory.spread, memory.n_spread),
            losses=relative_losses(memory.losses, float(memory.typical), float(memory.n_losses)),
        )

    def widths(self, spread: Array) -> Array:
        """Return by what the spread of each pool is multiplied, (s, d, t, r)."""
        return np.where(self._recalibrated, spread[..., np.newaxis], 1.0)

    def learned(
        self,
        memory: GridMemory,
        faded: tuple[Array, Array],
        pooled: Pooled,
        claimed: Array,
        target: float,
    ) -> GridMemory:
        """Return the memory after the target of a forecast is revealed.

        Args:
            memory: Before it.
            faded: What `faded` says of it.
            pooled: The forecast, as each pool had made it.
            claimed: The scales that the forecasters had claimed, (k,); NaN where there is none.
            target: The value.
        """
        grid, present = self.grid, pooled.present
        everyone = int(np.count_nonzero(present)) == present.size
        density = grid.likelihood.log(pooled.means, pooled.scales, target)
        error = target - pooled.means
        usable = claimed > 0.0
        z = error / np.where(usable, claimed, 1.0)
        capped = grid.scale.capped(z)
        if not everyone:
            density = np.where(present, density, np.nan)
            error = np.where(present, error, np.nan)
        if not (everyone and usable.all()):
            capped = np.where(present & usable, capped, np.nan)
        evidence, score = gather_evidence(
            memory.evidence,
            faded,
            self._wide_prior,
            density[:, np.newaxis, np.newaxis, :],
            self._temperatures,
        )
        squares, n_squares = discounted_add(
            memory.squares,
            memory.n_squares,
            capped,
            self._discounts,
        )
        errors, n_errors = discounted_add(
            memory.errors, memory.n_errors, error * error, grid.scale.discount
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
        self, memory: GridMemory, pooled: Pooled, target: float
    ) -> tuple[Array, Array, Array, Array, Array]:
        """Return spread, n_spread, losses, typical and n_losses after a value."""
        grid, centres = self.grid, pooled.centres
        deviations = np.sqrt(pooled.variances)
        square = grid.spread.capped((target - centres) / deviations)
        widths = deviations[..., np.newaxis] * self.widths(pooled.spread)
        loss = normal_losses(centres[..., np.newaxis], widths, target)
        if not pooled.alive.all():
            # A pool without members is taken to have done as well as the others.
            loss = np.where(
                pooled.alive[:, np.newaxis, np.newaxis, np.newaxis], loss, loss[pooled.alive].mean()
            )
            square = np.where(pooled.alive[:, np.newaxis, np.newaxis], square, np.nan)
        spread, n_spread = discounted_add(
            memory.spread, memory.n_spread, square, grid.spread.discount
        )
        keep = grid.loss_discount
        return (
            spread,
            n_spread,
            keep * memory.losses + loss,
            np.asarray(keep * memory.typical + loss.mean()),
            np.asarray(keep * memory.n_losses + 1.0),
        )


@dataclass(frozen=True, eq=False)
class MemoryView:
    """A memory with what follows from it, computed when it is first asked for.

    Args:
        learning: The rules.
        memory: What was learned.
    """

    learning: GridLearning
    memory: GridMemory

    @cached_property
    def faded(self) -> tuple[Array, Array]:
        """Weight over prior weight for each forgetting factor, and its logarithm."""
        return self.learning.faded(self.memory)

    @cached_property
    def beliefs(self) -> Beliefs:
        """All that a forecast needs."""
        return self.learning.beliefs(self.memory, self.faded)

    @cached_property
    def standpoints(self) -> weakref.WeakSet[Any]:
        """The standpoints that this memory is part of, as long as they are in use."""
        return weakref.WeakSet()

    @cached_property
    def _next(self) -> list[tuple[Pooled, bytes, float, weakref.ref[MemoryView]]]:
        return []

    def learned(self, pooled: Pooled, claimed: Array, target: float) -> MemoryView:
        """Return the view after the target of a forecast is revealed.

        The game learns the same twice, from a print and when that turns out to have been true:
        as long as somebody still has the result, it is not computed again.
        """
        for of, said, value, reference in self._next:
            known = reference()
            if of is pooled and said == claimed.tobytes() and value == target and known is not None:
                return known
        memory = self.learning.learned(self.memory, self.faded, pooled, claimed, target)
        found = MemoryView(self.learning, memory)
        self._next[:] = [(pooled, claimed.tobytes(), target, weakref.ref(found))]
        return found
