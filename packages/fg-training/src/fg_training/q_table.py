"""Epsilon-greedy Q-learning on a table."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

from . import _kernels
from .rules import played_mix
from .schedules import PUBLISHED, LearningRates
from .table_learner import TableLearner

__all__ = ["QTableAgent"]

Array = NDArray[np.float64]


class QTableAgent(TableLearner):
    """A learner with a value per state and action, which plays the best one or explores.

    It learns in place (`learn`, or a run of `SelfPlay`). States and actions are numbers from 0: a
    state is a cell of a `FeatureGrid`, an action one of a `DiscreteActionSpace`.

    Args:
        n_states: number of states.
        n_actions: number of actions.
        rates: rates by which it learns.
        exploration: probability of an action at random, in [0, 1].
        discount: worth of a reward one step later, in [0, 1]; 0 where steps do not hang together.

    Raises:
        ConfigError: A number out of its range.

    >>> agent = QTableAgent(1, 2, exploration=0.5)
    >>> agent.mix().tolist()  # a state never visited: all actions alike
    [[0.5, 0.5]]
    >>> agent.learn(0, 1, 1.0, 0)
    1.0
    >>> agent.mix().tolist()
    [[0.25, 0.75]]
    """

    kind: ClassVar[str] = "q"
    _code: ClassVar[float] = _kernels.GREEDY

    def __init__(
        self,
        n_states: int,
        n_actions: int,
        *,
        rates: LearningRates = PUBLISHED,
        exploration: float = 0.05,
        discount: float = 0.0,
    ) -> None:
        super().__init__(
            n_states, n_actions, rates=rates, exploration=exploration, discount=discount
        )
        self.frozen = False
        """Whether all learning is off: values, policy, average, visits and clocks stay."""
        self.q: Array = np.zeros((n_states, n_actions))
        """Values of actions, shape (state, action)."""
        self.average: Array = np.zeros((n_states, n_actions))
        """Mean of the policies at the visits of a state, shape (state, action)."""

    def settings(self) -> tuple[float, ...]:
        """Return the settings as the kernels take them."""
        rates = self.rates
        return (
            _kernels.FROZEN if self.frozen else self._code,
            rates.value.start,
            1.0 / rates.value.half_life,
            rates.winning.start,
            1.0 / rates.winning.half_life,
            rates.losing_ratio,
            1.0 - self.exploration,
            self.exploration / self.n_actions,
            self.discount,
            1.0 / max(self.n_actions - 1, 1),
            float(rates.clock == "run"),
        )

    def average_mix(self) -> Array:
        """Return the mean of the mixes that were played, shape (state, action)."""
        seen = self.visits[:, None] > 0
        return played_mix(np.where(seen, self.average, 1.0 / self.n_actions), self.exploration)

    def act(self, state: int, uniform: float) -> int:
        """Return the action of a state.

        Args:
            state: number of the state.
            uniform: random number in (0, 1): the same one, the same action.

        Returns:
            Number of the action.
        """
        row = self.policy[self._checked(state)].tolist()
        keep, even = self.settings()[6:8]
        return _kernels.pick(row, 0, self.n_actions, keep, even, uniform)

    def learn(
        self,
        state: int,
        action: int,
        reward: float,
        next_state: int,
        *,
        terminated: bool = False,
        clock: int = 0,
    ) -> float:
        """Learn from one step, in place.

        Args:
            state: state in which the action was taken.
            action: action that was played.
            reward: reward that it got.
            next_state: state that followed.
            terminated: whether the game has ended, so that nothing follows; a stretch of data that
                ends is no end of the game.
            clock: number of the step in the run, for rates by the clock of the run.

        Returns:
            Temporal difference: what came, less what was expected.

        Raises:
            ConfigError: A state or action that is not in the table, or a reward that is not finite.
        """
        n = self.n_actions
        if not 0 <= action < n:
            raise ConfigError(f"actions are whole numbers from 0 to {n - 1}, got {action!r}")
        if not np.isfinite(reward):
            raise ConfigError(f"a reward must be finite, got {reward!r}")
        future = 0.0
        if not terminated:
            future = self.discount * float(self.q[self._checked(next_state)].max())
        return _kernels.learn(
            self.q.ravel(),
            self.policy.ravel(),
            self.average.ravel(),
            self.visits,
            self.settings(),
            self._checked(state),
            n,
            action,
            float(reward),
            future,
            float(clock),
        )

    def start_from(self, policy: ArrayLike) -> None:
        """Begin from a policy, shape (state, action) or (action,): for runs off the equilibrium.

        Raises:
            ConfigError: Rows that are no probabilities.
        """
        rows = np.broadcast_to(np.asarray(policy, dtype=np.float64), self.policy.shape)
        if (rows < 0.0).any() or not np.allclose(rows.sum(axis=1), 1.0, rtol=0.0, atol=1e-12):
            raise ConfigError("rows of a policy must be at least 0 and add up to 1")
        self.policy = rows.copy()

    def _checked(self, state: int) -> int:
        if not 0 <= state < self.n_states:
            raise ConfigError(f"states are whole numbers from 0 to {self.n_states - 1}: {state!r}")
        return state
