r"""How the forecasts of linear forecasters move with the newest print.

With a given fit, the mean of a linear forecaster is linear in the newest print and its scale does
not move. Where it is fitted anew with the print as the newest target, coefficients of least squares
are linear in the print, so that the mean and the variance of an iterated forecast are polynomials
of it. A forecaster says of which degrees (`degrees_in_newest`); that they are such polynomials is
checked at all points that were played.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from .enclosures import Course, Interval, product
from .order_choice import chooser_of
from .played_hits import PlayedHits

__all__ = ["LinearForecaster", "component_courses", "polynomial_slope", "unfollowed"]

Array = NDArray[np.float64]
_CLOSE = 1e-7
_HIGHEST = 16
"""Degree above which a polynomial through equally spaced points says too little in between."""


@runtime_checkable
class LinearForecaster(Protocol):
    """A forecaster whose forecasts are polynomials of the newest print."""

    @property
    def name(self) -> str:
        """Name of the forecaster."""
        ...

    def degrees_in_newest(self, horizon: int, *, refitted: bool) -> tuple[int, int] | None:
        """Return the degrees of mean and variance as polynomials of the newest value.

        Args:
            horizon: Horizon in rounds.
            refitted: Whether it is fitted anew with that value as the last row of the window.

        Returns:
            Degrees; None: they are no polynomials.
        """
        ...


def unfollowed(forecasters: Sequence[Any], horizon: int, *, refits: bool) -> list[str]:
    """Return which forecasters cannot be followed between two prints, and why, in words.

    Args:
        forecasters: Forecasters of the game.
        horizon: Horizon in rounds.
        refits: Whether forecasters are fitted anew in the game.
    """
    found = []
    chooser = chooser_of(forecasters)
    for place, one in enumerate(forecasters):
        if not isinstance(one, LinearForecaster):
            found.append(f"forecaster {one.name!r} is not known to be linear in the newest print")
            continue
        for refitted in (False, True)[: 1 + refits]:
            degrees = one.degrees_in_newest(horizon, refitted=refitted)
            if degrees is None and place == chooser:
                degrees = (horizon + 1, 2 * horizon)  # of whatever order it chooses
            if degrees is None:
                found.append(
                    f"forecaster {one.name!r} is no polynomial of the print where it is fitted "
                    "anew: it chooses among models, which may jump between two prints, or shrinks "
                    "by what follows from the print"
                )
            elif max(degrees) > _HIGHEST:
                found.append(
                    f"forecaster {one.name!r} is a polynomial of degree {max(degrees)} in the "
                    f"print at horizon {horizon} where it is fitted anew: more than {_HIGHEST}"
                )
    return found


def component_courses(
    forecasters: Sequence[Any],
    played: PlayedHits,
    factors: Course,
    refits: NDArray[np.bool_],
    some: NDArray[np.intp] | None = None,
) -> tuple[Course, Course] | None:
    """Return how the means and scales of a pool's components move with the newest print.

    Args:
        forecasters: Forecasters, one per component, none of them in `unfollowed`.
        played: Forecasts by hit.
        factors: Course of the squares of the factors by which stated scales are multiplied.
        refits: Whether forecasters are fitted anew in a round, shape (round,).
        some: Numbers of the rounds that matter; None: all. Others are left unbounded.

    Returns:
        Courses of means and scales; None where they are not as the forecasters say.
    """
    n = len(forecasters)
    means, variances = played.means[..., :n], played.stated**2
    found = []
    for which, values in enumerate((means, variances)):
        slope = _lines(played.points, values)
        for i, one in enumerate(forecasters):
            for refitted in (False, True):
                rounds = np.flatnonzero(refits == refitted)
                if some is not None:
                    rounds = np.intersect1d(rounds, some)
                degrees = one.degrees_in_newest(played.horizon, refitted=refitted)
                if not rounds.size:
                    continue
                if degrees is None:
                    slope.low[rounds, :, i], slope.high[rounds, :, i] = -np.inf, np.inf
                    continue
                own, x = values[rounds][..., i], played.points[rounds]
                if degrees[which] > 1:
                    curved = polynomial_slope(x, own, degrees[which])
                    if curved is None:
                        return None
                    slope.low[rounds, :, i], slope.high[rounds, :, i] = curved
                elif not _is_line(x, own, slope.low[rounds, 0, i], flat=degrees[which] == 0):
                    return None
        found.append(Course(values, slope))
    width = np.diff(played.points, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        stated, factor = (one.range(width) for one in (found[1], factors))
        stated, factor = (Interval(np.maximum(r.low, 0.0), r.high) for r in (stated, factor))
        moved = product(found[1].slope, factor).plus(product(stated, factors.slope))
        whole = product(stated, factor)
        twice = Interval(1.0 / (2.0 * np.sqrt(whole.high)), 1.0 / (2.0 * np.sqrt(whole.low)))
        return found[0], Course(played.scales[..., :n], product(moved, twice))


def _lines(points: Array, values: Array) -> Interval:
    """Return the slope of the line from the first point to the last, for each cell."""
    run = (points[:, -1] - points[:, 0])[:, np.newaxis]
    rise = values[:, -1] - values[:, 0]
    slope = np.divide(rise, run, out=np.zeros_like(rise), where=run > 0.0)
    cells = np.repeat(slope[:, np.newaxis], points.shape[1] - 1, axis=1)
    return Interval(cells, cells.copy())


def _is_line(points: Array, values: Array, slope: Array, *, flat: bool) -> bool:
    run = points - points[:, :1]
    off = values - values[:, :1] - slope[:, np.newaxis] * run
    size = np.abs(values).max(initial=0.0) + np.abs(run).max(initial=0.0)
    bent = bool((np.abs(off) > _CLOSE * size).any())
    return not bent and not (flat and bool((np.abs(slope) > _CLOSE * size).any()))


def polynomial_slope(points: Array, values: Array, degree: int) -> Interval | None:
    """Return bounds of the derivative of polynomials between points.

    The polynomial of this degree is fitted to all points, and its derivative is that in the middle
    of a cell give or take half of its width times a bound of the second derivative.

    Args:
        points: Points, not decreasing along a row, shape (round, point).
        values: Values of the polynomials there, shape (round, point).
        degree: Degree of the polynomials.

    Returns:
        Shape (round, cell); unbounded in rounds with too few points; None where the values are not
        those of a polynomial of this degree.

    >>> bounds = polynomial_slope(np.array([[0.0, 1.0, 2.0, 3.0]]),
    ...     np.array([[0.0, 1.0, 4.0, 9.0]]), 2)
    >>> bounds.low.round(9).tolist()[0][1:], bounds.high.round(9).tolist()[0]
    ([2.0, 4.0], [2.0, 4.0, 6.0])
    """
    low = np.full((points.shape[0], points.shape[1] - 1), -np.inf)
    high = -low
    for r, (x, y) in enumerate(zip(points, values, strict=True)):
        middle, half = 0.5 * (x[-1] + x[0]), 0.5 * (x[-1] - x[0])
        if np.unique(x).size < degree + 2:
            continue
        u, size = (x - middle) / half, np.abs(y).max()
        unit = size if size > 0.0 else 1.0
        terms = chebyshev.chebvander(u, degree)
        coefficients = np.linalg.lstsq(terms, y / unit, rcond=None)[0]
        if np.abs(terms @ coefficients - y / unit).max() > _CLOSE:
            return None
        first = chebyshev.chebder(coefficients)
        second = float(np.abs(chebyshev.chebder(coefficients, 2)).sum())
        slope = chebyshev.chebval(0.5 * (u[1:] + u[:-1]), first)
        spread = 0.5 * np.diff(u) * second
        low[r], high[r] = (slope - spread) * unit / half, (slope + spread) * unit / half
    return Interval(low, high)
