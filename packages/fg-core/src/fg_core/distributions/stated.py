r"""Distributions that a forecaster may state beside a mean and a standard deviation.

A `StatedDistribution` is a normal or a quantile grid, beside masses at places that the series takes
with a probability above 0 (a demand of zero, a rate at its bound). It speaks of the *value* at the
target, in the unit of the series, not of its change: a place is then a place to the last bit.

Between the levels of a grid its distribution function is linear. Beyond the outermost levels it has
exponential tails whose density continues that of the neighbouring piece:

$$F(x) = \tau_1 e^{(x - q_1) / \beta}, \quad x < q_1, \qquad
\beta = \tau_1 \frac{q_2 - q_1}{\tau_2 - \tau_1},$$

and the mirror image above. Give the level 0 or 1 with its quantile, a bound of the series, and
there is no tail on that side. Levels that share a quantile (but for rounding) are a mass there, the
tail beside them included.

References: Quinonero-Candela et al. (2006), LNCS 3944, doi:10.1007/11736790_1 (uniform pieces and
exponential tails); Cannon (2011), Computers & Geosciences 37, doi:10.1016/j.cageo.2010.07.005.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core._numeric import FloatArray
from fg_core.errors import DataError

from .energy import crps
from .probability import cdf, pit, quantile
from .shapes import ShapeArrays
from .stating import stated_arrays

__all__ = ["Mass", "NormalPart", "QuantileGrid", "StatedDistribution", "pack"]


@dataclass(frozen=True)
class Mass:
    """A place that the series takes with a probability above 0.

    Args:
        at: Place of the mass, in the unit of the series.
        probability: Probability of the mass, in (0, 1].

    Raises:
        DataError: Not finite, or out of range.

    >>> Mass(0.0, 0.6).probability
    0.6
    """

    at: float
    probability: float

    def __post_init__(self) -> None:
        _make_float(self, "at")
        _make_float(self, "probability")
        if not 0.0 < self.probability <= 1.0:
            raise DataError(f"a mass needs a probability in (0, 1], got {self.probability}")


@dataclass(frozen=True)
class NormalPart:
    """A normal distribution.

    Args:
        mean: Mean, in the unit of the series.
        scale: Standard deviation above 0, same unit.

    Raises:
        DataError: Not finite, or the scale is not above 0; no uncertainty is a `Mass`.

    >>> NormalPart(2.0, 0.5).scale
    0.5
    """

    mean: float
    scale: float

    def __post_init__(self) -> None:
        _make_float(self, "mean")
        _make_float(self, "scale")
        if not self.scale > 0.0:
            raise DataError(
                f"a normal needs a scale above 0, got {self.scale}: state a Mass where there is "
                "no uncertainty"
            )


@dataclass(frozen=True)
class QuantileGrid:
    """Quantiles at levels; the module says what lies between and beyond them.

    Args:
        levels: Increasing, in [0, 1], two or more.
        quantiles: Quantiles, one per level, never decreasing, in the unit of the series.

    Raises:
        DataError: Levels out of range or order, quantiles that cross or are not finite, or another
            number of them.

    >>> QuantileGrid((0.1, 0.5, 0.9), (1.0, 2.0, 4.0)).quantiles
    (1.0, 2.0, 4.0)
    """

    levels: tuple[float, ...]
    quantiles: tuple[float, ...]

    def __post_init__(self) -> None:
        levels = np.array(self.levels, dtype=np.float64)
        quantiles = np.array(self.quantiles, dtype=np.float64)
        stated_arrays(levels=levels, quantiles=quantiles)  # checks
        object.__setattr__(self, "levels", tuple(levels.tolist()))
        object.__setattr__(self, "quantiles", tuple(quantiles.tolist()))

    @classmethod
    def around(
        cls, value: float, levels: Sequence[float], changes: Iterable[float]
    ) -> QuantileGrid:
        """Return the grid of a forecaster that predicts changes.

        Args:
            value: Last value, in the unit of the series.
            levels: Levels of the quantiles, as `levels` of the class.
            changes: Quantiles of the change from it, same unit.

        Returns:
            Grid of the value to come.

        >>> QuantileGrid.around(10.0, (0.1, 0.9), (-1.0, 1.0)).quantiles
        (9.0, 11.0)
        """
        return cls(tuple(levels), tuple(value + change for change in changes))


@dataclass(frozen=True)
class StatedDistribution:
    """A distribution of the target's value, as a forecaster states it in `AgentAction.shape`.

    Args:
        rest: Distribution beside the masses, a grid or a normal, which gets the probability that
            the masses leave; None where they leave nothing.
        masses: Places with their probabilities, which sum to at most 1.

    Raises:
        DataError: The masses sum to more than 1, to 1 beside a rest, or to less without one.

    >>> sold = QuantileGrid((0.0, 0.5, 1.0), (1.0, 2.0, 5.0))
    >>> demand = StatedDistribution(sold, (Mass(0.0, 0.6),))
    >>> demand.mean, demand.cdf(0.0), demand.probability_below(0.0)
    (1.0, 0.6, 0.0)
    >>> demand.quantile((0.5, 0.8)).tolist()
    [0.0, 2.0]
    """

    rest: QuantileGrid | NormalPart | None = None
    masses: tuple[Mass, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "masses", tuple(self.masses))
        for mass in self.masses:
            if not isinstance(mass, Mass):
                raise DataError(f"masses must be of type Mass, got {mass!r}")
        if self.rest is not None and not isinstance(self.rest, QuantileGrid | NormalPart):
            raise DataError(f"the rest must be a QuantileGrid or a NormalPart, got {self.rest!r}")
        if not (math.isfinite(self.mean) and math.isfinite(self.scale)):
            raise DataError("a stated distribution needs a finite mean and scale: rescale its unit")

    @classmethod
    def of(cls, shapes: ShapeArrays, *at: int) -> Self:
        """Return one of many distributions as it may stand in an action.

        Its `arrays` are that one to the last bit. Masses, rest and levels are what these come to:
        quantiles that were equal are a mass, and levels are sums of probabilities.

        Args:
            shapes: Distributions as they were stated, a grid or a normal beside masses each.
            at: Index of the distribution among them.

        Raises:
            DataError: It is no such distribution, or none is stated there.

        >>> grid = QuantileGrid((0.0, 0.5, 1.0), (1.0, 1.0, 5.0))
        >>> StatedDistribution.of(StatedDistribution(grid).arrays)
        StatedDistribution(rest=QuantileGrid(levels=(0.0, 1.0), quantiles=(1.0, 5.0)), \
masses=(Mass(at=1.0, probability=0.5),))
        """
        one = shapes.map(lambda array: array[at]).trimmed()
        if not one.stated:
            raise DataError(f"nothing is stated at {at}")
        found = object.__new__(cls)
        # What else is known of it follows from the arrays.
        found.__dict__["arrays"] = one.frozen()
        pairs = zip(one.places.tolist(), one.masses.tolist(), strict=True)
        masses = tuple(Mass(place, probability) for place, probability in pairs)
        found.__init__(_rest_of(one), masses)  # type: ignore[misc]
        return found

    @cached_property
    def arrays(self) -> ShapeArrays:
        """The distribution as arrays without leading axes, over memory that cannot be changed."""
        places = np.array([mass.at for mass in self.masses])
        masses = np.array([mass.probability for mass in self.masses])
        if isinstance(self.rest, QuantileGrid):
            levels, quantiles = np.array(self.rest.levels), np.array(self.rest.quantiles)
            made = stated_arrays(
                levels=levels, quantiles=quantiles, places=places, probabilities=masses
            )
        elif isinstance(self.rest, NormalPart):
            made = stated_arrays(
                normal_mean=self.rest.mean,
                normal_scale=self.rest.scale,
                places=places,
                probabilities=masses,
            )
        else:
            made = stated_arrays(places=places, probabilities=masses)
        return made.trimmed().frozen()

    @cached_property
    def _moments(self) -> tuple[float, float]:
        # What is beyond the range of numbers is refused by the caller.
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = self.arrays.moments()
        return float(mean), float(scale)

    @property
    def mean(self) -> float:
        """Expected value, in the unit of the series."""
        return self._moments[0]

    @property
    def scale(self) -> float:
        """Standard deviation, in the unit of the series; 0 for a single mass."""
        return self._moments[1]

    def cdf(self, x: float) -> float:
        """Return the probability of values up to `x`."""
        return float(cdf(x, *self._one()))

    def probability_below(self, x: float) -> float:
        """Return the probability of values below `x`, without a mass at `x` itself."""
        return float(cdf(x, *self._one(), strictly=True))

    def quantile(self, levels: float | Sequence[float]) -> NDArray[np.float64]:
        """Return the quantiles at `levels`, shape (level,), in the unit of the series."""
        return quantile(np.atleast_1d(np.asarray(levels, dtype=np.float64)), *self._one())

    def crps(self, value: float) -> float:
        """Return the continuous ranked probability score for what happened."""
        return float(crps(*self._one(), np.asarray(value, dtype=np.float64)))

    def pit(self, value: float, uniform: float = 0.5) -> float:
        """Return the probability integral transform; see `fg_core.distributions.pit`."""
        return float(pit(value, *self._one(), uniform))

    def _one(self) -> tuple[FloatArray, FloatArray, FloatArray, ShapeArrays]:
        one = self.arrays.map(lambda array: array[np.newaxis])
        return np.ones(1), np.zeros(1), np.ones(1), one


def _rest_of(one: ShapeArrays) -> QuantileGrid | NormalPart | None:
    """Return what lies beside the masses of a distribution without leading axes."""
    lower, upper, pieces = float(one.lower_share), float(one.upper_share), one.pieces
    share = lower + upper + float(pieces.sum())
    if one.normal_share > 0.0:
        if share > 0.0:
            raise DataError("a normal and a grid cannot be stated together")
        return NormalPart(float(one.normal_mean), float(one.normal_scale))
    if not share > 0.0:
        return None
    levels = np.minimum(np.cumsum(np.concatenate([[lower], pieces])) / share, 1.0)
    if lower == 0.0:
        levels[0] = 0.0
    if upper == 0.0:
        levels[-1] = 1.0
    # Knots without probability between them: their mass stands beside the rest.
    new = np.concatenate([[True], np.diff(levels) > 0.0])
    return QuantileGrid(tuple(levels[new].tolist()), tuple(one.knots[new].tolist()))


def pack(stated: Sequence[StatedDistribution | None]) -> ShapeArrays | None:
    """Return stated distributions as arrays, one row each; None where no forecaster states one.

    Args:
        stated: Distribution of each forecaster; None: it states none.

    Returns:
        Distributions with the leading axis (forecaster,), in the unit of the series; None where
        all are None.

    >>> pack([None, None]) is None
    True
    >>> pack([None, StatedDistribution(NormalPart(0.0, 1.0))]).stated.tolist()
    [False, True]
    """
    if all(one is None for one in stated):
        return None
    empty = ShapeArrays.nothing()
    rows = [empty if one is None else one.arrays for one in stated]
    return ShapeArrays.joined([row.map(lambda a: a[np.newaxis]) for row in rows], axis=0)


def _make_float(owner: object, name: str) -> None:
    given: ArrayLike = getattr(owner, name)
    try:
        number = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{name} must be a number, got {given!r}") from None
    if isinstance(given, bool) or not math.isfinite(number):
        raise DataError(f"{name} must be a finite number, got {given!r}")
    object.__setattr__(owner, name, number)
