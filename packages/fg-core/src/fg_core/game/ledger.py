"""What has happened in a game, and what of it may be shown to whom.

The one place that turns true states into confirmed states (revealed values only) and observations
(the print, hidden fields masked). Nothing downstream of the adversaries sees a true state that is
not revealed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np

from fg_core.batch import StateArrays
from fg_core.frozen import FrozenMapping, made
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .rows import Rows

__all__ = ["ArrayLedger", "Ledger", "Record"]

S = TypeVar("S")


class Record(ABC, Generic[S]):
    """The record of a game, or of many as arrays; it grows by one period a round.

    Args:
        rows: The periods so far; the last one is the state that is played from.
        lookback: How many earlier periods agents see.
        withheld: Context columns that nobody downstream sees.
        observe_exogenous: Whether agents see `exogenous`.
    """

    def __init__(
        self, rows: Rows, *, lookback: int, withheld: frozenset[str], observe_exogenous: bool
    ) -> None:
        self._start = rows
        self._lookback = lookback
        self._withheld = withheld
        self._observe_exogenous = observe_exogenous
        self._first_t = rows.first_t
        # Numbers, or arrays of shape (game,).
        self._values: list[Any] = list(rows.values)
        self._prints: list[Any] = list(rows.prints)
        self._exogenous: list[Any] = list(rows.exogenous)
        self._contexts: list[Mapping[str, float]] = [self._shown(row) for row in rows.contexts]
        self._segments: list[Mapping[str, float]] = list(rows.segments)

    @property
    def rows(self) -> Rows:
        """The periods so far."""
        return replace(
            self._start,
            values=tuple(self._values),
            prints=tuple(self._prints),
            exogenous=tuple(self._exogenous),
            contexts=tuple(self._contexts),
            segments=tuple(self._segments),
        )

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

    def history(self, t: int) -> tuple[Any, ...]:
        """Return the true values before period `t`, as many as agents see."""
        i = t - self._first_t
        return tuple(self._values[max(0, i - self._lookback) : i])

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
            contexts=self._contexts[:stop] if self._start.has_contexts else (),
            segments=segments if self._start.has_segments else (),
            season_length=self._start.season_length,
        )

    @abstractmethod
    def _state(self, i: int, value: Any, past: list[Any], n_unrevealed: int) -> S:
        """Return the state of row `i` as agents may know it."""


class Ledger(Record[ForecastState]):
    """The record of one game."""

    def _state(self, i: int, value: float, past: list[float], n_unrevealed: int) -> ForecastState:
        return made(
            ForecastState,
            t=self._first_t + i,
            value=value,
            exogenous=self._exogenous[i] if self._observe_exogenous else 0.0,
            hidden_shift=0.0,
            segment_id=self._start.segment_id,
            # Rescaled in every round of every run, hit or not: otherwise the segments of a
            # tampered print would add up to the truth.
            segment_values=rescale_segments(self._segments[i], value),
            macro_context=self._contexts[i],
            history=tuple(past),
            n_unrevealed=n_unrevealed,
            displacement=0.0,
        )


class ArrayLedger(Record[StateArrays]):
    """The record of many games with one past; segments have no array form and are left out.

    Args:
        rows: As for `Record`, with arrays of shape (game,).
        lookback: As for `Record`.
        withheld: As for `Record`.
        observe_exogenous: As for `Record`.
    """

    def __init__(
        self, rows: Rows, *, lookback: int, withheld: frozenset[str], observe_exogenous: bool
    ) -> None:
        super().__init__(
            rows, lookback=lookback, withheld=withheld, observe_exogenous=observe_exogenous
        )
        self._zeros = np.zeros(rows.values[-1].shape)

    def _state(self, i: int, value: Any, past: list[Any], n_unrevealed: int) -> StateArrays:
        return made(
            StateArrays,
            t=self._first_t + i,
            value=value,
            exogenous=self._exogenous[i] if self._observe_exogenous else self._zeros,
            hidden_shift=self._zeros,
            segment_id=self._start.segment_id,
            macro_context=self._contexts[i],
            history=tuple(past),
            n_unrevealed=n_unrevealed,
            displacement=None,
        )
