"""Record of many games, and the part of it that each agent may see.

The one place that turns true states into confirmed states (revealed values only) and observations
(reported values, hidden fields masked). Nothing downstream of the adversaries sees a true state
that is not revealed.

Games that share a series share its true values: a *path* is a series as it really went, and each
game is on one path. What was reported differs from game to game.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.sealing import read_only
from fg_core.batch.states import LaneContexts
from fg_core.window import TrainingWindow

from .history import Ahead, GameHistory, PathPast
from .shown_states import BesideValue, beside_value, per_lane, with_value

__all__ = ["Ledger"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]
Context = Mapping[str, float]
_NOTHING_AHEAD: tuple[Ahead, ...] = ((),)


class Ledger:
    """The record of many games; it grows by one period per round.

    Args:
        history: Periods so far; the last one is where the games are.
        path_of: Path of each game; None: each game has a path of its own.
        games: Number of each game.
        lookback: Number of earlier periods that agents see.
        observe_exogenous: Whether agents see `exogenous`.
    """

    def __init__(
        self,
        history: GameHistory,
        path_of: Lanes | None,
        *,
        games: Lanes,
        lookback: int,
        observe_exogenous: bool,
    ) -> None:
        self._start = history
        self._path_of = path_of
        self._lookback = lookback
        self._observe_exogenous = observe_exogenous
        self._first_t = history.first_t
        # A game alone is shown to no agent as arrays.
        alone = int(history.reported[-1].shape[0]) == 1
        rows = (history.values, history.reported, history.exogenous)
        self._values, self._reported, self._exogenous = [
            list(found) if alone else [read_only(one) for one in found] for found in rows
        ]
        self._contexts: list[tuple[Context, ...]] = list(history.contexts)
        self._segments: list[tuple[Context, ...]] = list(history.segments)
        self._known_ahead: list[tuple[Ahead, ...]] = list(history.known_ahead)
        self.reported_contexts = history.reported_contexts
        self._game_values = self._values
        if path_of is not None:
            self._game_values = [read_only(one[path_of]) for one in self._values]
        # What agents may take for true: the true values, where a value is printed once.
        self._known, self._game_known = self._values, self._game_values
        self._missing: tuple[int, ...] = ()
        self.n_paths = int(self._values[-1].shape[0])
        self.n_games = int(self._reported[-1].shape[0])
        self._zeros = read_only(np.zeros(self.n_games))
        self.games = read_only(games)
        # Games that share a path have no number in what they share; that of the first stands in.
        self._path_games = games
        if path_of is not None:
            self._path_games = read_only(games[np.unique(path_of, return_index=True)[1]])
        # Games of one are asked by scalar forms, which want plain numbers.
        self._floats = [float(one[0]) for one in self._values] if alone else None
        self._known_floats = self._floats
        self._reported_floats = [float(one[0]) for one in self._reported] if alone else None
        # A period is observed several times in a round, each time with another value: all else is
        # kept until something is recorded. By period and last revealed period.
        self._beside_value: dict[tuple[int, int], BesideValue] = {}

    @property
    def pasts(self) -> tuple[PathPast, ...]:
        """Knowledge of each path before the games, one for all or one per path."""
        return self._start.pasts

    @property
    def history(self) -> GameHistory:
        """The periods so far."""
        return replace(
            self._start,
            values=tuple(self._values),
            reported=tuple(self._reported),
            exogenous=tuple(self._exogenous),
            contexts=tuple(self._contexts),
            segments=tuple(self._segments),
            known_ahead=tuple(self._known_ahead),
            reported_contexts=self.reported_contexts,
        )

    # ------------------------------------------------------------------------------------- growing

    def enter(self, state: StateArrays) -> None:
        """Record the true states of the next period; what is reported is set by `publish`."""
        self._beside_value.clear()
        value, exogenous = state.value, state.exogenous
        if self._floats is None:  # a game alone is shown to no agent as arrays
            value, exogenous = read_only(value), read_only(exogenous)
        self._values.append(value)
        self._exogenous.append(exogenous)
        pasts = self._start.pasts
        rows = state.contexts()
        if len(pasts) == 1:
            if not isinstance(state.macro_context, LaneContexts):
                rows = rows[:1]  # games of one series share one context
            self._contexts.append(tuple([pasts[0].shown(row) for row in rows]))
        else:
            shown = [one.shown(row) for one, row in zip(pasts, rows, strict=True)]
            self._contexts.append(tuple(shown))
        self._known_ahead.append(self._ahead_of(state) if state.known_ahead else _NOTHING_AHEAD)
        if self._segments:
            self._segments.append(tuple([one.segment_values for one in state.each]))
        own = value
        if self._path_of is not None:
            own = read_only(value[self._path_of])
            self._game_values.append(own)
        self._reported.append(own)
        if self._floats is not None and self._reported_floats is not None:
            number = float(own[0])
            self._floats.append(number)
            self._reported_floats.append(number)

    def _ahead_of(self, state: StateArrays) -> tuple[Ahead, ...]:
        """Return what is known in advance, of all paths where it is one."""
        rows, pasts = state.each_known_ahead(), self._start.pasts
        if len(pasts) == 1:
            if all(row is rows[0] for row in rows):
                rows = rows[:1]
            return tuple([pasts[0].shown_ahead(row) for row in rows])
        return tuple([one.shown_ahead(row) for one, row in zip(pasts, rows, strict=True)])

    def publish(self, t: int, value: Array) -> None:
        """Record what is reported of period `t`, shape (game,)."""
        self._beside_value.clear()
        self._reported[t - self._first_t] = value if self._floats else read_only(value)
        if self._reported_floats is not None:
            self._reported_floats[t - self._first_t] = float(value[0])

    def publish_contexts(self, t: int, rows: tuple[Context, ...], since: int) -> None:
        """Record the contexts that games are shown in period `t`; see `ReportedContexts`."""
        self._beside_value.clear()
        self.reported_contexts = self.reported_contexts.reporting(t, rows, since)

    def reporting(self, t: int, rows: tuple[Context, ...]) -> Ledger:
        """Return the record as if other contexts had been reported in period `t`."""
        other = copy.copy(self)
        other._beside_value = {}
        other.reported_contexts = self.reported_contexts.reporting(t, rows)
        return other

    # ------------------------------------------------------------------------------------- reading

    def shown_contexts(self, t: int) -> tuple[Context, ...]:
        """Return the true contexts of period `t` as far as agents may see them, one per game."""
        return per_lane(self._contexts[t - self._first_t], self._path_of, self.n_games)

    def context_hits(self, t: int, lanes: Lanes | None) -> NDArray[np.bool_] | None:
        """Return in which lanes a context column of period `t` was hit; None: in none."""
        rows = self.reported_contexts.at(t)
        if rows is None:
            return None
        true = self.shown_contexts(t)
        found = np.array([a is not b for a, b in zip(rows, true, strict=True)])
        return found if lanes is None else found[lanes]

    def reported(self, t: int) -> Array:
        """Return what was reported of period `t`, shape (game,)."""
        return self._reported[t - self._first_t]

    def first_reported(self, t: int) -> Array:
        """Return what was reported of period `t` when it was printed, shape (game,)."""
        return self._reported[t - self._first_t]

    @property
    def revised(self) -> tuple[int, ...]:
        """Periods whose value was revised when the latest period was entered, ascending."""
        return ()

    def known(self, t: int) -> Array:
        """Return the values of period `t` as they stand, without any hit, shape (path,)."""
        return self._known[t - self._first_t]

    def game_known(self, t: int) -> Array:
        """Return the values of period `t` as they stand, without any hit, shape (game,)."""
        return self._game_known[t - self._first_t]

    def game_value(self, t: int) -> Array:
        """Return the true values of period `t`, shape (game,)."""
        return self._game_values[t - self._first_t]

    def true_history(self, t: int) -> tuple[Array, ...]:
        """Return the true values before period `t`, shape (game,), as many as agents see."""
        i = t - self._first_t
        return tuple(self._game_values[max(0, i - self._lookback) : i])

    def true_floats(self, t: int) -> tuple[float, ...]:
        """Return `true_history` of the only game as numbers."""
        assert self._floats is not None
        i = t - self._first_t
        return tuple(self._floats[max(0, i - self._lookback) : i])

    def confirmed(self, t: int) -> StateArrays:
        """Return the states of a revealed period as agents may know them, one per path."""
        i = t - self._first_t
        start = max(0, i - self._lookback)
        past = tuple(self._known[start:i])
        numbers = None if self._known_floats is None else tuple(self._known_floats[start:i])
        beside = self._around(i, past, numbers, 0, None, self._path_games)
        return with_value(beside, self._known[i])

    def observed(
        self, t: int, value: Array, *, revealed: int, lanes: Lanes | None = None
    ) -> StateArrays:
        """Return the observations of period `t` with `value` in place of what is true.

        Args:
            t: Number of the period.
            value: Value as it is reported, or that a defense puts in its place, one per lane, in
                the unit of the series.
            revealed: Number of the last period that is revealed.
            lanes: Game of each lane; None: all games.
        """
        if lanes is not None:
            return with_value(self._observed_around(t, revealed, lanes), value)
        beside = self._beside_value.get((t, revealed))
        if beside is None:
            beside = self._observed_around(t, revealed, None)
            self._beside_value[t, revealed] = beside
        return with_value(beside, value)

    def _observed_around(self, t: int, revealed: int, lanes: Lanes | None) -> BesideValue:
        i = t - self._first_t
        start = max(0, i - self._lookback)
        known = min(i, revealed - self._first_t + 1)
        begin = max(start, known)
        past: Sequence[Array] = self._game_known[start:known] + self._reported[begin:i]
        games = self.games
        if lanes is not None:
            past, games = [read_only(one[lanes]) for one in past], read_only(games[lanes])
        numbers = None
        if self._known_floats is not None and self._reported_floats is not None:
            numbers = (*self._known_floats[start:known], *self._reported_floats[begin:i])
        rows = self.reported_contexts.at(t, lanes)
        return self._around(i, tuple(past), numbers, i - known, self._paths(lanes), games, rows)

    def _paths(self, lanes: Lanes | None) -> Lanes | None:
        if lanes is None:
            return self._path_of
        return lanes if self._path_of is None else self._path_of[lanes]

    def _around(
        self,
        i: int,
        past: tuple[Array, ...],
        numbers: tuple[float, ...] | None,
        n_unrevealed: int,
        paths: Lanes | None,
        games: Lanes,
        reported: tuple[Context, ...] | None = None,
    ) -> BesideValue:
        """Return all that states of a period have beside its value.

        Args:
            i: Place of the period.
            past: Values before it, shape (lane,).
            numbers: Values as numbers, where there is one game; None: there are several.
            n_unrevealed: How many of them are not revealed.
            paths: Path of each lane; None: lanes are paths.
            games: Number of the game of each lane.
            reported: Contexts as they were reported, one per lane; None: the true ones.
        """
        n = int(games.size)
        return beside_value(
            self._first_t + i,
            past,
            numbers,
            n_unrevealed,
            games=games,
            paths=paths,
            pasts=self._start.pasts,
            exogenous=self._exogenous[i] if self._observe_exogenous else None,
            zeros=self._zeros if n == self.n_games else read_only(np.zeros(n)),
            contexts=self._contexts[i],
            reported=reported,
            ahead=self._known_by_now(i),
            segments=self._segments[i] if self._segments else (),
            missing=self._missing_before(i),
        )

    def _known_by_now(self, i: int) -> tuple[Ahead, ...]:
        """Return what is known in advance of the periods after that in place `i`, per path."""
        return self._known_ahead[i]

    def _missing_before(self, i: int) -> tuple[int, ...]:
        if not self._missing:
            return ()
        first, last = self._first_t + i - self._lookback, self._first_t + i
        return tuple([t for t in self._missing if first <= t < last])

    # ------------------------------------------------------------------------------------- windows

    def windows(
        self,
        t: int,
        *,
        revealed: int,
        value: Array | None = None,
        lanes: Lanes | None = None,
        n: int | None,
        gap: int,
    ) -> list[TrainingWindow]:
        """Return what is known at period `t`: true values up to `revealed`, then reported ones.

        Args:
            t: Number of the last period.
            revealed: Number of the last period that is revealed.
            value: Value of period `t` as it is reported, one per lane; None: windows of paths, and
                `t` is revealed.
            lanes: Game of each lane; None: all games.
            n: Largest number of rows of a window; None: all.
            gap: Number of the latest rows that it does not have.
        """
        stop = t - self._start.start_t + 1
        skip = self._start.start_t - self._first_t
        known = min(stop, revealed - self._start.start_t + 1)
        if value is None:
            since = np.stack(self._known[skip : skip + stop])
            count, paths = self.n_paths, None
        else:
            rows = [
                *self._game_known[skip : skip + max(0, known)],
                *self._reported[skip + max(0, known) : skip + stop],
            ]
            rows[-1] = value
            if lanes is not None:
                rows = [*(one[lanes] for one in rows[:-1]), value]
            since = np.stack(rows)
            count, paths = int(value.shape[0]), self._paths(lanes)
        hit = value is not None and bool(self.reported_contexts.rows)
        before = () if value is None else self._printed_in_game(revealed)
        found: dict[Any, TrainingWindow] = {}
        windows = []
        for lane in range(count):
            path = lane if paths is None else int(paths[lane])
            own = since[:, lane].tobytes()
            # Paths of one series that went alike so far share a window, and so a fit.
            key: Any = (0 if len(self._start.pasts) == 1 else path), own
            shown: tuple[tuple[int, Context], ...] = ()
            if hit:
                game = lane if lanes is None else int(lanes[lane])
                shown = self.reported_contexts.of_game(game, range(revealed + 1, t + 1))
                key = *key, shown
            past: tuple[tuple[int, float], ...] = ()
            if before:
                game = lane if lanes is None else int(lanes[lane])
                past = tuple([(period, float(self.reported(period)[game])) for period in before])
                key = *key, past
            if key not in found:
                found[key] = self._window(path, own, n, gap, t, shown, past)
            windows.append(found[key])
        return windows

    def _printed_in_game(self, revealed: int) -> Sequence[int]:  # noqa: ARG002 - none of them
        """Return the periods before the games whose values are not revealed and may be hit."""
        return ()

    def _window(
        self,
        path: int,
        since: bytes,
        n: int | None,
        gap: int,
        t: int,
        reported: Sequence[tuple[int, Context]],
        before: Sequence[tuple[int, float]],
    ) -> TrainingWindow:
        past = self._start.pasts[0 if len(self._start.pasts) == 1 else path]
        for period, value in before:
            past = past.revised(period, value)
        skip = self._start.start_t - self._first_t
        rows = slice(skip, skip + len(since) // 8)
        contexts = [row[path if len(row) > 1 else 0] for row in self._contexts[: rows.stop]]
        for period, row in reported:
            if period >= self._first_t:
                contexts[period - self._first_t] = row
        return _past_with_contexts(past, contexts[:skip]).window(
            np.frombuffer(since),
            contexts[skip:],
            [row[path if len(row) > 1 else 0] for row in self._segments[rows]],
            end_t=t,
            n=n,
            gap=gap,
        )


def _past_with_contexts(past: PathPast, rows: Sequence[Context]) -> PathPast:
    """Return what is known of a path, with other contexts in the last periods before the games.

    Args:
        past: What is known of it.
        rows: Contexts of these periods, oldest first.
    """
    base = past.training
    begin = len(base.contexts) - len(rows)
    if begin < 0 or all(a is b for a, b in zip(base.contexts[begin:], rows, strict=True)):
        return past
    return replace(past, training=replace(base, contexts=(*base.contexts[:begin], *rows)))
