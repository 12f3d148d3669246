"""The forecasts of many games: Gaussian mixtures as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fg_core._numeric import ordered_sum
from fg_core.forecast import Components, ProbabilisticForecast, forecast_of_parts
from fg_core.mixture import mixture_quantile, moments_of, shares

from .calibration import QuantileCalibration
from .lazy import lazy

__all__ = ["MixtureArrays"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixtureArrays:
    """As `ProbabilisticForecast` with components, one a game; arrays of shape (game, component).

    A component that a game's forecast does not have has weight 0, mean 0 and scale 1 there.

    Args:
        weights: At least 0, sum 1.
        means: In the unit of the series.
        scales: Above 0.
        labels: Names of the components.
        present: Which components each game's forecast has; None: all.
        calibration: How quantiles are adapted; None: they are those of the mixtures.

    >>> one = MixtureArrays(np.array([[0.5, 0.5]]), np.array([[0.0, 2.0]]), np.ones((1, 2)))
    >>> one.mean.tolist(), one.variance.tolist()
    ([1.0], [2.0])
    """

    weights: Array
    means: Array
    scales: Array
    labels: Sequence[str] = ()
    present: NDArray[np.bool_] | None = None
    calibration: QuantileCalibration | None = None

    @classmethod
    def of(cls, forecasts: Sequence[ProbabilisticForecast | None]) -> MixtureArrays:
        """Return forecasts of single games as arrays.

        A forecast without components is one component.

        Args:
            forecasts: One per game; None for one that nobody asks for, which gets weight 0.
        """
        if len(forecasts) == 1 and forecasts[0] is not None:
            # Views: a game that is played alone asks most often.
            alone = forecasts[0]
            only = _components(alone)
            found: MixtureArrays = object.__new__(cls)
            found.__dict__.update(
                weights=only.weights[np.newaxis],
                means=only.means[np.newaxis],
                scales=only.scales[np.newaxis],
                labels=only.labels,
                present=None,
                calibration=None
                if type(alone) is ProbabilisticForecast
                else QuantileCalibration.of((alone,)),
                each=(alone,),
            )
            return found
        parts = [None if one is None else _components(one) for one in forecasts]
        there = tuple([one for one in forecasts if one is not None])
        found = _padded(parts)
        if len(there) == len(parts):
            found = replace(found, calibration=QuantileCalibration.of(there))
            found.__dict__["each"] = there
        return found

    @lazy
    def shares(self) -> Array:
        """The weights, divided by their sum."""
        return shares(self.weights)

    @lazy
    def _moments(self) -> tuple[Array, Array]:
        known = self.__dict__.get("each")
        if known is not None:  # made of single forecasts, which have them
            return np.array([one.mean for one in known]), np.array([one.variance for one in known])
        return moments_of(self.shares, self.means, self.scales)

    @property
    def mean(self) -> Array:
        """Expected values, shape (game,), in the unit of the series."""
        return self._moments[0]

    @property
    def variance(self) -> Array:
        """Variances, shape (game,), in that unit squared."""
        return self._moments[1]

    @lazy
    def scale(self) -> Array:
        """Standard deviations, shape (game,)."""
        return np.asarray(np.sqrt(self.variance), dtype=np.float64)

    @lazy
    def each(self) -> tuple[ProbabilisticForecast, ...]:
        """The forecast of each game, for agents without an array form."""
        labels = tuple(self.labels)
        found = []
        rows = zip(self.weights, self.means, self.scales, strict=True)
        moments = zip(self.mean.tolist(), self.variance.tolist(), strict=True)
        for i, ((weights, means, scales), (mean, variance)) in enumerate(
            zip(rows, moments, strict=True)
        ):
            names = labels
            if self.present is not None:
                here = self.present[i]
                weights, means, scales = weights[here], means[here], scales[here]
                names = tuple([x for x, there in zip(labels, here, strict=False) if there])
            forecast = forecast_of_parts(mean, variance, weights, means, scales, names)
            known = self.calibration
            found.append(forecast if known is None else known.forecast(i, forecast))
        return tuple(found)

    def quantile(self, levels: float | Sequence[float]) -> Array:
        """Return the quantiles that are issued, shape (game, level), in the unit of the series.

        Args:
            levels: One level or several, strictly between 0 and 1.
        """
        wanted = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        if self.calibration is not None:
            wanted = self.calibration.levels(wanted)
        return mixture_quantile(wanted, self.weights, self.means, self.scales)

    def cdf(self, values: Array) -> Array:
        """Return the probabilities that the mixtures give to values up to `values`.

        Args:
            values: In the unit of the series, shape (game,), or that of more games than there are
                forecasts where there is one forecast for all.

        Returns:
            Shape (game,), between 0 and 1.
        """
        with np.errstate(over="ignore"):  # more than 1e308 scales away is infinitely far: right
            z = (values[..., np.newaxis] - self.means) / self.scales
        # The weights' rounding can carry the sum past 1 in the last bit.
        return np.minimum(ordered_sum(self.shares * ndtr(z)), 1.0)

    def calibrating(self, other: MixtureArrays) -> MixtureArrays:
        """Return other forecasts, made from these, with quantiles adapted as these are.

        As `ProbabilisticForecast.calibrating`, game by game.
        """
        if self.calibration is None or not self.calibration.adapts:
            return other
        return replace(other, calibration=self.calibration)

    def shifted(self, bias: Array | float) -> MixtureArrays:
        """Return the forecasts moved by `bias`, shape (game,) or one number."""
        if isinstance(bias, float) and bias == 0.0:
            return self
        moved = self.means + np.asarray(bias)[..., np.newaxis]
        return self.calibrating(
            MixtureArrays(self.weights, moved, self.scales, self.labels, self.present)
        )

    def take(self, lanes: NDArray[np.intp]) -> MixtureArrays:
        """Return the forecasts of some of the games, in the order of `lanes`; games may repeat."""
        return MixtureArrays(
            self.weights.T[:, lanes].T,
            self.means.T[:, lanes].T,
            self.scales.T[:, lanes].T,
            self.labels,
            None if self.present is None else self.present[lanes],
            None if self.calibration is None else self.calibration.take(lanes),
        )


def _components(forecast: ProbabilisticForecast) -> Components:
    if forecast.components is not None:
        return forecast.components
    return Components([1.0], [forecast.mean], [max(forecast.scale, 1e-300)], ("pool",))  # type: ignore[arg-type]


def _column_order(known: Mapping[tuple[str, ...], int]) -> dict[str, int] | None:
    """Return the column of each label, in an order that is that of every forecast.

    Sums go over the columns, and a sum in another order has other bits.

    Args:
        known: How many components there are, by their labels.

    Returns:
        None where components have no names of their own, or no such order exists.
    """
    if any(len(set(labels)) != n for labels, n in known.items()):
        return None
    order: list[str] = []
    for labels in sorted(known, key=len, reverse=True):
        place = 0
        for label in labels:
            if label not in order:
                order.insert(place, label)
            place = order.index(label) + 1
    columns = {label: i for i, label in enumerate(order)}
    for labels in known:
        places = [columns[label] for label in labels]
        if places != sorted(places):
            return None
    return columns


def _padded(parts: Sequence[Components | None]) -> MixtureArrays:
    """Return forecasts of several games, with a column for each component that any of them has."""
    order = _column_order({one.labels: one.weights.size for one in parts if one is not None})
    width = max((one.weights.size for one in parts if one is not None), default=1)
    width = max(width, 0 if order is None else len(order))
    weights, means = np.zeros((2, len(parts), width))
    scales, present = np.ones((len(parts), width)), np.zeros((len(parts), width), dtype=np.bool_)
    for i, one in enumerate(parts):
        if one is None:
            continue
        at = range(one.weights.size) if order is None else [order[name] for name in one.labels]
        columns = np.array(at, dtype=np.intp)
        weights[i, columns], means[i, columns] = one.weights, one.means
        scales[i, columns], present[i, columns] = one.scales, True
    names = tuple(f"component {i}" for i in range(width)) if order is None else tuple(order)
    return MixtureArrays(weights, means, scales, names, None if present.all() else present)
