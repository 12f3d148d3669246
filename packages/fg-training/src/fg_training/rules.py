"""Updates of learners as pure functions of one row of a table.

What is computed is what the kernels compute, on a copy: the rule is written once. Shapes are
(action,); all numbers are float64.

References: Watkins & Dayan (1992), Machine Learning 8, doi:10.1007/BF00992698 (Q-learning); Bowling
& Veloso (2002), Artificial Intelligence 136, doi:10.1016/S0004-3702(02)00121-2 (PHC, WoLF-PHC).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _kernels

__all__ = ["hill_climb", "is_winning", "played_mix", "q_learning", "running_average"]

Array = NDArray[np.float64]


def _row(values: ArrayLike) -> Array:
    return np.array(values, dtype=np.float64)


def q_learning(
    q_t: ArrayLike, action_t: int, rate: float, reward_tp1: float, discount: float, q_tp1: ArrayLike
) -> Array:
    r"""Return action values after one step of Q-learning.

    $Q(s, a) \leftarrow (1 - \alpha) Q(s, a) + \alpha (r + \gamma \max_{a'} Q(s', a'))$.

    Args:
        q_t: values at the state in which the action was taken.
        action_t: number of the action.
        rate: $\alpha$, in [0, 1].
        reward_tp1: reward.
        discount: $\gamma$; 0 where the game has *ended* (not where data merely ran out).
        q_tp1: values at the next state.

    Returns:
        The new values of the first state.

    >>> q_learning([0.0, 1.0], 0, 0.5, 2.0, 0.5, [4.0, 0.0]).tolist()
    [2.0, 1.0]
    """
    found = _row(q_t)
    _kernels.value_row(found, action_t, rate, reward_tp1 + discount * float(np.max(q_tp1)))
    return found


def running_average(average: ArrayLike, policy: ArrayLike, visits: int) -> Array:
    """Return the mean policy after visit number `visits` of a state, counted from 1.

    >>> running_average([1.0, 0.0], [0.0, 1.0], 4).tolist()
    [0.75, 0.25]
    """
    found = _row(average)
    _kernels.average_row(_row(policy), found, 0, found.size, float(visits))
    return found


def is_winning(policy: ArrayLike, average: ArrayLike, q: ArrayLike) -> bool:
    """Return whether a policy is worth strictly more than the average policy, by its own values.

    >>> is_winning([0.6, 0.4], [0.5, 0.5], [1.0, 0.0]), is_winning([0.5, 0.5], [0.5, 0.5], [1, 0])
    (True, False)
    """
    row = _row(policy)
    return bool(_kernels.wins(row, _row(average), _row(q), 0, row.size))


def hill_climb(policy: ArrayLike, q: ArrayLike, step: float) -> Array:
    r"""Return a policy after one constrained step towards its best action.

    Every other action gives $\min(\pi(a), \delta / (|A| - 1))$ to the best one, the first of
    several that are equally good. Nothing leaves the simplex.

    Args:
        policy: probabilities of the actions.
        q: values of the actions.
        step: $\delta$, at least 0.

    Returns:
        The new probabilities.

    >>> hill_climb([0.25, 0.5, 0.25], [0.0, 0.0, 1.0], 0.5).tolist()
    [0.0, 0.25, 0.75]
    """
    found = _row(policy)
    _kernels.climb_row(found, _row(q), 0, found.size, step * (1.0 / max(found.size - 1, 1)))
    return found


def played_mix(policy: ArrayLike, exploration: float) -> Array:
    """Return what is played: the policy, mixed with the uniform one, shape (..., action).

    >>> played_mix([1.0, 0.0], 0.5).tolist()
    [0.75, 0.25]
    """
    rows = _row(policy)
    return np.asarray((1.0 - exploration) * rows + exploration / rows.shape[-1])
