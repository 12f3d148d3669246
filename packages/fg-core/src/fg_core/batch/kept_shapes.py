"""Stated distributions among the components that a batch keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.distributions import ShapeArrays

__all__ = ["ShapeRecord", "joined_shapes"]


class ShapeRecord:
    """Stated distributions as they are issued: most components of most games have none.

    Args:
        n_games: Number of games.
        n_rounds: Number of rounds.
    """

    def __init__(self, n_games: int, n_rounds: int) -> None:
        self._n = n_games, n_rounds
        self._parts: list[tuple[NDArray[np.intp], NDArray[np.intp], ShapeArrays]] = []

    def write(
        self, r: int, games: NDArray[np.intp], columns: NDArray[np.intp], shapes: ShapeArrays
    ) -> None:
        """Add what is stated in one round.

        Args:
            r: Number of the round.
            games: Places of the games.
            columns: Columns of the components.
            shapes: Distributions of the round, leading axes (game, component).
        """
        lanes, parts = np.nonzero(shapes.stated)
        if lanes.size:
            rows = games[lanes] * self._n[1] + r
            stated = shapes.stated
            self._parts.append((rows, columns[parts], shapes.map(lambda array: array[stated])))

    def arrays(self, n_columns: int) -> ShapeArrays | None:
        """Return what was written, leading axes (game, round, component); None: nothing.

        Args:
            n_columns: Number of columns of components.
        """
        if not self._parts:
            return None
        at = np.concatenate([rows * n_columns + columns for rows, columns, _ in self._parts])
        stated = ShapeArrays.joined([shapes for _, _, shapes in self._parts], axis=0)
        n, rounds = self._n
        whole = stated.spread(at, n * rounds * n_columns)
        return whole.map(lambda array: array.reshape(n, rounds, n_columns, *array.shape[1:]))


def joined_shapes(
    first: ShapeArrays | None,
    second: ShapeArrays | None,
    rounds: tuple[int, int],
    places: Sequence[int],
    n_columns: int,
) -> ShapeArrays | None:
    """Return stated distributions of rounds and of later rounds as one.

    Args:
        first: Distributions of the earlier rounds, leading axes (game, round, component); None:
            nothing is stated.
        second: Distributions of the later rounds, as `first`.
        rounds: Number of the earlier and of the later rounds.
        places: Column of each component of the later rounds.
        n_columns: Number of columns.

    Returns:
        Distributions of all rounds, leading axes (game, round, column), in the unit of the series;
        None where nothing is stated.
    """
    known = first if first is not None else second
    if known is None:
        return None
    n = known.stated.shape[0]
    parts = []
    for part, length, columns in (
        (first, rounds[0], range(n_columns)),
        (second, rounds[1], places),
    ):
        blank = ShapeArrays.nothing(n, length, n_columns)
        parts.append(blank if part is None else _in_columns(blank, part, list(columns)))
    return ShapeArrays.joined(parts, axis=1)


def _in_columns(blank: ShapeArrays, part: ShapeArrays, columns: list[int]) -> ShapeArrays:
    wide = blank.padded(part.n_knots, part.n_masses)
    found: dict[str, Any] = {}
    for item in fields(ShapeArrays):
        array, own = getattr(wide, item.name).copy(), getattr(part, item.name)
        n = min(len(columns), own.shape[2])
        array[:, :, columns[:n]] = own[:, :, :n]
        found[item.name] = array
    return ShapeArrays(**found)
