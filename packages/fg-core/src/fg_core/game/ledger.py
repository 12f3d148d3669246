"""What has happened in a game, and what of it may be shown to whom.

The one place that turns true states into confirmed states (revealed values only) and observations
(the print, hidden fields masked). Nothing downstream of the adversaries sees a true state that is
not revealed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import numpy as np

from fg_core.batch import StateArrays
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["ArrayLedger", "Ledger", "Record"]

S = TypeVar("S")


class Record(ABC, Generic[S]):
    """The record of a game, or of many as arrays; it grows by one period a round.

    Args:
        training: What was known before the game; its last row is the period before `initial`.
        initial: The first state.
        lookback: How many earlier periods agents see.
        withheld: Context columns that nobody downstream sees.
        observe_exogenous: Whether agents see `exogenous`.
    """

    def __init__(
        self,
        training: TrainingWindow,
        initial: ForecastState,
        *,
        lookback: int,
        withheld: frozenset[str],
        observe_exogenous: bool,
    ) -> None:
        self._lookback = lookback
        self._withheld = withheld
        self._observe_exogenous = observe_exogenous
        self._season_length = training.season_length
        self._first_t = training.end_t - len(training) + 1
        n = len(training)
        self._segment_id = initial.segment_id
        # Numbers, or arrays of shape (game,).
        self._values: list[Any] = training.values.tolist()
        self._prints: list[Any] = list(self._values)
        self._exogenous: list[Any] = [0.0] * n
        self._contexts: list[Mapping[str, float]] = [
            self._shown(row) for row in (training.contexts or [frozen_mapping()] * n)
        ]
        self._segments: list[Mapping[str, float]] = list(
            training.segments or [frozen_mapping()] * n
        )
        self._has_contexts = bool(training.contexts)
        self._has_segments = bool(training.segments)

    def _shown(self, context: Mapping[str, float]) -> Mapping[str, float]:
        if not self._withheld.intersection(context):
            return context
        return FrozenMapping({k: v for k, v in context.items() if k not in self._withheld})

    def enter(self, state: Any) -> None:
        """Record the true state of the next period; its print is set by `publish`."""
        self._values.append(state.value)
        self._prints.append(state.value)
        self._exogenous.append(state.exogenous)
        self._contexts.append(self._shown(state.macro_context))
        self._segments.append(state.segment_values)

    def publish(self, t: int, value: Any) -> None:
        """Record the print of period `t`."""
        self._prints[t - self._first_t] = value

    def printed(self, t: int) -> Any:
        """Return the print of period `t`."""
        return self._prints[t - self._first_t]

    def value(self, t: int) -> Any:
        """Return the true value of period `t`."""
        return self._values[t - self._first_t]

    def confirmed(self, t: int) -> S:
        """Return the state of a revealed period as agents may know it."""
        i = t - self._first_t
        return self._state(i, self._values[i], self._values[max(0, i - self._lookback) : i], 0)

    def observed(self, t: int, value: Any, *, revealed: int) -> S:
        """Return the observation of period `t` with `value` in place of what is true.

        Args:
            t: The period.
            value: Its print, or what a defense puts in its place.
            revealed: The last period that is revealed.
        """
        i = t - self._first_t
        start = max(0, i - self._lookback)
        known = min(i, revealed - self._first_t + 1)
        past = self._values[start:known] + self._prints[max(start, known) : i]
        return self._state(i, value, past, i - known)

    def window(self, t: int, *, revealed: int, printed: float | None = None) -> TrainingWindow:
        """Return what is known at period `t`: true values up to `revealed`, then prints.

        Args:
            t: The last period.
            revealed: The last period that is revealed.
            printed: The print of period `t`, if it is not the recorded one.
        """
        stop = t - self._first_t + 1
        known = min(stop, revealed - self._first_t + 1)
        values = self._values[:known] + self._prints[known:stop]
        if printed is not None:
            values[-1] = printed
        # Revealed rows take the same route as prints, so that a print that turns out true gives
        # the very same window.
        segments = [
            rescale_segments(row, value)
            for row, value in zip(self._segments[:stop], values, strict=True)
        ]
        return TrainingWindow(
            np.array(values),
            t,
            contexts=self._contexts[:stop] if self._has_contexts else (),
            segments=segments if self._has_segments else (),
            season_length=self._season_length,
        )

    @abstractmethod
    def _state(self, i: int, value: Any, past: list[Any], n_unrevealed: int) -> S:
        """Return the state of row `i` as agents may know it."""


class Ledger(Record[ForecastState]):
    """The record of one game."""

    def _state(self, i: int, value: float, past: list[float], n_unrevealed: int) -> ForecastState:
        segments = self._segments[i]
        return ForecastState(
            self._first_t + i,
            value,
            self._exogenous[i] if self._observe_exogenous else 0.0,
            0.0,
            self._segment_id,
            # Rescaled in every round of every run, hit or not: otherwise the segments of a
            # tampered print would add up to the truth.
            rescale_segments(segments, value),
            self._contexts[i],
            tuple(past),
            n_unrevealed=n_unrevealed,
        )


class ArrayLedger(Record[StateArrays]):
    """The record of many games with one past; segments have no array form and are left out.

    Args:
        training: As for `Record`.
        initial: As for `Record`.
        n_games: How many games.
        lookback: As for `Record`.
        withheld: As for `Record`.
        observe_exogenous: As for `Record`.
    """

    def __init__(
        self,
        training: TrainingWindow,
        initial: Any,
        n_games: int,
        *,
        lookback: int,
        withheld: frozenset[str],
        observe_exogenous: bool,
    ) -> None:
        super().__init__(
            training,
            initial,
            lookback=lookback,
            withheld=withheld,
            observe_exogenous=observe_exogenous,
        )
        self._zeros = np.zeros(n_games)
        self._values = [np.broadcast_to(value, (n_games,)) for value in self._values]
        self._prints = list(self._values)
        self._exogenous = [self._zeros] * len(self._values)

    def _state(self, i: int, value: Any, past: list[Any], n_unrevealed: int) -> StateArrays:
        return StateArrays(
            self._first_t + i,
            value,
            self._exogenous[i] if self._observe_exogenous else self._zeros,
            self._zeros,
            self._segment_id,
            self._contexts[i],
            tuple(past),
            n_unrevealed,
        )
