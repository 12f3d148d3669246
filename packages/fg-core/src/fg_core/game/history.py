"""The periods of many games so far, and what is known of a series besides its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.lazy import lazy
from fg_core.batch.states import LaneContexts
from fg_core.errors import DataError
from fg_core.frozen import FrozenMapping
from fg_core.resolution import decimals_of
from fg_core.segments import rescale_segments
from fg_core.state import without_empty_end
from fg_core.window import TrainingWindow, immutable_array

from .reported_contexts import ReportedContexts

__all__ = ["Ahead", "GameHistory", "KnownValues", "PathPast"]

Array = NDArray[np.float64]
Context = Mapping[str, float]
Ahead = tuple[Context, ...]


@dataclass(frozen=True, eq=False)
class PathPast:
    """Knowledge of a path besides the numbers of its periods.

    Args:
        training: Periods before the game.
        withheld: Names of context columns that no agent but the adversaries sees.
        segment_id: Name of the segment that the series is, if it is one.
        known_ahead: Context columns that are known in advance, none of them withheld.
        ahead: Number of periods ahead that they are known, as far as games look.
        gap: Number of the latest rows of `training` that are not revealed when games begin.
    """

    training: TrainingWindow
    withheld: frozenset[str]
    segment_id: str
    known_ahead: frozenset[str] = frozenset()
    ahead: int = 0
    gap: int = 0

    @classmethod
    def of(
        cls,
        training: TrainingWindow,
        withheld: frozenset[str],
        segment_id: str,
        *,
        known_ahead: frozenset[str] = frozenset(),
        ahead: int = 0,
        gap: int = 0,
    ) -> Self:
        """Return what is known of a path; its contexts lose what is withheld.

        Args:
            training: Periods before the game.
            withheld: Names of context columns that are withheld, as in the class.
            segment_id: Name of the segment, as in the class.
            known_ahead: Names of columns that are known in advance, as in the class; those that are
                withheld are left out.
            ahead: Number of periods ahead, as in the class.
            gap: Number of rows that are not revealed, as in the class.
        """
        past = cls(training, withheld, segment_id, known_ahead - withheld, ahead, gap)
        if not withheld:
            return past
        contexts = tuple(past.shown(row) for row in training.contexts)
        return replace(past, training=replace(training, contexts=contexts))

    @lazy
    def _revealed(self) -> TrainingWindow:
        return self.training.last(None, gap=self.gap)

    @lazy
    def column_scales(self) -> Mapping[str, float]:
        """One-step scale of each context column before the game, in the unit of the column."""
        return self._revealed.context_scales

    @lazy
    def column_decimals(self) -> Mapping[str, int]:
        """Resolution of each context column before the game; -1: it has none."""
        rows = self._revealed.contexts
        found = {
            name: decimals_of([row[name] for row in rows if name in row])
            for name in self.column_scales
        }
        return FrozenMapping({name: -1 if n is None else n for name, n in found.items()})

    def shown(self, context: Context) -> Context:
        """Return a context without the columns that are withheld."""
        if not self.withheld.intersection(context):
            return context
        return FrozenMapping({k: v for k, v in context.items() if k not in self.withheld})

    @lazy
    def _has_segments(self) -> bool:
        return any(self.training.segments)

    @lazy
    def _parts(self) -> dict[int, tuple[Context, float, Context]]:
        return {}

    def _rescaled(self, place: int, row: Context, value: float) -> Context:
        """Return segments that add up to a value; those that windows had last are remembered.

        Args:
            place: Number of the row.
            row: Values of the segments, in the unit of the series.
            value: What they are to add up to.
        """
        known = self._parts.get(place)
        # (Zeros of either sign are equal, but not the same.)
        if known is not None and known[0] is row and known[1] == value != 0.0:
            return known[2]
        found = rescale_segments(row, value)
        self._parts[place] = row, value, found
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_parts"}

    def revised(self, period: int, value: float) -> Self:
        """Return what is known of the path once a value before the game is another.

        Args:
            period: Number of the period.
            value: New value, in the unit of the series.
        """
        base = self.training
        place = len(base) - 1 - (base.end_t - period)
        if not 0 <= place < len(base):
            return self
        values = base.values.copy()
        values[place] = value
        return replace(self, training=replace(base, values=values))

    def shown_ahead(self, known_ahead: Ahead) -> Ahead:
        """Return what is known in advance without the columns that are withheld."""
        if not self.withheld:
            return known_ahead
        return without_empty_end(tuple([self.shown(entry) for entry in known_ahead]))

    def known_before(self, n: int, now: Context, known_ahead: Ahead) -> tuple[Ahead, ...]:
        """Return what was known in advance in each of the last `n` periods before the game.

        Args:
            n: Number of periods, oldest first.
            now: Context of the first period of the game.
            known_ahead: Contexts known in advance in the first period of the game.
        """
        base, names = self.training.contexts, self.known_ahead
        if not n or not names or not base:
            return ((),) * n
        rows = [
            FrozenMapping({name: row[name] for name in row if name in names})
            for row in (*base[len(base) - n :], now)
        ]
        entries = (*rows, *known_ahead)
        return tuple([without_empty_end(entries[i + 1 : i + 1 + self.ahead]) for i in range(n)])

    def window(
        self,
        since: Array,
        contexts: Sequence[Context],
        segments: Sequence[Context],
        *,
        end_t: int,
        n: int | None,
        gap: int,
    ) -> TrainingWindow:
        """Return what a fit may see of the periods before the game and of those since.

        Args:
            since: Values of the periods since the game began, in the unit of the series.
            contexts: Contexts that had been published by each of these periods.
            segments: Value per segment of each; empty where there are none.
            end_t: Number of the last of them (of the last period before the game: none).
            n: Largest number of rows of a window; None: all.
            gap: Number of the latest rows that it does not have.
        """
        base = self.training
        values = np.concatenate([base.values, since])
        stop = values.size - gap
        start = 0 if n is None else max(0, stop - n)
        if stop <= start:
            raise DataError(f"a gap of {gap} leaves nothing of {values.size} training rows")
        used = immutable_array(values[start:stop])
        shown: Sequence[Context] = ()
        parts: Sequence[Context] = ()
        if base.contexts:
            shown = (*base.contexts, *contexts)[start:stop]
        if base.segments and self._has_segments:
            # Revealed rows take the same route as reported ones, so that a value that turns out
            # true gives the very same window.
            rows = (*base.segments, *segments)[start:stop]
            parts = list(map(self._rescaled, range(start, stop), rows, used.tolist()))
        elif base.segments:
            parts = (FrozenMapping(),) * used.size
        return TrainingWindow.construct_unchecked(
            used,
            end_t - gap,
            contexts=tuple(shown),
            segments=tuple(parts),
            season_length=base.season_length,
        )


@dataclass(frozen=True, eq=False)
class KnownValues:
    """Values by period as they stand where they are late or revised.

    Args:
        values: Values as they stand, shape (path,), in the unit of the series.
        prints: Value of each period as it was reported when it came out, shape (game,); NaN: not
            yet.
        displacements: Displacement of each period by disturbances, shape (path,).
    """

    values: tuple[Array, ...]
    prints: tuple[Array, ...]
    displacements: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class GameHistory:
    """Periods of many games in their order, as plain values that never change.

    Args:
        pasts: Knowledge of each path before the games, one for all or one per path.
        first_t: Number of the first period that is kept here.
        start_t: Number of the first period of the games.
        values: True values by period, shape (path,), in the unit of the series.
        reported: Values as they were seen first, shape (game,).
        exogenous: Outside pressure, shape (path,).
        contexts: Contexts that had been published by each period, per path.
        segments: Value per segment by period, per path; empty: no path has segments.
        displacement: Displacement of the last period by disturbances, shape (path,).
        known_values: Values as they stand; None: a value is printed once, and is the true one, or
            the games have not begun.
        known_ahead: Context that was known in advance in each period, per path or one for all
            paths.
        reported_contexts: Contexts that games were shown where adversaries hit columns.
    """

    pasts: tuple[PathPast, ...]
    first_t: int
    start_t: int
    values: tuple[Array, ...]
    reported: tuple[Array, ...]
    exogenous: tuple[Array, ...]
    contexts: tuple[tuple[Context, ...], ...]
    segments: tuple[tuple[Context, ...], ...]
    displacement: Array
    known_ahead: tuple[tuple[Ahead, ...], ...]
    known_values: KnownValues | None = None
    reported_contexts: ReportedContexts = field(default_factory=ReportedContexts)

    @classmethod
    def until(cls, pasts: list[PathPast], initial: StateArrays, known: int, n_games: int) -> Self:
        """Return what was before the games, as far as agents see it, and where they begin.

        Args:
            pasts: Knowledge of each path before the games, one for all or one per path.
            initial: States that the games begin in, one per path.
            known: Number of earlier periods that are kept; every path has as many.
            n_games: Number of games.
        """
        n = initial.n_games
        tails = [one.training.values[len(one.training) - known :] for one in pasts]
        if len(tails) == 1:
            values = [np.broadcast_to(number, (n,)) for number in tails[0]]
        else:
            values = list(np.ascontiguousarray(np.stack(tails, axis=1)))
        nothing: Context = FrozenMapping()
        contexts: list[tuple[Context, ...]] = []
        segments: list[tuple[Context, ...]] = []
        for k in range(known):
            past = [one.training for one in pasts]
            contexts.append(
                tuple(
                    one.shown(w.contexts[len(w) - known + k]) if w.contexts else nothing
                    for one, w in zip(pasts, past, strict=True)
                )
            )
            segments.append(
                tuple(w.segments[len(w) - known + k] if w.segments else nothing for w in past)
            )
        alike = len(pasts) == 1 and not isinstance(initial.macro_context, LaneContexts)
        now = initial.contexts()[:1] if alike else initial.contexts()
        owners = pasts * len(now) if len(pasts) == 1 else pasts
        contexts.append(tuple(one.shown(row) for one, row in zip(owners, now, strict=True)))
        soon: Sequence[Ahead] = initial.each_known_ahead()
        if alike and all(one is soon[0] for one in soon):
            soon = soon[:1]
        parties = zip(
            pasts * len(soon) if len(pasts) == 1 else pasts,
            contexts[-1] if len(contexts[-1]) == len(soon) else contexts[-1] * len(soon),
            soon,
            strict=True,
        )
        aheads = [
            (*one.known_before(known, row, own), own)
            for one, row, ahead in parties
            for own in (one.shown_ahead(ahead),)
        ]
        parts = [one.segment_values for one in initial.each]
        first = parts[0]
        segments.append((first,) if all(one is first for one in parts) else tuple(parts))
        if not any(any(rows) for rows in segments):
            segments = []
        zeros = np.zeros(n)
        numbers = (*values, initial.value)
        index = np.zeros(n_games, dtype=np.intp) if n == 1 else None
        reported = numbers if n == n_games else tuple(one[index] for one in numbers)
        return cls(
            tuple(pasts),
            initial.t - known,
            initial.t,
            numbers,
            reported,
            (*(zeros,) * known, initial.exogenous),
            tuple(contexts),
            tuple(segments),
            zeros if initial.displacement is None else initial.displacement,
            tuple(zip(*aheads, strict=True)),
        )

    def since(self, t: int) -> Self:
        """Return the periods from `t` on; all, if they begin later."""
        skip = max(0, t - self.first_t)
        known_values = self.known_values
        if known_values is not None:
            known_values = KnownValues(
                known_values.values[skip:],
                known_values.prints[skip:],
                known_values.displacements[skip:],
            )
        return replace(
            self,
            first_t=self.first_t + skip,
            values=self.values[skip:],
            reported=self.reported[skip:],
            exogenous=self.exogenous[skip:],
            contexts=self.contexts[skip:],
            segments=self.segments[skip:],
            known_values=known_values,
            known_ahead=self.known_ahead[skip:],
        )
