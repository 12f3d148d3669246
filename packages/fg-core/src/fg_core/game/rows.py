"""The periods of a game's record as plain data: what a stopped game keeps of its past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from fg_core.frozen import frozen_mapping
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["Rows"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Periods in their order; values are numbers, or arrays of shape (game,).

    Args:
        first_t: Number of the first period.
        values: True values, in the unit of the series.
        prints: What was seen of them first.
        exogenous: Outside pressure.
        contexts: What had been published by each period.
        segments: Value per segment.
        segment_id: Name of the segment that the series is, if it is one.
        season_length: Periods in a season.
        has_contexts: Whether fits are shown contexts.
        has_segments: Whether fits are shown segments.

    >>> state = ForecastState(2, 3.0, 0.0, 0.0)
    >>> Rows.until(TrainingWindow([1.0, 2.0], 1), state).values
    (1.0, 2.0, 3.0)
    """

    first_t: int
    values: tuple[Any, ...]
    prints: tuple[Any, ...]
    exogenous: tuple[Any, ...]
    contexts: tuple[Mapping[str, float], ...]
    segments: tuple[Mapping[str, float], ...]
    segment_id: str = ""
    season_length: int = 1
    has_contexts: bool = False
    has_segments: bool = False

    @classmethod
    def until(cls, training: TrainingWindow, initial: ForecastState) -> Self:
        """Return what was before a game, and the state that it begins in."""
        n = len(training)
        values = (*training.values.tolist(), initial.value)
        nothing: tuple[Mapping[str, float], ...] = (frozen_mapping(),) * n
        return cls(
            training.end_t - n + 1,
            values,
            values,
            (*(0.0,) * n, initial.exogenous),
            (*(training.contexts or nothing), initial.macro_context),
            (*(training.segments or nothing), initial.segment_values),
            initial.segment_id,
            training.season_length,
            bool(training.contexts),
            bool(training.segments),
        )

    def for_games(self, n_games: int) -> Self:
        """Return these rows for many games that share them."""

        def shared(numbers: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(np.broadcast_to(number, (n_games,)) for number in numbers)

        values = shared(self.values)
        return replace(self, values=values, prints=values, exogenous=shared(self.exogenous))

    def since(self, t: int) -> Self:
        """Return the rows from period `t` on; all, if they begin later."""
        skip = max(0, t - self.first_t)
        return replace(
            self,
            first_t=self.first_t + skip,
            values=self.values[skip:],
            prints=self.prints[skip:],
            exogenous=self.exogenous[skip:],
            contexts=self.contexts[skip:],
            segments=self.segments[skip:],
        )
