"""A stacked pool does in each lane what the lane's pool does alone, bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import AgentAction, ForecastState, PoolAggregator, RefactoringAgent, TrainingWindow
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.pooling import rule_by_name
from fg_core.pooling.rules import RULES, BayesWeights
from fg_core.protocols import RevealedForecast

quick = settings(max_examples=settings.default.max_examples // 3, deadline=None)
NAMES = ("a", "b", "c", "d")
K = len(NAMES)


class Games:
    """Random forecasts and targets of some lanes, as arrays and lane by lane."""

    def __init__(self, seed, n_lanes, everyone=False):
        self.rng, self.n, self.everyone = np.random.default_rng(seed), n_lanes, everyone

    def said(self):
        """Return what the forecasters say: a panel, and per lane a state and actions."""
        value = self.rng.normal(0.0, 3.0, self.n)
        deltas = self.rng.normal(0.0, 1.0, (K, self.n))
        scales = self.rng.uniform(0.2, 3.0, (K, self.n))
        if not self.everyone:
            gone = self.rng.uniform(size=(K, self.n)) < 0.25
            gone[self.rng.integers(K, size=self.n), np.arange(self.n)] = False
            deltas[gone] = np.nan
        scales[self.rng.uniform(size=(K, self.n)) < 0.2] = np.nan
        zeros = np.zeros(self.n)
        state = StateArrays(5, value, zeros, zeros)
        forecast_arrays = ForecastArrays.of(
            state, [ActionArrays(*one) for one in zip(deltas, scales, strict=True)]
        )
        lanes = [
            (ForecastState(5, float(value[i]), 0.0, 0.0), self._actions(deltas[:, i], scales[:, i]))
            for i in range(self.n)
        ]
        return forecast_arrays, lanes

    def _actions(self, deltas, scales):
        return tuple(
            None
            if np.isnan(d)
            else AgentAction(name, float(d), scale=None if np.isnan(s) else float(s))
            for name, d, s in zip(NAMES, deltas, scales, strict=True)
        )


def play(joint, alone, games, horizon):
    """Let both learn from one more forecast, which must be equal; return them."""
    forecast_arrays, lanes = games.said()
    forecast = joint.aggregate_array(forecast_arrays, horizon=horizon)
    target = games.rng.normal(0.0, 3.0, games.n)
    weights = np.broadcast_to(joint.weights_array(horizon), (games.n, K))
    after = []
    for i, (pool, (state, actions)) in enumerate(zip(alone, lanes, strict=True)):
        own = pool.aggregate(state, actions, horizon=horizon)
        assert list(pool.weights(horizon).values()) == weights[i].tolist()
        assert (own.mean, own.variance) == (forecast.mean[i], forecast.variance[i])
        assert own.components == forecast.each[i].components
        after.append(pool.update(RevealedForecast(state, horizon, actions, own, float(target[i]))))
    return joint.update_array(
        RevealedForecast(forecast_arrays.state, horizon, forecast_arrays, forecast, target)
    ), after


def started(pool, n_lanes, seed):
    rng = np.random.default_rng(seed)
    windows = [TrainingWindow(np.cumsum(rng.normal(0.0, 3.0, 20))) for _ in range(n_lanes)]
    return [pool.start(NAMES, window, (1, 3)) for window in windows]


def check(settings_of_pool, seed, n_lanes, rounds=4):
    pool = PoolAggregator(**settings_of_pool)
    games, alone = Games(seed, n_lanes), started(pool, n_lanes, seed)
    for i, agent in enumerate(alone):  # lanes have lived through more or less
        own = Games(seed + i, 1, everyone=i % 2 == 0)
        for _ in range(i % 3):
            _, [agent] = play(agent, [agent], own, 1)
        alone[i] = agent
    joint = PoolAggregator.stack(alone)
    assert joint is not None
    for r in range(rounds):
        joint, alone = play(joint, alone, games, (1, 3)[r % 2])
    lanes = games.rng.integers(n_lanes, size=int(games.rng.integers(1, 2 * n_lanes + 1)))
    taken, chosen = joint.take(lanes), [alone[lane] for lane in lanes.tolist()]
    others = Games(seed + 7, lanes.size)
    for r in range(2):
        taken, chosen = play(taken, chosen, others, (1, 3)[r % 2])


@pytest.mark.parametrize("mode", RULES)
@quick
@given(seed=st.integers(0, 2**31), n_lanes=st.integers(1, 5))
def test_every_lane_is_its_pool(mode, seed, n_lanes):
    check({"rule": mode}, seed, n_lanes)


@pytest.mark.parametrize("mode", ["bayesian", "forgetting_grid", "bates_granger", "crps_learning"])
@pytest.mark.parametrize("combination", ["linear", "logarithmic"])
@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_every_lane_is_its_pool_with_groups_and_other_settings(mode, combination, likelihood):
    groups = {"a": "up", "b": "up"}
    for seed in range(4):
        check(
            {
                "rule": rule_by_name(mode, likelihood=likelihood),
                "combination": combination,
                "groups": groups,
                "rescale": seed % 2 == 0,
            },
            seed,
            3,
        )


@pytest.mark.parametrize("mode", RULES)
def test_a_pool_of_one_lane_serves_many_and_becomes_them_as_it_learns(mode):
    pool = PoolAggregator(mode)
    [one] = started(pool, 1, 3)
    _, [one] = play(one, [one], Games(1, 1, everyone=True), 1)
    for joint in (one, PoolAggregator.stack([one]), one.take(np.array([0, 0, 0, 0]))):
        assert joint.take(np.array([0, 0, 0])) is joint
        games = Games(2, 4)
        joint, alone = play(joint, [one] * 4, games, 1)
        joint, alone = play(joint, alone, games, 1)
        lanes = np.array([3, 0, 3])
        play(joint.take(lanes), [alone[i] for i in lanes], Games(3, 3), 1)


def test_pools_that_are_one_and_the_same_need_no_lanes():
    [one] = started(PoolAggregator(), 1, 3)
    assert PoolAggregator.stack([one, one, one]) is one


def test_pools_that_differ_in_more_than_what_they_learned_are_not_stacked():
    one, two = started(PoolAggregator(), 2, 3)
    window = TrainingWindow(np.arange(9.0) ** 2)
    assert PoolAggregator.stack([one, two]) is not None
    for other in (
        PoolAggregator(BayesWeights(alpha=0.5)).start(NAMES, window, (1, 3)),
        PoolAggregator().start(NAMES[:2], window, (1, 3)),
        PoolAggregator().start(NAMES, window, (1,)),
        PoolAggregator(names=NAMES),
    ):
        assert PoolAggregator.stack([one, other]) is None
    assert PoolAggregator.stack([]) is None
    assert PoolAggregator.stack([PoolAggregator(), PoolAggregator()]) is None  # not started
    many = PoolAggregator.stack([one, two])
    assert PoolAggregator.stack([one, many]) is None


@pytest.mark.parametrize("mode", RULES)
def test_a_lane_is_a_pool_by_itself(mode):
    pools = started(PoolAggregator(mode), 3, 3)
    learned, alone = play(PoolAggregator.stack(pools), pools, Games(4, 3), 1)
    for i in range(3):
        one = learned.lane(i)
        plain = json.loads(json.dumps(one.saved()))
        assert plain == json.loads(json.dumps(alone[i].saved()))
        for pool in (one, learned.take(np.array([i])).lane(0), PoolAggregator(mode)):
            again = pool.restored(plain) if not pool.names else pool
            play(again, [again], Games(5, 1), 1)
            assert again.weights() == alone[i].weights()


# --------------------------------------------------------------------------------- refactorer


@quick
@given(seed=st.integers(0, 2**31), n_lanes=st.integers(1, 5))
def test_every_lane_is_its_refactorer(seed, n_lanes):
    rng = np.random.default_rng(seed)
    alone = [RefactoringAgent(step_size=0.25) for _ in range(n_lanes)]

    def revealed(mean, target, h):
        forecast = type("Forecast", (), {"mean": mean})()
        return RevealedForecast(None, h, (), forecast, target)

    for i in range(n_lanes):
        for _ in range(i % 3):
            alone[i] = alone[i].update(revealed(float(rng.normal()), float(rng.normal()), 1))
    joint = RefactoringAgent.stack(alone)
    assert joint is not None
    lanes = rng.integers(n_lanes, size=3)
    for chosen, together in (
        (alone, joint),
        ([alone[i] for i in lanes], joint.take(lanes)),
    ):
        for h in (1, 3, 1):
            means, targets = rng.normal(size=(2, len(chosen)))
            together = together.update_array(revealed(means, targets, h))
            chosen = [
                agent.update(revealed(float(m), float(y), h))
                for agent, m, y in zip(chosen, means, targets, strict=True)
            ]
            found = np.broadcast_to(together.bias(h), (len(chosen),))
            assert found.tolist() == [agent.bias(h) for agent in chosen]
    assert joint.bias(9) == 0.0


def test_refactorers_with_other_settings_are_not_stacked():
    agent = RefactoringAgent(biases={1: 2.0})
    assert RefactoringAgent.stack([agent, RefactoringAgent(step_size=0.5)]) is None
    assert RefactoringAgent.stack([agent, RefactoringAgent(name="other")]) is None
    assert RefactoringAgent.stack([]) is None
    assert RefactoringAgent.stack([agent, agent]) is agent
    assert agent.take(np.array([0, 0])) is agent
