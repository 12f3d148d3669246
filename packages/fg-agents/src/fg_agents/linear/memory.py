"""Memory that a forecaster keeps of the latest rows, between one fit and the next.

A `ForecastState` carries the history of its value, but of its context only the latest row, and of
nothing derived from the past at all. So a forecaster remembers a few rows: from the window at a
fit, from every state that it is shown or taught after it. A period counts once: asked about a
state, a memory takes that period from the state, and what is before it from itself, whether or not
it has seen the period too. (The provisional forecaster of a round has seen the print that it is
asked about; the confirmed one has not.)

Periods that were never shown, such as those between the last row of a first fit with a gap and the
game, bring nothing new: rows of context are carried forward over them until a later fit knows
better, and levels follow the values in `state.history`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import repeat
from operator import is_, is_not
from typing import Any, Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentError, ForecastUnavailable
from fg_core.frozen import numbers_by_name
from fg_core.segments import rescale_segments

from .panel import SEGMENTS

__all__ = ["ContextMemory", "LevelMemory", "Memory", "Row"]

Lanes = NDArray[np.intp]
Row = tuple[Any, ...]
"""Numbers of the columns other than the series itself; arrays in a batch of games."""

_SPARE = 8


class Memory(Protocol):
    """The latest rows of the columns other than the series itself.

    States are `ForecastState` or, in a batch, `StateArrays`.
    """

    @property
    def width(self) -> int:
        """Number of columns."""

    def others(self, state: Any, count: int) -> Sequence[Row]:
        """Return the rows of a state's period and the `count - 1` before it, the latest first.

        Returns:
            Rows with one number per column, in the units of the columns.
        """

    def extended(self, state: Any) -> Self:
        """Return a memory that knows a state's period too.

        Returns:
            Memory that ends with the period of the state.
        """

    def refitted(self, fresh: Self) -> Self:
        """Return the memory of a new window, and of later periods.

        Returns:
            Memory of the new window and of the periods after it.
        """

    def take(self, lanes: Lanes) -> Self:
        """Return a memory of some games of a batch; itself, where all games have the same.

        Returns:
            Memory whose game i is game `lanes[i]` of this one.
        """


@dataclass(frozen=True)
class ContextMemory:
    """Rows of context and segments, one per period without a gap.

    Args:
        names: Names of the columns; those of segments begin with "segments.".
        end_t: Number of the last period known.
        rows: Rows, one per period, oldest first; at least one.
        keep: Number of rows that are kept.

    >>> from fg_core import ForecastState
    >>> known = ContextMemory(("rate", "gap"), 7, ((4.0, 0.1), (5.0, 0.2)), 2)
    >>> known.others(ForecastState(9, 1.0, 0.0, 0.0, macro_context={"rate": 6.0}), 3)
    [(6.0, 0.2), (5.0, 0.2), (5.0, 0.2)]
    """

    names: tuple[str, ...]
    end_t: int
    rows: tuple[Row, ...]
    keep: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names)

    def others(self, state: Any, count: int) -> Sequence[Row]:
        """Return the rows of a state's period and the `count - 1` before it, the latest first.

        Returns:
            Rows with one number per column, in the units of the columns.

        Raises:
            ForecastUnavailable: The state shows none of the columns, or a period is too far from
                those that are known.
        """
        if not self.names:
            return [()] * count
        shown = self._shown(state)
        if shown is None:
            raise ForecastUnavailable(
                f"period {state.t} shows none of the columns {', '.join(self.names)}, or lacks "
                "segments"
            )
        first = state.t - max(1, count - 1)
        if first < self.end_t - len(self.rows) + 1 or state.t - 1 > self.end_t + self.keep:
            raise ForecastUnavailable(
                f"contexts are known of periods {self.end_t - len(self.rows) + 1} to "
                f"{self.end_t}, which are not those before period {state.t}: show the forecaster "
                "every period by update()"
            )
        past = self._before(state.t - 1, max(1, count - 1))
        return [_filled(shown, past[0]), *past][:count]

    def _before(self, t: int, n: int) -> Sequence[Row]:
        """Return the rows of a period and the `n - 1` before it, the latest first."""
        late = t - self.end_t
        if late > 0:
            return [self._row(t - i) for i in range(n)]
        stop = len(self.rows) + late
        return self.rows[stop - n : stop][::-1]

    def _row(self, t: int) -> Row:
        return self.rows[min(t - self.end_t, 0) - 1]

    def _shown(self, state: Any) -> list[float | None] | None:
        """Return the numbers of a state, None for each that it lacks; None where that is too much.

        Context stays published. Segments belong to the value: without them there is no row.
        """
        numbers = numbers_by_name(state.macro_context, self.names)
        places, segments = _segments_among(self.names)
        if not places:
            return numbers if any(map(is_not, numbers, repeat(None))) else None
        if not state.segment_values:
            return None
        parts = numbers_by_name(_segments_of(state), segments)
        if any(map(is_, parts, repeat(None))):
            return None
        for place, part in zip(places, parts, strict=True):
            numbers[place] = part
        return numbers

    def extended(self, state: Any) -> Self:
        """Return a memory that knows a state's period too.

        Forecasters with the same columns share one: the latest answer is remembered.

        Returns:
            Memory that ends with the period of the state.
        """
        if not self.names:
            return self
        known = self.__dict__.get("_latest")
        if known is None or known[0] is not state:
            known = self.__dict__["_latest"] = state, self._extended(state)
        found: Self = known[1]
        return found

    def _extended(self, state: Any) -> Self:
        missing = state.t - 1 - self.end_t
        place = state.t - self.end_t + len(self.rows) - 1
        if place < 1:
            return self
        before = self._row(state.t - 1)
        shown = self._shown(state)
        row = before if shown is None else _filled(shown, before)
        if missing < 0:
            return replace(self, rows=(*self.rows[:place], row, *self.rows[place + 1 :]))
        # After too long a silence, what is carried forward is not worth keeping.
        known = () if missing > self.keep else (*self.rows, *([self.rows[-1]] * missing))
        return self._kept(state.t, (*known, row))

    def refitted(self, fresh: Self) -> Self:
        """Return the memory of a new window, and of later periods.

        Returns:
            Memory of the new window and of the periods after it.
        """
        later = self.end_t - fresh.end_t
        if later <= 0 or later > len(self.rows) or self.names != fresh.names:
            return fresh
        return fresh._kept(self.end_t, (*fresh.rows, *self.rows[-later:]))

    def take(self, lanes: Lanes) -> Self:
        """Return a memory of some games of a batch; itself, where all games have the same.

        Returns:
            Memory whose game i is game `lanes[i]` of this one.
        """
        rows = tuple([_taken(row, lanes) for row in self.rows])
        alike = all(new is old for new, old in zip(rows, self.rows, strict=True))
        return self if alike else replace(self, rows=rows)

    def _kept(self, end_t: int, rows: tuple[Row, ...]) -> Self:
        new = object.__new__(type(self))
        keep = self.keep + _SPARE
        new.__dict__.update(self.__dict__)
        new.__dict__.pop("_latest", None)
        new.__dict__.update(end_t=end_t, rows=rows[-keep:])
        return new

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_latest"}


@lru_cache(maxsize=64)
def _segments_among(names: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the places of segments among columns, and the names of these segments."""
    places = tuple([i for i, name in enumerate(names) if name.startswith(SEGMENTS)])
    return places, tuple([names[i].removeprefix(SEGMENTS) for i in places])


_rescaled: list[tuple[Any, Any]] = []


def _segments_of(state: Any) -> Mapping[str, Any]:
    """Return the segments of a state, adding up to its value; those of the latest are remembered.

    (Memories of many sets of columns are asked about one state.)
    """
    for known, parts in _rescaled:
        if known is state:
            return cast(Mapping[str, Any], parts)
    found = rescale_segments(state.segment_values, state.value)
    # One assignment, so that another thread sees the old list or the new one.
    _rescaled[:] = [(state, found)]
    return found


def _filled(shown: list[float | None], before: Row) -> Row:
    row = zip(shown, before, strict=True)
    return tuple([last if number is None else number for number, last in row])


def _taken(row: Row, lanes: Lanes) -> Row:
    """Return the numbers of some games of a batch; plain ones, where it is one game."""
    if not any(isinstance(number, np.ndarray) and number.ndim for number in row):
        return row
    return tuple(
        [
            number
            if not (isinstance(number, np.ndarray) and number.ndim)
            else float(number[lanes[0]])
            if lanes.size == 1
            else number[lanes]
            for number in row
        ]
    )


@dataclass(frozen=True)
class LevelMemory:
    """Smoothed levels of a series: $m_t = m_{t-1} + g (y_t - m_{t-1})$, one per period.

    Args:
        gain: $g$, in (0, 1].
        end_t: Number of the last period known.
        levels: Levels, one per period, oldest first; at least one.

    >>> from fg_core import ForecastState
    >>> known = LevelMemory(0.5, 3, (1.0, 2.0))
    >>> known.others(ForecastState(5, 9.0, 0.0, 0.0, history=(4.0,)), 1)
    [(3.0,)]
    """

    gain: float
    end_t: int
    levels: Row

    @property
    def width(self) -> int:
        """Number of columns: the level."""
        return 1

    def others(self, state: Any, count: int) -> Sequence[Row]:
        """Return the level of the period before a state's.

        Returns:
            One row with one number, in the unit of the series.

        Raises:
            AgentError: `state.history` does not reach back to the last period known.
            ForecastUnavailable: The state is from before the levels that are known.
        """
        return [(self._before(state),)] * count

    def _before(self, state: Any) -> Any:
        missing = state.t - 1 - self.end_t
        if missing <= 0:
            place = len(self.levels) - 1 + missing
            if place < 0:
                raise ForecastUnavailable(
                    f"levels are known from period {self.end_t - len(self.levels) + 1} on, and "
                    f"period {state.t} wants one before"
                )
            return self.levels[place]
        if missing > len(state.history):
            raise AgentError(
                f"the level is known up to period {self.end_t}, and state.history of period "
                f"{state.t} has {len(state.history)} of the {missing} values in between: set "
                f"lookback to {missing} or more"
            )
        level = self.levels[-1]
        for value in state.history[len(state.history) - missing :]:
            level = level + self.gain * (value - level)
        return level

    def extended(self, state: Any) -> Self:
        """Return a memory that knows a state's period too.

        Returns:
            Memory that ends with the period of the state.
        """
        place = state.t - self.end_t + len(self.levels) - 1
        if place < 1:
            return self
        before = self._before(state)
        level = before + self.gain * (state.value - before)
        # What was smoothed from another value of this period is not kept.
        known = self.levels[:place]
        if len(known) < place:
            known = (before,)
        return replace(self, end_t=state.t, levels=(*known, level)[-2 * _SPARE :])

    def refitted(self, fresh: Self) -> Self:
        """Return the memory of a new window, and of later periods.

        Returns:
            Memory of the new window and of the periods after it.
        """
        later = self.end_t - fresh.end_t
        if later <= 0 or later > len(self.levels):
            return fresh
        return replace(fresh, end_t=self.end_t, levels=(*fresh.levels, *self.levels[-later:]))

    def take(self, lanes: Lanes) -> Self:
        """Return a memory of some games of a batch; itself, where all games have the same.

        Returns:
            Memory whose game i is game `lanes[i]` of this one.
        """
        levels = _taken(self.levels, lanes)
        return self if levels is self.levels else replace(self, levels=levels)
