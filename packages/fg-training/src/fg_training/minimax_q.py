"""Minimax-Q: values of both players' actions, and the mix that is safe against the worst answer.

Littman (1994), "Markov games as a framework for multi-agent reinforcement learning", ICML 11.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .schedules import PUBLISHED, LearningRates
from .solving import solve_matrix
from .table_learner import TableLearner, check_count

__all__ = ["MinimaxQAgent"]

Array = NDArray[np.float64]


class MinimaxQAgent(TableLearner):
    """A learner that sees what the opponent played, and learns the value of every pair of actions.

    After each step the state's matrix of values is solved: in closed form where both have two
    actions, else by a linear program. Its policy is the safe mix, whoever it trains against.

    Args:
        n_states: number of states.
        n_actions: number of its own actions.
        n_opponent_actions: number of actions of the opponent.
        rates: rates by which it learns; of these the rate of values.
        exploration: probability of an action at random, in [0, 1].
        discount: worth of a reward one step later, in [0, 1].

    Raises:
        ConfigError: A number out of its range.

    >>> agent = MinimaxQAgent(1, 2, 2)
    >>> agent.learn(0, 0, 1, -1.0, 0)
    -1.0
    >>> agent.policy.tolist()  # one bad answer to action 0 is known
    [[0.0, 1.0]]
    """

    kind = "minimax"

    def __init__(
        self,
        n_states: int,
        n_actions: int,
        n_opponent_actions: int,
        *,
        rates: LearningRates = PUBLISHED,
        exploration: float = 0.05,
        discount: float = 0.0,
    ) -> None:
        check_count("n_opponent_actions", n_opponent_actions)
        super().__init__(
            n_states, n_actions, rates=rates, exploration=exploration, discount=discount
        )
        self.q: Array = np.zeros((n_states, n_actions, n_opponent_actions))
        """Values of pairs of actions, shape (state, own action, opponent's action)."""
        self.values: Array = np.zeros(n_states)
        """What the safe mix guarantees, shape (state,)."""

    def learn(
        self,
        state: int,
        action: int,
        opponent_action: int,
        reward: float,
        next_state: int,
        *,
        terminated: bool = False,
        clock: int = 0,
    ) -> float:
        """Learn from one step, in place; return the temporal difference.

        Args:
            state: state in which both acted.
            action: own action.
            opponent_action: action of the opponent.
            reward: own reward.
            next_state: state that followed.
            terminated: whether the game has ended, so that nothing follows.
            clock: number of the step in the run, for rates by the clock of the run.
        """
        time = self.visits[state] if self.rates.clock == "state" else float(clock)
        future = 0.0 if terminated else self.discount * float(self.values[next_state])
        error = reward + future - float(self.q[state, action, opponent_action])
        self.q[state, action, opponent_action] += self.rates.value.at(time) * error
        self.visits[state] += 1.0
        found = solve_matrix(self.q[state])
        self.policy[state] = found.row
        self.values[state] = float(found.value)
        return error
