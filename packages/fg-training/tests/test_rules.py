"""Updates against tables computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ConfigError
from fg_training import LearningRates, QTableAgent, Schedule, WoLFPHCAgent
from fg_training.rules import hill_climb, is_winning, q_learning, running_average

RATES = LearningRates(Schedule(0.5), Schedule(0.1), losing_ratio=2.0)


def test_q_learning_by_hand() -> None:
    # 0.75 * 2 + 0.25 * (1 + 0.5 * 8) = 2.75
    assert q_learning([2.0, 0.0], 0, 0.25, 1.0, 0.5, [8.0, 3.0]).tolist() == [2.75, 0.0]


def test_an_action_gives_at_most_what_it_has() -> None:
    assert hill_climb([0.1, 0.6, 0.3], [0.0, 1.0, 0.0], 0.4) == pytest.approx([0.0, 0.9, 0.1])
    assert hill_climb([0.2, 0.8], [1.0, 1.0], 0.1) == pytest.approx([0.3, 0.7])  # a tie: the first
    assert hill_climb([1.0], [3.0], 0.5).tolist() == [1.0]


@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6).filter(lambda v: sum(v) > 0.1),
    st.floats(0.0, 2.0),
    st.integers(0, 1_000_000),
)
def test_a_step_stays_on_the_simplex(shares: list[float], step: float, seed: int) -> None:
    policy = np.array(shares) / sum(shares)
    q = np.random.default_rng(seed).integers(0, 3, policy.size).astype(float)

    found = hill_climb(policy, q, step)

    assert (found >= 0.0).all()
    assert abs(found.sum() - 1.0) < 1e-12
    assert np.abs(found - policy).sum() <= 2.0 * step + 1e-12
    assert (np.delete(found - policy, q.argmax()) <= 0.0).all()


def test_the_first_three_steps_of_wolf_by_hand() -> None:
    agent = WoLFPHCAgent(1, 2, rates=RATES, exploration=0.0)
    # Q = (0.5, 0). The average equals the policy: no win, a step of 0.2.
    assert agent.learn(0, 0, 1.0, 0) == 1.0
    assert agent.policy[0] == pytest.approx([0.7, 0.3])
    # Q = (0.5, 0) again. The average is (0.6, 0.4), the policy is worth more: a step of 0.1.
    agent.learn(0, 1, 0.0, 0)
    assert agent.average[0] == pytest.approx([0.6, 0.4])
    assert agent.policy[0] == pytest.approx([0.8, 0.2])
    # Q = (0.5, 2). The average is (2/3, 1/3): losing, a step of 0.2 towards the second.
    agent.learn(0, 1, 4.0, 0)
    assert agent.average[0] == pytest.approx([2 / 3, 1 / 3])
    assert agent.policy[0] == pytest.approx([0.6, 0.4])
    assert agent.q[0].tolist() == [0.5, 2.0]
    assert agent.visits.tolist() == [3.0]


def test_the_rate_switches_with_the_average_policy() -> None:
    agent = WoLFPHCAgent(1, 2, rates=RATES)
    agent.q[0] = 1.0, 0.0
    for policy, wanted in (([0.6, 0.4], 0.1), ([0.5, 0.5], 0.2), ([0.4, 0.6], 0.2)):
        agent.average[0] = 0.5, 0.5
        agent.start_from(policy)
        assert agent.policy_step(0) == wanted


def test_an_agent_updates_the_state_it_acted_in_by_the_rules() -> None:
    agent = WoLFPHCAgent(3, 3, rates=RATES, discount=0.9)
    rng = np.random.default_rng(5)
    q, policy, average = np.zeros((3, 3)), np.full((3, 3), 1 / 3), np.zeros((3, 3))
    visits = np.zeros(3, dtype=int)
    for _ in range(300):
        s, a, following = rng.integers(0, 3, 3).tolist()
        reward, ended = float(rng.standard_normal()), bool(rng.random() < 0.2)
        agent.learn(s, a, reward, following, terminated=ended)
        q[s] = q_learning(q[s], a, 0.5, reward, 0.0 if ended else 0.9, q[following])
        visits[s] += 1
        average[s] = running_average(average[s], policy[s], int(visits[s]))
        step = 0.1 if is_winning(policy[s], average[s], q[s]) else 0.2
        policy[s] = hill_climb(policy[s], q[s], step)
    for found, wanted in ((agent.q, q), (agent.policy, policy), (agent.average, average)):
        assert (found == wanted).all()


def test_rates_fall_with_the_visits_of_the_state_or_with_the_run() -> None:
    falling = {"value": Schedule(0.5, 1.0), "winning": Schedule(0.1)}
    own = QTableAgent(2, 2, rates=LearningRates(**falling))
    run = QTableAgent(2, 2, rates=LearningRates(**falling, clock="run"))
    for agent in (own, run):
        agent.learn(0, 0, 0.0, 0, clock=0)
        agent.learn(1, 0, 1.0, 0, clock=1)
    assert own.q[1, 0] == 0.5
    assert run.q[1, 0] == 0.25


def test_a_frozen_agent_learns_nothing() -> None:
    agent = WoLFPHCAgent(1, 2, rates=RATES)
    agent.frozen = True
    agent.learn(0, 0, 1.0, 0)
    assert not agent.q.any()
    assert not agent.visits.any()
    assert agent.policy.tolist() == [[0.5, 0.5]]


def test_actions_follow_the_played_mix() -> None:
    agent = QTableAgent(1, 4, exploration=0.2)
    agent.learn(0, 2, 1.0, 0)
    grid = (np.arange(1000) + 0.5) / 1000
    counts = np.bincount([agent.act(0, float(u)) for u in grid], minlength=4) / 1000
    assert counts == pytest.approx(agent.mix()[0])
    assert agent.mix()[0] == pytest.approx([0.05, 0.05, 0.85, 0.05])


@pytest.mark.parametrize(
    "bad",
    [{"exploration": 1.5}, {"discount": -0.1}, {"n_states": 0}, {"n_actions": 2.0}],
)
def test_settings_out_of_range_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        QTableAgent(**{"n_states": 1, "n_actions": 2, **bad})  # type: ignore[arg-type]


def test_steps_that_are_not_in_the_table_are_refused() -> None:
    agent = QTableAgent(2, 2)
    for step in ((2, 0, 1.0, 0), (0, 2, 1.0, 0), (0, 0, np.nan, 0), (0, 0, 1.0, -1)):
        with pytest.raises(ConfigError):
            agent.learn(*step)
    with pytest.raises(ConfigError):
        agent.start_from([0.5, 0.6])
