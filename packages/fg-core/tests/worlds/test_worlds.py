import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import (
    ConfigError,
    DataError,
    ForecastGame,
    ForecastState,
    Observation,
    ReplayWorld,
    SimulatedWorld,
    SimulationConfig,
)
from fg_core.game.world_batch import states_of
from fg_core.rng import Stream
from fg_core.testing import ConformanceError, check_world
from fg_core.transition import ExogenousLaw
from fg_core.worlds.vintages import VintageWorld

DAY = timedelta(days=1)
BEGIN = datetime(2001, 1, 1, tzinfo=UTC)


def row(i, value, **more):
    return Observation(BEGIN + i * DAY, value, {"a": float(i)}, BEGIN + i * DAY, "s", "x", **more)


RECORD = tuple(row(i, float(v)) for i, v in enumerate([3.0, -0.0, 4.5, 1.25, 7.0, 2.0]))


def test_worlds_conform():
    check_world(SimulatedWorld(0.4, 0.15), ForecastState(0, 5.0, 0.0, 0.0))
    record = ReplayWorld(tuple(row(i, float(np.sin(i))) for i in range(80)))
    check_world(record, record.initial_state(40))


def test_a_replay_is_the_record_bit_for_bit():
    world = ReplayWorld(RECORD)
    state = world.initial_state(1)
    for i in range(2, 6):
        state = world.advance(state, noise=3.3, disturbance=0.0)
        assert (state.t, state.value, dict(state.macro_context)) == (i, RECORD[i].value, {"a": i})
    assert str(world.initial_state(1).value) == "-0.0"
    with pytest.raises(DataError, match="ends with row 5"):
        world.advance(state, noise=0.0, disturbance=0.0)


@given(st.floats(0.0, 1.0), st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_displacements_fade_with_the_persistence(persistence, shocks):
    world = ReplayWorld(RECORD)
    state, expected = world.initial_state(1), 0.0
    for i, shock in enumerate(shocks):
        state = world.advance(state, noise=0.0, disturbance=shock, persistence=persistence)
        expected = persistence * expected + shock
        assert state.displacement == pytest.approx(expected)
        assert state.value == pytest.approx(RECORD[i + 2].value + expected)
        assert state.hidden_shift == shock


def test_displaced_segments_add_up():
    parts = tuple(row(i, 4.0 + i, segment_values={"a": 1.0, "b": 3.0 + i}) for i in range(4))
    world = ReplayWorld(parts)
    state = world.advance(world.initial_state(1), noise=0.0, disturbance=2.0)
    assert sum(state.segment_values.values()) == pytest.approx(state.value)
    calm = world.advance(world.initial_state(1), noise=0.0, disturbance=0.0)
    assert calm.segment_values == parts[2].segment_values


def test_training_is_the_rows_before():
    world = ReplayWorld(RECORD, season_length=4)
    window = world.training(world.initial_state(4))
    assert window.values.tolist() == [row.value for row in RECORD[:4]]
    assert (window.end_t, window.season_length) == (3, 4)
    assert [c["a"] for c in window.contexts] == [0.0, 1.0, 2.0, 3.0]
    assert world.rounds(world.initial_state(4)) == 1


def test_rows_are_found_by_moment():
    world = ReplayWorld(RECORD)
    assert world.row_of(BEGIN + 2 * DAY) == 2
    assert world.row_of(BEGIN + 2.5 * DAY) == 3
    with pytest.raises(DataError, match="ends 2001-01-06"):
        world.row_of(BEGIN + 60 * DAY)


def test_bad_records_are_refused():
    with pytest.raises(DataError, match="at least two rows"):
        ReplayWorld(RECORD[:1])
    with pytest.raises(DataError, match="out of order"):
        ReplayWorld(RECORD[::-1])
    with pytest.raises(DataError, match="one series"):
        ReplayWorld((RECORD[0], replace(RECORD[1], series_id="t")))
    with pytest.raises(DataError, match="periods 1 to 5"):
        ReplayWorld(RECORD).initial_state(0)


def test_columns_known_in_advance_are_those_of_the_periods_to_come():
    world = ReplayWorld(RECORD, known_ahead={"a"}, future_context=({}, {"a": 9.0}))
    check_world(world, world.initial_state(1))
    assert [dict(one) for one in world.initial_state(3).known_ahead] == [
        {"a": 4.0},
        {"a": 5.0},
        {},
        {"a": 9.0},
    ]
    assert world.initial_state(5).known_ahead == ({}, {"a": 9.0})
    short = replace(world, ahead=2)
    assert short.initial_state(3).known_ahead == ({"a": 4.0}, {"a": 5.0})
    # Of the period after the last row nothing is known.
    assert short.initial_state(4).known_ahead == ({"a": 5.0},)
    assert world.looking_ahead(2) == short
    assert short.looking_ahead(7) == short
    assert replace(world, withheld=frozenset({"a"})).initial_state(3).known_ahead == ()
    assert ReplayWorld(RECORD).initial_state(3).known_ahead == ()
    assert pickle.loads(pickle.dumps(world)) == world


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"known_ahead": {"b"}}, "no context column b that could be known in advance; it has a"),
        ({"known_ahead": "a"}, "known_ahead must be a set of names"),
        ({"known_ahead": {"a"}, "ahead": -1}, "ahead must be at least 0"),
        ({"future_context": ({"a": 1.0},)}, "name the column in known_ahead"),
        ({"known_ahead": {"a"}, "future_context": ({"a": np.nan},)}, "1 periods after the last"),
    ],
)
def test_what_cannot_be_known_in_advance_is_refused(settings, message):
    with pytest.raises(DataError, match=message):
        ReplayWorld(RECORD, **settings)


def test_a_world_that_goes_back_on_what_was_known_is_no_world():
    class Fickle(ReplayWorld):
        def advance(self, state, **options):
            after = super().advance(state, **options)
            return replace(after, known_ahead=({"a": -1.0},) * len(after.known_ahead))

    world = Fickle(RECORD, known_ahead={"a"})
    with pytest.raises(ConformanceError, match="known in advance stays known"):
        check_world(world, world.initial_state(1))
    liar = replace(ReplayWorld(RECORD).initial_state(1), known_ahead=({"a": 7.0},))
    with pytest.raises(ConformanceError, match="known in advance comes true"):
        check_world(ReplayWorld(RECORD), liar)


def test_a_simulation_moves_by_the_transition():
    world = SimulatedWorld(0.4, 2.0, {"m": 0.5})
    state = ForecastState(3, 1.0, 0.5, 0.0, macro_context={"m": 2.0})
    after = world.advance(state, noise=1.5, disturbance=-1.0)
    assert after.value == pytest.approx(1.0 + 0.4 + 0.2 + 3.0 - 1.0 + 1.0)
    assert after.exogenous == pytest.approx(0.3 - 0.2)
    assert (after.t, after.hidden_shift) == (4, -1.0)


def test_the_burn_in_is_a_past_of_the_same_world():
    world = SimulatedWorld(0.4, 0.15, seed=3)
    window = world.training(ForecastState(0, 50.0, 0.0, 0.0))
    changes = np.diff([*window.values, 50.0])
    noise = Stream(3, "burn-in")
    expected = [0.4 + 0.15 * noise.normal(i) for i in range(80)]
    assert changes == pytest.approx(expected, abs=1e-9)
    assert window.end_t == -1


def test_a_known_history_is_used_as_it_is():
    known = tuple(float(np.cos(i)) for i in range(12))
    window = SimulatedWorld(0.4, 0.15).training(ForecastState(5, 1.0, 0.0, 0.0, history=known))
    assert tuple(window.values) == known
    short = SimulatedWorld(0.4, 0.0).training(ForecastState(5, 1.0, 0.0, 0.0, history=known[:3]))
    assert tuple(short.values[-3:]) == known[:3]
    assert short.values[-4] == pytest.approx(known[0] - 0.4)


RESIDUALS = (-2.0, 0.5, 0.25, 3.0)
LAWFUL = SimulatedWorld(
    *(0.4, 2.0, {"m": 0.5}),
    exogenous_law=ExogenousLaw(0.5, 0.8, 0.3, 0.25),
    residuals=RESIDUALS,
    context_paths={"m": (1.0, -1.0)},
    paths_from=5,
)


def test_a_simulation_moves_by_residuals_paths_and_its_law():
    state = ForecastState(3, 1.0, 0.5, 0.0, macro_context={"m": 2.0, "other": 7.0})
    first = LAWFUL.advance(state, noise=-3.0, disturbance=-1.0)
    assert first.value == pytest.approx(1.0 + 0.4 + 0.25 - 2.0 - 1.0 + 1.0)
    assert first.exogenous == pytest.approx(0.8 * 0.5 - 0.3 - 0.25 * 2.0)
    assert first.macro_context == {"m": 2.0, "other": 7.0}
    contexts, at = [], first
    for _ in range(4):
        at = LAWFUL.advance(at, noise=0.1, disturbance=0.0)
        contexts.append(at.macro_context["m"])
    assert contexts == [1.0, -1.0, -1.0, -1.0]
    draws = [LAWFUL.advance(state, noise=z, disturbance=0.0).value - 2.65 for z in (-9, -0.6, 0, 9)]
    assert draws == pytest.approx([-2.0, 0.25, 0.5, 3.0])  # a quarter of the probability each


def test_a_batch_of_such_games_is_the_games_alone():
    game = ForecastGame(SimulationConfig(horizon=6), seed=5)
    start = ForecastState(3, 1.0, 0.5, 0.0, macro_context={"m": 2.0})
    batch = game.run_batch(start, 3, world=LAWFUL)
    for i in range(3):
        alone = ForecastGame(game.config, seed=5, game=i).run(start, world=LAWFUL)
        assert [step.target for step in alone.steps] == batch.targets[i].tolist()
        assert [step.forecast for step in alone.steps] == batch.means[i].tolist()
    check_world(LAWFUL, start)


def test_paths_and_residuals_of_a_world_must_be_finite():
    with pytest.raises(ConfigError, match="residuals of a simulated world must be finite"):
        SimulatedWorld(0.0, 1.0, residuals=(1.0, math.nan))
    for path in ((), (math.inf,), 5.0):
        with pytest.raises(ConfigError, match="the path of context 'm' must be finite"):
            SimulatedWorld(0.0, 1.0, context_paths={"m": path})
    with pytest.raises(ConfigError, match=r"persistence .* must be in \[-1, 1\], got 1.5"):
        ExogenousLaw(persistence=1.5)
    with pytest.raises(ConfigError, match="effect of the exogenous pressure must be finite"):
        ExogenousLaw(math.nan)


def test_simulated_segments_add_up():
    state = ForecastState(0, 4.0, 0.0, 0.0, segment_values={"a": 1.0, "b": 3.0})
    after = SimulatedWorld(0.4, 1.0).advance(state, noise=0.3, disturbance=0.0)
    assert sum(after.segment_values.values()) == pytest.approx(after.value)


def test_a_record_may_begin_in_any_period():
    plain, late = ReplayWorld(RECORD), ReplayWorld(RECORD, first_t=7)
    assert late.row_of(BEGIN + 2 * DAY) == 9
    assert late.timestamps(8) == plain.timestamps(1) == (BEGIN, BEGIN + DAY)
    state, other = plain.initial_state(2), late.initial_state(9)
    assert other == replace(state, t=9)
    assert late.rounds(other) == plain.rounds(state) == 3
    window = late.training(other)
    assert (window.end_t, window.values.tolist()) == (8, plain.training(state).values.tolist())
    options = {"noise": 0.0, "disturbance": 0.5, "persistence": 0.5}
    assert late.advance(other, **options) == replace(plain.advance(state, **options), t=10)
    arrays = late.advance_array(states_of([other]), noise=np.zeros(1), disturbance=np.ones(1))
    assert arrays.t == 10
    assert arrays.value[0] == RECORD[3].value + 1.0
    with pytest.raises(DataError, match="periods 8 to 12"):
        late.initial_state(7)
    with pytest.raises(DataError, match="ends"):
        late.advance(replace(other, t=12), **options)
    with pytest.raises(DataError, match="at least 0"):
        ReplayWorld(RECORD, first_t=-1)
    with pytest.raises(DataError, match="begins in period 0, not in period 7"):
        VintageWorld(late, ())
