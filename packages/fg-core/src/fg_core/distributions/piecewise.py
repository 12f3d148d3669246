r"""Expected distances within mixtures of uniform pieces and masses, exactly and without pairs.

For distribution functions $F_i$ (of mass $S_i$) and $F = \sum_j w_j F_j$ (of mass $S$),

$$S_i S\, E|X_i - X| = \int \{F_i (S - F) + F (S_i - F_i)\}\, dx .$$

Between two neighbouring knots of the whole mixture all of them are linear, so a piece of length
$\delta$ with the end values $u_0, u_1$ of one factor and $v_0, v_1$ of the other adds
$\delta \{(u_0 v_0 + u_1 v_1) / 2 - (u_1 - u_0)(v_1 - v_0) / 6\}$. All terms are at least 0, so
nothing cancels. The work is a sort of the $n$ knots and $n$ steps per component, not $n^2$.

Source: the integral form of the energy distance, Szekely & Rizzo (2013), J. Stat. Planning and
Inference 143, doi:10.1016/j.jspi.2013.03.018.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray, ordered_sum

from .shapes import ShapeArrays

__all__ = ["distances_to_pool"]


def distances_to_pool(weights: FloatArray, shapes: ShapeArrays) -> FloatArray:
    """Return each component's expected distance from the mixture, pieces and masses alone.

    Args:
        weights: Weights of the components, shape (row, component), at least 0.
        shapes: Distributions of the components, leading axes (row, component); tails and normal
            parts are left out.

    Returns:
        Shape (row, component): the double sum over the component's and the mixture's pieces and
        masses, weighted with their probabilities, in the unit of the series.
    """
    rows, k = weights.shape
    knots, places = _on_knots(shapes)
    x = np.concatenate([knots.reshape(rows, -1), places.reshape(rows, -1)], axis=-1)
    order = np.argsort(x, axis=-1, kind="stable")
    x = np.take_along_axis(x, order, axis=-1)
    jumps = np.concatenate([np.zeros((rows, knots[0].size)), shapes.masses.reshape(rows, -1)], -1)
    jumps = np.take_along_axis(jumps, order, axis=-1)
    of_knot = np.repeat(np.arange(k), shapes.n_knots)
    of_mass = np.repeat(np.arange(k), shapes.n_masses)
    knot_owner = np.concatenate([of_knot, np.full(of_mass.size, -1)])[order]
    mass_owner = np.concatenate([np.full(of_knot.size, -1), of_mass])[order]
    starts, ends = [], []
    for c in range(k):
        linear = _linear(x, knot_owner == c, knots[:, c], shapes.pieces[:, c])
        if shapes.n_masses:
            reached = np.cumsum(np.where(mass_owner == c, jumps, 0.0), axis=-1)
            starts.append(linear[:, :-1] + reached[:, :-1])
            ends.append(linear[:, 1:] + reached[:, :-1])
        else:
            starts.append(linear[:, :-1])
            ends.append(linear[:, 1:])
    total0, total1 = np.zeros_like(x[:, 1:]), np.zeros_like(x[:, 1:])
    for c in range(k):
        total0 += weights[:, c, np.newaxis] * starts[c]
        total1 += weights[:, c, np.newaxis] * ends[c]
    own_mass = ordered_sum(np.concatenate([shapes.pieces, shapes.masses], axis=-1))
    mass = ordered_sum(weights * own_mass)[:, np.newaxis]
    rest0, rest1 = np.maximum(mass - total0, 0.0), np.maximum(mass - total1, 0.0)
    length, rise = np.diff(x, axis=-1), total1 - total0
    found = np.empty((rows, k))
    for c in range(k):
        u0, u1, own = starts[c], ends[c], own_mass[:, c, np.newaxis]
        ends_sum = u0 * rest0 + u1 * rest1
        ends_sum += total0 * np.maximum(own - u0, 0.0) + total1 * np.maximum(own - u1, 0.0)
        found[:, c] = ordered_sum(length * (0.5 * ends_sum + (u1 - u0) * rise / 3.0))
    return found


def _on_knots(shapes: ShapeArrays) -> tuple[FloatArray, FloatArray]:
    """Return knots and places, those without probability moved onto others of the row.

    Where they lay, they would cut a piece of another component in two and change its last bit.
    """
    has_pieces = np.asarray((shapes.pieces > 0.0).any(axis=-1))[..., np.newaxis]
    has_mass = shapes.masses > 0.0
    lowest = np.minimum(
        np.where(has_pieces, shapes.knots, np.inf).min(axis=(-2, -1)),
        np.where(has_mass, shapes.places, np.inf).min(axis=(-2, -1), initial=np.inf),
    )
    spare = np.where(np.isfinite(lowest), lowest, 0.0)[:, np.newaxis, np.newaxis]
    return np.where(has_pieces, shapes.knots, spare), np.where(has_mass, shapes.places, spare)


def _linear(
    x: FloatArray, own: NDArray[np.bool_], knots: FloatArray, pieces: FloatArray
) -> FloatArray:
    """Return the distribution function of one component's pieces at the sorted places `x`."""
    n = pieces.shape[-1]
    if n == 0:
        return np.zeros_like(x)
    seen = np.cumsum(own, axis=-1, dtype=np.intp) - 1
    piece: NDArray[np.intp] = np.clip(seen, 0, n - 1)
    before = np.concatenate([np.zeros((pieces.shape[0], 1)), np.cumsum(pieces, axis=-1)], axis=-1)
    width = np.diff(knots, axis=-1)
    part: FloatArray = x - np.take_along_axis(knots, piece, axis=-1)
    part /= np.take_along_axis(np.where(width > 0.0, width, 1.0), piece, axis=-1)
    part = np.where(seen >= n, 1.0, np.clip(part, 0.0, 1.0))
    found: FloatArray = np.take_along_axis(before, piece, axis=-1)
    found += np.take_along_axis(pieces, piece, axis=-1) * part
    return np.where(seen < 0, 0.0, found)
