"""What learners on tables have in common: their rates, what they explore, and what is played."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError

from .rules import played_mix
from .schedules import LearningRates

__all__ = ["TableLearner"]

Array = NDArray[np.float64]


class TableLearner:
    """A policy per state, and how it is learned and explored.

    Args:
        n_states: number of states.
        n_actions: number of actions.
        rates: rates by which it learns.
        exploration: probability of an action at random, in [0, 1].
        discount: worth of a reward one step later, in [0, 1].

    Raises:
        ConfigError: A number out of its range.
    """

    def __init__(
        self,
        n_states: int,
        n_actions: int,
        *,
        rates: LearningRates,
        exploration: float,
        discount: float,
    ) -> None:
        for name, number in (("n_states", n_states), ("n_actions", n_actions)):
            check_count(name, number)
        for name, share in (("exploration", exploration), ("discount", discount)):
            if not 0.0 <= share <= 1.0:
                raise ConfigError(f"{name} must be from 0 to 1, got {share!r}")
        self.rates = rates
        self.exploration = exploration
        self.discount = discount
        self.policy: Array = np.full((n_states, n_actions), 1.0 / n_actions)
        """Policy without exploration, shape (state, action); uniform where never visited."""
        self.visits: Array = np.zeros(n_states)
        """Visits of each state that were learned from, shape (state,)."""

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.policy.shape[0])

    @property
    def n_actions(self) -> int:
        """Number of actions."""
        return int(self.policy.shape[1])

    @property
    def coverage(self) -> float:
        """Share of the states that were ever visited."""
        return float((self.visits > 0).mean())

    def mix(self) -> Array:
        """Return the mix that is played, exploration included, shape (state, action)."""
        return played_mix(self.policy, self.exploration)


def check_count(name: str, number: int) -> None:
    """Refuse what is no number of states or actions.

    Raises:
        ConfigError: It is no whole number of at least 1.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ConfigError(f"{name} must be a whole number of at least 1, got {number!r}")
