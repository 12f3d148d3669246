"""The history of the segments of a series, by period.

A `ForecastState` carries the history of its value, but of its segments only the latest numbers. A
forecaster that predicts segments from their own past has to remember it: from the training window
at a fit, and from every state after it. Three rules keep that memory honest.

* **A period counts once.** A memory that has seen the print of period t and is then asked about a
  state of t takes the state's numbers for t and its own up to t - 1. (The provisional team of a
  game has been updated with the print that it is asked about; the confirmed team has not, and may
  be asked about a value in its place.)
* **A period that was never shown is filled in.** Where a value is revealed later than the next is
  printed, or a fit leaves out the latest rows, periods are missing in between. Their totals are in
  `state.history`; their segments are the last known ones, rescaled to those totals by
  `fg_core.segments.rescale_segments`. A later fit, or an update with the period itself, puts the
  real numbers in their place.
* **Segments add up.** Every row is rescaled to its total, as the game itself does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from fg_core import AgentError, ForecastState, TrainingWindow
from fg_core.segments import rescale_segments

__all__ = ["SegmentHistory"]

Row = tuple[float, ...]


@dataclass(frozen=True)
class SegmentHistory:
    """Segments of one series over a run of periods without a gap.

    Args:
        names: Names of the segments, sorted.
        end_t: Number of the last period known.
        rows: One row per period, oldest first, with one number per name; at least one row.
        lookback: Largest number of periods that are remembered past a fit.

    >>> window = TrainingWindow([3.0, 4.0], 7, segments=[{"a": 1, "b": 2}, {"a": 1, "b": 3}])
    >>> known = SegmentHistory.of(window)
    >>> known.before(ForecastState(9, 8.0, 0.0, 0.0, history=(4.0, 6.0)))  # period 8: 6 in all
    ((1.0, 2.0), (1.0, 3.0), (1.5, 4.5))
    """

    names: tuple[str, ...]
    end_t: int
    rows: tuple[Row, ...]
    lookback: int = 64

    @classmethod
    def of(cls, window: TrainingWindow, lookback: int = 64) -> Self | None:
        """Return the segments of a training window; None where its last row has no segments.

        Rows before the last one whose segments have other names are of another breakdown: they,
        and all before them, are left out.

        Returns:
            Segments of the latest periods of the window, in the unit of the series.
        """
        names = tuple(sorted(window.segments[-1])) if window.segments else ()
        if not names:
            return None
        rows: list[Row] = []
        for parts, total in zip(reversed(window.segments), reversed(window.values), strict=True):
            row = _row(names, parts, float(total))
            if row is None:
                break
            rows.append(row)
        return cls(names, window.end_t, tuple(reversed(rows)), lookback)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def start_t(self) -> int:
        """Number of the first period known."""
        return self.end_t - len(self.rows) + 1

    def recent(self) -> Self:
        """Return a memory of the last `lookback` periods."""
        return replace(self, rows=self.rows[-self.lookback :])

    def windows(self, window: TrainingWindow) -> tuple[TrainingWindow, ...]:
        """Return one training window per segment, with the contexts of the whole.

        Args:
            window: Training window that this is the memory of.

        Returns:
            Windows in the order of `names`, in the unit of the series.
        """
        n = len(self.rows)
        return tuple(
            TrainingWindow(
                np.array(column),
                self.end_t,
                contexts=window.contexts[-n:],
                season_length=window.season_length,
            )
            for column in zip(*self.rows, strict=True)
        )

    def states(self, state: ForecastState) -> tuple[ForecastState, ...] | None:
        """Return one state per segment, with its own history; None where none are shown.

        Returns:
            States in the order of `names`, in the unit of the series.

        Raises:
            AgentError: Periods are missing that `state.history` does not reach.
        """
        row = self.shown(state)
        if row is None:
            return None
        past = self.before(state)
        columns = zip(*past, strict=True) if past else [()] * len(row)
        return tuple(
            replace(
                state,
                value=value,
                segment_id=name,
                segment_values={},
                history=tuple(column),
                n_unrevealed=min(state.n_unrevealed, len(past)),
            )
            for name, value, column in zip(self.names, row, columns, strict=True)
        )

    def shown(self, state: ForecastState) -> Row | None:
        """Return the segments of a state, adding up to its value; None: none, or other names.

        Returns:
            Values in the order of `names`, in the unit of the series.
        """
        return _row(self.names, state.segment_values, state.value)

    @staticmethod
    def shares(state: ForecastState) -> dict[str, float]:
        """Return the share of a change of a state's value that rescaling moves into each segment.

        Segments of one sign keep their shares of the total; others keep their differences, so
        each takes the same part.

        >>> SegmentHistory.shares(ForecastState(0, 4.0, 0.0, 0.0, segment_values={"a": 1, "b": 3}))
        {'a': 0.25, 'b': 0.75}
        """
        parts = state.segment_values
        sign = 1.0 if state.value > 0.0 else -1.0
        if state.value != 0.0 and all(sign * part > 0.0 for part in parts.values()):
            total = sum(parts.values())
            return {name: part / total for name, part in parts.items()}
        return dict.fromkeys(parts, 1.0 / len(parts))

    def before(self, state: ForecastState) -> tuple[Row, ...]:
        """Return the rows up to the period before a state's.

        Returns:
            One row per period, oldest first, in the unit of the series.

        Raises:
            AgentError: Periods are missing in between that `state.history` does not reach.
        """
        missing = state.t - 1 - self.end_t
        if missing <= 0:
            return self.rows[: max(0, len(self.rows) + missing)]
        if missing > len(state.history):
            raise AgentError(
                f"segments are known up to period {self.end_t}, and state.history of period "
                f"{state.t} has {len(state.history)} of the {missing} values in between: set "
                f"lookback to {missing} or more"
            )
        return (*self.rows, *self._filled(state.history[len(state.history) - missing :]))

    def extended(self, state: ForecastState) -> Self:
        """Return a memory that also knows a state's period, in place of what it knew of it.

        A state without segments, or with others, leaves the memory as it is: its period counts
        as never shown. Where `state.history` does not reach back to the last period known, the
        memory begins anew with the state.

        Returns:
            Memory of at most `lookback` periods past the fit.
        """
        row = self.shown(state)
        if row is None:
            return self
        missing = state.t - 1 - self.end_t
        if missing < 0:
            place = state.t - self.start_t
            if place < 0:
                return self
            return replace(self, rows=(*self.rows[:place], row, *self.rows[place + 1 :]))
        known = () if missing > len(state.history) else self.before(state)
        return replace(self, end_t=state.t, rows=(*known, row)[-self.lookback :])

    def refitted(self, fresh: Self) -> Self:
        """Return the memory of a new window, and of later periods.

        Args:
            fresh: Memory of the new window, which may leave out the latest periods (`fit_gap`).

        Returns:
            Memory of the new window and of the periods after it.
        """
        later = self.end_t - fresh.end_t
        if later <= 0 or self.names != fresh.names:
            return fresh.recent()
        if later > len(self.rows):
            return self  # it begins after the window ends, and a memory has no gaps
        return replace(
            fresh, end_t=self.end_t, rows=(*fresh.rows, *self.rows[-later:])[-self.lookback :]
        )

    def _filled(self, totals: Sequence[float]) -> list[Row]:
        last = dict(zip(self.names, self.rows[-1], strict=True))
        return [tuple(rescale_segments(last, total).values()) for total in totals]


def _row(names: tuple[str, ...], parts: Mapping[str, float], total: float) -> Row | None:
    """Return segments in the order of `names`, adding up to `total`; None for other names."""
    if len(parts) != len(names) or any(name not in parts for name in names):
        return None
    return tuple(rescale_segments({name: float(parts[name]) for name in names}, total).values())
