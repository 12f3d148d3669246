"""Metrics: a figure of many cells at once from the scores of their origins, and its text.

A cell's figure has the bits that it has alone: its mean is `np.mean` over those of its origins that
have a score, whatever the cells beside it have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from .formatting import number
from .scores import OriginScore, Scores

__all__ = ["CellScores", "Count", "Figure", "Histogram", "Mean", "Metric", "RootMean", "Skill"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Patterns:
    """Origins that count, grouped by cells in which the same ones do.

    Args:
        groups: Numbers of cells, and of the origins that count in each of them.
        counts: Numbers of origins that count, shape (cell,).
    """

    groups: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, some: NDArray[np.bool_]) -> Self:
        """Group the cells of a mask, shape (cell, origin)."""
        counts = np.count_nonzero(some, axis=1)
        _, first, group = np.unique(
            np.packbits(some, axis=1), axis=0, return_index=True, return_inverse=True
        )
        groups = [
            (np.flatnonzero(group.reshape(-1) == number), np.flatnonzero(some[at]))
            for number, at in enumerate(first)
        ]
        return cls(groups, counts)

    def mean(self, values: Array) -> Array:
        """Return means over the origins that count, shape (cell,).

        NaN where none counts, or the mean leaves the range of floats.

        Args:
            values: Array of shape (cell, origin).
        """
        found = np.full(self.counts.size, np.nan)
        for cells, origins in self.groups:
            if origins.size == 0:
                continue
            # `take` leaves the origins of a cell side by side in memory, so that numpy adds them
            # in the order in which it adds those of one cell alone.
            chosen = values if cells.size == values.shape[0] else values.take(cells, axis=0)
            if origins.size < values.shape[1]:
                chosen = chosen.take(origins, axis=1)
            found[cells] = np.mean(np.ascontiguousarray(chosen), axis=1)
        found[~np.isfinite(found)] = np.nan
        return found


class CellScores:
    """Scores of the origins of many cells, and what figures are made of: means over origins.

    Args:
        scores: scores of shape (cell, origin).
        benchmark: scores of the contender that skill is measured against, of the same shape.
        step_scales: one-step scales of the series, shape (cell,), in their units.
    """

    def __init__(self, scores: Scores, benchmark: Scores, step_scales: Array) -> None:
        self.scores = scores
        self.step_scales = step_scales
        self._benchmark = benchmark
        self._own: dict[bool, _Patterns] = {}
        self._shared: dict[bool, _Patterns] = {}

    def counts(self, *, needs_density: bool) -> NDArray[np.intp]:
        """Return the number of origins with a density, or a mean, and a target; shape (cell,).

        Returns:
            Numbers of origins, shape (cell,).
        """
        return self._patterns(needs_density).counts

    def mean(self, of: OriginScore) -> Array:
        """Return the mean of a score over the origins that have one, shape (cell,); NaN: none.

        Returns:
            Array of shape (cell,), in the unit of the score; NaN where no origin has one.
        """
        return self._patterns(of.needs_density).mean(self.scores[of])

    def shared_means(self, of: OriginScore) -> tuple[Array, Array]:
        """Return the means of a score and of the benchmark's, over the origins that have both.

        Returns:
            Two arrays of shape (cell,), in the unit of the score: of the contender, and of the
            benchmark; NaN where no origin has both.
        """
        if of.needs_density not in self._shared:
            ours, theirs = (
                scores.present(needs_density=of.needs_density)
                for scores in (self.scores, self._benchmark)
            )
            self._shared[of.needs_density] = _Patterns.of(ours & theirs)
        both = self._shared[of.needs_density]
        return both.mean(self.scores[of]), both.mean(self._benchmark[of])

    def _patterns(self, needs_density: bool) -> _Patterns:
        if needs_density not in self._own:
            some = self.scores.present(needs_density=needs_density)
            self._own[needs_density] = _Patterns.of(some)
        return self._own[needs_density]


# ------------------------------------------------------------------------------------- figures


class Figure(ABC):
    """Rule by which the figure of a cell comes from the scores of its origins."""

    def needed(self) -> Sequence[OriginScore]:
        """Return the scores that it is made of.

        Returns:
            Scores of origins; empty: the figure is a count.
        """
        return ()

    def needed_of_benchmark(self) -> Sequence[OriginScore]:
        """Return the scores that are needed of the benchmark as well.

        Returns:
            Scores of origins; empty: the figure is the contender's alone.
        """
        return ()

    @abstractmethod
    def of(self, cells: CellScores) -> Sequence[Any]:
        """Return the figure of each cell as the report has it: None where there is none.

        Returns:
            One figure per cell, in the order of the cells.
        """


@dataclass(frozen=True)
class _OfScore(Figure):
    """Base of figures that are made of one score."""

    score: OriginScore

    def needed(self) -> Sequence[OriginScore]:
        return (self.score,)


class Mean(_OfScore):
    """Mean of a score over the origins that have one."""

    def of(self, cells: CellScores) -> Sequence[float | None]:
        """Return the figure of each cell.

        Returns:
            One mean per cell, in the unit of the score; None where no origin has one.
        """
        return _or_none(cells.mean(self.score))


class RootMean(_OfScore):
    """Square root of the mean of a score over the origins that have one."""

    def of(self, cells: CellScores) -> Sequence[float | None]:
        """Return the figure of each cell.

        Returns:
            One root per cell, in the unit of the series for squared errors; None where no origin
            has a score.
        """
        return _or_none(np.sqrt(cells.mean(self.score)))


class Skill(_OfScore):
    """1 - mean of a score / mean of the benchmark's, over the origins that both have.

    There is none where no origin has both, or the benchmark's mean is not above 0.
    """

    def needed_of_benchmark(self) -> Sequence[OriginScore]:
        """Return the same score."""
        return (self.score,)

    def of(self, cells: CellScores) -> Sequence[float | None]:
        """Return the figure of each cell.

        Returns:
            One skill per cell, at most 1 and without a unit; None where there is none.
        """
        ours, theirs = cells.shared_means(self.score)
        found = np.full(theirs.shape, np.nan)
        known = theirs > 0.0
        found[known] = 1.0 - ours[known] / theirs[known]
        return _or_none(found)


@dataclass(frozen=True)
class Histogram(_OfScore):
    """Counts of a density score in equal bins of [0, 1].

    Args:
        score: score with values in [0, 1].
        bins: number of bins; 1 lies in the last of them.
    """

    bins: int

    def of(self, cells: CellScores) -> Sequence[tuple[int, ...]]:
        """Return the counts of all bins by cell.

        Returns:
            One tuple of `bins` counts per cell.
        """
        some = cells.scores.present(needs_density=self.score.needs_density)
        at, origins = np.nonzero(some)
        values = cells.scores[self.score][at, origins]
        inside = np.minimum((values * self.bins).astype(np.intp), self.bins - 1)
        n_cells = some.shape[0]
        counts = np.bincount(at * self.bins + inside, minlength=n_cells * self.bins)
        return list(map(tuple, counts.reshape(n_cells, self.bins).tolist()))


@dataclass(frozen=True)
class Count(Figure):
    """Number of origins that are scored: that have a mean, or a density, and a target."""

    needs_density: bool

    def of(self, cells: CellScores) -> Sequence[int]:
        """Return the figure of each cell.

        Returns:
            One number of origins per cell.
        """
        found: list[int] = cells.counts(needs_density=self.needs_density).tolist()
        return found


def _or_none(values: Array) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


# ---------------------------------------------------------------------------------------- a row


@dataclass(frozen=True)
class Metric:
    """One row of the table of metrics: all that is to be said of a field of `Metrics`.

    Args:
        description: description of the field, as the published schema has it.
        figure: rule by which the figure comes from the scores of origins.
        unit: unit of the figure: that of the series, none, or nats.
        better: direction of better figures; empty for a count.
        heading: heading of its column in the tables; empty: it is in the report alone.
        text: the figure as it is shown, from the figure and the decimals of the table.
        min_width: narrowest page, in characters, that its column is shown on; five columns fill 80.
        legend: explanation of its column, a sentence below the tables; empty: it is named among the
            scores in the unit of the series.
        word: name of the metric in notes; empty: its heading.
        is_marked: whether the best figures of a table are marked.
    """

    description: str
    figure: Figure
    _: KW_ONLY
    unit: Literal["series", "", "nats"] = "series"
    better: Literal["lower", "higher", ""] = "lower"
    heading: str = ""
    text: Callable[[Any, int], str] = number
    min_width: int = 0
    legend: str = ""
    word: str = ""
    is_marked: bool = False

    @property
    def needs_density(self) -> bool:
        """Whether the figure is over the origins with a predictive distribution alone."""
        return any(score.needs_density for score in self.figure.needed())
