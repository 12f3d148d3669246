"""The contexts that games were shown in periods where an adversary hit one of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import FrozenMapping

__all__ = ["ReportedContexts"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]
Context = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ReportedContexts:
    """Contexts as they were reported, by period, where they are not all true.

    Args:
        rows: Context of each game by period; the true one, as an object, where it was not hit.
    """

    rows: Mapping[int, tuple[Context, ...]] = field(default_factory=FrozenMapping)

    def reporting(self, t: int, rows: tuple[Context, ...], since: int = 0) -> ReportedContexts:
        """Return these contexts and those of period `t`.

        Args:
            t: Number of the period.
            rows: Context of each game.
            since: First period that is kept: those before it are not needed again.
        """
        kept = {period: one for period, one in self.rows.items() if period >= since}
        return ReportedContexts(FrozenMapping({**kept, t: rows}))

    def without(self, t: int) -> ReportedContexts:
        """Return these contexts but for those of period `t`."""
        if t not in self.rows:
            return self
        rows = {period: one for period, one in self.rows.items() if period != t}
        return ReportedContexts(FrozenMapping(rows))

    def at(self, t: int, lanes: Lanes | None = None) -> tuple[Context, ...] | None:
        """Return the contexts of period `t`; None: nothing was hit, so that the true ones are.

        Args:
            t: Number of the period.
            lanes: Game of each lane; None: all games.
        """
        rows = self.rows.get(t)
        if rows is None or lanes is None:
            return rows
        return tuple([rows[game] for game in lanes.tolist()])

    def of_game(self, game: int, periods: range) -> tuple[tuple[int, Context], ...]:
        """Return periods among `periods` that were hit, with what one game was shown there."""
        return tuple([(t, rows[game]) for t, rows in self.rows.items() if t in periods])

    def kinds(self, t: int) -> Array | None:
        """Return equal numbers for games that were shown the same in period `t`, shape (game,).

        That holds for games on one path, whose true contexts are the same. None: nothing was hit.
        """
        rows = self.rows.get(t)
        if rows is None:
            return None
        kinds: dict[Context, int] = {}
        found = {id(row): kinds.setdefault(row, len(kinds)) for row in rows}
        return np.array([found[id(row)] for row in rows], dtype=np.float64)
