"""The top-down agent: what it learns of a context, and what it does where that is missing."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import TopDownAgent
from fg_core import (
    AgentError,
    ConfigError,
    DataError,
    ForecastState,
    ForecastUnavailable,
    Registry,
    TrainingWindow,
)
from fg_core.protocols import Forecaster
from fg_core.testing import check_forecaster, example_window
from fg_core.testing.strategies import states

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("agent", [TopDownAgent(), TopDownAgent(changes=0), TopDownAgent(3, 0.0)])
def test_it_keeps_the_promises_of_a_forecaster(agent):
    check_forecaster(agent)


def test_it_is_plugged_in():
    made = Registry("fg_core.forecasters").load("top_down")()
    assert isinstance(made, TopDownAgent)
    assert isinstance(made, Forecaster)
    assert made.name == "top_down"


@given(
    state=states(),
    rate=numbers,
    spread=st.none() | numbers,
    horizon=st.integers(1, 8),
)
@settings(max_examples=5 * settings.default.max_examples, deadline=None)
def test_random_states_have_finite_deltas(state, rate, spread, horizon):
    if not _CACHE:
        _CACHE["agent"] = TopDownAgent().fit(example_window())
    context = {**state.macro_context, "rate": rate}
    if spread is not None:
        context["spread"] = spread
    state = replace(state, macro_context=context, history=(*state.history, 2.0))
    action = _CACHE["agent"].act(state, horizon)
    assert np.isfinite(action.delta)
    assert 0.0 < action.scale < np.inf


_CACHE = {}


def process(seed, n, *, columns=2):
    """A stationary series that yesterday's context leads, with shocks of standard deviation 1."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, columns))
    y = np.zeros(n)
    for t in range(1, n):
        y[t] = 3.0 + 0.6 * (y[t - 1] - 3.0) + 1.5 * x[t - 1, 0] + rng.standard_normal()
    return y, [{f"c{j}": float(v) for j, v in enumerate(row)} for row in x]


def at(y, contexts, t):
    past = tuple(y[max(0, t - 10) : t].tolist())
    return ForecastState(t, float(y[t]), 0.0, 0.0, macro_context=contexts[t], history=past)


def test_it_finds_the_coefficients():
    y, contexts = process(0, 4000)
    agent = TopDownAgent(changes=0, penalty=0.0).fit(TrainingWindow(y, 3999, contexts=contexts))
    one, two = agent.fitted.regression(1), agent.fitted.regression(2)
    assert one.slopes == pytest.approx([-0.4, 1.5, 0.0], abs=0.05)
    assert two.slopes == pytest.approx([0.36 - 1.0, 0.9, 0.0], abs=0.09)
    assert one.scale == pytest.approx(1.0, abs=0.03)
    assert two.scale == pytest.approx(np.sqrt(1.0 + 0.36 + 2.25), abs=0.08)
    assert agent.act(at(y, contexts, 3999)).scale == one.scale


def test_it_is_the_regression_by_hand():
    y, contexts = process(1, 80)
    window = TrainingWindow(y[:70], 69, contexts=contexts[:70])
    x = np.array([[y[t], y[t] - y[t - 1], *contexts[t].values()] for t in range(1, 80)])
    for h in (1, 3):
        used = x[: 69 - h]
        z = (used - used.mean(axis=0)) / used.std(axis=0)
        target = y[1 + h : 70] - y[1 : 70 - h]
        b = np.linalg.solve(
            z.T @ z + np.diag([0.0, 0.0, 50.0, 50.0]), z.T @ (target - target.mean())
        )
        agent = TopDownAgent().fit(window)
        for t in range(70, 76):
            by_hand = target.mean() + ((x[t - 1] - used.mean(axis=0)) / used.std(axis=0)) @ b
            assert agent.act(at(y, contexts, t), h).delta == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("horizon", [1, 3])
def test_scales_hold_what_they_promise_in_short_windows(horizon):
    hits = []
    for seed in range(150):
        y, contexts = process(seed, 70, columns=4)
        agent = TopDownAgent().fit(TrainingWindow(y[:60], 59, contexts=contexts[:60]))
        for t in range(60, 70 - horizon):
            action = agent.act(at(y, contexts, t), horizon)
            hits.append(abs(y[t + horizon] - y[t] - action.delta) < 1.2816 * action.scale)
    assert 0.75 <= np.mean(hits) <= 0.84


def test_a_penalty_makes_the_context_say_less():
    y, contexts = process(2, 60)
    window = TrainingWindow(y, 59, contexts=contexts)
    slopes = [
        np.abs(TopDownAgent(penalty=p).fit(window).fitted.regression(1).slopes[2:]).sum()
        for p in (0.0, 10.0, 100.0, 1e9)
    ]
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] == pytest.approx(0.0, abs=1e-6)


# ------------------------------------------------------------------------------ what is missing


def test_rare_and_constant_columns_are_left_out():
    y, contexts = process(3, 50)
    rows = [
        {**row, "flat": 4.0, **({"rare": float(t)} if t % 2 else {}), "mostly": float(t * t)}
        for t, row in enumerate(contexts)
    ]
    del rows[7]["mostly"]
    agent = TopDownAgent().fit(TrainingWindow(y, 49, contexts=rows))
    assert agent.fitted.columns == ("c0", "c1", "mostly")
    # Targets 2 to 49 but for the row without the column; the first row has no change.
    assert agent.fitted.regression(1).n_rows == 47
    assert TopDownAgent(min_presence=0.4).fit(agent.fitted.window).fitted.columns == (
        *("c0", "c1", "mostly", "rare"),
    )
    assert TopDownAgent(min_presence=1.0).fit(agent.fitted.window).fitted.columns == ("c0", "c1")


def test_a_missing_column_says_nothing_and_two_of_three_are_too_many():
    y, contexts = process(4, 60, columns=3)
    agent = TopDownAgent().fit(TrainingWindow(y, 59, contexts=contexts))
    state = at(y, contexts, 59)
    regression = agent.fitted.regression(1)
    gone = replace(state, macro_context={k: v for k, v in contexts[59].items() if k != "c0"})
    mean = {**contexts[59], "c0": float(regression.means[2])}
    assert agent.act(gone).delta == pytest.approx(
        agent.act(replace(state, macro_context=mean)).delta, abs=1e-12
    )
    nan = replace(state, macro_context={**contexts[59], "c0": float("nan")})
    assert agent.act(nan) == agent.act(gone)
    more = replace(state, macro_context={**contexts[59], "other": 1e9})
    assert agent.act(more) == agent.act(state)
    with pytest.raises(ForecastUnavailable, match=r"2 of 3 context columns are missing \(c0, c2\)"):
        agent.act(replace(state, macro_context={"c1": 0.0}))


def test_without_context_there_is_no_forecast():
    y, contexts = process(5, 40)
    agent = TopDownAgent().fit(TrainingWindow(y, 39))
    with pytest.raises(ForecastUnavailable, match="no usable context column"):
        agent.act(at(y, contexts, 39))
    assert np.isnan(agent.window_deltas(agent.fitted.window, 1)).all()


def test_short_windows():
    y, contexts = process(6, 9)
    with pytest.raises(DataError, match="needs at least 6 training rows, got 5"):
        TopDownAgent().fit(TrainingWindow(y[:5], 4, contexts=contexts[:5]))
    agent = TopDownAgent().fit(TrainingWindow(y, 8, contexts=contexts))
    assert np.isfinite(agent.act(at(y, contexts, 8)).delta)
    for far in (2, 8, 9, 20):
        with pytest.raises(ForecastUnavailable, match="9 training rows are too few"):
            agent.act(at(y, contexts, 8), far)


def test_bad_settings_and_states():
    for wrong in ({"changes": -1}, {"penalty": -1.0}, {"penalty": np.inf}, {"min_presence": 0.0}):
        with pytest.raises(ConfigError, match=f"{next(iter(wrong))} .* given"):
            TopDownAgent(**wrong)
    y, contexts = process(7, 40)
    with pytest.raises(AgentError, match="is not fitted"):
        TopDownAgent().act(at(y, contexts, 39))
    agent = TopDownAgent(changes=2).fit(TrainingWindow(y, 39, contexts=contexts))
    with pytest.raises(AgentError, match="needs 2 earlier values"):
        agent.act(replace(at(y, contexts, 39), history=(1.0,)))
    with pytest.raises(AgentError, match="must be finite"):
        agent.act(replace(at(y, contexts, 39), value=float("nan")))
    with pytest.raises(ConfigError, match="horizon 0"):
        agent.act(at(y, contexts, 39), 0)
    with pytest.raises(ForecastUnavailable, match="overflows"):
        agent.act(replace(at(y, contexts, 39), history=(-1.7e308, 1.7e308)))


# ------------------------------------------------------------------------------------ the rest


@pytest.mark.parametrize("changes", [0, 1, 2])
@pytest.mark.parametrize("horizon", [1, 4])
def test_sensitivity_is_the_derivative(changes, horizon):
    y, contexts = process(8, 60)
    agent = TopDownAgent(changes=changes).fit(TrainingWindow(y, 59, contexts=contexts))
    state = at(y, contexts, 59)
    up, down = (replace(state, value=state.value + side) for side in (1.0, -1.0))
    slope = 1.0 + (agent.act(up, horizon).delta - agent.act(down, horizon).delta) / 2.0
    assert agent.sensitivity(state, horizon) == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("k", [-20, -1, 20])
def test_a_power_of_two_scales_exactly(k):
    y, contexts = process(9, 60)
    factor = 2.0**k
    plain = TopDownAgent().fit(TrainingWindow(y, 59, contexts=contexts))
    scaled = TopDownAgent().fit(TrainingWindow(y * factor, 59, contexts=contexts))
    for h in (1, 3):
        a = plain.act(at(y, contexts, 59), h)
        b = scaled.act(at(y * factor, contexts, 59), h)
        assert (b.delta, b.scale) == (a.delta * factor, a.scale * factor)


def test_dates_and_the_order_of_columns_do_not_matter():
    y, contexts = process(10, 60)
    turned = [dict(reversed(row.items())) for row in contexts]
    plain = TopDownAgent().fit(TrainingWindow(y, 59, contexts=contexts))
    other = TopDownAgent().fit(TrainingWindow(y, 10**6, contexts=turned))
    state = replace(at(y, turned, 59), t=10**6)
    assert other.act(state, 2) == plain.act(at(y, contexts, 59), 2)


def test_a_constant_series_has_a_scale_above_zero():
    _, contexts = process(11, 30)
    window = TrainingWindow(np.full(30, 7.0), 29, contexts=contexts)
    action = TopDownAgent().fit(window).act(at(np.full(30, 7.0), contexts, 29))
    assert action.delta == pytest.approx(0.0, abs=1e-12)
    assert 0.0 < action.scale < 1e-9


def test_the_total_is_shared_out():
    y, contexts = process(12, 60)
    parts = [{"a": 0.25 * v, "b": 0.75 * v} for v in y]
    window = TrainingWindow(y, 59, contexts=contexts, segments=parts)
    agent = TopDownAgent().fit(window)
    state = at(y, contexts, 59)
    total = state.value + agent.act(state, 2).delta
    historical = agent.split(state, 2)
    assert sum(historical.values()) == pytest.approx(total, abs=1e-9)
    assert historical["b"] == pytest.approx(3.0 * historical["a"])
    forecast = agent.split(state, 2, {"a": 10.0, "b": -2.0})
    assert sum(forecast.values()) == pytest.approx(total, abs=1e-9)
    assert forecast["a"] - forecast["b"] == pytest.approx(12.0)
    bare = TopDownAgent().fit(replace(window, segments=()))
    with pytest.raises(ForecastUnavailable, match="give a reference"):
        bare.split(state)


def test_it_is_a_value_and_horizons_do_not_depend_on_the_order_of_asking():
    y, contexts = process(13, 60)
    window = TrainingWindow(y, 59, contexts=contexts)
    state = at(y, contexts, 59)
    forwards, backwards = TopDownAgent().fit(window), TopDownAgent().fit(window)
    assert [forwards.act(state, h) for h in (1, 2, 3)] == [
        backwards.act(state, h) for h in (3, 2, 1)
    ][::-1]
    copy = pickle.loads(pickle.dumps(forwards))
    assert copy == forwards == TopDownAgent().fit(window)
    assert copy.act(state, 5) == forwards.act(state, 5)
