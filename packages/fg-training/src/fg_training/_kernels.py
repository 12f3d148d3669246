"""Updates of learners and steps of play, written once for both paths.

The functions take flat tables, which may be lists or arrays of one axis: Python runs them on lists
(an array would cost ten times as much per number), and `fg_training.compiled` compiles the same
source for arrays. They use no function of a library, no random numbers of their own and one order
of operations, so both paths give the same bits.

A learner is four tables and its settings. Row s of a table of actions is at
`[s * n, (s + 1) * n)`.

| table | what it holds |
|---|---|
| `q` | action values |
| `policy` | policy without exploration |
| `average` | mean of the policies at the visits of a state |
| `visits` | visits of each state |

Settings are a tuple of floats, so that machine code has them at hand whatever it writes, with what
would be divided by at every step as its inverse: a division takes longer than all else that is done
with a number. Kind (`FROZEN`, `GREEDY` or `CLIMB`), start and inverse half-life of the learning
rate, start and inverse half-life of the step of the policy when winning, ratio of the step when
losing to the step when winning, probability of the policy rather than exploration, probability of
each action by exploration, discount, inverse of the number of other actions, and whether the clock
of the rates is the run's (1) or the state's own (0).
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CLIMB",
    "FROZEN",
    "GREEDY",
    "KERNELS",
    "act",
    "affordable",
    "average_row",
    "budget_interval",
    "climb_row",
    "duel",
    "greedy_row",
    "largest",
    "learn",
    "pick",
    "play",
    "value_row",
    "wins",
    "worth",
]

FROZEN = 0.0
GREEDY = 1.0
CLIMB = 2.0


def pick(policy: Any, base: int, n: int, keep: float, even: float, uniform: float) -> int:
    """Return the action whose part of (0, 1) holds the uniform, in the mix that is played."""
    action = 0
    total = keep * policy[base] + even
    while action < n - 1 and uniform >= total:
        action += 1
        total += keep * policy[base + action] + even
    return action


def largest(q: Any, base: int, n: int) -> int:
    """Return the action with the largest value, the first of several."""
    best = 0
    for a in range(1, n):
        if q[base + a] > q[base + best]:
            best = a
    return best


def act(policy: Any, settings: Any, state: int, n: int, uniform: float) -> int:
    """Return the action that a learner of these settings plays in a state."""
    return pick(policy, state * n, n, settings[6], settings[7], uniform)


def worth(q: Any, settings: Any, state: int, n: int) -> float:
    """Return what a state is worth to a learner before it comes there: discounted."""
    if settings[8] == 0.0:
        return 0.0
    base = state * n
    return float(settings[8] * q[base + largest(q, base, n)])


def value_row(q: Any, place: int, rate: float, target: float) -> float:
    """Move a value towards its target by a share; return the temporal difference."""
    error = target - q[place]
    q[place] += rate * error
    return float(error)


def average_row(policy: Any, average: Any, base: int, n: int, visits: float) -> None:
    """Take the policy into the mean over visits, of which this is number `visits` (from 1)."""
    share = 1.0 / visits
    for a in range(base, base + n):
        average[a] += share * (policy[a] - average[a])


def wins(policy: Any, average: Any, q: Any, base: int, n: int) -> bool:
    """Return whether the policy is worth more than the average policy; a tie is no win."""
    gain = 0.0
    for a in range(base, base + n):
        gain += (policy[a] - average[a]) * q[a]
    return gain > 0.0


def climb_row(policy: Any, q: Any, base: int, n: int, most: float) -> None:
    """Move probability from all other actions to the best one, at most so much from each."""
    best = base + largest(q, base, n)
    moved = 0.0
    for a in range(base, base + n):
        if a != best:
            part = most if most < policy[a] else policy[a]
            policy[a] -= part
            moved += part
    policy[best] += moved


def greedy_row(policy: Any, q: Any, base: int, n: int) -> None:
    """Put all probability on the best action."""
    best = base + largest(q, base, n)
    for a in range(base, base + n):
        policy[a] = 0.0
    policy[best] = 1.0


def learn(
    q: Any,
    policy: Any,
    average: Any,
    visits: Any,
    settings: Any,
    state: int,
    n: int,
    action: int,
    reward: float,
    future: float,
    clock: float,
) -> float:
    """Learn from one step, at the state in which the action was taken; return the difference.

    `future` is what the next state is worth, discounted: 0 where the game has ended.
    """
    kind = settings[0]
    base = state * n
    if kind == 0.0:
        return 0.0
    if settings[10] == 0.0:
        clock = visits[state]
    rate = settings[1] / (1.0 + clock * settings[2])
    error = value_row(q, base + action, rate, reward + future)
    visits[state] += 1.0
    average_row(policy, average, base, n, visits[state])
    if kind == 1.0:
        greedy_row(policy, q, base, n)
    else:
        step = settings[3] / (1.0 + clock * settings[4])
        if not wins(policy, average, q, base, n):
            step *= settings[5]
        climb_row(policy, q, base, n, step * settings[9])
    return error


def play(
    rewards: Any,
    cumulative: Any,
    n_states: int,
    n_rows: int,
    n_columns: int,
    state: int,
    first: int,
    steps: int,
    row_uniforms: Any,
    column_uniforms: Any,
    nature_uniforms: Any,
    row_q: Any,
    row_policy: Any,
    row_average: Any,
    row_visits: Any,
    row_settings: Any,
    column_q: Any,
    column_policy: Any,
    column_average: Any,
    column_visits: Any,
    column_settings: Any,
    totals: Any,
) -> int:
    """Play steps of a zero-sum game between two learners; return the state afterwards.

    `rewards` are those of the row player, flat (state, row, column); `cumulative` are cumulative
    probabilities of the next state, flat (state, row, column, next state), unused with one state.
    Added to `totals`: absolute temporal differences of both players, and the rewards of the row.
    """
    row_error = 0.0
    column_error = 0.0
    row_reward = 0.0
    for k in range(steps):
        clock = float(first + k)
        i = act(row_policy, row_settings, state, n_rows, row_uniforms[k])
        j = act(column_policy, column_settings, state, n_columns, column_uniforms[k])
        cell = (state * n_rows + i) * n_columns + j
        reward = rewards[cell]
        following = 0
        if n_states > 1:
            uniform = nature_uniforms[k]
            place = cell * n_states
            while following < n_states - 1 and uniform >= cumulative[place + following]:
                following += 1
        row_future = worth(row_q, row_settings, following, n_rows)
        column_future = worth(column_q, column_settings, following, n_columns)
        error = learn(
            row_q,
            row_policy,
            row_average,
            row_visits,
            row_settings,
            state,
            n_rows,
            i,
            reward,
            row_future,
            clock,
        )
        row_error += abs(error)
        error = learn(
            column_q,
            column_policy,
            column_average,
            column_visits,
            column_settings,
            state,
            n_columns,
            j,
            -reward,
            column_future,
            clock,
        )
        column_error += abs(error)
        row_reward += reward
        state = following
    totals[0] += row_error
    totals[1] += column_error
    totals[2] += row_reward
    return state


def budget_interval(left: float, spent: float, edges: Any, n: int) -> int:
    """Return the interval of n edges that the share of the budget left is in.

    The share is 1 where the budget is infinite, and 0 where there was none.
    """
    share = 1.0
    if left < 1e300:
        share = 0.0
        if left + spent > 0.0:
            share = left / (left + spent)
    place = 0
    while place < n and share >= edges[place]:
        place += 1
    return place


def affordable(place: int, left: float, sizes: Any, weaker: Any) -> int:
    """Return a hit, or the largest one of its sign that what is left of the budget allows."""
    while sizes[place] > left + 1e-9 and weaker[place] != place:
        place = weaker[place]
    return int(place)


def duel(
    losses: Any,
    rewards: Any,
    cells: Any,
    costs: Any,
    sizes: Any,
    weaker: Any,
    features: Any,
    edges: Any,
    after: Any,
    n_hits: int,
    n_doubts: int,
    n_edges: int,
    n_last: int,
    last: int,
    begin: int,
    end: int,
    budget: float,
    first: int,
    team_uniforms: Any,
    rival_uniforms: Any,
    team_q: Any,
    team_policy: Any,
    team_average: Any,
    team_visits: Any,
    team_settings: Any,
    rival_q: Any,
    rival_policy: Any,
    rival_average: Any,
    rival_visits: Any,
    rival_settings: Any,
    hits: Any,
    doubts: Any,
    totals: Any,
) -> float:
    """Play the rounds from `begin` to `end` of a game with a budget; return what was spent.

    `losses` and `rewards` (the adversary's) are flat (round, hit, doubt), `cells` and `costs` flat
    (round, hit), `sizes` and `weaker` are of hits, `features` of rounds. `after` is, flat (round,
    hit), the interval of n_last that the adversary's own last hit is in one round later, and `last`
    that of the first round. Hits and doubts that were played are written to `hits` and `doubts`.
    Added to `totals`: absolute temporal differences of both learners, losses, and rewards of the
    adversary.
    """
    spent = 0.0
    left = budget
    place = budget_interval(left, spent, edges, n_edges)
    state = (features[begin] * n_last + last) * (n_edges + 1) + place
    for t in range(begin, end):
        clock = float(first + t - begin)
        hit = act(rival_policy, rival_settings, state, n_hits, rival_uniforms[t])
        hit = affordable(hit, left, sizes, weaker)
        cell = cells[t * n_hits + hit]
        doubt = act(team_policy, team_settings, cell, n_doubts, team_uniforms[t])
        place = (t * n_hits + hit) * n_doubts + doubt
        loss = losses[place]
        reward = rewards[place]
        hits[t] = hit
        doubts[t] = doubt
        spent += costs[t * n_hits + hit]
        left = budget - spent
        if left < 0.0:
            left = 0.0
        following = state
        future = 0.0
        if t + 1 < end:
            seen = features[t + 1] * n_last + after[t * n_hits + hit]
            following = seen * (n_edges + 1) + budget_interval(left, spent, edges, n_edges)
            future = worth(rival_q, rival_settings, following, n_hits)
        error = learn(
            team_q,
            team_policy,
            team_average,
            team_visits,
            team_settings,
            cell,
            n_doubts,
            doubt,
            -loss,
            0.0,
            clock,
        )
        totals[0] += abs(error)
        error = learn(
            rival_q,
            rival_policy,
            rival_average,
            rival_visits,
            rival_settings,
            state,
            n_hits,
            hit,
            reward,
            future,
            clock,
        )
        totals[1] += abs(error)
        totals[2] += loss
        totals[3] += reward
        state = following
    return spent


KERNELS = (
    pick,
    largest,
    act,
    worth,
    value_row,
    average_row,
    wins,
    climb_row,
    greedy_row,
    learn,
    play,
    budget_interval,
    affordable,
    duel,
)
"""All functions that can be compiled, each after those that it calls."""
