"""Search of an adversary's table, cell by cell, against a team that stands still.

Q-learning says what a hit is worth in a cell as if the cell were all that counts. It is not: the
budget that a hit takes is missed by later ones, and a cell of the budget left does not say how many
rounds are left. So a learned table is improved by playing it: all changes of one cell's hit are
tried, the best of them made, several at once where that costs the team more, until no change does.
That is a local optimum among tables of these cells, and a lower bound of `BudgetedGame.worst_loss`,
where hits know the future.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

from .budgeted_game import BudgetedGame, own_features, weaker_hits

__all__ = ["improved_hits", "losses_of_tables"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]


def losses_of_tables(game: BudgetedGame, tables: ArrayLike) -> tuple[Array, NDArray[np.bool_]]:
    """Return what a team loses to each of many tables of hits, played at once.

    Args:
        game: game with one doubt, as `BudgetedGame.against` returns it.
        tables: place of the hit of each cell, shape (table, cell).

    Returns:
        Mean losses, shape (table,), with the bits of `Duel.play`, and whether a cell was played in,
        shape (table, cell).

    Raises:
        ConfigError: The game has several doubts, or tables have another number of cells.
    """
    rows = np.asarray(tables, dtype=np.intp)
    if game.tables.n_doubts != 1 or rows.ndim != 2 or rows.shape[1] != game.grid.n_cells:
        raise ConfigError(
            f"a game with one doubt and tables of {game.grid.n_cells} cells wanted, got "
            f"{game.tables.n_doubts} doubts and tables of shape {rows.shape}"
        )
    losses, costs, after = game.tables.losses[:, :, 0], game.tables.costs, game.last
    edges = np.array(game.grid.edges[-1])
    sizes, weaker = np.abs(game.hits), np.array(weaker_hits(game.hits), dtype=np.intp)
    unhit = int(np.searchsorted(own_features(game.grid)[1], 0.0, side="right"))
    each = np.arange(rows.shape[0])
    total = np.zeros(rows.shape[0])
    seen = np.zeros(rows.shape, dtype=np.bool_)
    for begin, end, budget in game.stretches:
        spent = np.zeros(rows.shape[0])
        last = np.full(rows.shape[0], unhit, dtype=np.intp)
        for t in range(begin, end):
            left = np.maximum(budget - spent, 0.0)
            share = np.ones(rows.shape[0])
            if budget < 1e300:
                whole = left + spent
                share = np.divide(left, whole, out=np.zeros_like(left), where=whole > 0.0)
            place = np.searchsorted(edges, share, side="right")
            cell = (game.features[t] * game.n_last + last) * (edges.size + 1) + place
            seen[each, cell] = True
            hit = rows[each, cell]
            while True:
                smaller = np.where(sizes[hit] > left + 1e-9, weaker[hit], hit)
                if (smaller == hit).all():
                    break
                hit = smaller
            total += losses[t, hit]
            spent += costs[t, hit]
            last = after[t, hit]
    return total / game.n_rounds, seen


def improved_hits(game: BudgetedGame, table: ArrayLike, rounds: int = 100) -> tuple[Places, float]:
    """Return a table of hits that no change of one cell makes worse for the team.

    Args:
        game: game with one doubt, as `BudgetedGame.against` returns it.
        table: place of the hit of each cell to begin with, shape (cell,).
        rounds: most times that all changes are tried.

    Returns:
        The table, shape (cell,), and the mean loss of the team.

    Raises:
        ConfigError: As for `losses_of_tables`.

    >>> from fg_training import TabledGame
    >>> tables = TabledGame.of_matrix([[0.0, -1.0]], costs=[0.0, 1.0], budget=1.0)
    >>> game = BudgetedGame(tables, tables.losses, [0.0, 1.0], [0], (0,), (1.0,))
    >>> improved_hits(game, [0] * game.grid.n_cells)[1]
    1.0
    """
    best = np.array(table, dtype=np.intp)
    (loss,), seen = losses_of_tables(game, best[None])
    for _ in range(rounds):
        others = np.arange(game.n_hits) != best[:, None]
        cells, hits = np.nonzero(seen[0][:, None] & others)
        if cells.size == 0:
            break
        found = losses_of_tables(game, _changed(best, cells[:, None], hits[:, None]))[0]
        order = np.argsort(-found, kind="stable")
        order = order[found[order] > loss]
        if order.size == 0:
            break
        # Of each cell its best change; then the best 1, 2, 4, ... of these at once.
        order = order[np.sort(np.unique(cells[order], return_index=True)[1])]
        counts = [1 << k for k in range(order.size.bit_length())]
        tried = [_changed(best, cells[order[None, :n]], hits[order[None, :n]]) for n in counts]
        losses, visited = losses_of_tables(game, np.concatenate(tried))
        k = int(losses.argmax())
        best, loss, seen = tried[k][0], losses[k], visited[k][None]
    return best, float(loss)


def _changed(table: Places, cells: Places, hits: Places) -> Places:
    """Return copies of a table, each with other hits in some cells, shape (copy, cell)."""
    found = np.tile(table, (cells.shape[0], 1))
    found[np.arange(cells.shape[0])[:, None], cells] = hits
    return found
