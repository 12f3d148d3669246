"""A recorded series, played back: real data as the world of the game."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.lazy import lazy
from fg_core.errors import DataError
from fg_core.frozen import FrozenMapping, frozen_mapping, replace_unchecked
from fg_core.observation import Observation
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState, without_empty_end
from fg_core.window import TrainingWindow

__all__ = ["ReplayWorld"]


@dataclass(frozen=True)
class ReplayWorld:
    """Moves along a real series: period t is row `t - first_t` of the record.

    Undisturbed, the next value is the recorded one, bit for bit. A disturbance displaces the
    series, and the displacement fades with the persistence of the series:
    `displacement' = persistence * displacement + disturbance` (in units of the one-step scale).

    Args:
        rows: Observations of one series, by period.
        withheld: Context columns that determine the value of their own period; they are never
            shown beside a print.
        season_length: Handed to fits.
        known_ahead: Context columns that are known in advance (calendar, holidays, planned
            prices): states hold those of the periods to come as they are in their rows. A column
            that is withheld is not known in advance to any agent.
        future_context: Values of those columns in the periods after the last row, one mapping per
            period.
        ahead: Number of periods ahead that they are known; None: to the end of the record. A game
            looks as far as its longest horizon.
        first_t: Number of the period of the first row, at least 0. So records that begin at
            different times can be at the same period at once, as agents that see all of them want.

    Raises:
        DataError: Fewer than two rows, several series, rows out of order, a negative period, a
            column that is known in advance and in none of the rows, or a future context of other
            columns or with a number that is not finite.

    >>> from fg_core.testing.examples import example_dataset
    >>> rows = example_dataset(8).series("alpha")
    >>> world = ReplayWorld(rows, known_ahead={"rate"}, future_context=({"rate": 3.5},))
    >>> [dict(entry) for entry in world.initial_state(7).known_ahead]
    [{'rate': 3.5}]
    """

    rows: tuple[Observation, ...]
    withheld: frozenset[str] = frozenset()
    season_length: int = 1
    _: KW_ONLY
    known_ahead: frozenset[str] = frozenset()
    future_context: tuple[Mapping[str, float], ...] = ()
    ahead: int | None = None
    first_t: int = 0

    replays = True
    """Undisturbed, it goes the same way in every game."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))
        if len(self.rows) < 2:
            raise DataError(f"a replay needs at least two rows, got {len(self.rows)}")
        if self.first_t < 0:
            raise DataError(f"the first period must be at least 0, got {self.first_t}")
        names = {row.series_id for row in self.rows}
        if len(names) > 1:
            raise DataError(f"a replay plays one series, got {', '.join(sorted(names))}")
        for a, b in zip(self.rows, self.rows[1:], strict=False):
            if b.timestamp <= a.timestamp:
                raise DataError(f"rows out of order: {a.timestamp.date()}, {b.timestamp.date()}")
        named: Any = self.known_ahead
        if isinstance(named, str):
            raise DataError(f"known_ahead must be a set of names, got {named!r}")
        object.__setattr__(self, "known_ahead", frozenset(named))
        object.__setattr__(
            self, "future_context", tuple([frozen_mapping(row) for row in self.future_context])
        )
        if self.ahead is not None and self.ahead < 0:
            raise DataError(f"ahead must be at least 0, got {self.ahead}")
        if self.known_ahead or self.future_context:
            self._check_known_ahead()

    def _check_known_ahead(self) -> None:
        who = f"series {self.rows[0].series_id!r}"
        for i, row in enumerate(self.future_context):
            given: Mapping[str, Any] = row
            for name, number in given.items():
                if isinstance(number, bool) or not (
                    isinstance(number, Real) and math.isfinite(number)
                ):
                    raise DataError(
                        f"{who}: context {name!r}, {i + 1} periods after the last row, must be a "
                        f"finite number, got {number!r}"
                    )
                if name not in self.known_ahead:
                    raise DataError(
                        f"{who}: a future context of {name!r} is given, which is not known in "
                        "advance: name the column in known_ahead, or leave it out"
                    )
        columns = {name for row in self.rows for name in row.macro_context}
        columns.update(*self.future_context)
        missing = sorted(self.known_ahead - columns)
        if missing:
            raise DataError(
                f"{who} has no context column {', '.join(missing)} that could be known in "
                f"advance; it has {', '.join(sorted(columns)) or 'none'}"
            )

    @lazy
    def _known_contexts(self) -> tuple[Mapping[str, float], ...]:
        """Context known in advance of each period, also of those after the last row."""
        names = self.known_ahead - self.withheld
        return tuple(
            [
                FrozenMapping({name: row[name] for name in row if name in names})
                for row in (*(one.macro_context for one in self.rows), *self.future_context)
            ]
        )

    def looking_ahead(self, n: int) -> Self:
        """Return the world whose states say at most of the next `n` periods what is known.

        Args:
            n: Number of periods that are looked ahead.
        """
        if not self.known_ahead or (self.ahead is not None and self.ahead <= n):
            return self
        new = replace_unchecked(self, ahead=n)
        new.__dict__["_known_contexts"] = self._known_contexts
        return new

    def _ahead_of(self, t: int) -> tuple[Mapping[str, float], ...]:
        """Return what is known in advance at period `t`, one mapping per period after it."""
        if not self.known_ahead:
            return ()
        stop = None if self.ahead is None else t + 1 + self.ahead
        return without_empty_end(self._known_contexts[t + 1 : stop])

    def row_of(self, moment: datetime) -> int:
        """Return the number of the first period that begins at or after `moment`.

        Raises:
            DataError: The record ends before it.
        """
        for t, row in enumerate(self.rows, self.first_t):
            if row.timestamp >= moment:
                return t
        raise DataError(
            f"series {self.rows[0].series_id!r} ends {self.rows[-1].timestamp.date()}, "
            f"before {moment.date()}"
        )

    def initial_state(self, t: int) -> ForecastState:
        """Return the state of period `t`, from which a game may begin (after the first row's)."""
        if not 1 <= t - self.first_t < len(self.rows):
            raise DataError(
                f"a game can begin in periods {self.first_t + 1} to "
                f"{self.first_t + len(self.rows) - 1} of the record, got {t}"
            )
        return self._state(t - self.first_t, 0.0)

    def _state(self, t: int, displacement: float, hidden_shift: float = 0.0) -> ForecastState:
        """Return the state of row `t`."""
        row = self.rows[t]
        value, segments = row.value, row.segment_values
        if displacement != 0.0:
            value = value + displacement
            segments = rescale_segments(segments, value)
        return ForecastState(
            t + self.first_t,
            value,
            0.0,
            hidden_shift,
            row.segment_id,
            segments,
            row.macro_context,
            displacement=displacement,
            known_ahead=self._ahead_of(t),
        )

    def training(self, initial: ForecastState) -> TrainingWindow:
        """Return the rows before `initial`."""
        past = self.rows[: max(0, initial.t - self.first_t)]
        if not past:
            raise DataError("a game needs at least one row before its first")
        return TrainingWindow(
            np.array([row.value for row in past]),
            initial.t - 1,
            contexts=[row.macro_context for row in past],
            segments=[row.segment_values for row in past],
            season_length=self.season_length,
        )

    def timestamps(self, last: int) -> tuple[datetime, ...]:
        """Return when the recorded periods up to period `last` begin, oldest first."""
        return tuple(row.timestamp for row in self.rows[: last + 1 - self.first_t])

    def rounds(self, initial: ForecastState) -> int | None:
        """Return how many rounds the record allows from `initial`."""
        return max(0, self.first_t + len(self.rows) - 1 - initial.t)

    def unit(self, step_scale: float) -> float:
        """Return the one-step scale: a disturbance of 1 is one usual change."""
        return step_scale

    def advance(
        self,
        state: ForecastState,
        *,
        noise: float,  # noqa: ARG002 - the record has its own
        disturbance: float,
        persistence: float = 1.0,
    ) -> ForecastState:
        """Return the next recorded state, displaced by what disturbances have left.

        Raises:
            DataError: The record has ended.
        """
        t = state.t + 1 - self.first_t
        if t >= len(self.rows):
            raise DataError(f"the record ends with row {len(self.rows) - 1}")
        displacement = persistence * state.displacement + disturbance
        return self._state(t, displacement, disturbance)

    def advance_array(
        self,
        state: StateArrays,
        *,
        noise: NDArray[np.float64],  # noqa: ARG002 - the record has its own
        disturbance: NDArray[np.float64],
        persistence: float = 1.0,
    ) -> StateArrays:
        """Return what `advance` returns, for many games, without their segments.

        Raises:
            DataError: The record has ended.
        """
        t = state.t + 1 - self.first_t
        if t >= len(self.rows):
            raise DataError(f"the record ends with row {len(self.rows) - 1}")
        row = self.rows[t]
        before = np.zeros(state.n_games) if state.displacement is None else state.displacement
        displacement = persistence * before + disturbance
        return StateArrays(
            t + self.first_t,
            np.where(displacement != 0.0, row.value + displacement, row.value),
            np.zeros(state.n_games),
            disturbance,
            row.segment_id,
            row.macro_context,
            displacement=displacement,
            known_ahead=self._ahead_of(t),
        )
