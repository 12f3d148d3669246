"""Upper bounds of a round's score by the size of the hit, for games without defenders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.pooling import PoolAggregator
from fg_core.scoring._kernels import gaussian_crps, mixture_crps

from .enclosures import Course, Interval, crps_tents
from .forecaster_courses import component_courses
from .order_choice import OrderChoice
from .played_hits import PlayedHits
from .pool_courses import factor_course, follows_bayes, weight_course

__all__ = [
    "ScoreBounds",
    "bounds_by_hull",
    "bounds_by_tents",
    "undefended_bounds",
    "unknown_pool",
    "unpooled",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreBounds:
    """Polygons above the scores of rounds.

    Args:
        sizes: Sizes of hits, not ordered, shape (round, corner), in step scales.
        scores: Upper bounds of the score, shape (round, corner), in the unit of the series.
        cells: Upper bounds of the score in each cell, shape (round, cell), likewise.
        by_cell: Sizes and upper bounds of corners whose polygons are above the score in each cell,
            several times shape (round, cell).
    """

    sizes: Array
    scores: Array
    cells: Array
    by_cell: tuple[tuple[Array, Array], ...]

    def beside(
        self, played: PlayedHits, places: Array, heights: Array, where: NDArray[np.bool_]
    ) -> ScoreBounds:
        """Return bounds that are above other scores as well, in some cells.

        Args:
            played: Forecasts by hit, with these scores.
            places: Places of the corners of tents above the scores, shape (round, cell).
            heights: Heights of the corners, likewise.
            where: Cells in which these scores may come, likewise.
        """
        base = played.points[:, [played.none]]
        sizes, left, right = np.abs(played.hits), played.scores[:, :-1], played.scores[:, 1:]
        away = np.abs(places - base) / played.step_scale
        corners = [(sizes[:, :-1], left), (away, heights), (sizes[:, 1:], right)]
        found = self
        for size, score in corners:
            # Corners elsewhere are put where they change nothing.
            found = found.with_corners(
                np.where(where, size, 0.0), np.where(where, score, self.scores[:, [played.none]])
            )
        highest = np.maximum(heights, np.maximum(left, right))
        cells = np.where(where, np.maximum(self.cells, highest), self.cells)
        # Elsewhere the bound of the cell itself, which changes nothing.
        more = tuple(
            (np.where(where, size, self.by_cell[0][0]), np.where(where, score, self.by_cell[0][1]))
            for size, score in corners
        )
        return replace(found, cells=cells, by_cell=(*self.by_cell, *more))

    def with_corners(self, sizes: Array, scores: Array) -> ScoreBounds:
        """Return bounds with more corners, shape (round, corner) each."""
        return replace(
            self,
            sizes=np.concatenate([self.sizes, sizes], axis=1),
            scores=np.concatenate([self.scores, scores], axis=1),
        )


def bounds_by_tents(
    played: PlayedHits, places: Array, heights: Array, empty: NDArray[np.bool_]
) -> ScoreBounds:
    """Return bounds from the scores of played hits and the corners of tents in between.

    Args:
        played: Forecasts by hit.
        places: Places of the corners, shape (round, cell), in the unit of the series.
        heights: Heights of the corners, likewise; infinite where there is no bound.
        empty: Whether no hit that the resolution allows is within a cell, likewise.

    Returns:
        Bounds of the score, whose corners are those of the tents and the played hits.
    """
    base = played.points[:, [played.none]]
    corners = np.where(empty, 0.5 * (played.points[:, :-1] + played.points[:, 1:]), places)
    # Between neighbours there is nothing: the line from one to the other is above nothing at all.
    lines = 0.5 * (played.scores[:, :-1] + played.scores[:, 1:])
    ends = np.maximum(played.scores[:, :-1], played.scores[:, 1:])
    return ScoreBounds(
        np.concatenate([np.abs(played.hits), np.abs(corners - base) / played.step_scale], axis=1),
        np.concatenate([played.scores, np.where(empty, lines, heights)], axis=1),
        np.where(empty, ends, np.maximum(ends, heights)),
        (
            (np.abs(played.hits[:, :-1]), played.scores[:, :-1]),
            (np.abs(corners - base) / played.step_scale, np.where(empty, lines, heights)),
            (np.abs(played.hits[:, 1:]), played.scores[:, 1:]),
        ),
    )


def bounds_by_hull(
    played: PlayedHits, means: Course, scales: Course, empty: NDArray[np.bool_]
) -> ScoreBounds:
    """Return bounds that hold for any weights: the CRPS of a mixture is at most its worst member's.

    The CRPS is convex in the distribution, and so at most the weighted mean of those of the
    members. A hit of any size may change all weights: the bound jumps at no hit.

    Args:
        played: Forecasts by hit.
        means: Means of the components.
        scales: Standard deviations of the components.
        empty: Whether no hit that the resolution allows is within a cell, shape (round, cell).

    Returns:
        Bounds of the score.
    """
    rounds, cells = empty.shape
    one = Course(np.ones((rounds, cells + 1, 1)), Interval.at(np.zeros((rounds, cells, 1))))
    worst = np.full(empty.shape, -np.inf)
    for i in range(means.values.shape[-1]):
        own = [
            Course(c.values[..., [i]], Interval(c.slope.low[..., [i]], c.slope.high[..., [i]]))
            for c in (means, scales)
        ]
        alone = gaussian_crps(
            own[0].values[..., 0], own[1].values[..., 0], played.targets[:, np.newaxis]
        )
        _, heights = crps_tents(played.points, played.targets, alone, one, *own)
        ends = np.maximum(alone[:, :-1], alone[:, 1:])
        worst = np.maximum(worst, np.maximum(heights, ends))
    # A cell without hits inside needs no bound but the scores at its ends.
    left, right = played.scores[:, :-1], played.scores[:, 1:]
    sizes = np.abs(played.hits)
    return ScoreBounds(
        np.concatenate([sizes, sizes[:, :-1], sizes[:, 1:]], axis=1),
        np.concatenate(
            [played.scores, np.where(empty, left, worst), np.where(empty, right, worst)], axis=1
        ),
        np.where(empty, np.maximum(left, right), worst),
        (
            (sizes[:, :-1], np.where(empty, left, worst)),
            (sizes[:, 1:], np.where(empty, right, worst)),
        ),
    )


def unknown_pool(pool: Any) -> list[str]:
    """Return why an aggregator is none that can be followed, in words; empty: it is.

    Args:
        pool: Aggregator of the game.
    """
    if type(pool) is PoolAggregator and pool.combination == "linear":
        return []
    return [f"aggregator {pool.name!r} is no linear pool of normals (PoolAggregator)"]


def unpooled(pool: Any, played: PlayedHits) -> list[str]:
    """Return why a pool cannot be followed between two prints, in words; empty: it can.

    Args:
        pool: Aggregator of the game.
        played: Forecasts by hit.
    """
    if found := unknown_pool(pool):
        return found
    if not played.normal:
        return ["a forecaster states a distribution that is no normal"]
    if (np.isnan(played.deltas) | np.isnan(played.stated)).any():
        return ["a forecaster has no forecast, or states no scale, in some round"]
    return []


def undefended_bounds(
    forecasters: Sequence[Any],
    pool: Any,
    played: PlayedHits,
    refits: NDArray[np.bool_],
    empty: NDArray[np.bool_],
    reasons: Sequence[str],
    choice: OrderChoice | None = None,
) -> tuple[ScoreBounds, list[str]]:
    """Return bounds of the scores of a game without defenders, and why there are none in places.

    Args:
        forecasters: Forecasters of the game.
        pool: Aggregator of the game.
        played: Forecasts by hit, played without defenders.
        refits: Whether forecasters are fitted anew in a round, shape (round,).
        empty: Whether no hit that the resolution allows is within a cell, shape (round, cell).
        reasons: Why forecasters cannot be followed between two prints; empty: they can.
        choice: Orders that a forecaster may choose where it is fitted anew; None: none does.

    Returns:
        Bounds of the score, infinite where nothing is known between two prints, and why that is
        so, in words; empty: the bounds are finite.
    """
    nothing = bounds_by_tents(played, played.points[:, 1:], np.full(empty.shape, np.inf), empty)
    if empty.all():
        return nothing, []
    if reasons:
        return nothing, list(reasons)
    if why := unpooled(pool, played):
        return nothing, why
    strange = [f"aggregator {pool.name!r} does not learn as its settings say"]
    factors = factor_course(pool, played)
    if factors is None:
        return nothing, strange
    courses = component_courses(forecasters, played, factors, refits)
    if courses is None:
        return nothing, ["a forecaster is not the polynomial of the print that it says it is"]
    if not follows_bayes(pool):
        if choice is not None:
            return nothing, [
                f"aggregator {pool.name!r} has weights that are bounded for forecasters alone that "
                "do not choose their order anew"
            ]
        return bounds_by_hull(played, *courses, empty), []
    weights = weight_course(pool, played)
    if weights is None:
        return nothing, strange
    places, heights = crps_tents(played.points, played.targets, played.scores, weights, *courses)
    if choice is None:
        return bounds_by_tents(played, places, heights, empty), []
    if not choice.explains(played):
        return nothing, ["a forecaster does not choose its order as it says"]
    chosen = choice.allowed.any(axis=2)
    # Where the order may change, every order has tents of its own.
    settled = np.where(chosen, np.maximum(played.scores[:, :-1], played.scores[:, 1:]), heights)
    found = bounds_by_tents(played, places, settled, empty)
    for number, agent in enumerate(choice.agents):
        allowed = choice.allowed[..., number] & ~empty
        rows = np.flatnonzero(allowed.any(axis=1))
        if not rows.size:
            continue
        own = choice.variant(played, number)
        scores = mixture_crps(own.weights, own.means, own.scales, own.targets[:, np.newaxis])
        own = replace(own, scores=scores)
        group = tuple(agent if i == choice.place else one for i, one in enumerate(forecasters))
        moved = component_courses(group, own, factors, refits, rows)
        if moved is None:
            return nothing, ["a forecaster is not the polynomial of the print that it says it is"]
        at, height = crps_tents(own.points, own.targets, scores, weights, *moved)
        found = found.beside(own, at, height, allowed)
    return found, []
