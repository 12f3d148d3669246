"""Operations on the components of a forecast: a shift, and the mixture of two branches."""

from __future__ import annotations

import numpy as np

from fg_core._numeric import FloatArray

from .shapes import ShapeArrays

__all__ = ["beside_each_other", "kept_scales", "shifted"]


def kept_scales(scales: FloatArray, means: FloatArray, shapes: ShapeArrays) -> FloatArray:
    """Return standard deviations of components, those of the distributions where they are stated.

    Args:
        scales: Standard deviations of the other components, shape (..., component), in the unit of
            the series.
        means: Means of the components, shape (..., component), same unit; no scale of a stated
            distribution is below 1e-12 of them, or 0.
        shapes: Distributions of the components, leading axes (..., component).

    Returns:
        Standard deviations, shape (..., component), in the unit of the series.
    """
    least = np.maximum(1e-12 * np.abs(means), 1e-300)
    return np.where(shapes.stated, np.maximum(shapes.moments()[1], least), scales)


def shifted(
    scales: FloatArray, shapes: ShapeArrays | None, shift: FloatArray
) -> tuple[FloatArray, ShapeArrays | None]:
    """Return scales and shapes of components whose means are moved; see `ShapeArrays`.

    Masses stay where they are and the rest moves, so the standard deviation changes with it.

    Args:
        scales: Standard deviations of the components, shape (..., component), in the unit of the
            series.
        shapes: Distributions of the components, leading axes (..., component); None: all are
            normal.
        shift: Number that is added to the means, broadcasts to (..., component), same unit.

    Returns:
        Standard deviations, shape (..., component), in the unit of the series, and distributions
        with the same leading axes; None: all are normal.
    """
    if shapes is None:
        return scales, None
    moved = shapes.shifted(shift)
    return kept_scales(scales, np.zeros_like(scales), moved), moved


def beside_each_other(
    first: ShapeArrays | None, n_first: int, second: ShapeArrays | None, n_second: int
) -> ShapeArrays | None:
    """Return the shapes of the components of two branches, the second after the first.

    Args:
        first: Distributions of the first branch, leading axes (..., component); None: all are
            normal.
        n_first: Number of components of the first branch.
        second: Distributions of the second branch, as `first`.
        n_second: Number of components of the second branch.

    Returns:
        Distributions with leading axes (..., n_first + n_second); None where all are normal.
    """
    if first is None and second is None:
        return None
    known = first if first is not None else second
    assert known is not None
    lead = known.stated.shape[:-1]
    parts = [
        ShapeArrays.nothing(*lead, n) if one is None else one
        for one, n in ((first, n_first), (second, n_second))
    ]
    return ShapeArrays.joined(parts, axis=len(lead))
