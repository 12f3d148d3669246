"""The forecasts of many games: Gaussian mixtures as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.forecast import Components, ProbabilisticForecast, mixture_forecast
from fg_core.mixture import moments_of, shares

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
        origins: Forecast of each game whose adaption of quantiles is passed on (see
            `ProbabilisticForecast.calibrating`); empty: quantiles are those of the mixtures.

    >>> one = MixtureArrays(np.array([[0.5, 0.5]]), np.array([[0.0, 2.0]]), np.ones((1, 2)))
    >>> one.mean.tolist(), one.variance.tolist()
    ([1.0], [2.0])
    """

    weights: Array
    means: Array
    scales: Array
    labels: Sequence[str] = ()
    present: NDArray[np.bool_] | None = None
    origins: tuple[ProbabilisticForecast, ...] = ()

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
                origins=() if type(alone) is ProbabilisticForecast else (alone,),
                each=(alone,),
            )
            return found
        parts = [None if one is None else _components(one) for one in forecasts]
        there = tuple([one for one in forecasts if one is not None])
        adapted = any(type(one) is not ProbabilisticForecast for one in there)
        found = _padded(parts, there if adapted and len(there) == len(parts) else ())
        if len(there) == len(parts):
            found.__dict__["each"] = there
        return found

    @lazy
    def shares(self) -> Array:
        """The weights, divided by their sum."""
        return shares(self.weights)

    @lazy
    def _moments(self) -> tuple[Array, Array]:
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
        for i, (weights, means, scales) in enumerate(rows):
            if self.present is None:
                own = (weights.copy(), means.copy(), scales.copy(), labels)
            else:
                here = self.present[i]
                names = tuple([x for x, there in zip(labels, here, strict=False) if there])
                own = (weights[here], means[here], scales[here], names)
            forecast = mixture_forecast(*own)
            found.append(self.origins[i].calibrating(forecast) if self.origins else forecast)
        return tuple(found)

    def shifted(self, bias: Array | float) -> MixtureArrays:
        """Return the forecasts moved by `bias`, shape (game,) or one number."""
        if isinstance(bias, float) and bias == 0.0:
            return self
        moved = self.means + np.asarray(bias)[..., np.newaxis]
        return MixtureArrays(
            self.weights, moved, self.scales, self.labels, self.present, self.origins
        )

    def take(self, lanes: NDArray[np.intp]) -> MixtureArrays:
        """Return the forecasts of some of the games, in the order of `lanes`; games may repeat."""
        return MixtureArrays(
            self.weights.T[:, lanes].T,
            self.means.T[:, lanes].T,
            self.scales.T[:, lanes].T,
            self.labels,
            None if self.present is None else self.present[lanes],
            tuple(self.origins[i] for i in lanes.tolist()) if self.origins else (),
        )


def _components(forecast: ProbabilisticForecast) -> Components:
    if forecast.components is not None:
        return forecast.components
    return Components([1.0], [forecast.mean], [max(forecast.scale, 1e-300)], ("pool",))  # type: ignore[arg-type]


def _padded(
    parts: Sequence[Components | None], origins: tuple[ProbabilisticForecast, ...]
) -> MixtureArrays:
    """Return forecasts of several games, with a column for each component that any of them has."""
    labels: dict[str, int] = {}
    named = all(one is None or len(set(one.labels)) == one.weights.size for one in parts)
    if named:
        for one in parts:
            for label in () if one is None else one.labels:
                labels.setdefault(label, len(labels))
    width = max((one.weights.size for one in parts if one is not None), default=1)
    width = max(width, len(labels))
    weights, means = np.zeros((2, len(parts), width))
    scales, present = np.ones((len(parts), width)), np.zeros((len(parts), width), dtype=np.bool_)
    for i, one in enumerate(parts):
        if one is None:
            continue
        at = [labels[label] for label in one.labels] if named else range(one.weights.size)
        columns = np.array(at, dtype=np.intp)
        weights[i, columns], means[i, columns] = one.weights, one.means
        scales[i, columns], present[i, columns] = one.scales, True
    names = tuple(labels) if named else tuple(f"component {i}" for i in range(width))
    return MixtureArrays(weights, means, scales, names, None if present.all() else present, origins)
