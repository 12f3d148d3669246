"""Games that begin alike, and the blocks in which games are played together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from fg_core.errors import ConfigError, DataError
from fg_core.protocols import World
from fg_core.rng import check_seed
from fg_core.state import ForecastState

__all__ = ["GameGroup", "Slice", "apart", "slices_of"]

_LAST_GAME = 2**58


@dataclass(frozen=True)
class GameGroup:
    """Games that begin in one state of one series, with numbers that follow each other.

    Args:
        initial: State that they begin in.
        world: World in which the series moves; None: the simulated world of the settings.
        seed: Seed of their random numbers; None: that of the `ForecastGame`.
        game: Number of the first game among games of one seed.
        n_games: Number of games, at least 1.
        rounds: Number of (further) rounds; None: as the settings say.

    Raises:
        ConfigError: A number outside its range.
        DataError: The first state has no whole `t`, or no finite value.

    >>> GameGroup(ForecastState(0, 1.0, 0.0, 0.0), n_games=0)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: n_games must be a whole number >= 1, got 0
    """

    initial: ForecastState
    world: World | None = None
    seed: int | None = None
    game: int = 0
    n_games: int = 1
    rounds: int | None = None

    def __post_init__(self) -> None:
        for name, low in (("n_games", 1), ("game", 0)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < low:
                raise ConfigError(f"{name} must be a whole number >= {low}, got {number!r}")
        t: Any = self.initial.t
        if not isinstance(t, Integral):
            raise DataError(f"the first period of a game must be a whole number, got t = {t!r}")
        for name in ("value", "exogenous"):
            first: Any = getattr(self.initial, name)
            if not isinstance(first, Real) or not math.isfinite(first):
                raise DataError(
                    f"the first {name} of a game must be a finite number, got {first!r}"
                )
        if self.seed is not None:
            check_seed(self.seed)
        if self.game + self.n_games > _LAST_GAME:
            raise ConfigError("the numbers of the games go beyond 2^58 - 1")


@dataclass(frozen=True)
class Slice:
    """Neighbouring games of a group, played in one block.

    Args:
        group: Number of the group.
        first: First of its games, counted from the group's first.
        count: Number of the games.
        row: Place of the first among all games.
    """

    group: int
    first: int
    count: int
    row: int


def apart(kinds: Sequence[object], sizes: Sequence[int]) -> list[object]:
    """Return kinds that few groups have each, so that no more of them are played together.

    Args:
        kinds: Kind of each group.
        sizes: Number of groups of its kind that may be played together, for each group; 0, or 1
            where games of one series are their own kind: the kind stays as it is.

    Returns:
        Kind of each group, with a number that tells parts of one kind apart.

    >>> apart("aaab", (2, 2, 2, 0))
    [('a', 0), ('a', 0), ('a', 1), ('b', 0)]
    """
    seen: dict[object, int] = {}
    found: list[object] = []
    for kind, size in zip(kinds, sizes, strict=True):
        number = seen.get(kind, 0)
        seen[kind] = number + 1
        found.append((kind, number // size if size > 1 else 0))
    return found


def slices_of(
    kinds: Sequence[object], counts: Sequence[int], games_per_block: int
) -> tuple[tuple[Slice, ...], ...]:
    """Return blocks of games that are played together: of one kind, and not too many.

    Args:
        kinds: Kind of each group; games of different kinds cannot be played together.
        counts: Number of games of each group.
        games_per_block: Largest number of games in a block.

    Returns:
        Slices of groups, for each block.

    >>> [[s.count for s in block] for block in slices_of("aba", (3, 1, 2), 4)]
    [[3, 1], [1], [1]]
    """
    rows, row = [], 0
    for count in counts:
        rows.append(row)
        row += count
    found: list[list[Slice]] = []
    by_kind: dict[object, list[int]] = {}
    for group, kind in enumerate(kinds):
        by_kind.setdefault(kind, []).append(group)
    for groups in by_kind.values():
        block: list[Slice] = []
        room = games_per_block
        for group in groups:
            first = 0
            while first < counts[group]:
                if room == 0:
                    found.append(block)
                    block, room = [], games_per_block
                count = min(room, counts[group] - first)
                block.append(Slice(group, first, count, rows[group] + first))
                first, room = first + count, room - count
        found.append(block)
    found.sort(key=lambda block: block[0].row)
    return tuple(tuple(block) for block in found)
