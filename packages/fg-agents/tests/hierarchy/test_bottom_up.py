"""The bottom-up agent: sums by hand, scales by simulation."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import BottomUpAgent
from fg_core import (
    AgentAction,
    AgentError,
    AutoRegression,
    ConfigError,
    DataError,
    Drift,
    ForecastState,
    ForecastUnavailable,
    RandomWalk,
    Registry,
    TrainingWindow,
)
from fg_core.protocols import Forecaster, Revealed
from fg_core.segments import rescale_segments
from fg_core.testing import check_forecaster

NAMES = ("east", "north", "west")
numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("member", "weights"),
    [  # each member in one of both hierarchies in every run
        pytest.param(member, weights, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, member in enumerate([AutoRegression(max_order=4), AutoRegression(3), Drift()])
        for j, weights in enumerate([None, {"a": 1.5, "b": -0.4, "c": -0.1}])
    ],
)
def test_it_keeps_the_promises_of_a_forecaster(conformance, member, weights):
    window, states = conformance(weights)
    check_forecaster(BottomUpAgent(member), window=window, states=states)


def test_it_is_plugged_in():
    made = Registry("fg_core.forecasters").load("bottom_up")()
    assert isinstance(made, BottomUpAgent)
    assert isinstance(made, Forecaster)
    assert made.name == "bottom_up"


@given(
    parts=st.dictionaries(st.sampled_from(NAMES), numbers, min_size=3, max_size=3),
    total=numbers,
    ahead=st.integers(1, 30),
    history=st.lists(numbers, min_size=30, max_size=40),
    horizon=st.integers(1, 8),
)
@settings(max_examples=5 * settings.default.max_examples, deadline=None)
def test_random_states_have_finite_deltas(sample, parts, total, ahead, history, horizon):
    agent = _fitted(sample)
    t = agent.history.end_t + ahead
    state = ForecastState(t, total, 0.0, 0.0, segment_values=parts, history=tuple(history))
    action = agent.act(state, horizon)
    assert np.isfinite(action.delta)
    assert np.isfinite(action.scale)
    assert action.scale > 0.0
    levels = agent.segments(state, horizon)
    size = max(1.0, abs(total), *map(abs, parts.values()), *map(abs, levels.values()))
    assert sum(levels.values()) == pytest.approx(total + action.delta, abs=1e-9 * size)


_CACHE = {}


def _fitted(sample):
    if not _CACHE:
        _CACHE["agent"] = BottomUpAgent(AutoRegression(2)).fit(sample().window())
    return _CACHE["agent"]


def least_squares(y, p):
    x = np.column_stack([np.ones(len(y) - p)] + [y[p - k : -k] for k in range(1, p + 1)])
    return np.linalg.lstsq(x, y[p:], rcond=None)[0]


def iterate(b, path, h):
    path = list(path)
    for _ in range(h):
        path.append(b[0] + sum(b[k] * path[-k] for k in range(1, len(b))))
    return path[-1]


@pytest.mark.parametrize("horizon", [1, 2, 6])
@pytest.mark.parametrize("order", [1, 3])
def test_it_is_the_sum_of_forecasts_by_hand(sample, order, horizon):
    data = sample(3)
    agent = BottomUpAgent(AutoRegression(order)).fit(data.window())
    fits = [least_squares(data.parts[: data.n, k], order) for k in range(3)]
    for t in range(data.n, data.n + 6):
        by_hand = [iterate(fits[k], data.parts[: t + 1, k], horizon) for k in range(3)]
        state = data.state(t)
        found = agent.act(state, horizon)
        assert state.value + found.delta == pytest.approx(sum(by_hand), abs=1e-9)
        levels = agent.segments(state, horizon)
        assert [levels[name] for name in NAMES] == pytest.approx(by_hand, abs=1e-9)
        agent = agent.update(Revealed(state, state.value))


def simulated(rng, n, lag, shocks):
    """A vector autoregression of order 1, after a burn-in."""
    noise = rng.standard_normal((n + 200, len(lag))) @ np.linalg.cholesky(shocks).T
    path = np.zeros((n + 200, len(lag)))
    for t in range(1, n + 200):
        path[t] = lag @ path[t - 1] + noise[t]
    return path[200:]


LEADS = np.array([[0.5, 0.4, 0.0], [0.0, 0.5, 0.4], [0.0, 0.0, 0.5]])
APART = np.diag([0.8, 0.3, -0.5])
SHOCKS = {
    "together": np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.6], [0.6, 0.6, 1.0]]),
    "against": np.array([[1.0, -0.7, 0.0], [-0.7, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    "apart": np.eye(3),
}


@pytest.mark.parametrize("shocks", list(SHOCKS))
@pytest.mark.parametrize("lag", [APART, LEADS], ids=["own", "leads"])
def test_the_scale_is_right_on_simulated_segments(lag, shocks):
    rng = np.random.default_rng(11)
    n, train = 20_000, 4500
    path = simulated(rng, n, lag, SHOCKS[shocks])
    rows = [dict(zip(NAMES, row, strict=True)) for row in path[: train + 1].tolist()]
    window = TrainingWindow(path[:train].sum(axis=1), train - 1, segments=rows[:train])
    agent = BottomUpAgent(AutoRegression(4)).fit(window)
    fits = [member.fitted for member in agent.members]
    for h in (1, 2, 4):
        stated_scale = agent.act(_state(path, rows, train), h).scale
        errors = np.zeros(n - train - h)
        for k, fit in enumerate(fits):
            b = (fit.intercept, *fit.phi)
            ends = [path[train - lag : n - h - lag, k] for lag in (3, 2, 1, 0)]
            ahead = iterate(b, ends, h)
            errors += path[train + h :, k] - ahead
        seen = np.sqrt(np.mean(errors**2))
        assert stated_scale == pytest.approx(seen, rel=0.05)
        assert np.mean(np.abs(errors) < 1.2816 * stated_scale) == pytest.approx(0.8, abs=0.02)


def _state(path, rows, t):
    past = tuple(path[t - 20 : t].sum(axis=1).tolist())
    return ForecastState(t, path[t].sum(), 0.0, 0.0, segment_values=rows[t], history=past)


def test_correlations_of_one_step_would_not_do_further_ahead():
    rng = np.random.default_rng(11)
    path = simulated(rng, 4500, LEADS, SHOCKS["apart"])
    rows = [dict(zip(NAMES, row, strict=True)) for row in path.tolist()]
    window = TrainingWindow(path.sum(axis=1), 4499, segments=rows)
    agent = BottomUpAgent(AutoRegression(4)).fit(window)
    _, scales = agent.parts(_state(path, rows, 4499), 4)
    naive = np.sqrt(scales @ agent.fitted.correlation(1) @ np.array(scales))
    assert agent.act(_state(path, rows, 4499), 4).scale > 1.1 * naive


def test_short_windows_are_not_overconfident_about_a_sum():
    hits = []
    for seed in range(60):
        path = simulated(np.random.default_rng(seed), 62, APART, SHOCKS["together"])
        rows = [dict(zip(NAMES, row, strict=True)) for row in path.tolist()]
        window = TrainingWindow(path[:50].sum(axis=1), 49, segments=rows[:50])
        agent = BottomUpAgent(AutoRegression(1)).fit(window)
        for t in range(50, 61):
            state = _state(path, rows, t)
            action = agent.act(state)
            error = path[t + 1].sum() - state.value - action.delta
            hits.append(abs(error) < 1.2816 * action.scale)
            agent = agent.update(Revealed(state, state.value))
    assert 0.75 <= np.mean(hits) <= 0.85


# ----------------------------------------------------------------------------- its own history


def test_the_print_counts_once(sample):
    data = sample()
    confirmed = BottomUpAgent(AutoRegression(3)).fit(data.window())
    state = data.state(data.n)
    provisional = confirmed.update(Revealed(state, state.value))
    assert provisional.act(state, 3) == confirmed.act(state, 3)
    instead = replace(state, value=state.value + 9.0)
    assert provisional.act(instead, 3) == confirmed.act(instead, 3)
    assert confirmed.act(instead, 3) != confirmed.act(state, 3)


def test_a_replaced_value_takes_its_segments_along(sample):
    data = sample()
    agent = BottomUpAgent(AutoRegression(3)).fit(data.window())
    state = data.state(data.n)
    stale = replace(state, value=state.value + 9.0)
    moved = replace(stale, segment_values=rescale_segments(state.segment_values, stale.value))
    assert agent.act(stale, 2).delta == pytest.approx(agent.act(moved, 2).delta, abs=1e-12)
    assert sum(agent.shown(stale).values()) == pytest.approx(stale.value)


def test_a_refit_with_a_gap_forecasts_from_all_that_is_known(sample):
    data = sample()
    member = AutoRegression(2)
    agent = BottomUpAgent(member).fit(data.window())
    for t in range(data.n, data.n + 5):
        agent = agent.update(Revealed(data.state(t), data.values[t]))
    now = data.state(data.n + 5)
    sliding = data.window(data.n + 2, start=40)
    refitted = agent.fit(sliding)
    # Coefficients of the window; numbers of every period, as if it had been shown them all.
    fits = [least_squares(data.parts[40 : data.n + 3, k], 2) for k in range(3)]
    by_hand = sum(iterate(fits[k], data.parts[: data.n + 6, k], 3) for k in range(3))
    assert now.value + refitted.act(now, 3).delta == pytest.approx(by_hand, abs=1e-9)
    assert refitted.history.end_t == data.n + 4
    fresh = BottomUpAgent(member).fit(sliding)
    assert fresh.act(now, 3) != refitted.act(now, 3)  # it fills three periods in


def test_a_missing_period_is_filled(sample):
    data = sample()
    agent = BottomUpAgent(AutoRegression(2)).fit(data.window())
    now = data.state(data.n + 1)
    last = dict(zip(NAMES, data.parts[data.n - 1].tolist(), strict=True))
    between = rescale_segments(last, data.values[data.n])
    fits = [least_squares(data.parts[: data.n, k], 2) for k in range(3)]
    by_hand = sum(
        iterate(fits[k], [between[name], data.parts[data.n + 1, k]], 2)
        for k, name in enumerate(NAMES)
    )
    assert now.value + agent.act(now, 2).delta == pytest.approx(by_hand, abs=1e-9)
    with pytest.raises(AgentError, match="set lookback to 1 or more"):
        agent.act(replace(now, history=()))


@pytest.mark.parametrize("shift", [1, 1000, 10**9])
def test_dates_do_not_matter(sample, shift):
    data = sample()
    plain = BottomUpAgent().fit(data.window())
    later = BottomUpAgent().fit(data.window(shift=shift))
    for t in range(data.n, data.n + 3):
        a, b = data.state(t), data.state(t, shift=shift)
        assert plain.act(a, 2) == later.act(b, 2)
        plain = plain.update(Revealed(a, a.value))
        later = later.update(Revealed(b, b.value))


@pytest.mark.parametrize("k", [-20, -1, 7, 20])
@pytest.mark.parametrize("level", [0.0, 400.0])
def test_a_power_of_two_scales_exactly(sample, k, level):
    data = sample(2, level=level)
    factor = 2.0**k
    large = replace(data, parts=data.parts * factor)
    plain, scaled = BottomUpAgent().fit(data.window()), BottomUpAgent().fit(large.window())
    for h in (1, 3):
        a = plain.act(data.state(data.n + 1), h)
        b = scaled.act(large.state(data.n + 1), h)
        assert (b.delta, b.scale) == (a.delta * factor, a.scale * factor)


@pytest.mark.parametrize("level", [0.0, 400.0, -400.0])
@pytest.mark.parametrize("horizon", [1, 4])
def test_sensitivity_is_the_derivative(sample, level, horizon):
    data = sample(5, level=level)
    agent = BottomUpAgent(AutoRegression(2)).fit(data.window())
    state = data.state(data.n)
    up, down = (replace(state, value=state.value + side * 1e-4) for side in (1, -1))
    slope = 1.0 + (agent.act(up, horizon).delta - agent.act(down, horizon).delta) / 2e-4
    assert agent.sensitivity(state, horizon) == pytest.approx(slope, abs=1e-6)


# ------------------------------------------------------------------------------ what is missing


def test_without_segments_there_is_no_forecast(sample):
    data = sample()
    bare = replace(data.window(), segments=())
    agent = BottomUpAgent().fit(bare)
    state = data.state(data.n)
    with pytest.raises(ForecastUnavailable, match="the training window has no segments"):
        agent.act(state)
    assert agent.update(Revealed(state, state.value)) == agent
    fitted = BottomUpAgent().fit(data.window())
    with pytest.raises(ForecastUnavailable, match="east, north, west, the state none"):
        fitted.act(replace(state, segment_values={}))
    with pytest.raises(ForecastUnavailable, match="the state east, south"):
        fitted.act(replace(state, segment_values={"east": 1.0, "south": 2.0}))


def test_segments_that_begin_late_give_no_forecast_until_there_are_enough(sample):
    data = sample()
    window = data.window()
    late = [{} if t < len(window) - 3 else row for t, row in enumerate(window.segments)]
    agent = BottomUpAgent(AutoRegression(2)).fit(replace(window, segments=late))
    with pytest.raises(ForecastUnavailable, match="segments are known for 3 rows only"):
        agent.act(data.state(data.n))
    enough = [{} if t < 60 else row for t, row in enumerate(window.segments)]
    agent = BottomUpAgent(AutoRegression(2)).fit(replace(window, segments=enough))
    assert len(agent.fitted.windows[0]) == len(window) - 60
    assert np.isfinite(agent.act(data.state(data.n)).delta)
    with pytest.raises(DataError, match="needs at least 6 training rows"):
        BottomUpAgent(AutoRegression(2)).fit(window.last(5))


def test_it_wants_a_fit_and_a_horizon(sample):
    state = sample().state(5)
    with pytest.raises(AgentError, match="is not fitted"):
        BottomUpAgent().act(state)
    with pytest.raises(ConfigError, match="horizon 0"):
        BottomUpAgent().fit(sample().window()).act(state, 0)
    with pytest.raises(ConfigError, match="lookback 0 given"):
        BottomUpAgent(lookback=0)


@dataclass(frozen=True)
class Wordless:
    """States no scale, learns by update, and has no forecast from a value above its limit."""

    name: str = "wordless"
    seen: float = 0.0
    limit: float = 1e9

    def act(self, state, horizon=1):
        if state.value > self.limit:
            raise ForecastUnavailable("above the limit")
        return AgentAction(self.name, self.seen - 0.5 * state.value)

    def update(self, revealed):
        return replace(self, seen=revealed.value + 0.1 * (revealed.reported - revealed.value))


def test_members_without_a_scale_have_that_of_their_errors(sample):
    data = sample()
    agent = BottomUpAgent(Wordless()).fit(data.window())
    state = data.state(data.n)
    parts = data.parts[: data.n]
    errors = (parts[1:] - parts[:-1]) + 0.5 * parts[:-1]
    expected = np.sqrt(np.mean(errors**2, axis=0))
    _, scales = agent.parts(state)
    assert scales == pytest.approx(expected)
    assert agent.act(state).scale > 0.0
    assert agent.act(state, data.n + 3).scale is None  # no errors so far ahead


def test_members_learn_from_their_segment(sample):
    data = sample()
    agent = BottomUpAgent(Wordless()).fit(data.window())
    state = data.state(data.n)
    after = agent.update(Revealed(state, state.value + 3.0))
    reported = rescale_segments(state.segment_values, state.value + 3.0)
    expected = [0.9 * state.segment_values[name] + 0.1 * reported[name] for name in NAMES]
    assert [m.seen for m in after.members] == pytest.approx(expected)
    assert after.fitted.members == agent.members
    skipped = agent.update(Revealed(replace(state, segment_values={}), state.value))
    assert skipped.members == agent.members


def test_a_segment_without_a_forecast_is_named(sample):
    data = sample()
    agent = BottomUpAgent(Wordless(limit=-1e9)).fit(data.window())
    with pytest.raises(ForecastUnavailable, match="segment 'east' has no forecast"):
        agent.act(data.state(data.n))


def test_a_member_that_does_not_say_its_sensitivity_is_asked_twice(sample):
    data = sample(level=300.0)
    agent = BottomUpAgent(Wordless()).fit(data.window())
    assert agent.sensitivity(data.state(data.n)) == pytest.approx(0.5)
    walk = BottomUpAgent(RandomWalk()).fit(data.window())
    assert walk.sensitivity(data.state(data.n)) == pytest.approx(1.0)


def test_it_is_a_value(sample):
    data = sample()
    agent = BottomUpAgent().fit(data.window())
    before = agent.act(data.state(data.n), 3)
    copy = pickle.loads(pickle.dumps(agent))
    assert copy == agent == BottomUpAgent().fit(data.window())
    assert copy.act(data.state(data.n), 3) == before
    with pytest.raises(AttributeError):
        agent.name = "other"
