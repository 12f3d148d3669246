"""Mixtures as the game made them, read in the unit of the series: censored, or from logarithms.

A row is a forecast. Components are on the scale that was played; whatever is asked of them
(moments, quantiles, scores) is of the distribution that was issued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fg_core import distributions
from fg_core.distributions import ShapeArrays
from fg_core.mixture import mixture_moments, mixture_quantile
from fg_core.scoring import crps_lognormal_mixture, log_score_mixture, lognormal_mixture_moments
from fg_core.transcendental import exp, log

__all__ = ["Predictive", "point_forecasts"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Function: TypeAlias = Callable[..., Array]


@dataclass(frozen=True, eq=False)
class Predictive:
    """Predictive distributions of many forecasts.

    Args:
        weights: weights of the components, shape (row, component).
        means: means of the components, same shape, on the scale that was played.
        scales: their standard deviations, same shape and scale, above 0.
        shapes: stated distributions of the components, leading axes (row, component); None: all
            are normal.
        is_log: rows whose components are of logarithms, shape (row,).
        is_censored: rows whose distribution is censored at zero, shape (row,).
    """

    weights: Array
    means: Array
    scales: Array
    shapes: ShapeArrays | None
    is_log: Mask
    is_censored: Mask

    @property
    def special(self) -> Mask:
        """Rows that are no mixture of normals in the unit of the series, shape (row,)."""
        found = self.is_log | self.is_censored
        if self.shapes is not None:
            found = found | (self.shapes.stated & (self.weights > 0.0)).any(axis=-1)
        return found

    def take(self, rows: Mask) -> Self:
        """Return the rows that a mask of shape (row,) chooses.

        Returns:
            Distributions of these rows, in the same order.
        """
        if rows.all():
            return self
        return type(self)(
            self.weights[rows],
            self.means[rows],
            self.scales[rows],
            None if self.shapes is None else self.shapes.map(lambda array: array[rows]),
            self.is_log[rows],
            self.is_censored[rows],
        )

    def moments(self) -> tuple[Array, Array]:
        """Return means and variances.

        Returns:
            Two arrays of shape (row,), in the unit of the series and in its square.

        Raises:
            DataError: A moment is too large for a number.
        """
        found = self._by_kind(
            lambda w, m, s, _: np.stack(mixture_moments(w, m, s), axis=-1),
            lambda w, m, s, _: np.stack(lognormal_mixture_moments(w, m, s), axis=-1),
            lambda *parts: np.stack(distributions.censored_moments(*parts), axis=-1),
            shape=(2,),
        )
        return found[:, 0], found[:, 1]

    def quantile(self, levels: Any) -> Array:
        """Return quantiles at levels of shape (level,), or (row, level) for each row's own.

        Returns:
            Array of shape (row, level), in the unit of the series.
        """
        own = self.weights, self.means, self.scales
        if self.shapes is None:
            found = np.asarray(mixture_quantile(levels, *own), dtype=np.float64)
        else:
            found = np.asarray(distributions.quantile(levels, *own, self.shapes))
        return self.mapped(found)

    def mapped(self, quantiles: Array) -> Array:
        """Return quantiles of the mixtures as they are issued.

        Args:
            quantiles: quantiles on the scale that was played, shape (row, level).

        Returns:
            Array of the same shape, in the unit of the series.
        """
        if not (self.is_log.any() or self.is_censored.any()):
            return quantiles
        with np.errstate(over="ignore"):
            found = np.where(self.is_log[:, np.newaxis], exp(quantiles), quantiles)
        return np.where(self.is_censored[:, np.newaxis], np.maximum(found, 0.0), found)

    def crps(self, targets: Array) -> Array:
        """Return the CRPS of each row.

        Args:
            targets: values that came, shape (row,), in the unit of the series.

        Returns:
            Array of shape (row,), in the unit of the series.
        """
        return self._by_kind(
            distributions.crps,
            lambda w, m, s, _, y: crps_lognormal_mixture(w, m, s, y),
            distributions.censored_crps,
            targets,
        )

    def pit(self, targets: Array) -> Array:
        """Return the probability integral transform of each row; at a mass, its middle.

        Args:
            targets: values that came, shape (row,), in the unit of the series.

        Returns:
            Array of shape (row,), in [0, 1].
        """
        return self._by_kind(
            lambda w, m, s, shapes, y: distributions.pit(y, w, m, s, shapes),
            lambda w, m, s, _, y: distributions.cdf(_log(y), w, m, s, None),
            distributions.censored_pit,
            targets,
        )

    def log_score(self, targets: Array) -> Array:
        """Return the negative log density of each row, at a censored zero that of its mass.

        Args:
            targets: values that came, shape (row,), in the unit of the series.

        Returns:
            Array of shape (row,), in nats; NaN where a component states a distribution, which need
            not have a density.
        """

        def normal(w: Array, m: Array, s: Array, shapes: ShapeArrays | None, y: Array) -> Array:
            found = np.asarray(log_score_mixture(w, m, s, y))
            if shapes is None:
                return found
            return np.where((shapes.stated & (w > 0.0)).any(axis=-1), np.nan, found)

        def of_log(w: Array, m: Array, s: Array, _: ShapeArrays | None, y: Array) -> Array:
            return np.asarray(log_score_mixture(w, m, s, _log(y)) + _log(y))

        def censored(w: Array, m: Array, s: Array, shapes: ShapeArrays | None, y: Array) -> Array:
            found = np.where(y < 0.0, np.inf, normal(w, m, s, shapes, y))
            with np.errstate(divide="ignore"):
                at_zero = -log(np.asarray(distributions.cdf(0.0, w, m, s, None)))
            known = ~np.isnan(found)
            return np.where((y == 0.0) & known, at_zero, found)

        return self._by_kind(normal, of_log, censored, targets)

    def _by_kind(
        self,
        normal: _Function,
        of_log: _Function,
        censored: _Function,
        *columns: Array,
        shape: tuple[int, ...] = (),
    ) -> Array:
        """Return what the function of each row's kind gives, shape (row, ...).

        Args:
            normal: function of weights, means, scales and shapes of rows, and of `columns`.
            of_log: the same, for rows of logarithms.
            censored: the same, for rows that are censored at zero.
            columns: other arguments, shape (row,) each.
            shape: shape of the result of a row.
        """
        found = np.empty((self.weights.shape[0], *shape))
        plain = ~(self.is_log | self.is_censored)
        kinds = ((plain, normal), (self.is_log, of_log), (self.is_censored, censored))
        for rows, function in kinds:
            if rows.any():
                own = self.take(rows)
                parts = own.weights, own.means, own.scales, own.shapes
                found[rows] = function(*parts, *(column[rows] for column in columns))
        return found


def point_forecasts(means: Array, is_log: Mask, is_censored: Mask) -> Array:
    """Return forecasts without a scale in the unit of the series.

    Args:
        means: forecasts on the scale that was played, shape (row,).
        is_log: rows that are of logarithms.
        is_censored: rows that cannot fall below zero.

    Returns:
        Array of shape (row,), in the unit of the series.
    """
    if not (is_log.any() or is_censored.any()):
        return means
    found = np.where(is_log, exp(np.where(is_log, means, 0.0)), means)
    return np.where(is_censored, np.maximum(found, 0.0), found)


def _log(values: Array) -> Array:
    """Return logarithms; minus infinity for zero and below."""
    with np.errstate(divide="ignore"):
        found: Array = log(np.maximum(values, 0.0))
    return found
