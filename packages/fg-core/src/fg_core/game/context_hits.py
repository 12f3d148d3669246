"""Hits on context columns in a round of many games: cut to the budget, rounded, and reported.

One unit of attack on a column is the column's own one-step scale before the game. Units on columns
come from the budget that hits on the value come from: each adversary pays for its hit on the value
first and then for columns in the order of their names, each cut to what is left. A column that
never moved before the game has no unit; what would be added to it is cut to nothing.

A column that the observation does not show, because the period does not have it or because it is
withheld, cannot be hit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.batch.sealing import read_only
from fg_core.batch.states import contexts_of
from fg_core.errors import AgentError
from fg_core.frozen import FrozenMapping
from fg_core.resolution import nearest_decimal, round_hit

from .budget import cut
from .history import PathPast

__all__ = ["ColumnUnits", "ContextHits", "ContextRound"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]
Context = Mapping[str, float]


class ColumnUnits:
    """Units and resolutions of the context columns of many games.

    Args:
        pasts: Knowledge of each path before the games, one for all or one per path.
        path_of: Path of each game; None: each game has a path of its own.
        n_games: Number of games.
    """

    def __init__(self, pasts: Sequence[PathPast], path_of: Lanes | None, n_games: int) -> None:
        if len(pasts) > 1 and path_of is not None:
            pasts = [pasts[i] for i in path_of.tolist()]
        self._pasts = tuple(pasts)
        self._n = n_games
        self._known: dict[tuple[str, str], Any] = {}

    @lazy
    def scales(self) -> Mapping[str, Any]:
        """One unit by column, in the unit of the column; arrays where games differ."""
        return contexts_of([one.column_scales for one in self._pasts])

    def scale(self, column: str) -> Any:
        """Return one unit of a column, one number or shape (game,); 0 where it has none."""
        return self._numbers(column, "column_scales", 0.0)

    def decimals(self, column: str) -> Any:
        """Return the resolution of a column, one number or shape (game,); -1: none."""
        return self._numbers(column, "column_decimals", -1)

    def _numbers(self, column: str, what: str, missing: float) -> Any:
        key = what, column
        if key not in self._known:
            found = [getattr(one, what).get(column, missing) for one in self._pasts]
            self._known[key] = found[0] if len(found) == 1 else np.array(found)
        return self._known[key]


@dataclass(frozen=True, eq=False)
class ContextHits:
    """Hits on context columns in a round of many games.

    Args:
        true: Context of each game as it would have been shown.
        reported: Contexts with all hits; the very same object where a game has none.
        added: Hits that counted, by adversary and column, shape (game,), in the unit of the column.
        units: Units of attack by adversary, shape (game,).
        decimals: Resolution by column, one number or shape (game,); -1: none.
    """

    true: tuple[Context, ...]
    reported: tuple[Context, ...]
    added: Mapping[str, Mapping[str, Array]]
    units: Mapping[str, Array]
    decimals: Mapping[str, Any]

    @lazy
    def all_units(self) -> Array:
        """Units of attack of all adversaries, shape (game,)."""
        total: Any = 0.0
        for units in self.units.values():
            total = total + units
        return np.asarray(total)

    def without(self, name: str) -> tuple[Context, ...]:
        """Return what is reported without the hits of one adversary.

        Args:
            name: Name of the adversary.
        """
        totals: dict[str, Array] = {}
        for agent, columns in self.added.items():
            for column, delta in columns.items() if agent != name else ():
                totals[column] = totals[column] + delta if column in totals else delta
        found = {}
        for column, total in totals.items():
            value = _values(self.true, column)
            rounded = nearest_decimal(value + total, self.decimals[column])
            found[column] = np.where(total == 0.0, value, rounded), total != 0.0
        return _shown(self.true, found)


class ContextRound:
    """The hits of a round as they come, adversary by adversary.

    Args:
        units: Units and resolutions of the columns.
        t: Number of the period.
        true: Context of each game as it would be shown.
    """

    def __init__(self, units: ColumnUnits, t: int, true: Sequence[Context]) -> None:
        self._units = units
        self._t = t
        self._true = tuple(true)
        self._reported: dict[str, Array] = {}
        self._added: dict[str, Mapping[str, Array]] = {}
        self._spent: dict[str, Array] = {}

    def add(self, name: str, wanted: Mapping[str, Array], room: Array, left: Array) -> Array:
        """Take the hits of the next adversary, and return their units, shape (game,).

        Args:
            name: Name of the adversary.
            wanted: Hits that it would make by column, shape (game,), in the unit of the column.
            room: Rest of the cap of the round, in units, shape (game,).
            left: Rest of the total of the game, in units, shape (game,).

        Raises:
            AgentError: A column is hit that is not shown.
        """
        added: dict[str, Array] = {}
        spent: Array = np.zeros(len(self._true))
        for column in sorted(wanted):
            asked = wanted[column]
            if not np.count_nonzero(asked):
                continue
            self._require(name, column, asked)
            scale = self._units.scale(column)
            so_far = self._reported.get(column)
            if so_far is None:
                so_far = _values(self._true, column)
            moves = np.asarray(scale) > 0.0
            unit = np.where(moves, scale, 1.0)
            affordable = np.where(moves, cut(asked, room, left, unit), 0.0)
            reported, delta = round_hit(so_far, affordable, self._units.decimals(column))
            used = np.abs(delta) / unit
            room, left = np.maximum(0.0, room - used), np.maximum(0.0, left - used)
            self._reported[column] = reported
            added[column] = read_only(delta)
            spent = spent + used
        self._added[name] = FrozenMapping(added)
        self._spent[name] = read_only(spent)
        return spent

    def counted(self, name: str, game: int) -> Mapping[str, float]:
        """Return what an adversary added in one game, by column."""
        columns = self._added.get(name, {})
        found = {column: float(delta[game]) for column, delta in columns.items()}
        return FrozenMapping({column: delta for column, delta in found.items() if delta != 0.0})

    @property
    def hits(self) -> ContextHits | None:
        """All hits of the round; None: nothing was left of any."""
        moved: dict[str, Any] = {}
        for columns in self._added.values():
            for column, delta in columns.items():
                moved[column] = (delta != 0.0) | moved.get(column, False)
        if not any(np.count_nonzero(games) for games in moved.values()):
            return None
        found = {column: (self._reported[column], games) for column, games in moved.items()}
        return ContextHits(
            self._true,
            _shown(self._true, found),
            FrozenMapping(self._added),
            FrozenMapping(self._spent),
            FrozenMapping({column: self._units.decimals(column) for column in moved}),
        )

    def _require(self, name: str, column: str, asked: Array) -> None:
        """Refuse hits on a column that is not shown."""
        hidden = [g for g in np.flatnonzero(asked).tolist() if column not in self._true[g]]
        if not hidden:
            return
        where = "" if len(self._true) == 1 else f", in {len(hidden)} of the games"
        shown = ", ".join(sorted(self._true[hidden[0]])) or "none"
        raise AgentError(
            f"adversary {name!r} hits the context column {column!r}, which is not shown in period "
            f"{self._t}{where}; columns that are: {shown}"
        )


def _values(rows: Sequence[Context], column: str) -> Array:
    """Return a column, shape (game,); 0 where a game does not show it, since nothing hits it."""
    return np.array([row.get(column, 0.0) for row in rows], dtype=np.float64)


def _shown(
    rows: Sequence[Context], columns: Mapping[str, tuple[Array, NDArray[np.bool_]]]
) -> tuple[Context, ...]:
    """Return contexts with other numbers.

    Args:
        rows: Context of each game.
        columns: By column its numbers, and which games have them, shape (game,) each.
    """
    found = list(rows)
    changes: dict[int, dict[str, float]] = {}
    for column, (numbers, moved) in columns.items():
        for game in np.flatnonzero(moved).tolist():
            changes.setdefault(game, {})[column] = float(numbers[game])
    for game, numbers_of in changes.items():
        found[game] = FrozenMapping({**found[game], **numbers_of})
    return tuple(found)
