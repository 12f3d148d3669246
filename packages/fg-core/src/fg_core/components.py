"""Components of a mixture: what a predictive distribution is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import distributions
from .distributions import FrozenShapes, ShapeArrays
from .errors import DataError
from .frozen import FrozenArray
from .mixture import shares

__all__ = ["Components", "stated_shapes"]

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Components:
    """The components of a mixture, normal unless stated, so that scores can be recomputed.

    Its arrays are read-only, made anew at each access; read one once if it is needed often.

    Args:
        weights: Weights of the components, shape (component,), at least 0, sum 1.
        means: Means of the components, shape (component,), in the unit of the series.
        scales: Standard deviations of the components, shape (component,), same unit, above 0.
        labels: Name of the forecaster that each component comes from; empty, or one per component.
        shapes: Distributions of the components that are not normal, leading axis (component,);
            their means and standard deviations are those of `means` and `scales`. None: all are
            normal.

    Raises:
        DataError: Shapes differ, or a number is out of range.

    >>> float(Components([0.5, 0.5], [0.0, 1.0], [1.0, 1.0]).weights.sum())
    1.0
    """

    weights: FrozenArray = FrozenArray()
    means: FrozenArray = FrozenArray()
    scales: FrozenArray = FrozenArray()
    labels: tuple[str, ...] = ()
    shapes: ShapeArrays | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        weights, means, scales = self.weights, self.means, self.scales
        n = weights.shape
        if n[0] == 0 or means.shape != n or scales.shape != n:
            raise DataError(
                f"components need equal shapes (component,), got weights {n}, "
                f"means {means.shape}, scales {scales.shape}"
            )
        if self.labels and len(self.labels) != n[0]:
            raise DataError(f"{len(self.labels)} labels for {n[0]} components")
        if not (np.isfinite(means).all() and np.isfinite(scales).all()):
            raise DataError("a component's mean or scale is not finite")
        if not (scales > 0.0).all():
            raise DataError("a component's scale is not above 0")
        if not (weights >= 0.0).all() or abs(float(weights.sum()) - 1.0) > 1e-9:
            raise DataError(f"weights must be at least 0 and sum to 1, got {weights}")
        if self.shapes is not None:
            object.__setattr__(self, "shapes", self._checked(self.shapes))

    def _checked(self, shapes: ShapeArrays) -> FrozenShapes | None:
        """Return the shapes as they are kept: None where all components are normal."""
        means, scales = self.means, self.scales
        if shapes.stated.shape != means.shape:
            raise DataError(
                f"{means.size} components have shapes of leading axes {shapes.stated.shape}"
            )
        mean, scale = shapes.moments()
        apart = np.abs(mean - means) > 1e-6 * (np.abs(mean) + scales)
        apart |= np.abs(scale - scales) > 1e-6 * scales + 1e-9 * np.abs(mean)
        if np.any(apart & shapes.stated):
            raise DataError("a component's mean or scale is not that of its stated distribution")
        return stated_shapes(shapes)

    def _mixture(self) -> tuple[_Array, _Array, _Array, ShapeArrays | None]:
        return self.weights, self.means, self.scales, self.shapes

    def crps(self, value: float) -> float:
        """Return the CRPS of the mixture; see `fg_core.distributions.crps`.

        Args:
            value: Value that was forecast, in the unit of the series.

        Returns:
            CRPS, at least 0, in the unit of the series.
        """
        weights, means, scales, shapes = self._mixture()
        at = np.asarray(value, dtype=np.float64)
        with np.errstate(over="ignore"):
            return float(distributions.crps(shares(weights), means, scales, shapes, at))

    def pit(self, value: float, uniform: float = 0.5) -> float:
        """Return the probability integral transform; see `fg_core.distributions.pit`.

        Args:
            value: Value that was forecast, in the unit of the series.
            uniform: Uniform draw in [0, 1]; it matters where the value has a mass.

        Returns:
            Number in [0, 1].
        """
        return float(distributions.pit(value, *self._mixture(), uniform))

    def cdf(self, x: float, *, strictly: bool = False) -> float:
        """Return the probability of values up to `x`, or below it; see `ProbabilisticForecast`.

        Args:
            x: Value, in the unit of the series.
            strictly: Whether a mass at `x` itself is left out.

        Returns:
            Probability in [0, 1].
        """
        return float(distributions.cdf(x, *self._mixture(), strictly=strictly))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Components):
            return NotImplemented
        return (self.labels, self.shapes) == (other.labels, other.shapes) and all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("weights", "means", "scales")
        )

    def __hash__(self) -> int:
        parts = (self.weights, self.means, self.scales)
        return hash((self.labels, self.shapes, *(part.tobytes() for part in parts)))


def stated_shapes(shapes: ShapeArrays) -> FrozenShapes | None:
    """Return shapes as components keep them, without what fills up.

    Args:
        shapes: Distributions, leading axis (component,).

    Returns:
        Those that are stated, read-only; None: all components are normal.
    """
    return shapes.trimmed().frozen() if np.count_nonzero(shapes.stated) else None
