"""The forecasts of many games: mixtures as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fg_core import distributions
from fg_core._numeric import ordered_sum
from fg_core.components import Components
from fg_core.distributions import ShapeArrays
from fg_core.forecast import ProbabilisticForecast, forecast_of_parts
from fg_core.frozen import construct_unchecked
from fg_core.mixture import mixture_quantile, moments_of, shares
from fg_core.transcendental import ndtr

from .calibration import QuantileCalibration
from .lazy import lazy
from .sealing import read_only

__all__ = ["MixtureArrays"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixtureArrays:
    """As `ProbabilisticForecast` with components, one per game; arrays of shape (game, component).

    A component that a game's forecast does not have has weight 0, mean 0 and scale 1 there.

    Args:
        weights: Weights of the components, at least 0, sum 1.
        means: Means of the components, in the unit of the series.
        scales: Above 0.
        labels: Names of the components.
        present: Whether a game's forecast has a component; None: each has all.
        calibration: Adaptation of the quantiles; None: they are those of the mixtures.
        shapes: Distributions of the components that are not normal, leading axes (game,
            component); None: all are normal.

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
    shapes: ShapeArrays | None = None

    @classmethod
    def of(cls, forecasts: Sequence[ProbabilisticForecast | None]) -> MixtureArrays:
        """Return forecasts of single games as arrays.

        A forecast without components is one component.

        Args:
            forecasts: Forecasts, one per game; None for one that is not needed, which gets weight
                0.

        Returns:
            Forecasts of all games, shape (game, component), in the unit of the series.
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
                shapes=None if only.shapes is None else _as_row(only.shapes),
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

    def __post_init__(self) -> None:
        self.seal()

    @classmethod
    def unsealed(
        cls,
        weights: Array,
        means: Array,
        scales: Array,
        labels: Sequence[str],
        present: NDArray[np.bool_] | None = None,
        shapes: ShapeArrays | None = None,
    ) -> MixtureArrays:
        """Return forecasts of arrays that no agent holds, which need no copies.

        Args:
            weights: Weights of the components, at least 0, sum 1, shape (game, component).
            means: Means of the components, in the unit of the series.
            scales: Standard deviations of the components, above 0, in that unit.
            labels: Names of the components.
            present: Whether a game's forecast has a component; None: each has all.
            shapes: Distributions of the components that are not normal; None: all are normal.

        Returns:
            Forecasts whose quantiles are those of the mixtures.
        """
        return construct_unchecked(
            cls,
            weights=weights,
            means=means,
            scales=scales,
            labels=labels,
            present=present,
            calibration=None,
            shapes=shapes,
        )

    def seal(self) -> None:
        """Make the memory of the arrays immutable, for those that an agent may hold as well."""
        if self.weights.shape[0] > 1:  # a game alone is shown to no agent as arrays
            for name in ("weights", "means", "scales"):
                object.__setattr__(self, name, read_only(getattr(self, name)))

    @lazy
    def shares(self) -> Array:
        """The weights, divided by their sum."""
        return shares(self.weights)

    @lazy
    def _moments(self) -> tuple[Array, Array]:
        known = self.__dict__.get("each")
        if known is not None:  # made of single forecasts, which have them
            if len(known) == 1:
                return np.array([known[0].mean]), np.array([known[0].variance])
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
            names, stated = labels, None if self.shapes is None else self.shapes.row(i)
            if self.present is not None:
                here = self.present[i]
                weights, means, scales = weights[here], means[here], scales[here]
                names = tuple([x for x, there in zip(labels, here, strict=False) if there])
                stated = None if stated is None else stated.take(np.flatnonzero(here))
            forecast = forecast_of_parts(mean, variance, weights, means, scales, names, stated)
            known = self.calibration
            found.append(forecast if known is None else known.forecast(i, forecast))
        return tuple(found)

    def quantile(self, levels: float | Sequence[float]) -> Array:
        """Return the quantiles that are issued.

        Args:
            levels: Level or levels, strictly between 0 and 1.

        Returns:
            Quantiles, shape (game, level), in the unit of the series.
        """
        wanted = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        if self.calibration is not None:
            wanted = self.calibration.levels(wanted)
        if self.shapes is not None:
            return distributions.quantile(wanted, *self._mixture)
        return mixture_quantile(wanted, self.weights, self.means, self.scales)

    @property
    def _mixture(self) -> tuple[Array, Array, Array, ShapeArrays | None]:
        return self.weights, self.means, self.scales, self.shapes

    def _for(self, values: Array | float) -> MixtureArrays:
        """Return the forecasts with a row for each of `values`."""
        n = np.size(values)
        alone = self.shapes is not None and self.means.shape[0] == 1 and n > 1
        return self.take(np.zeros(n, dtype=np.intp)) if alone else self

    def cdf(self, values: Array | float) -> Array:
        """Return the probabilities that the mixtures give to values up to `values`.

        A mass at the value itself is included.

        Args:
            values: Values in the unit of the series, shape (game,), or that of more games than
                there are forecasts where there is one forecast for all, or one number for all.

        Returns:
            Shape (game,), between 0 and 1.
        """
        if self.shapes is not None:
            return np.asarray(distributions.cdf(values, *self._for(values)._mixture))
        values = np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore"):  # more than 1e308 scales away is infinitely far: right
            z = (values[..., np.newaxis] - self.means) / self.scales
        # The weights' rounding can carry the sum past 1 in the last bit.
        return np.minimum(ordered_sum(self.shares * ndtr(z)), 1.0)

    def probability_below(self, values: Array | float) -> Array:
        """Return the probabilities of values below `values`, without a mass at them.

        Args:
            values: Values in the unit of the series, as for `cdf`.

        Returns:
            Probabilities in [0, 1], shape (game,).
        """
        if self.shapes is None:
            return self.cdf(values)
        known = self._for(values)._mixture
        return np.asarray(distributions.cdf(values, *known, strictly=True))

    def pit(self, values: Array, uniform: Array | float = 0.5) -> Array:
        """Return the probability integral transforms; see `fg_core.scoring.pit_score`.

        Args:
            values: Values that were forecast, as for `cdf`.
            uniform: Uniform draws in [0, 1], one number or shape (game,); they matter at masses
                alone.

        Returns:
            Numbers in [0, 1], shape (game,).
        """
        if self.shapes is None:
            return self.cdf(values)
        return np.asarray(distributions.pit(values, *self._for(values)._mixture, uniform))

    def crps(self, values: Array) -> Array:
        """Return the continuous ranked probability scores.

        Args:
            values: Values that were forecast, shape (game,), in the unit of the series; NaN gives
                NaN.

        Returns:
            CRPS of each forecast, shape (game,), in the unit of the series.
        """
        with np.errstate(over="ignore"):
            found = distributions.crps(self.shares, self.means, self.scales, self.shapes, values)
        return np.asarray(found)

    def calibrating(self, other: MixtureArrays) -> MixtureArrays:
        """Return other forecasts, made from these, with quantiles adapted as these are.

        As `ProbabilisticForecast.calibrating`, game by game.
        """
        if self.calibration is None or not self.calibration.adapts:
            return other
        return replace(other, calibration=self.calibration)

    def shifted(self, bias: Array | float) -> MixtureArrays:
        """Return the forecasts moved by a bias.

        Args:
            bias: Number that is added to the values, shape (game,) or one number, in the unit of
                the series.

        Returns:
            Forecasts of the same games.
        """
        if isinstance(bias, float) and bias == 0.0:
            return self
        step = np.asarray(bias)[..., np.newaxis]
        moved, scales, shapes = self.means + step, self.scales, self.shapes
        if shapes is not None:
            scales, shapes = distributions.shifted(scales, shapes, step)
        return self.calibrating(
            MixtureArrays.unsealed(self.weights, moved, scales, self.labels, self.present, shapes)
        )

    def take(self, lanes: NDArray[np.intp]) -> MixtureArrays:
        """Return the forecasts of some of the games.

        Args:
            lanes: Numbers of the games, shape (new game,); a number may occur several times.

        Returns:
            Forecasts in the order of `lanes`.
        """
        return construct_unchecked(
            MixtureArrays,
            weights=self.weights.T[:, lanes].T,
            means=self.means.T[:, lanes].T,
            scales=self.scales.T[:, lanes].T,
            labels=self.labels,
            present=None if self.present is None else self.present[lanes],
            calibration=None if self.calibration is None else self.calibration.take(lanes),
            shapes=None if self.shapes is None else self.shapes.take(lanes),
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
    stated: list[ShapeArrays | None] = [None] * len(parts)
    for i, one in enumerate(parts):
        if one is None:
            continue
        at = range(one.weights.size) if order is None else [order[name] for name in one.labels]
        columns = np.array(at, dtype=np.intp)
        weights[i, columns], means[i, columns] = one.weights, one.means
        scales[i, columns], present[i, columns] = one.scales, True
        stated[i] = None if one.shapes is None else one.shapes.spread(columns, width)
    names = tuple(f"component {i}" for i in range(width)) if order is None else tuple(order)
    return MixtureArrays(
        weights,
        means,
        scales,
        names,
        None if present.all() else present,
        shapes=_in_rows(stated, width),
    )


def _as_row(shapes: ShapeArrays) -> ShapeArrays:
    """Return the shapes of one forecast with an axis of games before that of components."""
    return shapes.map(lambda array: array[np.newaxis])


def _in_rows(stated: Sequence[ShapeArrays | None], width: int) -> ShapeArrays | None:
    """Return the shapes of several forecasts in one, leading axes (game, component)."""
    if all(one is None for one in stated):
        return None
    empty = ShapeArrays.nothing(width)
    rows = [_as_row(empty if one is None else one) for one in stated]
    return ShapeArrays.joined(rows, axis=0)
