import json

import numpy as np
import pytest
from scipy import stats

from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    PoolAggregator,
    TrainingWindow,
)
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.pooling import Likelihood, ScaleRule, rule_by_name
from fg_core.pooling.rules import (
    RULES,
    BatesGrangerWeights,
    BayesWeights,
    EqualWeights,
    ForgettingGridWeights,
    RankWeights,
)
from fg_core.protocols import RevealedForecast
from fg_core.scoring import crps_gaussian
from fg_core.testing import check_aggregator

STATE = ForecastState(9, 5.0, 0.0, 0.0)
WINDOW = TrainingWindow(np.array([1.0, 2.0, 1.0, 3.0, 2.0, 4.0]))
MODES = list(RULES)


def said(means, scales):
    return tuple(
        None if m is None else AgentAction(str(i), m - STATE.value, scale=s)
        for i, (m, s) in enumerate(zip(means, scales, strict=True))
    )


def teach(pool, means, scales, target, horizon=1):
    actions = said(means, scales)
    forecast = pool.aggregate(STATE, actions, horizon=horizon)
    return pool.update(RevealedForecast(STATE, horizon, actions, forecast, target))


@pytest.mark.parametrize(
    ("mode", "likelihood"),
    [
        *((mode, "gaussian") for mode in MODES),
        ("bayesian", "student_t"),
        *(pytest.param(mode, "student_t", marks=pytest.mark.slow) for mode in MODES[1:]),
    ],
)
def test_conforms(mode, likelihood):
    check_aggregator(PoolAggregator(rule_by_name(mode, likelihood=likelihood)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1e150, 1e155, 1e200, 1e307, -1.7e308])
def test_weights_are_finite_for_errors_of_any_size(mode, size):
    pool = PoolAggregator(mode, shrinkage=0.0).start(("a", "b", "c"), WINDOW, (1,))
    actions = said([5.0, size, 6.0], [1.0, 1.0, 1.0])
    forecast = pool.aggregate(STATE, said([5.0, 5.0, 6.0], [1.0, 1.0, 1.0]))
    for _ in range(3):
        pool = pool.update(RevealedForecast(STATE, 1, actions, forecast, 5.25))
        weights = pool.weights()
        assert sum(weights.values()) == pytest.approx(1.0)
        assert mode == "equal" or weights["a"] > weights["b"] >= 0.0
    for _ in range(3):  # nor do they stay out of bounds
        pool = teach(pool, [5.0, 5.25, 6.0], [1.0, 1.0, 1.0], 5.25)
        assert sum(pool.weights().values()) == pytest.approx(1.0)


OTHERS = ({"groups": {"north": "up", "south": "up"}}, {"combination": "logarithmic"})


@pytest.mark.parametrize(
    ("mode", "other"),
    [  # each mode with one of both in every run
        pytest.param(mode, other, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, mode in enumerate(MODES)
        for j, other in enumerate(OTHERS)
    ],
)
def test_conforms_with_groups_or_as_a_logarithmic_pool(mode, other):
    check_aggregator(PoolAggregator(mode, **other))


@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_weights_equal_a_direct_implementation_over_two_hundred_rounds(likelihood):
    """Raftery, Karny & Ettler (2010) with online scales, written out with scipy."""
    rng = np.random.default_rng(12)
    rule, alpha, floor, share = ScaleRule(), 0.97, 0.01, 0.1
    bayes = BayesWeights(alpha, floor, Likelihood(likelihood))
    pool = PoolAggregator(bayes, shrinkage=share)
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
    pool = PoolAggregator(EqualWeights()).start(("0", "1"), WINDOW, (1,))
    actions = said([5.0, 5.0], [3.0, 1.0])
    scales = pool.aggregate(STATE, actions, inflation=(4.0, 0.0)).components.scales
    assert scales.tolist() == [5.0, 1.0]


def test_rank_and_reward_follow_the_discounted_crps():
    for mode in ("rank", "reward_proportional"):
        pool = PoolAggregator(RULES[mode](discount=0.5), shrinkage=0.0, rescale=False)
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


def test_bates_granger_weights_are_inverse_discounted_squared_errors():
    pool = PoolAggregator(BatesGrangerWeights(discount=0.9), shrinkage=0.0)
    pool = pool.start(("0", "1"), WINDOW, (1,))
    squares = np.zeros(2)
    for target in (5.5, 8.0, 6.0, 4.0):
        pool = teach(pool, [5.0, 7.0], [1.0, 9.0], target)
        squares = 0.9 * squares + np.square(target - np.array([5.0, 7.0]))
    expected = (1 / squares) / (1 / squares).sum()
    assert list(pool.weights().values()) == pytest.approx(expected.tolist())


def test_the_forgetting_grid_mixes_pools_by_their_log_score():
    """Against pools of one forgetting factor each, with the same memory of scales."""
    rng = np.random.default_rng(3)
    alphas, floor = (0.9, 0.98, 1.0), 0.001
    settings = {"shrinkage": 0.0, "rescale": False}
    grid = PoolAggregator(ForgettingGridWeights(alphas, floor), **settings)
    grid = grid.start(("0", "1", "2"), WINDOW, (1,))
    singles = [
        PoolAggregator(BayesWeights(a, floor), **settings).start(("0", "1", "2"), WINDOW, (1,))
        for a in alphas
    ]
    scores = np.zeros(3)
    for _ in range(60):
        means, scales = rng.normal(5, 1, 3), rng.uniform(0.5, 2, 3)
        target = float(rng.normal(5, 2))
        density = stats.norm.pdf(target, means, scales)
        rows = np.array([list(one.weights().values()) for one in singles])
        shares = np.exp(scores - scores.max())
        expected = (shares / shares.sum()) @ rows
        assert list(grid.weights().values()) == pytest.approx(expected.tolist(), abs=1e-9)
        scores = 0.99 * scores + np.log(rows @ density)
        grid = teach(grid, means, scales, target)
        singles = [teach(one, means, scales, target) for one in singles]


def test_groups_share_the_prior_and_its_shrinkage():
    groups = {"0": "a", "1": "a", "2": "b"}
    pool = PoolAggregator(groups=groups, shrinkage=0.5).start(("0", "1", "2", "3"), WINDOW, (1,))
    third = 1 / 3
    assert list(pool.weights().values()) == pytest.approx([third / 2, third / 2, third, third])
    for _ in range(5):
        pool = teach(pool, [5.0, 5.0, 5.0, 9.0], [1.0] * 4, 5.0)
    weights = list(pool.weights().values())
    assert weights[0] == pytest.approx(weights[1])
    assert weights[2] == pytest.approx(2 * weights[0])
    assert weights[3] == pytest.approx(0.5 * third, abs=1e-3)  # half of its prior is left
    # Whoever is absent leaves its mass to its group, as long as somebody of it is there.
    fresh = PoolAggregator(groups=groups).start(("0", "1", "2", "3"), WINDOW, (1,))
    found = fresh.aggregate(STATE, said([None, 5.0, 5.0, 5.0], [None, 1.0, 1.0, 1.0]))
    assert found.components.weights.tolist() == pytest.approx([third, third, third])


def test_a_copy_in_a_group_changes_nothing_but_its_own_share():
    rng = np.random.default_rng(11)
    settings = {"rule": BayesWeights(alpha=1.0, floor=0.0), "shrinkage": 0.0}
    one = PoolAggregator(groups={"0": "a", "1": "b"}, **settings).start(("0", "1"), WINDOW, (1,))
    two = PoolAggregator(groups={"0": "a", "1": "b", "2": "b"}, **settings)
    two = two.start(("0", "1", "2"), WINDOW, (1,))
    for _ in range(100):
        m, s, y = rng.normal(5, 1, 2), rng.uniform(0.5, 2, 2), float(rng.normal(5, 2))
        one, two = teach(one, m, s, y), teach(two, m[[0, 1, 1]], s[[0, 1, 1]], y)
        assert abs(one.weights()["0"] - two.weights()["0"]) < 1e-12
        assert two.weights()["1"] == pytest.approx(two.weights()["2"], abs=1e-15)


def test_the_logarithmic_pool_is_one_normal():
    pool = PoolAggregator(EqualWeights(), combination="logarithmic", rescale=False)
    pool = pool.start(("0", "1"), WINDOW, (1,))
    found = pool.aggregate(STATE, said([4.0, 7.0], [1.0, 2.0]))
    precision = 0.5 * 1.0 + 0.5 * 0.25
    assert found.variance == pytest.approx(1 / precision)
    assert found.mean == pytest.approx((0.5 * 4.0 + 0.125 * 7.0) / precision)
    wider = pool.aggregate(STATE, said([4.0, 7.0], [1.0, 2.0]), inflation=(0.5, 0.5))
    assert wider.mean == found.mean
    assert wider.variance == pytest.approx(found.variance + 0.25)


@pytest.mark.parametrize("mode", MODES)
def test_what_was_saved_is_restored_to_the_last_bit(mode):
    rng = np.random.default_rng(2)

    def play(pool, rounds, start):
        draws = np.random.default_rng(start)
        for _ in range(rounds):
            m, s = draws.normal(5, 1, 3), draws.uniform(0.5, 2, 3)
            pool = teach(pool, m, s, float(draws.normal(5, 3)), horizon=2)
        return pool

    fresh = PoolAggregator(mode, groups={"0": "a", "1": "a"})
    whole = play(fresh.start(("0", "1", "2"), WINDOW, (1, 2)), 20, 1)
    again = fresh.restored(json.loads(json.dumps(whole.saved(), allow_nan=False)))
    for pool in (whole, again):
        assert pool.names == ("0", "1", "2")
    whole, again = play(whole, 20, 5), play(again, 20, 5)
    assert whole.saved() == again.saved()
    m, s = rng.normal(5, 1, 3), rng.uniform(0.5, 2, 3)
    assert whole.aggregate(STATE, said(m, s), horizon=2) == again.aggregate(
        STATE, said(m, s), horizon=2
    )


def test_what_another_pool_saved_is_refused():
    saved = PoolAggregator(RankWeights()).start(("0", "1"), WINDOW, (1,)).saved()
    with pytest.raises(DataError, match="another rule"):
        PoolAggregator().restored(saved)
    with pytest.raises(DataError, match="'names' is missing"):
        PoolAggregator().restored({})
    saved["names"] = ["0", "1", "2"]
    with pytest.raises(DataError, match="forecasters"):
        PoolAggregator(RankWeights()).restored(saved)


@pytest.mark.parametrize("combination", ["linear", "logarithmic"])
@pytest.mark.parametrize("mode", MODES)
def test_many_games_at_once_equal_each_alone(mode, combination):
    games, k, rounds = 7, 3, 12
    rng = np.random.default_rng(4)
    pool = PoolAggregator(mode, combination=combination, groups={"0": "a", "1": "a"})
    start = pool.start(("0", "1", "2"), WINDOW, (1,))
    alone, together = [start] * games, start
    for r in range(rounds):
        values = rng.normal(5, 1, games)
        deltas, claims = rng.normal(0, 1, (games, k)), rng.uniform(0.5, 2, (games, k))
        if r % 3 == 2:
            deltas[rng.uniform(size=games) < 0.5, 1] = np.nan
        targets = rng.normal(5, 2, games)
        states = [ForecastState(r, float(v), 0.0, 0.0) for v in values]
        state = StateArrays(r, values, np.zeros(games), np.zeros(games))
        forecast_arrays = ForecastArrays.of(
            state, [ActionArrays(deltas[:, i], claims[:, i]) for i in range(k)]
        )
        forecasts = together.aggregate_array(forecast_arrays)
        for g in range(games):
            actions = tuple(
                None
                if np.isnan(deltas[g, i])
                else AgentAction(str(i), float(deltas[g, i]), scale=float(claims[g, i]))
                for i in range(k)
            )
            one = alone[g].aggregate(states[g], actions)
            assert one.mean == forecasts.mean[g], (mode, r)
            assert one.variance == forecasts.variance[g]
            outcome = RevealedForecast(states[g], 1, actions, one, float(targets[g]))
            alone[g] = alone[g].update(outcome)
        together = together.update_array(
            RevealedForecast(state, 1, forecast_arrays, forecasts, targets)
        )
        weights = np.broadcast_to(together.weights_array(), (games, k))
        for g in range(games):
            assert list(alone[g].weights().values()) == weights[g].tolist(), (mode, r)


def after_wild_times(pool):
    """A pool that has seen errors far larger than what was stated, and widened its scales."""
    for _ in range(12):
        pool = teach(pool, [5.0, 5.5, 6.0], [0.2, 0.3, 0.4], 9.0)
    return pool


def test_a_claim_is_judged_by_its_scale_though_another_forecaster_was_missing():
    plain = PoolAggregator(BayesWeights(alpha=1.0, floor=0.0), shrinkage=0.0)
    pool = plain.start(("0", "1", "2"), WINDOW, (1,))
    means, scales, target = [4.0, None, 7.0], [1.0, None, 2.0], 5.5
    issued = pool.aggregate(STATE, said(means, scales))
    np.testing.assert_array_equal(issued.components.scales, [1.0, 2.0])
    pool = after_wild_times(pool)
    widened = pool.aggregate(STATE, said(means, scales))
    assert (widened.components.scales > [1.5, 3.0]).all()
    before = pool.weights()
    pool = pool.update(RevealedForecast(STATE, 1, said(means, scales), issued, target))
    after = pool.weights()
    density = stats.norm.pdf(target, [4.0, 7.0], [1.0, 2.0])
    expected = before["0"] / before["2"] * density[0] / density[1]
    assert after["0"] / after["2"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("mode", MODES)
def test_late_learning_from_a_forecast_without_somebody_is_that_of_the_array_form(mode):
    means, scales = [4.0, None, 7.0], [1.0, None, 2.0]
    pool = PoolAggregator(mode, groups={"0": "a", "1": "a"})
    pool = pool.start(("0", "1", "2"), WINDOW, (1,))
    actions = said(means, scales)
    state = StateArrays(9, np.array([5.0]), np.zeros(1), np.zeros(1))
    forecast_arrays = ForecastArrays.of(
        state,
        [
            ActionArrays(np.nan) if action is None else ActionArrays(action.delta, action.scale)
            for action in actions
        ],
    )
    one, many = pool.aggregate(STATE, actions), pool.aggregate_array(forecast_arrays)
    pool = after_wild_times(pool)
    for target in (5.5, 9.0, -3.0):
        alone = pool.update(RevealedForecast(STATE, 1, actions, one, target))
        outcome = RevealedForecast(state, 1, forecast_arrays, many, np.array([target]))
        together = pool.update_array(outcome)
        assert list(alone.weights().values()) == together.weights_array().reshape(-1).tolist()
        following = alone.aggregate(STATE, said([4.0, 5.0, 7.0], [1.0] * 3))
        full = ForecastArrays.of(state, [ActionArrays(m - 5.0, 1.0) for m in (4.0, 5.0, 7.0)])
        assert following.variance == together.aggregate_array(full).variance[0]


def test_late_weights_survive_underflow_when_others_are_absent():
    pool = PoolAggregator(BayesWeights(alpha=1.0, floor=0.0), shrinkage=0.0, rescale=False)
    pool = pool.start(("0", "1", "2"), WINDOW, (1,))
    for _ in range(5):
        pool = teach(pool, [5.0, 50.0, 60.0], [0.1, 0.1, 0.1], 5.0)
    left = pool.aggregate(STATE, said([None, 50.0, 60.0], [None, 1.0, 1.0]))
    assert left.components.labels == ("1", "2")
    assert left.components.weights.sum() == pytest.approx(1.0)


def test_errors():
    with pytest.raises(ConfigError, match="combination"):
        PoolAggregator(combination="median")
    with pytest.raises(ConfigError, match="shrinkage"):
        PoolAggregator(shrinkage=2.0)
    with pytest.raises(ConfigError, match="at least one"):
        PoolAggregator().start((), WINDOW, (1,))
    pool = PoolAggregator().start(("0",), WINDOW, (1,))
    with pytest.raises(AgentError, match="horizon 2"):
        pool.aggregate(STATE, said([1.0], [1.0]), horizon=2)
    with pytest.raises(AgentError, match="1 forecasters, got 2 actions"):
        pool.aggregate(STATE, said([1.0, 2.0], [1.0, 1.0]))
    with pytest.raises(AgentError, match="no forecaster has a forecast"):
        pool.aggregate(STATE, (None,))
