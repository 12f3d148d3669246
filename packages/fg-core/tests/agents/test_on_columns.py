"""Indirect adversaries: whose turn it is, which way, and that budgets hold after rounding."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentRegistry,
    ConfigError,
    ForecastGame,
    ForecastState,
    Observation,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.agents import OnColumns, columns_down, columns_up, random_columns
from fg_core.testing import check_adversary, example_budget
from fg_core.testing.examples import example_dataset

STATE = ForecastState(4, 3.0, 0.0, 0.0, macro_context={"a": 1.0, "b": 2.0}, history=(1.0, 2.0))


def budget(**more):
    return replace(example_budget(), context_scales={"a": 0.5, "b": 0.25, "still": 0.0}, **more)


@pytest.mark.parametrize("make", [OnColumns, columns_up, columns_down, random_columns])
def test_conforms_and_leaves_the_value_alone(make):
    check_adversary(make())
    assert make().act(STATE, budget()).delta == 0.0
    assert not make().act(STATE).context  # no unit is known without a budget


def test_columns_take_turns_in_the_order_of_their_names():
    hits = [dict(columns_up().act(replace(STATE, t=t), budget()).context) for t in range(3)]
    assert hits == [{"a": 0.5}, {"b": 0.25}, {"a": 0.5}]
    only = OnColumns(columns=("b",), direction="down", every=2)
    hits = [dict(only.act(replace(STATE, t=t), budget()).context) for t in range(3)]
    assert hits == [{"b": -0.25}, {}, {"b": -0.25}]


def test_against_the_trend_of_the_series():
    falling = replace(STATE, history=(9.0, 5.0))
    assert dict(OnColumns().act(STATE, budget()).context) == {"a": -0.5}
    assert dict(OnColumns().act(falling, budget()).context) == {"a": 0.5}


def test_what_did_not_move_or_is_not_shown_is_passed_over():
    shown = replace(STATE, macro_context={"still": 1.0, "new": 2.0})
    assert not columns_up().act(shown, budget()).context


@pytest.mark.parametrize(
    "bad", [{"size": -1.0}, {"every": 0}, {"direction": "sideways"}, {"columns": "rate"}]
)
def test_settings_are_checked(bad):
    with pytest.raises(ConfigError):
        OnColumns(**bad)


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(5)
    rows = example_dataset(40).series("alpha")
    walks = rng.normal(size=(2, 40)).cumsum(axis=1)
    return ReplayWorld(
        tuple(
            Observation(
                row.timestamp,
                row.value,
                {"a": round(float(walks[0, i]), 1), "b": round(float(10 * walks[1, i]))},
                row.available_at,
                row.series_id,
                row.source,
            )
            for i, row in enumerate(rows)
        )
    )


@given(
    st.sampled_from(["against_trend", "up", "down", "random"]),
    st.floats(0.0, 4.0),
    st.floats(0.1, 2.0),
    st.floats(0.0, 9.0),
)
@settings(max_examples=20, deadline=None)
def test_budget_and_cap_hold_after_rounding(world, direction, size, cap, total):
    config = SimulationConfig(horizon=9, disturbance_prob=0.0, attack_cap=cap, attack_total=total)
    agent = OnColumns(size=size, direction=direction)
    game = ForecastGame(config, seed=3, registry=AgentRegistry((RandomWalk(),), (agent,)))
    out = game.run(world.initial_state(30), world=world)
    scales = world.training(world.initial_state(30)).context_scales
    units = [
        sum(abs(hit) / scales[name] for name, hit in step.actions[0].context.items())
        for step in out.steps
    ]
    assert max(units) <= cap + 1e-9
    assert sum(units) <= total + 1e-9
    rows = world.rows[30 : 30 + len(out.steps)]
    assert all(s.observation.value == row.value for s, row in zip(out.steps, rows, strict=True))
    for step, row in zip(out.steps, rows, strict=True):
        for name, decimals in (("a", 1), ("b", 0)):
            shown = step.observation.macro_context[name]
            assert shown == round(shown, decimals)
            moved = abs(step.actions[0].context.get(name, 0.0))
            assert abs(shown - row.macro_context[name]) == pytest.approx(moved, abs=1e-9)
