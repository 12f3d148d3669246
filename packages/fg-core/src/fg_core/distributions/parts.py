"""A mixture whose components state distributions, taken apart: rows of parts of one kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray, ordered_sum
from fg_core.transcendental import exp, expm1, ndtr

from .shapes import ShapeArrays

__all__ = ["MixtureParts", "by_rows", "in_rows"]


@dataclass(frozen=True, eq=False)
class MixtureParts:
    """Mixtures of components that are normal or stated; arrays (row, component) and longer.

    Args:
        weights: Weights of the components, shape (row, component), at least 0, sum 1.
        means: Means of the normal components, in the unit of the series.
        scales: Standard deviations of the normal components, same unit, above 0.
        shapes: Distributions of the other components.
    """

    weights: FloatArray
    means: FloatArray
    scales: FloatArray
    shapes: ShapeArrays

    @cached_property
    def normal(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Probability within the component, mean and scale of each component's normal part."""
        own, stated = self.shapes, self.shapes.stated
        return (
            np.where(stated, own.normal_share, 1.0),
            np.where(stated, own.normal_mean, self.means),
            np.where(stated, own.normal_scale, self.scales),
        )

    @cached_property
    def tails(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Probability, foot, scale and side of the tails: each component's lower, then upper."""
        own = self.shapes
        rows, k = self.weights.shape

        def paired(lower: FloatArray, upper: FloatArray) -> FloatArray:
            return np.stack([lower, upper], axis=-1).reshape(rows, 2 * k)

        side = np.tile([-1.0, 1.0], k)
        return (
            paired(own.lower_share, own.upper_share),
            paired(own.knots[..., 0], own.knots[..., -1]),
            paired(own.lower_scale, own.upper_scale),
            np.broadcast_to(side, (rows, 2 * k)),
        )

    def rows(self, which: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Self:
        """Return some of the mixtures."""
        return type(self)(
            self.weights[which],
            self.means[which],
            self.scales[which],
            self.shapes.map(lambda array: array[which]),
        )

    @property
    def numbers(self) -> int:
        """Number of parts of one mixture."""
        return int(self.weights.shape[-1]) * (3 + self.shapes.n_knots + self.shapes.n_masses)

    def probabilities_below(self, x: FloatArray, *, strictly: bool = False) -> FloatArray:
        """Return what each component gives to values up to `x`, or below it.

        Args:
            x: Values, shape (row,), in the unit of the series; infinities are allowed.
            strictly: Whether a mass at `x` itself is left out.

        Returns:
            Probabilities in [0, 1], shape (row, component).
        """
        at, own = x[:, np.newaxis], self.shapes
        share, mean, scale = self.normal
        with np.errstate(over="ignore"):
            total = share * ndtr((at - mean) / scale)
            below = np.minimum(at - own.knots[..., 0], 0.0)
            total += own.lower_share * exp(below / own.lower_scale)
            above = np.maximum(at - own.knots[..., -1], 0.0)
            total += own.upper_share * -expm1(-above / own.upper_scale)
        here = at[..., np.newaxis]
        if own.pieces.shape[-1]:
            left, width = own.knots[..., :-1], np.diff(own.knots, axis=-1)
            wide = width > 0.0
            with np.errstate(over="ignore"):
                inside = np.clip((here - left) / np.where(wide, width, 1.0), 0.0, 1.0)
            jump = here > left if strictly else here >= left
            total += ordered_sum(own.pieces * np.where(wide, inside, jump))
        if own.n_masses:
            reached = own.places < here if strictly else own.places <= here
            total += ordered_sum(own.masses * reached)
        return np.asarray(np.minimum(total, 1.0), dtype=np.float64)

    def cdf(self, x: FloatArray, *, strictly: bool = False) -> FloatArray:
        """Return the probability of values up to `x`, or below it.

        Args:
            x: Values, shape (row,), in the unit of the series.
            strictly: Whether a mass at `x` itself is left out.

        Returns:
            Probabilities in [0, 1], shape (row,).
        """
        own = self.probabilities_below(x, strictly=strictly)
        return np.minimum(ordered_sum(self.weights * own), 1.0)

    def probabilities_within(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return what each component gives to [low, high], both included.

        Part by part, so that it keeps its digits far out.

        Args:
            low: Lower ends, shape (row,), in the unit of the series.
            high: Upper ends, shape (row,), same unit.

        Returns:
            Probabilities in [0, 1], shape (row, component).
        """
        a, b, own = low[:, np.newaxis], high[:, np.newaxis], self.shapes
        share, mean, scale = self.normal
        with np.errstate(over="ignore"):
            first, last = (a - mean) / scale, (b - mean) / scale
            # From the side of the smaller tail: 1 - 1 would leave nothing there.
            mirrored = first > 0.0
            top = ndtr(np.where(mirrored, -first, last))
            total = share * (top - ndtr(np.where(mirrored, -last, first)))
            feet = (own.knots[..., 0], own.knots[..., -1])
            lower, upper = (own.lower_share, own.lower_scale), (own.upper_share, own.upper_scale)
            total += _tail_within(*lower, feet[0] - b, feet[0] - a)
            total += _tail_within(*upper, a - feet[1], b - feet[1])
        c, d = a[..., np.newaxis], b[..., np.newaxis]
        if own.pieces.shape[-1]:
            left, right = own.knots[..., :-1], own.knots[..., 1:]
            width = right - left
            wide = width > 0.0
            overlap = np.maximum(np.minimum(d, right) - np.maximum(c, left), 0.0)
            point = (c <= left) & (left <= d)
            part = np.where(wide, overlap / np.where(wide, width, 1.0), point)
            total += ordered_sum(own.pieces * part)
        if own.n_masses:
            total += ordered_sum(own.masses * ((c <= own.places) & (own.places <= d)))
        return np.asarray(np.minimum(total, 1.0), dtype=np.float64)


def _tail_within(
    share: FloatArray, scale: FloatArray, near: FloatArray, far: FloatArray
) -> FloatArray:
    start, end = np.maximum(near, 0.0), np.maximum(far, 0.0)
    found: FloatArray = share * (exp(-start / scale) * -expm1(-(end - start) / scale))
    return found


def by_rows(
    weights: FloatArray,
    means: FloatArray,
    scales: FloatArray,
    shapes: ShapeArrays,
    normal: Callable[[slice | NDArray[np.bool_]], FloatArray],
    stated: Callable[[MixtureParts, slice | NDArray[np.bool_]], FloatArray],
) -> FloatArray:
    """Return one result per row: rows of normals alone take the way that is for them.

    So a forecast in which no forecaster states a distribution has the same bits beside others as
    alone.

    Args:
        weights: Weights of the components, shape (row, component), sum 1; a component of weight 0
            is not there.
        means: Means of the components, shape (row, component), in the unit of the series.
        scales: Standard deviations of the components, shape (row, component), same unit.
        shapes: Distributions of the components, leading axes (row, component).
        normal: Function of which rows (a slice or a mask) that gives the results of rows of
            normals.
        stated: Function of the parts of rows and of which rows these are, for the other rows.

    Returns:
        Results of both functions in the order of the rows, shape (row, ...), in the unit that the
        functions give.
    """
    some = np.asarray((shapes.stated & (weights > 0.0)).any(axis=-1))
    n = int(np.count_nonzero(some))
    everything = slice(None)
    if n == 0:
        return normal(everything)
    parts = MixtureParts(weights, means, scales, shapes)
    if n == some.size:
        return stated(parts, everything)
    special = stated(parts.rows(some), some)
    found = np.empty((some.size, *special.shape[1:]))
    found[some] = special
    found[~some] = normal(~some)
    return found


def in_rows(
    weights: FloatArray, means: FloatArray, scales: FloatArray, shapes: ShapeArrays
) -> tuple[FloatArray, FloatArray, FloatArray, ShapeArrays, tuple[int, ...]]:
    """Return the four with leading axes (row, component), and the axes that a row stands for.

    Args:
        weights: Weights of the components, broadcasts to (..., component).
        means: Means of the components, broadcasts to (..., component), in the unit of the series.
        scales: Standard deviations of the components, broadcasts to (..., component), same unit.
        shapes: Distributions of the components, leading axes (..., component).

    Returns:
        Weights, means and scales, shape (row, component) each, the distributions with the same
        leading axes, and the shape (...) whose elements the rows are, in row-major order.
    """
    shape = shapes.stated.shape
    n_rows, k = math.prod(shape[:-1]), shape[-1]
    w, m, s = (
        np.ascontiguousarray(np.broadcast_to(array, shape), dtype=np.float64).reshape(n_rows, k)
        for array in (weights, means, scales)
    )
    flat = shapes.map(lambda array: array.reshape(n_rows, k, *array.shape[len(shape) :]))
    return w, m, s, flat, shape[:-1]
