"""The states of many games in one period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import construct_unchecked, frozen_mapping, replace_unchecked
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState, without_empty_end

from .lazy import lazy
from .sealing import read_only

__all__ = ["LaneContexts", "StateArrays", "contexts_of", "known_ahead_of"]

Array = NDArray[np.float64]


class LaneContexts(Mapping[str, Array]):
    """Context columns of games on several series: an array of shape (game,) per column.

    Columns are those that all of the series have; each is made when it is first asked for.

    Args:
        rows: Context of each game.
        partial: Whether columns are those that any of the series has, NaN where one has it not.

    >>> contexts = LaneContexts(({"cpi": 1.0}, {"cpi": 2.0, "m1": 9.0}))
    >>> list(contexts), contexts["cpi"].tolist()
    (['cpi'], [1.0, 2.0])
    """

    def __init__(self, rows: Sequence[Mapping[str, float]], *, partial: bool = False) -> None:
        self.rows = tuple(rows)
        self.partial = partial

    @lazy
    def _names(self) -> tuple[str, ...]:
        first, *others = {id(row): row for row in self.rows}.values()
        if self.partial:
            return tuple(dict.fromkeys(name for row in (first, *others) for name in row))
        return tuple([name for name in first if all(name in row for row in others)])

    @lazy
    def _columns(self) -> dict[str, Array]:
        return {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._columns:
            column = np.array([row.get(name, np.nan) for row in self.rows], dtype=np.float64)
            self._columns[name] = read_only(column)
        return self._columns[name].view()  # not even its shape is shared

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def contexts_of(
    rows: Sequence[Mapping[str, float]], *, partial: bool = False
) -> Mapping[str, float | Array]:
    """Return the context of many games: the one that all share, or their columns as arrays.

    Args:
        rows: Context of each game: number per column, in the unit of the column.
        partial: Whether columns are those that any of the games has; see `LaneContexts`.

    Returns:
        Number per column where all games share one context, else an array of shape (game,) per
        column, in the unit of the column.
    """
    first = rows[0]
    if all(row is first for row in rows):
        return first
    return LaneContexts(rows, partial=partial)


_NOTHING: Mapping[str, float] = frozen_mapping()


def known_ahead_of(
    rows: Sequence[tuple[Mapping[str, float], ...]],
) -> tuple[Mapping[str, float | Array], ...]:
    """Return what is known in advance in many games, one context or `LaneContexts` per horizon.

    Args:
        rows: `known_ahead` of each game; those of series that end earlier may be shorter.

    Returns:
        Context per period ahead, the next period first: number per column, or an array of shape
        (game,) per column with NaN where nothing is known, in the unit of the column.

    >>> soon = known_ahead_of((({"sale": 1.0},), ({"sale": 0.0}, {"sale": 1.0})))
    >>> [entry["sale"].tolist() for entry in soon]
    [[1.0, 0.0], [nan, 1.0]]
    """
    if not rows or all(row is rows[0] for row in rows):
        return rows[0] if rows else ()
    longest = max(len(row) for row in rows)
    return tuple(
        [
            contexts_of([row[i] if i < len(row) else _NOTHING for row in rows], partial=True)
            for i in range(longest)
        ]
    )


@dataclass(frozen=True, eq=False)
class StateArrays:
    """As `ForecastState`, with one number per game: what is elementwise works on both alike.

    Args:
        t: Number of the period, the same in all games.
        value: Values of the period, shape (game,), in the unit of the series.
        exogenous: Exogenous pressure, shape (game,).
        hidden_shift: Hidden shift, shape (game,); zeros in every observation.
        segment_id: Name of the segment, as in `ForecastState`; one per game where they differ.
        macro_context: Context, as in `ForecastState`, where all games share one; else
            `LaneContexts`.
        history: Earlier values, one array of shape (game,) per period, oldest first.
        n_unrevealed: Number of those at the end of `history` that are prints not yet revealed.
        displacement: Displacement by disturbances, shape (game,); zeros in every observation.
        segments: Value per segment in each game, before they are made to add up to `value`;
            empty: there are none. Agents that are asked once for all games do not see them.
        game: Number of each game, shape (game,), or one number where they need not be told apart.
        missing: Periods without a value, as in `ForecastState`; the same in all games.
        known_ahead: Context that is known in advance, as in `ForecastState`, one context per
            horizon; `LaneContexts` where games differ, with NaN where a game does not know a
            column.

    >>> states = StateArrays(3, np.array([1.0, 2.0]), np.zeros(2), np.zeros(2))
    >>> states.each[1].value
    2.0
    """

    t: int
    value: Array
    exogenous: Array
    hidden_shift: Array
    segment_id: str | tuple[str, ...] = ""
    macro_context: Mapping[str, float | Array] = field(default_factory=lambda: frozen_mapping())
    history: tuple[Array, ...] = ()
    n_unrevealed: int = 0
    displacement: Array | None = None
    segments: tuple[Mapping[str, float], ...] = ()
    game: NDArray[np.int64] | int = 0
    missing: tuple[int, ...] = ()
    known_ahead: tuple[Mapping[str, float | Array], ...] = ()

    def __post_init__(self) -> None:
        if self.value.shape[0] > 1:  # a game alone is shown to no agent as arrays
            for name in ("value", "exogenous", "hidden_shift", "displacement", "game"):
                object.__setattr__(self, name, read_only(getattr(self, name)))
            object.__setattr__(self, "history", tuple([read_only(one) for one in self.history]))

    @property
    def path(self) -> tuple[Array, ...]:
        """`history` and `value` in one tuple, oldest first."""
        return (*self.history, self.value)

    @property
    def segment_values(self) -> Mapping[str, float]:
        """Empty: values per segment differ from game to game and have no array form."""
        return frozen_mapping()

    @property
    def n_games(self) -> int:
        """Number of games."""
        return int(self.value.shape[0])

    def contexts(self) -> Sequence[Mapping[str, float]]:
        """Return the context of each game."""
        shown = self.macro_context
        if isinstance(shown, LaneContexts):
            return shown.rows
        return (shown,) * self.n_games  # type: ignore[return-value]

    def each_known_ahead(self) -> Sequence[tuple[Mapping[str, float], ...]]:
        """Return what is known in advance in each game."""
        n, entries = self.n_games, self.known_ahead
        if not any(isinstance(entry, LaneContexts) for entry in entries):
            return (entries,) * n  # type: ignore[return-value]
        columns = [
            entry.rows if isinstance(entry, LaneContexts) else (entry,) * n for entry in entries
        ]
        return [without_empty_end(row) for row in zip(*columns, strict=True)]

    @lazy
    def each(self) -> tuple[ForecastState, ...]:
        """The state of each game, for agents without an array form."""
        n = self.n_games
        displaced = [0.0] * n if self.displacement is None else self.displacement.tolist()
        past: list[list[float]] = [[] for _ in range(n)]
        if self.history:
            past = np.stack(self.history, axis=1).tolist()
        names = (self.segment_id,) * n if isinstance(self.segment_id, str) else self.segment_id
        nothing: Mapping[str, float] = frozen_mapping()
        games = np.broadcast_to(self.game, (n,)).tolist()
        rows = zip(
            self.value.tolist(),
            self.exogenous.tolist(),
            self.hidden_shift.tolist(),
            past,
            displaced,
            names,
            self.contexts(),
            self.segments or (nothing,) * n,
            games,
            self.each_known_ahead(),
            strict=True,
        )
        return tuple(
            construct_unchecked(
                ForecastState,
                t=self.t,
                value=value,
                exogenous=exogenous,
                hidden_shift=hidden,
                segment_id=name,
                segment_values=rescale_segments(segments, value),
                macro_context=context,
                history=tuple(history),
                n_unrevealed=self.n_unrevealed,
                displacement=displacement,
                game=game,
                missing=self.missing,
                known_ahead=ahead,
            )
            for (
                value,
                exogenous,
                hidden,
                history,
                displacement,
                name,
                context,
                segments,
                game,
                ahead,
            ) in rows
        )

    def take(self, lanes: NDArray[np.intp]) -> StateArrays:
        """Return the states of some of the games.

        Args:
            lanes: Numbers of the games, shape (new game,); a number may occur several times.

        Returns:
            States in the order of `lanes`.
        """
        context, name = self.macro_context, self.segment_id
        if isinstance(context, LaneContexts):
            context = contexts_of([context.rows[i] for i in lanes.tolist()])
        moved = self.displacement
        return replace_unchecked(
            self,
            value=read_only(self.value[lanes]),
            exogenous=read_only(self.exogenous[lanes]),
            hidden_shift=read_only(self.hidden_shift[lanes]),
            segment_id=name if isinstance(name, str) else tuple(name[i] for i in lanes.tolist()),
            macro_context=context,
            history=tuple([read_only(past[lanes]) for past in self.history]),
            displacement=None if moved is None else read_only(moved[lanes]),
            segments=tuple(self.segments[i] for i in lanes.tolist()) if self.segments else (),
            game=self.game if isinstance(self.game, int) else read_only(self.game[lanes]),
            known_ahead=self._known_ahead_of(lanes) if self.known_ahead else (),
        )

    def _known_ahead_of(self, lanes: NDArray[np.intp]) -> tuple[Mapping[str, float | Array], ...]:
        rows = self.each_known_ahead()
        return known_ahead_of([rows[i] for i in lanes.tolist()])
