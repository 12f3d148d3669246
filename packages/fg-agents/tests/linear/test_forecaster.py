"""Linear models as agents: conformance, sensitivities, memory between fits, many games at once."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import (
    DataPanel,
    LinearForecaster,
    LocalLevel,
    ShrunkAutoregression,
    VectorAutoregression,
    okun,
)
from fg_core import AgentError, ConfigError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.batch import StateArrays
from fg_core.protocols import Revealed
from fg_core.segments import rescale_segments
from fg_core.testing import check_forecaster, example_window

SPECIFICATIONS = {
    "walk": LocalLevel(1.0),
    "level": LocalLevel(0.3),
    "least squares": ShrunkAutoregression(4, None),
    "changes": ShrunkAutoregression(difference="first", discount=0.95),
    "seasonal": ShrunkAutoregression(difference="seasonal"),
    "levels": VectorAutoregression(),
    "mixed": VectorAutoregression(("rate", "spread"), difference=("value",), discount=0.98),
    "all changes": VectorAutoregression(difference="persistent", order=2),
}
CONTEXT = ("inflation", "rate", "activity", "consumption", "investment")
REAL = LinearForecaster(VectorAutoregression(CONTEXT, difference=("inflation",)), "real", "real")


@pytest.mark.parametrize(
    ("name", "rows"),
    [  # each on one of both windows in every run
        pytest.param(name, rows, marks=pytest.mark.slow if (i + j) % 2 else ())
        for i, name in enumerate(SPECIFICATIONS)
        for j, rows in enumerate((120, 40))
    ],
)
def test_it_conforms(name, rows):
    check_forecaster(LinearForecaster(SPECIFICATIONS[name], name), window=example_window(rows))


def test_segments_conform(growth, states):
    agent = LinearForecaster(VectorAutoregression(CONTEXT), "real")
    first = TrainingWindow(
        growth.values[:100], 99, contexts=growth.contexts[:100], segments=growth.segments[:100]
    )
    after = [states(growth, row) for row in (100, 101, 102)]
    one_sign = {"consumption": 1.0, "investment": 2.0, "remainder": 0.5}
    level = replace(after[0], segment_values=rescale_segments(one_sign, after[0].value))
    agent = agent.fit(first)
    assert "segments.consumption" in agent.fitted.system.names
    check_forecaster(agent, window=first, states=[*after, level])


@pytest.mark.parametrize("horizon", [1, 3, 9])
@pytest.mark.parametrize("specification", SPECIFICATIONS)
def test_act_is_the_forecast_of_the_model(specification, horizon, states):
    window = example_window(90)
    agent = LinearForecaster(SPECIFICATIONS[specification], "a").fit(window.last(80, gap=10))
    for row in range(80, 90):
        state = states(window, row)
        panel = DataPanel.of(
            TrainingWindow(
                window.values[: row + 1], row, contexts=window.contexts[: row + 1], season_length=4
            )
        )
        model, system = agent.fitted.model, agent.fitted.system
        recent = SPECIFICATIONS[specification].regressors(panel, system)[::-1][: model.order]
        action = agent.act(state, horizon)
        expected = model.forecast(recent, horizon)[-1, 0] - state.value
        assert action.delta == pytest.approx(expected, rel=1e-9, abs=1e-9)
        variance = model.forecast_covariance(horizon)[-1, 0, 0]
        assert action.scale == pytest.approx(np.sqrt(variance), rel=1e-9)
        assert agent.sensitivity(state, horizon) == pytest.approx(
            model.responses(horizon)[-1, 0, 0], rel=1e-9, abs=1e-12
        )
        agent = agent.update(Revealed(state, state.value))


@pytest.mark.parametrize("kind", ["real", "level", "growth"])
def test_sensitivity_is_the_finite_difference(kind, macro, growth, states):
    agent = LinearForecaster(LocalLevel(0.3), "level") if kind == "level" else REAL
    window = growth if kind == "growth" else macro
    agent = agent.fit(window.last(None, gap=1))
    state = states(window, 119)
    for horizon in (1, 2, 6):
        up, down = (
            agent.act(states(window, 119, state.value + side), horizon).delta
            for side in (0.5, -0.5)
        )
        assert agent.sensitivity(state, horizon) == pytest.approx(1.0 + up - down, abs=1e-9)


def test_a_print_is_forgotten_when_the_value_is_revealed(macro, states):
    """Shown a false print, then taught the value: as if the print had never been."""
    for agent in (REAL, LinearForecaster(LocalLevel(0.3), "level")):
        fitted = agent.fit(macro.last(None, gap=4))
        truth = [states(macro, row) for row in (116, 117, 118)]
        false = replace(truth[0], value=99.0)
        misled = fitted.update(Revealed(false, 99.0))
        again = misled.update(Revealed(truth[0], 99.0))
        clean = fitted.update(Revealed(truth[0], truth[0].value))
        for state in truth[1:]:
            again, clean = (one.update(Revealed(state, state.value)) for one in (again, clean))
        state = states(macro, 119)
        assert again.act(state) == clean.act(state)
        assert misled.act(replace(truth[0], value=truth[0].value)) == fitted.act(truth[0])


def test_a_fit_with_a_gap_keeps_the_latest_rows(macro, states):
    agent = REAL.fit(macro.last(None, gap=10))
    for row in range(110, 119):
        agent = agent.update(Revealed(states(macro, row), 0.0))
    refitted = agent.fit(macro.last(None, gap=3))
    fresh = REAL.fit(macro.last(None, gap=3))
    for row in (117, 118):
        fresh = fresh.update(Revealed(states(macro, row), 0.0))
    assert refitted.act(states(macro, 119)) == fresh.act(states(macro, 119))


@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=20)
def test_many_games_are_games_one_by_one(seed, horizon):
    rng = np.random.default_rng(seed)
    window = example_window(80)
    values = rng.standard_normal((12, 6))
    context = {"rate": float(rng.standard_normal()), "spread": 1.0}
    history = [np.full(6, value) for value in window.values[-20:]]
    for specification in SPECIFICATIONS.values():
        one_by_one = [LinearForecaster(specification, "a").fit(window)] * 6
        together = one_by_one[0]
        for k in range(3):
            t, past = 80 + k, (*history, *values[:k])
            arrays = StateArrays(t, values[k], np.zeros(6), np.zeros(6), "", context, past, 0)
            each = [
                ForecastState(
                    t,
                    float(values[k, i]),
                    0.0,
                    0.0,
                    macro_context=context,
                    history=tuple(float(p[i]) for p in past),
                )
                for i in range(6)
            ]
            found = together.act_array(arrays, horizon)
            said = [
                agent.act(state, horizon) for agent, state in zip(one_by_one, each, strict=True)
            ]
            assert found.delta.tolist() == [action.delta for action in said]
            assert found.scale == said[0].scale
            assert together.sensitivity_array(arrays, horizon) == one_by_one[0].sensitivity(
                each[0], horizon
            )
            together = together.update_array(Revealed(arrays, values[k]))
            one_by_one = [
                agent.update(Revealed(state, state.value))
                for agent, state in zip(one_by_one, each, strict=True)
            ]


def test_games_have_no_segments(growth):
    agent = LinearForecaster(VectorAutoregression(CONTEXT), "real").fit(growth)
    arrays = StateArrays(
        120, np.zeros(2), np.zeros(2), np.zeros(2), "", growth.contexts[-1], (np.zeros(2),) * 9, 0
    )
    with pytest.raises(ForecastUnavailable, match=r"forecaster 'real': .* or lacks segments"):
        agent.act_array(arrays)


def test_what_cannot_be_asked(macro, states):
    state = states(macro, 119)
    with pytest.raises(AgentError, match="'real' is not fitted"):
        REAL.act(state)
    agent = REAL.fit(macro)
    with pytest.raises(ConfigError, match="horizon 0"):
        agent.act(state, 0)
    with pytest.raises(AgentError, match=r"needs 4 earlier values in state\.history, got 2"):
        agent.act(states(macro, 119, lookback=2))
    with pytest.raises(AgentError, match="cannot use nan"):
        agent.act(states(macro, 119, value=np.nan))
    with pytest.raises(ForecastUnavailable, match="'real': period 119 shows none of the columns"):
        agent.act(replace(state, macro_context={}))
    with pytest.raises(
        ForecastUnavailable, match=r"show the forecaster every period by update\(\)"
    ):
        agent.act(replace(state, t=140))
    silent = LinearForecaster(okun(), "okun").fit(TrainingWindow(macro.values))
    with pytest.raises(ForecastUnavailable, match="'okun' has no forecast: it is about"):
        silent.act(state)
    assert silent.update(Revealed(state, state.value)) is silent


def test_a_forecast_that_overflows(states):
    window = TrainingWindow(2.0 ** np.arange(60.0), 59)
    agent = LinearForecaster(ShrunkAutoregression(1, None, cutoff=None), "explosive").fit(window)
    assert agent.act(states(window, 59), 5).delta == pytest.approx(31.0 * 2.0**59, rel=1e-6)
    with pytest.raises(ForecastUnavailable, match="'explosive': the forecast for horizon 2000"):
        agent.act(states(window, 59), 2000)


def test_a_series_that_does_not_move_has_a_scale(states):
    window = TrainingWindow(np.full(40, 7.0), 39)
    for specification in SPECIFICATIONS.values():
        agent = LinearForecaster(specification, "still").fit(window)
        if not agent.reason:
            action = agent.act(states(window, 39), 3)
            assert action.delta == pytest.approx(0.0, abs=1e-9)
            assert action.scale > 0.0


def test_agents_are_values(macro, states):
    agent = REAL.fit(macro.last(None, gap=1))
    assert pickle.loads(pickle.dumps(agent)).act(states(macro, 119)) == agent.act(
        states(macro, 119)
    )
    assert REAL.fitted is None
    assert repr(REAL).startswith("LinearForecaster(specification=VectorAutoregression(")
    assert agent.group == "real"
