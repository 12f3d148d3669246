"""Exact answers for zero-sum games on tables: values, equilibria, best responses, exploitability.

References: Shapley (1953), PNAS 39, doi:10.1073/pnas.39.10.1095 (values of Markov games); Howard
(1960), Dynamic Programming and Markov Processes (policy iteration); Lanctot et al. (2017), NeurIPS
30 (NashConv).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

from .games import MarkovGame

__all__ = [
    "Equilibrium",
    "best_response",
    "markov_nash_conv",
    "nash_conv",
    "solve_markov",
    "solve_matrix",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Mixes that neither player can improve on alone.

    Args:
        row: mix of the row player, shape (row,), or (state, row) of a Markov game.
        column: mix of the column player, alike.
        value: what the row player gets, a number, or shape (state,).
    """

    row: Array
    column: Array
    value: Array


def solve_matrix(payoffs: ArrayLike) -> Equilibrium:
    """Return an equilibrium of a matrix game.

    A saddle point where there is one; else, of two actions each, the closed form; else by two
    linear programs.

    Args:
        payoffs: rewards of the row player, shape (row, column), finite.

    Returns:
        The equilibrium; of several, one.

    Raises:
        ConfigError: No matrix of finite numbers, or one that the linear program fails on.

    >>> found = solve_matrix([[3, -1], [-2, 1]])
    >>> found.row.round(4).tolist(), found.column.round(4).tolist(), round(float(found.value), 4)
    ([0.4286, 0.5714], [0.2857, 0.7143], 0.1429)
    """
    matrix = np.asarray(payoffs, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0 or not np.isfinite(matrix).all():
        raise ConfigError(f"payoffs must be a matrix of finite numbers, got shape {matrix.shape}")
    n, m = matrix.shape
    i, j = int(matrix.min(axis=1).argmax()), int(matrix.max(axis=0).argmin())
    if matrix[i].min() >= matrix[:, j].max():
        return Equilibrium(np.eye(n)[i], np.eye(m)[j], np.asarray(matrix[i, j]))
    if (n, m) == (2, 2):
        (a, b), (c, d) = matrix.tolist()
        total = a - b - c + d
        p, q = (d - c) / total, (d - b) / total
        value = (a * d - b * c) / total
        return Equilibrium(np.array([p, 1.0 - p]), np.array([q, 1.0 - q]), np.asarray(value))
    row = _most_secure(matrix)
    column = _most_secure(-matrix.T)
    return Equilibrium(row, column, np.asarray((row @ matrix).min()))


def _most_secure(matrix: Array) -> Array:
    """Return the mix of rows with the largest guaranteed payoff, by a linear program."""
    from scipy.optimize import linprog  # half a second, for games that need it

    n, m = matrix.shape
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.hstack([-matrix.T, np.ones((m, 1))]),
        b_ub=np.zeros(m),
        A_eq=np.append(np.ones(n), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0.0, None)] * n + [(None, None)],
        method="highs",
    )
    if not found.success:
        raise ConfigError(f"the linear program of the game was not solved: {found.message}")
    mix = np.clip(found.x[:n], 0.0, None)
    return np.asarray(mix / mix.sum())


def nash_conv(payoffs: ArrayLike, row: ArrayLike, column: ArrayLike) -> float:
    """Return what both players together could gain by best responses to the other's mix.

    Args:
        payoffs: rewards of the row player, shape (row, column).
        row: mix of the row player, shape (row,).
        column: mix of the column player, shape (column,).

    Returns:
        NashConv in the unit of the payoffs, 0 at an equilibrium alone; exploitability is half of
        it.

    >>> nash_conv([[3, -1], [-2, 1]], [0.5, 0.5], [0.5, 0.5])
    1.0
    """
    matrix = np.asarray(payoffs, dtype=np.float64)
    against = matrix @ np.asarray(column, dtype=np.float64)
    under = np.asarray(row, dtype=np.float64) @ matrix
    return float(against.max() - under.min())


def solve_markov(game: MarkovGame, tolerance: float = 1e-10, sweeps: int = 100_000) -> Equilibrium:
    """Return an equilibrium of a Markov game, by Shapley's value iteration.

    Args:
        game: game to solve.
        tolerance: largest error of a value at which to stop, in the unit of the rewards.
        sweeps: most sweeps over all states.

    Returns:
        The equilibrium, whose `value` is that of each state.

    Raises:
        ConfigError: The values have not settled within so many sweeps.

    >>> from fg_training.games import matrix_game
    >>> solve_markov(matrix_game([[2, -2], [-1, 1]])).row.round(4).tolist()
    [[0.3333, 0.6667]]
    """
    values = np.zeros(game.n_states)
    # A change of c in a sweep leaves at most c * discount / (1 - discount) to go.
    enough = tolerance * (1.0 - game.discount) / max(game.discount, 1.0 - game.discount)
    for _ in range(sweeps):
        stages = game.rewards + game.discount * game.transitions @ values
        found = [solve_matrix(stage) for stage in stages]
        new = np.array([float(stage.value) for stage in found])
        change = float(np.abs(new - values).max())
        values = new
        if change <= enough or game.discount == 0.0:
            rows = np.array([stage.row for stage in found])
            return Equilibrium(rows, np.array([stage.column for stage in found]), values)
    raise ConfigError(f"values still move by {change:g} after {sweeps} sweeps; ask for less")


def best_response(game: MarkovGame, opponent: ArrayLike, *, player: str) -> tuple[Array, Array]:
    """Return the best response to a policy that stays as it is, by policy iteration.

    Args:
        game: game that is played.
        opponent: policy of the other player, shape (state, action).
        player: "row" or "column": who responds.

    Returns:
        What each state is then worth for the *row* player, shape (state,), and the response, one
        action per state with probability 1, shape (state, action). It is exact up to the rounding
        of a linear system.

    Raises:
        ConfigError: Another word for `player`, or a policy of another shape.

    >>> from fg_training.games import matrix_game
    >>> best_response(matrix_game([[3, -1], [-2, 1]]), [[0.5, 0.5]], player="row")[1].tolist()
    [[1.0, 0.0]]
    """
    if player not in ("row", "column"):
        raise ConfigError(f'player must be "row" or "column", got {player!r}')
    policy = np.asarray(opponent, dtype=np.float64)
    wanted = (game.n_states, game.n_columns if player == "row" else game.n_rows)
    if policy.shape != wanted:
        raise ConfigError(f"the opponent's policy must have shape {wanted}, got {policy.shape}")
    if player == "row":
        rewards = np.einsum("sij,sj->si", game.rewards, policy)
        moves = np.einsum("sijt,sj->sit", game.transitions, policy)
    else:
        rewards = -np.einsum("sij,si->sj", game.rewards, policy)
        moves = np.einsum("sijt,si->sjt", game.transitions, policy)
    states = np.arange(game.n_states)
    actions = rewards.argmax(axis=1)
    while True:
        system = np.eye(game.n_states) - game.discount * moves[states, actions]
        values = np.linalg.solve(system, rewards[states, actions])
        worth = rewards + game.discount * moves @ values
        # Only a clear gain changes an action, so that rounding cannot make it go round in circles.
        gain = worth.max(axis=1) - worth[states, actions]
        better = gain > 1e-12 * (1.0 + np.abs(worth).max(axis=1))
        if not better.any():
            break
        actions = np.where(better, worth.argmax(axis=1), actions)
    response = np.eye(rewards.shape[1])[actions]
    return (values if player == "row" else -values), response


def markov_nash_conv(game: MarkovGame, row: ArrayLike, column: ArrayLike) -> Array:
    """Return NashConv of two policies from each state on.

    Args:
        game: game that is played.
        row: policy of the row player, shape (state, row).
        column: policy of the column player, shape (state, column).

    Returns:
        Shape (state,), in the unit of the rewards, 0 at an equilibrium alone.
    """
    best = best_response(game, column, player="row")[0]
    worst = best_response(game, row, player="column")[0]
    return np.asarray(best - worst)
