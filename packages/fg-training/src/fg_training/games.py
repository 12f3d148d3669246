"""Zero-sum games of two players on tables, small enough for exact answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError
from fg_core.rng import check_seed
from fg_core.window import immutable_array

__all__ = ["KNOWN_GAMES", "MarkovGame", "matrix_game", "random_markov_game"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MarkovGame:
    """A zero-sum game that moves between states, without an end.

    Args:
        rewards: rewards of the row player, shape (state, row, column); the column player gets minus
            that.
        transitions: probabilities of the next state, shape (state, row, column, state).
        discount: worth of a reward one step later, in [0, 1).

    Raises:
        ConfigError: Shapes that do not match, rewards that are not finite, rows of the transitions
            that are no probabilities, or a discount out of its range.

    >>> matrix_game([[1, -1], [-1, 1]]).rewards.shape
    (1, 2, 2)
    """

    rewards: Array
    transitions: Array
    discount: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rewards", "transitions"):
            object.__setattr__(self, name, immutable_array(getattr(self, name)))
        rewards, moves = self.rewards, self.transitions
        if rewards.ndim != 3 or 0 in rewards.shape or not np.isfinite(rewards).all():
            raise ConfigError(
                f"rewards must be finite, of shape (state, row, column): {rewards.shape}"
            )
        if moves.shape != (*rewards.shape, rewards.shape[0]):
            raise ConfigError(
                f"transitions must be of shape (state, row, column, state), got {moves.shape} for "
                f"rewards of {rewards.shape}"
            )
        sums = moves.sum(axis=-1)
        if not ((moves >= 0.0).all() and np.allclose(sums, 1.0, rtol=0.0, atol=1e-9)):
            raise ConfigError("transitions must be at least 0 and add up to 1 over the next state")
        if not 0.0 <= self.discount < 1.0:
            raise ConfigError(f"discount must be from 0 to below 1, got {self.discount!r}")

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.rewards.shape[0])

    @property
    def n_rows(self) -> int:
        """Number of actions of the row player."""
        return int(self.rewards.shape[1])

    @property
    def n_columns(self) -> int:
        """Number of actions of the column player."""
        return int(self.rewards.shape[2])


def matrix_game(payoffs: ArrayLike) -> MarkovGame:
    """Return the game of one state in which every step is a game of its own.

    Args:
        payoffs: rewards of the row player, shape (row, column).

    Returns:
        The game, with a discount of 0.

    Raises:
        ConfigError: No matrix, or payoffs that are not finite.
    """
    matrix = np.asarray(payoffs, dtype=np.float64)
    if matrix.ndim != 2:
        raise ConfigError(f"payoffs must be of shape (row, column), got {matrix.shape}")
    return MarkovGame(matrix[None], np.ones((1, *matrix.shape, 1)))


def random_markov_game(
    seed: int, n_states: int, n_rows: int, n_columns: int, *, discount: float
) -> MarkovGame:
    """Return a game with rewards from -1 to 1 and moves from any state to any other.

    Args:
        seed: seed of the game.
        n_states: number of states.
        n_rows: number of actions of the row player.
        n_columns: number of actions of the column player.
        discount: worth of a reward one step later, in [0, 1).

    >>> random_markov_game(1, 5, 2, 2, discount=0.9).transitions.shape
    (5, 2, 2, 5)
    """
    rng = np.random.default_rng(check_seed(seed))
    shape = (n_states, n_rows, n_columns)
    rewards = rng.uniform(-1.0, 1.0, shape)
    return MarkovGame(rewards, rng.dirichlet(np.ones(n_states), shape), discount)


KNOWN_GAMES: dict[str, tuple[tuple[float, ...], ...]] = {
    "matching_pennies": ((1, -1), (-1, 1)),
    "biased_third_half": ((2, -2), (-1, 1)),
    "biased_sevenths": ((3, -1), (-2, 1)),
    "skewed_tenth": ((9, -1), (-1, 1 / 9)),
    "rock_paper_scissors": ((0, -1, 1), (1, 0, -1), (-1, 1, 0)),
    "biased_rock_paper_scissors": ((0, -2, 1), (2, 0, -1), (-1, 1, 0)),
}
"""Payoffs of the row player in games with a known equilibrium.

Those named biased or skewed have one that is not uniform: a learner that never moves, or that only
averages, does not pass there.
"""
