"""Checks of rules over arrays of games: a game alone and in a batch must give the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.rng import uniform_block
from fg_core.testing._play import Promises

__all__ = ["N_GAMES", "over_games", "require_equal", "spread", "uniform_rows"]

N_GAMES = 48

_SEED = 20_240_301

Array = NDArray[np.float64]


def uniform_rows(stream: str, n: int) -> Array:
    """Return uniforms of shape (n, game)."""
    rows = [uniform_block(_SEED, stream, "", 0, 1, 0, i)[0, :N_GAMES] for i in range(n)]
    return np.array(rows).reshape(n, N_GAMES)


def spread(stream: str, low: float, high: float) -> Array:
    """Return numbers between two others, shape (game,)."""
    return np.asarray(low + (high - low) * uniform_rows(stream, 1)[0])


def over_games(promises: Promises, what: str, found: Any) -> Array:
    """Return what was found as finite numbers, shape (game,)."""
    try:
        numbers = np.broadcast_to(np.asarray(found, dtype=np.float64), (N_GAMES,))
    except (TypeError, ValueError):
        promises.broken(
            f"{what} is elementwise: one number a game", f"for {N_GAMES} games it gave {found!r}"
        )
    promises.require(
        bool(np.isfinite(numbers).all()),
        f"{what} is finite",
        f"got {numbers[~np.isfinite(numbers)]}",
    )
    return numbers


def require_equal(promises: Promises, what: str, batch: Array, alone: list[Any]) -> None:
    """Require the bits of each game alone to be those that it has in the batch."""
    for g, one in enumerate(alone):
        number = np.asarray(one, dtype=np.float64)
        promises.require(
            number.size == 1 and number.tobytes() == batch[g].tobytes(),
            f"{what} is elementwise: a game alone and in a batch give the same bits",
            f"game {g} gives {one!r} alone and {batch[g]!r} in a batch",
        )
