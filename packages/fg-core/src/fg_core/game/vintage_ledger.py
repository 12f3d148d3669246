"""The record of games on series whose values are late or revised.

The worlds' states hold the values that forecasts are scored on. What agents may know is told by
the vintages: at each origin the values that came out by then, each as it stands. A hit on a print
lasts until the world revises or settles that print.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.sealing import read_only
from fg_core.protocols import World
from fg_core.vintage import keep_own

from .history import Ahead, GameHistory, KnownValues
from .ledger import Ledger
from .looking_ahead import known_since
from .schedule import Schedule

__all__ = ["VintageLedger"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


class VintageLedger(Ledger):
    """The record of many games whose worlds have vintages.

    Args:
        history: Record of the games, as in `Ledger`.
        path_of: Path of each game, as in `Ledger`.
        worlds: World of each path, or one for all.
        schedule: Periods in which values are printed and settled.
        horizons: Horizons of the forecasts that are issued.
        options: Further arguments of `Ledger`.
    """

    def __init__(
        self,
        history: GameHistory,
        path_of: Lanes | None,
        *,
        worlds: Sequence[World],
        schedule: Schedule,
        horizons: Sequence[int],
        **options: Any,
    ) -> None:
        super().__init__(history, path_of, **options)
        self._horizons = tuple(horizons)
        self._worlds: Any = tuple(worlds)
        self._schedule = schedule
        self._revised: tuple[int, ...] = ()
        known_values, t = history.known_values, self._first_t + len(self._values) - 1
        begins = known_values is None
        if known_values is None:
            known_values = self._at_start(history, t)
        self._known = [read_only(one) for one in known_values.values]
        self._prints = list(known_values.prints)
        self._displacements = list(known_values.displacements)
        self._game_known = self._known
        if path_of is not None:
            self._game_known = [read_only(one[path_of]) for one in self._known]
        if self._floats is not None:
            self._known_floats = [float(one[0]) for one in self._known]
        self._missing = schedule.missing(t)
        if begins:
            self._stand(t)

    def _at_start(self, history: GameHistory, t: int) -> KnownValues:
        """Return the values before the games; nothing is known yet that comes out at origin `t`."""
        unknown = read_only(np.full(self.n_games, np.nan))
        before, missing = self._schedule.printed(t - 1), self._schedule.missing(t - 1)
        prints = [
            one if self._first_t + i <= before and self._first_t + i not in missing else unknown
            for i, one in enumerate(history.reported)
        ]
        return KnownValues(
            history.values,
            tuple(prints),
            (np.zeros(self.n_paths),) * (len(history.values) - 1) + (history.displacement,),
        )

    @property
    def history(self) -> GameHistory:
        """The periods so far."""
        known_values = KnownValues(
            tuple(self._known), tuple(self._prints), tuple(self._displacements)
        )
        return replace(super().history, known_values=known_values)

    @property
    def revised(self) -> tuple[int, ...]:
        """Periods whose value was revised when the latest period was entered, ascending."""
        return self._revised

    def first_reported(self, t: int) -> Array:
        """Return what was reported of period `t` when it was printed, shape (game,)."""
        return self._prints[t - self._first_t]

    def enter(self, state: StateArrays) -> None:
        """Record the true states of the next period, and what comes out at that origin."""
        super().enter(state)
        unknown = read_only(np.full(self.n_games, np.nan))
        self._reported[-1] = unknown
        self._prints.append(unknown)
        self._known.append(read_only(np.full(self.n_paths, np.nan)))
        if self._game_known is not self._known:
            self._game_known.append(unknown)
        moved = state.displacement
        self._displacements.append(np.zeros(self.n_paths) if moved is None else moved)
        if self._known_floats is not None and self._reported_floats is not None:
            self._known_floats.append(np.nan)
            self._reported_floats[-1] = np.nan
        self._stand(state.t)

    def publish(self, t: int, value: Array) -> None:
        """Record what is reported of period `t`, shape (game,)."""
        super().publish(t, value)
        i = t - self._first_t
        if np.isnan(self._prints[i][0]):
            self._prints[i] = read_only(value)

    def _stand(self, t: int) -> None:
        """Take what comes out at origin `t`."""
        schedule = self._schedule
        before, printed = schedule.printed(t - 1), schedule.printed(t)
        was_missing, self._missing = schedule.missing(t - 1), schedule.missing(t)
        came = _values_of(self._worlds, t, self.n_paths)
        self._revise_past(came)
        revised = []
        for period in sorted({*came, *self._missing}):
            i = period - self._first_t
            if i < 0:
                continue
            if period in self._missing:
                self._stand_in(i)
                continue
            is_first = period > before or period in was_missing
            values, moved = came[period], self._displacements[i]
            stands = np.where(moved != 0.0, values + moved, values)
            # Where a value does not move, a hit on it lasts.
            self._set(i, np.where(np.isnan(values), self._known[i], stands), unmoved=not is_first)
            if not is_first:
                revised.append(period)
            elif period < printed:
                self._prints[i] = self._reported[i]
        # Beside a value stands what had been published at the last origin at which it was the
        # newest one.
        for period in range(min(before + 1, printed), printed + 1):
            if period >= self._first_t:
                self._publish_beside(period, t)
        self._revised = tuple(revised)

    def _publish_beside(self, period: int, t: int) -> None:
        """Take what had been published at origin `t` for the context of an earlier period.

        What is known in advance stays that of the period itself. A hit on what was published before
        is gone with it.
        """
        if period == t:
            return
        own, now = (self._contexts[i - self._first_t] for i in (period, t))
        pasts, n = self._start.pasts, max(len(own), len(now), len(self._start.pasts))
        parts = ((*one, *one * (n - 1)) if len(one) == 1 else one for one in (pasts, own, now))
        rows: Any = zip(*parts, strict=True)
        self._contexts[period - self._first_t] = tuple(
            [keep_own(earlier, row, past.known_ahead) for past, earlier, row in rows]
        )
        self.reported_contexts = self.reported_contexts.without(period)

    def _revise_past(self, came: Mapping[int, Array]) -> None:
        """Take new values of periods before the games, for fits."""
        past = list(self._start.pasts)
        for period, values in came.items():
            if period < self._start.start_t:
                numbers = values.tolist()
                past = [
                    one if math.isnan(number) else one.revised(period, number)
                    for one, number in zip(past, numbers, strict=False)
                ]
        self._start = replace(self._start, pasts=tuple(past))

    def _printed_in_game(self, revealed: int) -> Sequence[int]:
        """Return the periods before the games whose values are not revealed and may be hit."""
        return range(max(revealed + 1, self._first_t), self._start.start_t)

    def _known_by_now(self, i: int) -> tuple[Ahead, ...]:
        """Return what is known at the latest origin of the periods after that in place `i`.

        From a value that is late, games look as many periods further.
        """
        told = self._known_ahead[i:]
        if not any(row for rows in told for row in rows):
            return told[0]
        now = self._first_t + len(self._known_ahead) - 1
        n = self._schedule.ahead(now, self._horizons) + now - self._schedule.printed(now)
        if all(len(rows) == 1 for rows in told):
            return (known_since([row for (row,) in told], n),)
        lanes = [rows if len(rows) > 1 else rows * self.n_paths for rows in told]
        return tuple([known_since(rows, n) for rows in zip(*lanes, strict=True)])

    def _stand_in(self, i: int) -> None:
        """Put the value before in the place of a missing one; as it was reported, hits included.

        Args:
            i: Place of the period.
        """
        before = max(0, i - 1)
        self._set(i, self._known[before], unmoved=False)
        self._reported[i] = self._reported[before]
        if self._reported_floats is not None:
            self._reported_floats[i] = self._reported_floats[before]

    def _set(self, i: int, known: Array, *, unmoved: bool) -> None:
        """Record values as they stand.

        Args:
            i: Place of the period.
            known: Shape (path,).
            unmoved: Whether what was reported is kept where the value is the same as before.
        """
        before = self._game_known[i]
        self._known[i] = own = read_only(known)
        if self._path_of is not None:
            self._game_known[i] = own = read_only(known[self._path_of])
        if unmoved:
            own = read_only(np.where(own == before, self._reported[i], own))
        self._reported[i] = own
        if self._known_floats is not None and self._reported_floats is not None:
            self._known_floats[i] = float(known[0])
            self._reported_floats[i] = float(own[0])


def _values_of(worlds: Sequence[Any], t: int, n_paths: int) -> dict[int, Array]:
    """Return what comes out at origin `t` by period, ascending, shape (path,); NaN: nothing."""
    said = [world.vintage(t).values for world in worlds]
    found = {}
    for period in sorted({period for one in said for period in one}):
        numbers = np.array([one.get(period, np.nan) for one in said])
        found[period] = np.full(n_paths, numbers[0]) if len(worlds) == 1 else numbers
    return found
