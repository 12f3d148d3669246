"""What a defender has been told: settled values, and what was revised at which origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import replace_unchecked
from fg_core.window import TrainingWindow

from .autoregression import ORDER, Moments
from .corroboration import ColumnChanges, Contexts
from .counts import EpisodeCounts, EpisodePrior
from .hypotheses import LONGEST

__all__ = ["EpisodeMemory"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EpisodeMemory:
    """Memory of reveals in each of many games; origins and periods are the same in all.

    Args:
        moments: Sums over settled values.
        counts: What was learned of episodes, up to origin `learned`.
        settled: Latest period of `moments`.
        revised: Newest period that was ever revised, shape (game,); older ones count as settled.
        learned: Latest origin whose revisions are in `counts`; None: it has been told of none.
        begins: Origin before the first that it was told of; older periods count as settled, since
            nobody could say whether they were revised before.
        stands: Unsettled periods that were revised, and their values as they stand.
        pending: Periods that were revised at origin `learned + 1`, as far as was told, and by how
            much: old value less new one, shape (game,), in steps.
        start_t: Last period of the training window.
        columns: What is known of other columns up to the latest period told of; None: there are
            too few.
        supports: Latest periods told of, and the move of other columns there, shape (game,); see
            `corroboration`.
    """

    moments: Moments
    counts: EpisodeCounts
    settled: int
    revised: NDArray[np.intp]
    learned: int | None = None
    begins: int | None = None
    stands: tuple[tuple[int, Array], ...] = ()
    pending: tuple[tuple[int, Array], ...] = ()
    start_t: int = -1
    columns: ColumnChanges | None = None
    supports: tuple[tuple[int, Array], ...] = ()

    @classmethod
    def start(cls, window: TrainingWindow) -> Self:
        """Return the memory of a game on the series of a training window."""
        scale, end = window.step_scale, window.end_t
        return cls(
            Moments.of(window.values, scale if scale > 0.0 else 1.0),
            EpisodeCounts.start(),
            settled=end,
            revised=np.array([end]),
            start_t=end,
            columns=ColumnChanges.of(window.contexts),
        )

    @classmethod
    def stack(cls, parts: Sequence[Self]) -> Self | None:
        """Return the memories of games that begin as one; None where they have been told of any."""
        first = parts[0]
        if any(one.learned is not None or one.settled != first.settled for one in parts):
            return None
        return replace(
            first,
            moments=Moments.stack([one.moments for one in parts]),
            counts=EpisodeCounts.stack([one.counts for one in parts]),
            revised=np.concatenate([one.revised for one in parts]),
            columns=ColumnChanges.stack([one.columns for one in parts]),
        )

    def rows(self, games: slice) -> Self:
        """Return the memory of some of the games, as far as a doubt needs it."""
        revised = self.revised[games] if len(self.revised) > 1 else self.revised
        return replace(
            self,
            moments=self.moments.rows(games),
            counts=self.counts.rows(games),
            revised=revised,
            stands=(),
            pending=(),
            columns=None if self.columns is None else self.columns.rows(games),
            supports=tuple([(t, one[games] if len(one) > 1 else one) for t, one in self.supports]),
        )

    def supported(self, t: int, contexts: Contexts) -> Array | None:
        """Return how far other columns moved in each of the last periods; None: nobody knows.

        Args:
            t: Number of the newest period.
            contexts: Context of that period, one per game.

        Returns:
            Moves in standard deviations, shape (game, 9), oldest first.
        """
        if self.columns is None:
            return None
        known = {**dict(self.supports), t: self.columns.support(contexts)}
        found = np.zeros((max([len(one) for one in known.values()]), LONGEST + 1))
        for period, one in known.items():
            if t - LONGEST <= period <= t:
                found[:, LONGEST - t + period] = one
        return found

    def beside(self, period: int, contexts: Contexts) -> Self:
        """Return the memory after the context of a period became known, one per game."""
        latest = self.supports[-1][0] if self.supports else self.start_t
        if self.columns is None or period <= latest:
            return self
        supports = (*self.supports[-LONGEST:], (period, self.columns.support(contexts)))
        columns = self.columns.after(contexts)
        return replace_unchecked(self, columns=columns, supports=supports)

    def unrevised(self, t: int) -> NDArray[np.intp]:
        """Return how many of the newest prints at origin `t` were never revised, shape (game,)."""
        oldest = t if self.begins is None else self.begins
        return np.minimum(t - self.revised, t - oldest + 1)

    def until(self, origin: int, prior: EpisodePrior) -> Self:
        """Return the memory that has learned from all revisions up to an origin.

        Args:
            origin: Number of the origin; what was revised there has been told.
            prior: Prior of episodes.
        """
        if self.learned is None or origin <= self.learned:
            return self
        # A doubt and what is told after it ask for the same.
        known = self.__dict__.get("_until_known")
        if known is not None and known[:2] == (origin, prior):
            return known[2]  # type: ignore[no-any-return]
        found = self._until(origin, prior)
        self.__dict__["_until_known"] = origin, prior, found
        return found

    def _until(self, origin: int, prior: EpisodePrior) -> Self:
        if self.learned is None:
            return self
        counts, model, nothing = self.counts, self.moments.fitted, np.zeros((1, LONGEST))
        for now in range(self.learned + 1, origin + 1):
            revisions = nothing
            told = dict(self.pending) if now == self.learned + 1 else {}
            if told:
                zero = np.zeros_like(next(iter(told.values())))
                ages = range(1, LONGEST + 1)
                revisions = np.stack([told.get(now - age, zero) for age in ages], axis=-1)
            counts = counts.after(prior, revisions, model.sigma, model.sd)
        return replace_unchecked(self, counts=counts, learned=origin, pending=())

    def told(
        self,
        prior: EpisodePrior,
        period: int,
        origin: int,
        values: tuple[Array, Array],
        history: Sequence[Array],
        *,
        settled: bool,
    ) -> Self:
        """Return the memory after a value became known or moved.

        Args:
            prior: Prior of episodes.
            period: Period of the value.
            origin: Origin at which it became known.
            values: Value as it was first seen, and as it stands now, shape (game,), in the unit of
                the series.
            history: Values before it, one array of shape (game,) per period, oldest first.
            settled: Whether it is settled.
        """
        begun = self
        if self.learned is None:
            begun = replace_unchecked(self, learned=origin - 1, begins=origin - 1)
        caught_up = begun.until(origin - 1, prior)
        stands = dict(caught_up.stands)
        first, value = values
        by = (stands.get(period, first) - value) / self.moments.unit
        moved = by != 0.0
        pending = caught_up.pending
        if moved.any():
            pending = (*pending, (period, by))
        revised = np.where(moved, np.maximum(caught_up.revised, period), caught_up.revised)
        stands[period] = value
        moments, until = caught_up.moments, caught_up.settled
        if settled:
            stands = {t: one for t, one in stands.items() if t > period}
            if period > until:
                moments = moments.with_row((*history[-ORDER:], value))
                until = period
        return replace_unchecked(
            caught_up,
            moments=moments,
            settled=until,
            revised=revised,
            stands=tuple(stands.items()),
            pending=pending,
        )
