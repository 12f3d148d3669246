import numpy as np
import pytest
from scipy import stats

from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    ForecastState,
    PoolAggregator,
    RevealedForecast,
    ScaleRule,
    TrainingWindow,
    crps_gaussian,
)
from fg_core.testing import check_aggregator

STATE = ForecastState(9, 5.0, 0.0, 0.0)
WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.0, 3.0, 2.0, 4.0]))
MODES = ["bayesian", "equal", "rank", "reward_proportional"]


def said(means, scales):
    return tuple(
        None if m is None else AgentAction(str(i), m - STATE.value, scale=s)
        for i, (m, s) in enumerate(zip(means, scales, strict=True))
    )


def teach(pool, means, scales, target, horizon=1):
    actions = said(means, scales)
    forecast = pool.aggregate(STATE, actions, horizon=horizon)
    return pool.update(RevealedForecast(STATE, horizon, actions, forecast, target))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_conforms(mode, likelihood):
    check_aggregator(PoolAggregator(mode=mode, likelihood=likelihood))


@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_weights_equal_a_direct_implementation_over_two_hundred_rounds(likelihood):
    """Raftery, Karny & Ettler (2010) with online scales, written out with scipy."""
    rng = np.random.default_rng(12)
    rule, alpha, floor, share = ScaleRule(), 0.97, 0.01, 0.1
    pool = PoolAggregator(alpha=alpha, floor=floor, likelihood=likelihood, shrinkage=share)
    pool = pool.start(("0", "1", "2"), WINDOW, (1,))
    pi, top, count = np.full(3, 1 / 3), np.zeros(3), np.zeros(3)
    for _ in range(200):
        means, scales = rng.normal(5, 1, 3), rng.uniform(0.5, 2, 3)
        target = float(rng.normal(5, 2))
        pool = teach(pool, means, scales, target)
        f = np.clip(np.sqrt((4 + top) / (4 + count)), 0.4, 2.5)
        pi = pi**alpha / (pi**alpha).sum()
        pi = (pi + floor / 3) / (1 + floor)
        if likelihood == "gaussian":
            density = stats.norm.pdf(target, means, f * scales)
        else:
            density = stats.t.pdf(target, 5, means, f * scales * np.sqrt(3 / 5))
        pi = pi * density / (pi @ density)
        z = np.minimum(((target - means) / scales) ** 2, 9)
        top, count = rule.discount * top + z, rule.discount * count + 1
        next_pi = pi**alpha / (pi**alpha).sum()
        next_pi = (1 - share) * (next_pi + floor / 3) / (1 + floor) + share / 3
        assert list(pool.weights(1).values()) == pytest.approx(next_pi.tolist(), abs=1e-10)


def test_the_mixture_has_the_believed_scales():
    pool = PoolAggregator().start(("0", "1"), WINDOW, (1,))
    for _ in range(30):
        pool = teach(pool, [5.0, 5.0], [1.0, 1.0], 7.0)
    factor = pool.aggregate(STATE, said([5.0, 5.0], [1.0, 3.0])).components.scales
    assert factor[1] == pytest.approx(3 * factor[0])
    assert factor[0] > 1.5  # errors of two standard deviations widen the next claim


def test_horizons_learn_apart():
    pool = PoolAggregator().start(("0", "1"), WINDOW, (1, 4))
    taught = teach(pool, [5.0, 9.0], [1.0, 1.0], 5.0, horizon=4)
    assert taught.weights(1) == pool.weights(1)
    assert taught.weights(4) != pool.weights(4)


def test_a_claim_is_judged_by_the_scale_it_was_made_with():
    pool = PoolAggregator(shrinkage=0.0).start(("0", "1"), WINDOW, (1,))
    actions = said([5.0, 5.0], [1.0, 2.0])
    early = pool.aggregate(STATE, actions)
    later = pool
    for _ in range(20):
        later = teach(later, [5.0, 5.0], [1.0, 2.0], 11.0)
    weights = np.array(list(later.weights().values()))
    judged = later.update(RevealedForecast(STATE, 1, actions, early, 6.0))
    prior = weights  # weights() is what `update` starts from
    density = stats.norm.pdf(6.0, 5.0, [1.0, 2.0])
    posterior = prior * density / (prior @ density)
    expected = posterior**0.99 / (posterior**0.99).sum()
    expected = (expected + 0.0005) / 1.001
    assert list(judged.weights().values()) == pytest.approx(expected.tolist(), rel=1e-9)


def test_without_a_scale_the_errors_seen_are_believed():
    pool = PoolAggregator().start(("0",), WINDOW, (2,))
    silent = (AgentAction("0", 0.0),)
    changes = np.array([0.0, 1.0, 1.0, 1.0])
    first = pool.aggregate(STATE, silent, horizon=2).scale
    assert first == pytest.approx(np.sqrt(np.mean(changes**2)))
    for _ in range(60):
        forecast = pool.aggregate(STATE, silent, horizon=2)
        pool = pool.update(RevealedForecast(STATE, 2, silent, forecast, STATE.value + 3.0))
    # Sixty errors of 3 against a prior worth four.
    n = (1 - 0.95**60) / 0.05
    expected = np.sqrt((4 * first**2 + n * 9) / (4 + n))
    assert pool.aggregate(STATE, silent, horizon=2).scale == pytest.approx(expected)


def test_inflation_adds_in_quadrature():
    pool = PoolAggregator(mode="equal").start(("0", "1"), WINDOW, (1,))
    actions = said([5.0, 5.0], [3.0, 1.0])
    scales = pool.aggregate(STATE, actions, inflation=(4.0, 0.0)).components.scales
    assert scales.tolist() == [5.0, 1.0]


def test_rank_and_reward_follow_the_discounted_crps():
    for mode in ("rank", "reward_proportional"):
        pool = PoolAggregator(mode=mode, shrinkage=0.0, rescale=False, loss_discount=0.5)
        pool = pool.start(("0", "1"), WINDOW, (1,))
        losses = np.zeros(2)
        n = 0.0
        for target in (5.0, 8.0, 6.0):
            pool = teach(pool, [5.0, 8.0], [1.0, 1.0], target)
            losses = 0.5 * losses + crps_gaussian(np.array([5.0, 8.0]), 1.0, target)
            n = 0.5 * n + 1
        mean = losses / n
        if mode == "rank":
            expected = [2 / 3, 1 / 3] if mean[0] < mean[1] else [1 / 3, 2 / 3]
        else:
            raw = np.exp(-mean / mean.mean())
            expected = (raw / raw.sum()).tolist()
        assert list(pool.weights().values()) == pytest.approx(expected)


def test_late_weights_survive_underflow_when_others_are_absent():
    pool = PoolAggregator(alpha=1.0, floor=0.0, shrinkage=0.0, rescale=False)
    pool = pool.start(("0", "1", "2"), WINDOW, (1,))
    for _ in range(5):
        pool = teach(pool, [5.0, 50.0, 60.0], [0.1, 0.1, 0.1], 5.0)
    left = pool.aggregate(STATE, said([None, 50.0, 60.0], [None, 1.0, 1.0]))
    assert left.components.labels == ("1", "2")
    assert left.components.weights.sum() == pytest.approx(1.0)


def test_errors():
    with pytest.raises(ConfigError, match="pool mode"):
        PoolAggregator(mode="best")
    with pytest.raises(ConfigError, match="likelihood"):
        PoolAggregator(likelihood="laplace")
    for name, value in (("alpha", 0.0), ("floor", -1.0), ("shrinkage", 2.0), ("loss_discount", 0)):
        with pytest.raises(ConfigError, match=name):
            PoolAggregator(**{name: value})
    with pytest.raises(ConfigError, match="at least one"):
        PoolAggregator().start((), WINDOW, (1,))
    pool = PoolAggregator().start(("0",), WINDOW, (1,))
    with pytest.raises(AgentError, match="horizon 2"):
        pool.aggregate(STATE, said([1.0], [1.0]), horizon=2)
    with pytest.raises(AgentError, match="1 forecasters, got 2 actions"):
        pool.aggregate(STATE, said([1.0, 2.0], [1.0, 1.0]))
    with pytest.raises(AgentError, match="no forecaster has a forecast"):
        pool.aggregate(STATE, (None,))
