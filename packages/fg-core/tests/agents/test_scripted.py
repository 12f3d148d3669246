"""Scripts: which hit in which period of which game, and that they can be played again."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.agents import ArrayAdversary, RandomHits, ScriptedAdversary
from fg_core.batch import StateArrays
from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError
from fg_core.game import ForecastGame
from fg_core.registry import AgentRegistry
from fg_core.state import ForecastState
from fg_core.testing import check_adversary, check_array_form, example_budget
from fg_core.testing.fakes import ConstantForecaster, LineWorld, PlainAggregator

hits = st.floats(-5.0, 5.0)


def state(t: int) -> ForecastState:
    return ForecastState(t, 1.0, 0.0, 0.0)


def played(agent: ScriptedAdversary, periods: range, game: int | None = None) -> list[float]:
    budget = None if game is None else example_budget(game=game)
    return [agent.act(state(t), budget).delta for t in periods]


@pytest.mark.parametrize(
    "agent",
    [
        ScriptedAdversary(),
        ScriptedAdversary({120: 0.5, 122: -0.5}),
        ScriptedAdversary([0.1, -0.2, 0.3], first_t=120),
        ScriptedAdversary([[0.1, -0.2, 0.3], [0.0, 0.5, 0.0]], first_t=120),
        ScriptedAdversary({120: 0.5}, context={"rate": {120: 0.1}, "spread": [0.0] * 125}),
    ],
    ids=repr,
)
def test_it_conforms(agent):
    check_adversary(agent)
    assert isinstance(agent, ArrayAdversary)


@pytest.mark.parametrize(
    "agent",
    [
        ScriptedAdversary({42: 1.5}),
        pytest.param(ScriptedAdversary([0.5] * 50), marks=pytest.mark.slow),
    ],
)
def test_its_array_form_has_the_bits_of_its_scalar_form(agent):
    check_array_form(agent, "adversary")


@given(st.lists(hits, max_size=6), st.integers(-3, 3), st.integers(0, 3))
def test_one_script_for_all_games(script, first_t, game):
    agent = ScriptedAdversary(script, first_t=first_t)
    before, after = [0.0] * 4, [0.0] * 4
    periods = range(first_t - 4, first_t + len(script) + 4)
    assert played(agent, periods, game) == [*before, *script, *after]
    assert played(agent, periods) == played(agent, periods, game)


@given(st.dictionaries(st.integers(-50, 10**12), hits, max_size=6))
def test_a_mapping_names_its_periods(script):
    agent = ScriptedAdversary(script)
    for t in {*script, *(t + 1 for t in script), 0}:
        assert agent.act(state(t)).delta == script.get(t, 0.0)


def test_one_script_per_game():
    scripts = [[0.1, 0.2, 0.3], [1.1, 1.2, 1.3], [2.1, 2.2, 2.3]]
    agent = ScriptedAdversary(scripts, first_t=7, first_game=4)
    for i, script in enumerate(scripts):
        assert played(agent, range(6, 11), game=4 + i) == [0.0, *script, 0.0]
    assert played(agent, range(7, 10)) == scripts[0]


@given(st.integers(1, 5), st.integers(0, 4), st.data())
def test_a_batch_plays_the_scripts_of_its_games(n_games, first_game, data):
    script = st.lists(hits, min_size=4, max_size=4)
    scripts = np.array(data.draw(st.lists(script, min_size=n_games, max_size=n_games)))
    agent = ScriptedAdversary(scripts, first_t=2, first_game=first_game)
    games = first_game + np.array(
        data.draw(st.lists(st.integers(0, n_games - 1), min_size=1, max_size=6))
    )
    nothing = np.zeros(games.shape)
    for t in range(8):
        many = StateArrays(t, nothing, nothing, nothing)
        whole = agent.delta(many, replace(example_budget(), game=games))
        whole = np.broadcast_to(whole, games.shape)
        alone = [agent.act(state(t), example_budget(game=int(g))).delta for g in games]
        assert whole.tolist() == alone


def test_lanes_may_be_in_different_periods():
    agent = ScriptedAdversary([[0.1, 0.2], [1.1, 1.2]], first_t=5)
    apart: Any = replace(state(0), t=np.array([5, 6, 7]))
    found = agent.delta(apart, replace(example_budget(), game=np.array([1, 0, 1])))
    assert found.tolist() == [1.1, 0.2, 0.0]


@pytest.mark.parametrize("game", [3, 6])
def test_a_game_without_a_script_is_named(game):
    agent = ScriptedAdversary([[0.1], [0.2]], first_game=4)
    with pytest.raises(ConfigError, match=f"'script' has scripts for the games 4 to 5 .*{game}"):
        agent.act(state(0), example_budget(game=game))


def test_the_attacks_of_a_game_can_be_played_again_to_the_last_bit():
    config = SimulationConfig(
        horizon=20, max_rounds=20, attack_cap=2.0, attack_total=math.inf, attack_cost=0.1
    )
    world = LineWorld(0.3, 0.7)
    start = world.initial_state()

    def outputs(adversary: Any, n_games: int = 3) -> Any:
        registry = AgentRegistry(
            (ConstantForecaster(0.3, 1.0),), (adversary,), aggregator=PlainAggregator()
        )
        return ForecastGame(config, seed=5, registry=registry).run_batch(
            start, n_games, world=world
        )

    first = outputs(RandomHits(probability=0.6, size=1.7))
    assert np.count_nonzero(first.attacks) > 20
    script = first.attacks[1]
    again = outputs(ScriptedAdversary(script, first_t=start.t), 1)
    assert np.array_equal(again.attacks[0], script)


def test_nothing_of_it_can_be_changed():
    given_hits = np.array([[0.1, 0.2]])
    agent = ScriptedAdversary(given_hits)
    given_hits[:] = 9.0
    assert played(agent, range(2)) == [0.1, 0.2]
    for copied in (agent, pickle.loads(pickle.dumps(agent)), copy.deepcopy(agent)):
        assert copied == agent
        assert hash(copied) == hash(agent)
        for array in (copied.hits, copied._scripts, copied._periods):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.setflags(write=True)
    with pytest.raises(FrozenInstanceError):
        agent.first_t = 3


def test_equal_scripts_are_equal():
    assert ScriptedAdversary([0.1, 0.2], first_t=3) == ScriptedAdversary({3: 0.1, 4: 0.2})
    assert ScriptedAdversary([0.1]) != ScriptedAdversary([[0.1]])
    assert ScriptedAdversary([[0.1]]) != ScriptedAdversary([[0.1]], first_game=1)
    assert ScriptedAdversary([0.1]) != ScriptedAdversary([0.1], name="other")
    assert ScriptedAdversary([0.1]) != 0.1
    assert ScriptedAdversary(context={"a": [0.1]}) == ScriptedAdversary(context={"a": {0: 0.1}})
    assert ScriptedAdversary(context={"a": [0.1]}) != ScriptedAdversary(context={"b": [0.1]})
    assert ScriptedAdversary(context={"a": [0.1]}) != ScriptedAdversary()


def test_hits_on_columns_follow_scripts_of_their_own():
    agent = ScriptedAdversary(
        {121: 1.0}, context={"a": [[0.1, 0.2], [0.3, 0.0]], "b": {121: -2.0}}, first_t=120
    )
    second = example_budget(game=1)
    said = [agent.act(ForecastState(t, 1.0, 0.0, 0.0), second) for t in (119, 120, 121)]
    assert [one.delta for one in said] == [0.0, 0.0, 1.0]
    assert [dict(one.context) for one in said] == [{}, {"a": 0.3}, {"b": -2.0}]
    for copied in (pickle.loads(pickle.dumps(agent)), copy.deepcopy(agent)):
        assert copied == agent
        assert hash(copied) == hash(agent)
    # Without scripts of columns nobody asks for them.
    assert hasattr(agent, "context_delta")
    assert not hasattr(ScriptedAdversary({121: 1.0}), "context_delta")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hits": [0.1, math.nan]}, r"finite, got nan at index \(1,\)"),
        ({"hits": {3: math.inf}}, "finite, got inf"),
        ({"hits": [[0.1], [0.1, 0.2]]}, "array of numbers"),
        ({"hits": ["a"]}, "array of numbers"),
        ({"hits": 0.5}, r"shape \(round,\)"),
        ({"hits": np.zeros((2, 2, 2))}, r"shape \(round,\)"),
        ({"hits": np.zeros((0, 3))}, "a game at least"),
        ({"hits": {1.5: 0.1}}, "a period of a script must be a whole number, got 1.5"),
        ({"hits": {3: 0.1}, "first_t": 3}, "a mapping names its periods"),
        ({"hits": [0.1], "first_t": 1.0}, "first_t of a script must be a whole number"),
        ({"hits": [0.1], "first_game": True}, "first_game of a script"),
        ({"context": {"a": [math.nan]}}, "column 'a': the hits of a script must be finite"),
    ],
)
def test_scripts_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        ScriptedAdversary(**settings)
