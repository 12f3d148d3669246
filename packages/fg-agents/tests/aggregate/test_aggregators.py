from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import BayesianAggregator, EnsembleAggregatorAgent
from fg_core import AgentAction, AgentError, ConfigError, ForecastState, TrainingWindow
from fg_core.protocols import RevealedForecast
from fg_core.testing import check_aggregator

STATE = ForecastState(5, 10.0, 0.0, 0.0)
WINDOW = TrainingWindow([1.0, 2.0, 1.5, 3.0, 2.0])
NAMES = ("a", "b", "c")


def said(*pairs):
    return tuple(
        AgentAction(name, d, scale=s) for name, (d, s) in zip("abcdef", pairs, strict=False)
    )


def learn(agent, actions, target, horizon=1):
    forecast = agent.aggregate(STATE, actions, horizon=horizon)
    return agent.update(RevealedForecast(STATE, horizon, actions, forecast, target))


@pytest.mark.parametrize(
    "agent",
    [
        BayesianAggregator(),
        BayesianAggregator(alpha=0.95, likelihood="student_t", floor=0.001),
        EnsembleAggregatorAgent(),
        EnsembleAggregatorAgent(strategy="rank"),
        EnsembleAggregatorAgent(strategy="reward_proportional"),
    ],
)
def test_conforms(agent):
    check_aggregator(agent)


@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 4, st.floats(1e-6, 1e6)), min_size=1, max_size=40),
    st.sampled_from(["gaussian", "student_t"]),
    st.sampled_from([1.0, 0.95]),
)
@settings(max_examples=settings.default.max_examples // 2, deadline=None)
def test_weights_stay_on_the_simplex(rounds, likelihood, alpha):
    agent = BayesianAggregator(likelihood=likelihood, alpha=alpha).start(NAMES, WINDOW, (1,))
    for a, b, c, target, scale in rounds:
        agent = learn(agent, said((a, scale), (b, scale), (c, 1.0)), target)
        weights = list(agent.weights().values())
        assert sum(weights) == pytest.approx(1.0, abs=1e-12)
        assert min(weights) >= 0.0


def test_weights_sum_to_one_over_a_thousand_rounds():
    rng = np.random.default_rng(3)
    agent = BayesianAggregator().start(NAMES, WINDOW, (1,))
    for _ in range(1000):
        pairs = [(float(rng.normal(0, 3)), float(rng.uniform(0.1, 3))) for _ in NAMES]
        agent = learn(agent, said(*pairs), 10.0 + float(rng.standard_cauchy()))
        assert sum(agent.weights().values()) == pytest.approx(1.0, abs=1e-12)


def test_posterior_is_bayes_rule_by_hand():
    agent = BayesianAggregator(rescale=False).start(("a", "b"), WINDOW, (1,))
    agent = learn(agent, said((0.0, 1.0), (2.0, 2.0)), 10.5)
    likelihood = np.array(
        [
            np.exp(-0.5 * 0.5**2) / np.sqrt(2 * np.pi),
            np.exp(-0.5 * (1.5 / 2) ** 2) / (2 * np.sqrt(2 * np.pi)),
        ]
    )
    expected = likelihood / likelihood.sum()
    assert list(agent.weights().values()) == pytest.approx(expected.tolist(), abs=1e-12)


def test_the_better_forecaster_gains_in_every_learned_mode():
    for agent in (
        BayesianAggregator(),
        EnsembleAggregatorAgent(strategy="rank"),
        EnsembleAggregatorAgent(strategy="reward_proportional"),
    ):
        started = agent.start(("a", "b"), WINDOW, (1,))
        taught = started
        for _ in range(5):
            taught = learn(taught, said((0.0, 1.0), (5.0, 1.0)), 10.0)
        assert taught.weights()["a"] > 0.5 > taught.weights()["b"] > 0.0
        assert dict(started.weights()) == {"a": 0.5, "b": 0.5}


def test_equal_weights_never_learn():
    agent = EnsembleAggregatorAgent().start(("a", "b"), WINDOW, (1,))
    agent = learn(agent, said((0.0, 1.0), (5.0, 1.0)), 10.0)
    assert dict(agent.weights()) == {"a": 0.5, "b": 0.5}


def test_moments_are_within_plus_between():
    agent = EnsembleAggregatorAgent(rescale=False).start(("a", "b"), WINDOW, (1,))
    mean, variance = agent.aggregate(STATE, said((0.0, 1.0), (2.0, 3.0))).moments
    assert mean == 11.0
    assert variance == pytest.approx((1.0 + 9.0) / 2 + 1.0)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8))
def test_equal_combination_lies_between_the_deltas(deltas):
    actions = [AgentAction(str(i), d) for i, d in enumerate(deltas)]
    delta = EnsembleAggregatorAgent().combine(actions).delta
    assert min(deltas) <= delta <= max(deltas)


def test_combine_uses_what_was_learned():
    agent = EnsembleAggregatorAgent(strategy="rank").start(("a", "b"), WINDOW, (1,))
    agent = learn(agent, said((0.0, 1.0), (5.0, 1.0)), 10.0)
    combined = agent.combine(said((0.0, 1.0), (3.0, 1.0))).delta
    assert combined == pytest.approx(3.0 * (1 / 3))


def test_errors_say_what_to_do():
    with pytest.raises(AgentError, match="call start"):
        BayesianAggregator().weights()
    with pytest.raises(AgentError, match="strategy must be one of equal, rank"):
        EnsembleAggregatorAgent(strategy="best")
    with pytest.raises(AgentError, match="no actions"):
        EnsembleAggregatorAgent().combine([])
    started = EnsembleAggregatorAgent().start(("a",), WINDOW, (1,))
    with pytest.raises(AgentError, match="does not know 'z'"):
        started.combine([AgentAction("z", 1.0)])
    with pytest.raises(ConfigError, match="alpha"):
        BayesianAggregator(alpha=1.5).start(("a",), WINDOW, (1,))
    with pytest.raises(AgentError, match="not started for horizon 4"):
        started.aggregate(STATE, said((0.0, 1.0)), horizon=4)


def test_an_absent_forecaster_leaves_the_rest_their_shares():
    agent = EnsembleAggregatorAgent(rescale=False).start(NAMES, WINDOW, (1,))
    actions = (*said((0.0, 1.0), (2.0, 1.0)), None)
    assert agent.aggregate(STATE, actions).mean == 11.0
    bayes = BayesianAggregator().start(NAMES, WINDOW, (1,))
    after = learn(bayes, actions, 10.0)
    assert after.weights()["c"] == pytest.approx(1 / 3)
    assert replace(after, name="x").weights() == after.weights()
