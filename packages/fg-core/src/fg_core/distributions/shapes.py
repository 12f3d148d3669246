r"""Stated distributions as arrays: one row per distribution, the parts of each on the last axis.

A stated distribution is a mixture of parts of four kinds, whose probabilities sum to 1:

* a normal;
* uniform pieces between the knots of a quantile grid, so that the distribution function is linear
  between its levels;
* two exponential tails beyond the outermost knots;
* masses, which are the places that the series takes with a probability above 0.

The masses are *pinned*: a demand of zero is zero, whatever is learned about the size of errors.
What a pool does to a forecast is done to the rest (everything but the masses):

* a factor $f$ on the scale multiplies the rest's distances from the rest's own mean, so the mean
  stays;
* a standard deviation $v$ added in quadrature (an input that is in doubt) widens the rest further,
  until the variance of the whole is larger by exactly $v^2$;
* a shift $b$ moves the rest by $b / r$, with $r$ the probability of the rest, so that the mean of
  the whole moves by exactly $b$.

Without masses these are the three operations on a normal: $f s$, $(s^2 + v^2)^{1/2}$, $m + b$.
Where less than `LEAST_REST` is beside the masses, a shift moves the masses too, and a distribution
to which a standard deviation is added becomes the normal of its mean and variance: it said that the
target does not depend on the input, and its sensitivity says that it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray, ordered_sum
from fg_core.transcendental import hypot

__all__ = ["LEAST_REST", "FrozenShapes", "ShapeArrays"]

LEAST_REST = 0.01
"""Smallest probability beside the masses that takes a shift, or added variance, alone."""

_LONG = ("knots", "pieces", "places", "masses")


@dataclass(frozen=True, eq=False)
class ShapeArrays:
    """Stated distributions; leading axes are lanes and forecasters, in the unit of the series.

    Where nothing is stated (`stated` is False) the forecast is a normal that is described
    elsewhere, all probabilities here are 0 and all scales 1.

    Args:
        stated: Whether a distribution is stated, shape (...,).
        normal_share: Probability of the normal part, shape (...,).
        normal_mean: Mean of the normal part.
        normal_scale: Standard deviation of the normal part, above 0.
        knots: Places of the grid, shape (..., knot), never decreasing; shorter grids repeat their
            last one.
        pieces: Probabilities between the knots, shape (..., knot - 1).
        lower_share: Probability below the first knot, shape (...,).
        lower_scale: Mean distance of that tail from the first knot, above 0.
        upper_share: Probability above the last knot, shape (...,).
        upper_scale: Mean distance of that tail from the last knot, above 0.
        places: Places of the masses, shape (..., mass).
        masses: Probabilities of the masses, shape (..., mass); 0 fills up.
    """

    stated: NDArray[np.bool_]
    normal_share: FloatArray
    normal_mean: FloatArray
    normal_scale: FloatArray
    knots: FloatArray
    pieces: FloatArray
    lower_share: FloatArray
    lower_scale: FloatArray
    upper_share: FloatArray
    upper_scale: FloatArray
    places: FloatArray
    masses: FloatArray

    # ------------------------------------------------------------------------------- arranging

    @classmethod
    def nothing(cls, *shape: int) -> ShapeArrays:
        """Return `shape` rows of which none is stated."""
        zero, one = np.zeros(shape), np.ones(shape)
        none = np.zeros((*shape, 0))
        return cls(
            np.zeros(shape, dtype=np.bool_),
            *(zero, zero, one, zero[..., np.newaxis], none),
            *(zero, one, zero, one, none, none),
        )

    def map(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> ShapeArrays:
        """Return the distributions with every array changed in its leading axes."""
        return ShapeArrays(*(change(getattr(self, item.name)) for item in fields(self)))

    def broadcast(self, n_lanes: int) -> ShapeArrays:
        """Return the distributions with one leading axis of lanes; without any, all are alike."""
        lead = self.stated.ndim
        return self.map(lambda array: np.broadcast_to(array, (n_lanes, *array.shape[lead:])))

    def take(self, lanes: NDArray[np.intp]) -> ShapeArrays:
        """Return the distributions of these lanes (of the first axis).

        Args:
            lanes: Numbers of the lanes, shape (new lane,); a number may occur several times.

        Returns:
            Distributions in the order of `lanes`.
        """
        return self.map(lambda array: array[lanes])

    def row(self, lane: int) -> ShapeArrays | None:
        """Return those of one lane without what fills it up; None where nothing is stated."""
        found = self.map(lambda array: array[lane])
        return found.trimmed() if np.count_nonzero(found.stated) else None

    def where(self, chosen: NDArray[np.bool_]) -> ShapeArrays:
        """Return the distributions with nothing stated outside `chosen`, shape (...,)."""
        if np.count_nonzero(chosen & self.stated) == np.count_nonzero(self.stated):
            return self
        blank = ShapeArrays.nothing(*self.stated.shape).padded(self.n_knots, self.n_masses)

        def pick(name: str) -> NDArray[Any]:
            here = chosen[..., np.newaxis] if name in _LONG else chosen
            return np.asarray(np.where(here, getattr(self, name), getattr(blank, name)))

        return ShapeArrays(*(pick(item.name) for item in fields(self)))

    def padded(self, n_knots: int, n_masses: int) -> ShapeArrays:
        """Return the distributions with room for more knots and masses; nothing else changes."""
        more, extra = n_knots - self.n_knots, n_masses - self.n_masses
        if more <= 0 and extra <= 0:
            return self
        new = {item.name: getattr(self, item.name) for item in fields(self)}
        if more > 0:
            last = np.repeat(self.knots[..., -1:], more, axis=-1)
            new["knots"] = np.concatenate([self.knots, last], axis=-1)
            new["pieces"] = _wider(self.pieces, more)
        if extra > 0:
            new["places"] = _wider(self.places, extra)
            new["masses"] = _wider(self.masses, extra)
        return ShapeArrays(**new)

    def trimmed(self) -> ShapeArrays:
        """Return the distributions with the masses first and without what only fills up."""
        if self.n_masses:
            order = np.argsort(self.masses == 0.0, axis=-1, kind="stable")
            masses = np.take_along_axis(self.masses, order, axis=-1)
            used = int(np.count_nonzero(masses, axis=-1).max(initial=0))
            places = np.where(masses == 0.0, 0.0, np.take_along_axis(self.places, order, axis=-1))
            places, masses = places[..., :used], masses[..., :used]
        else:
            places, masses = self.places, self.masses
        real = (self.pieces > 0.0).any(axis=tuple(range(self.pieces.ndim - 1)))
        n = int(np.flatnonzero(real)[-1]) + 1 if real.any() else 0
        new = {item.name: getattr(self, item.name) for item in fields(self)}
        new |= {"places": places, "masses": masses}
        new |= {"knots": self.knots[..., : n + 1], "pieces": self.pieces[..., :n]}
        return ShapeArrays(**new)

    @classmethod
    def joined(cls, parts: list[ShapeArrays], axis: int) -> ShapeArrays:
        """Return distributions in one: `axis` counts from the front of the leading axes."""
        n_knots = max(part.n_knots for part in parts)
        n_masses = max(part.n_masses for part in parts)
        wide = [part.padded(n_knots, n_masses) for part in parts]
        return cls(
            *(
                np.concatenate([getattr(part, item.name) for part in wide], axis=axis)
                for item in fields(cls)
            )
        )

    def spread(self, at: NDArray[np.intp], n_rows: int) -> ShapeArrays:
        """Return rows put in the places `at` of `n_rows`, with nothing stated elsewhere."""
        blank = ShapeArrays.nothing(n_rows).padded(self.n_knots, self.n_masses)

        def put(empty: NDArray[Any], own: NDArray[Any]) -> NDArray[Any]:
            empty[at] = own
            return empty

        return ShapeArrays(
            *(put(getattr(blank, i.name).copy(), getattr(self, i.name)) for i in fields(self))
        )

    def numbers(self) -> FloatArray:
        """Return all numbers of each lane (of the first axis), shape (lane, number)."""
        n = self.stated.shape[0]
        rows = [getattr(self, item.name).reshape(n, -1) for item in fields(self)]
        return np.concatenate(rows, axis=1, dtype=np.float64)

    def frozen(self) -> FrozenShapes:
        """Return the distributions over memory that cannot be changed."""
        if isinstance(self, FrozenShapes):
            return self
        return FrozenShapes(*(getattr(self, item.name) for item in fields(self)))

    @property
    def n_knots(self) -> int:
        """Number of knots of the longest grid; at least 1."""
        return int(self.knots.shape[-1])

    @property
    def n_masses(self) -> int:
        """Number of masses that there is room for."""
        return int(self.masses.shape[-1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ShapeArrays):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, i.name), getattr(other, i.name)) for i in fields(self)
        )

    def __hash__(self) -> int:
        return hash(tuple(np.asarray(getattr(self, i.name)).tobytes() for i in fields(self)))

    # --------------------------------------------------------------------------------- moments

    def rest(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return probability, mean and variance of everything but the masses, shape (...,) each.

        The mean is 0 and the variance 0 where there is no rest.
        """
        shares = np.concatenate(
            [_column(self.normal_share, self.lower_share, self.upper_share), self.pieces], axis=-1
        )
        low, high = self.knots[..., 0], self.knots[..., -1]
        left, right = self.knots[..., :-1], self.knots[..., 1:]
        centres = np.concatenate(
            [
                _column(self.normal_mean, low - self.lower_scale, high + self.upper_scale),
                left + 0.5 * (right - left),
            ],
            axis=-1,
        )
        within = np.concatenate(
            [
                np.square(_column(self.normal_scale, self.lower_scale, self.upper_scale)),
                np.square(right - left) / 12.0,
            ],
            axis=-1,
        )
        share = ordered_sum(shares)
        safe = np.where(share > 0.0, share, 1.0)
        # Distances from a place of the distribution itself, so that no digit is lost far from 0.
        near = np.where(self.normal_share > 0.0, self.normal_mean, low)
        mean = near + ordered_sum(shares * (centres - near[..., np.newaxis])) / safe
        spread = np.square(centres - mean[..., np.newaxis]) + within
        return share, np.where(share > 0.0, mean, 0.0), ordered_sum(shares * spread) / safe

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the whole, shape (...,) each; 0 if not stated."""
        share, centre, variance = self.rest()
        shares = np.concatenate([share[..., np.newaxis], self.masses], axis=-1)
        at = np.concatenate([centre[..., np.newaxis], self.places], axis=-1)
        # The first mass and not the last: behind it there may be room that only fills up.
        near = np.where(share > 0.0, centre, at[..., min(1, self.n_masses)])
        mean = near + ordered_sum(shares * (at - near[..., np.newaxis]))
        apart = np.square(at - mean[..., np.newaxis])
        mean = np.where(self.stated, mean, 0.0)
        return mean, np.sqrt(share * variance + ordered_sum(shares * apart))

    # ------------------------------------------------------------------------ what a pool does

    def widened(
        self, factor: FloatArray, added: FloatArray | None = None
    ) -> tuple[ShapeArrays, NDArray[np.bool_]]:
        """Return the distributions with a factor on their scale and a standard deviation added.

        Args:
            factor: Factor on the scale, shape (...,), above 0.
            added: Standard deviation that is added, shape (...,), at least 0, in the unit of the
                series; None: none.

        Returns:
            The distributions, and where they became the normal of their mean and variance (they
            are stated no more there; see the module).
        """
        share, centre, variance = self.rest()
        total = np.where(self.stated, factor, 1.0)
        lost = np.zeros(self.stated.shape, dtype=np.bool_)
        if added is not None:
            wants = self.stated & (added > 0.0)
            has = (share >= LEAST_REST) & (variance > 0.0)
            scale = np.sqrt(np.where(has, variance, 1.0))
            more = np.where(wants & has, added, 0.0) / np.sqrt(np.where(has, share, 1.0)) / scale
            total = np.where(wants & has, hypot(total, more), total)
            lost = wants & ~has
        same = total == 1.0
        wide, about = total[..., np.newaxis], centre[..., np.newaxis]
        found = ShapeArrays(
            self.stated,
            self.normal_share,
            np.where(same, self.normal_mean, centre + total * (self.normal_mean - centre)),
            self.normal_scale * total,
            np.where(same[..., np.newaxis], self.knots, about + wide * (self.knots - about)),
            self.pieces,
            self.lower_share,
            self.lower_scale * total,
            self.upper_share,
            self.upper_scale * total,
            self.places,
            self.masses,
        )
        return (found.where(~lost) if np.count_nonzero(lost) else found), lost

    def shifted(self, shift: FloatArray | float) -> ShapeArrays:
        """Return the distributions with another mean: their rest moves, masses stay.

        Args:
            shift: Number that is added to the mean, in the unit of the series; broadcasts to
                (...,).

        Returns:
            Distributions of the same shape, in the unit of the series.
        """
        share = self.rest()[0]
        alone = share >= LEAST_REST
        bias = np.broadcast_to(np.asarray(shift, dtype=np.float64), self.stated.shape)
        bias = np.where(self.stated, bias, 0.0)
        step = bias / np.where(alone, share, 1.0)
        pinned = np.where(alone, 0.0, bias)[..., np.newaxis]
        new = {item.name: getattr(self, item.name) for item in fields(self)}
        new["normal_mean"] = self.normal_mean + step
        new["knots"] = self.knots + step[..., np.newaxis]
        new["places"] = self.places + pinned
        return ShapeArrays(**new)


class _FrozenField:
    """A field whose array is kept as immutable bytes, and made anew at each access."""

    def __init__(self, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> NDArray[Any]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | NDArray[Any]:
        if instance is None:
            # Without a value on the class, a dataclass takes the field for one without default.
            raise AttributeError(self._name)
        kept, kind, shape = instance.__dict__[self._name]
        return np.frombuffer(kept, dtype=kind).reshape(shape)

    def __set__(self, instance: object, array: NDArray[Any]) -> None:
        # Reached from `__init__` alone: a frozen dataclass refuses assignment before it comes here.
        whole = np.asarray(array)
        instance.__dict__[self._name] = whole.tobytes(), whole.dtype, whole.shape


@dataclass(frozen=True, eq=False)
class FrozenShapes(ShapeArrays):
    """Stated distributions that readers share and that cannot be changed; see `fg_core.frozen`.

    What is made from them is `ShapeArrays` again.

    >>> one = ShapeArrays.nothing(2).frozen()
    >>> one.knots.flags.writeable, one.knots is one.knots  # an array for each reader
    (False, False)
    """


for _field in fields(ShapeArrays):
    setattr(FrozenShapes, _field.name, _FrozenField(_field.name))


def _column(*arrays: FloatArray) -> FloatArray:
    """Return one array per part as one, the part on the last axis."""
    return np.stack(np.broadcast_arrays(*arrays), axis=-1)


def _wider(array: FloatArray, more: int) -> FloatArray:
    """Return the array with zeros at the end of its last axis."""
    found: FloatArray = np.concatenate([array, np.zeros((*array.shape[:-1], more))], axis=-1)
    return found
