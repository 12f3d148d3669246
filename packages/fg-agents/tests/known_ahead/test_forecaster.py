"""Dynamic regressions as forecasters of the game."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_agents.known_ahead import DynamicRegression, known_ahead_forecasters
from fg_core import (
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    SeasonalNaive,
    SimulationConfig,
    TrainingWindow,
)
from fg_core.game import GameGroup
from fg_core.protocols import Revealed
from fg_core.testing import check_forecaster, example_states, example_window

BEGIN = 40
COLUMNS = ("promo", "price")


def rows_of(seed, n=60):
    """A record with effects of 4 of a promotion and -2 of a price, and a column of noise."""
    rng = np.random.default_rng(seed)
    promo = (rng.uniform(size=n) < 0.3).astype(float)
    price = rng.integers(8, 12, size=n).astype(float)
    values = 50.0 + np.cumsum(rng.normal(size=n)) + 4.0 * promo - 2.0 * price
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(n)]
    beside = zip(promo.tolist(), price.tolist(), rng.normal(size=n).tolist(), strict=True)
    return tuple(
        Observation(
            day, round(value, 3), {"promo": a, "price": b, "noise": c}, day, "made up", "test"
        )
        for day, value, (a, b, c) in zip(days, values.tolist(), beside, strict=True)
    )


def world(seed, n=60):
    return ReplayWorld(rows_of(seed, n), known_ahead=frozenset(COLUMNS), season_length=7)


def ready(agent, seed=1, t=BEGIN):
    """A forecaster that is fitted before period `t`, and the state of that period."""
    one = world(seed)
    initial = one.initial_state(t)
    history = tuple(row.value for row in one.rows[:t])
    return agent.fit(one.training(initial)), replace(initial, history=history[-40:])


MENU = {one.name: one for one in known_ahead_forecasters(COLUMNS, 7)}


@pytest.mark.parametrize("name", ["known_ahead_ari", "naive"])
def test_they_conform(name):
    agent = MENU.get(name) or DynamicRegression(SeasonalNaive(), COLUMNS, name)
    agent = replace(agent, columns=("rate",))
    window = example_window(60)
    told = tuple({"rate": row["rate"]} for row in window.contexts[:8])
    states = [replace(state, known_ahead=told) for state in example_states(window)]
    check_forecaster(agent, window=window, states=states)


def test_it_is_the_forecast_of_the_errors_and_the_effects_of_the_target():
    agent, state = ready(MENU["known_ahead_ari"])
    b = agent.effects.values
    table = np.array([[row.macro_context[name] for name in COLUMNS] for row in world(1).rows])
    path = (*state.history, state.value)
    cleaned = np.array(path) - table[BEGIN + 1 - len(path) : BEGIN + 1] @ b
    bare = ForecastState(BEGIN, cleaned[-1], 0.0, 0.0, history=tuple(cleaned[:-1].tolist()))
    for h in (1, 2, 5):
        said, plain = agent.act(state, h), agent.errors.act(bare, h)
        wanted = cleaned[-1] + plain.delta + table[BEGIN + h] @ b - state.value
        assert said.delta == pytest.approx(wanted)
        # Effects are not known exactly: the forecast is a little less sure than that of the errors.
        assert plain.scale < said.scale < 1.2 * plain.scale
    assert b == pytest.approx([4.0, -2.0], abs=0.8)


def test_the_uncertainty_of_effects_is_that_of_a_simulation():
    agent, state = ready(MENU["known_ahead_ar"])
    state = replace(state, known_ahead=({"promo": 3.0, "price": 10.0},))
    said = agent.act(state)
    rng = np.random.default_rng(0)
    moved = []
    for draw in rng.multivariate_normal(agent.effects.values, agent.effects.covariance, size=300):
        one = replace(agent, effects=replace(agent.effects, values=draw))
        moved.append(one.act(state).delta)
    plain = agent.errors.fitted.form(1).scale
    assert said.scale**2 - plain**2 == pytest.approx(np.var(moved), rel=0.25)


def test_a_period_that_is_not_known_has_no_forecast_and_says_which():
    agent, state = ready(MENU["known_ahead_ar"])
    assert math.isfinite(agent.act(state, 2).delta)
    told = ({"promo": 1.0, "price": 9.0}, {"price": 9.0})
    partly = replace(state, known_ahead=told)
    assert math.isfinite(agent.act(partly, 1).delta)
    for h, lost in ((2, "promo is"), (3, "promo, price are")):
        wanted = rf"at period 40: {lost} not known of period {40 + h} \(horizon {h}\)"
        with pytest.raises(ForecastUnavailable, match=wanted):
            agent.act(partly, h)
    unseen = replace(state, macro_context={"price": 9.0})
    with pytest.raises(ForecastUnavailable, match="promo, price are not known of period 40"):
        agent.act(unseen)


def test_what_never_changed_has_no_effect_that_could_be_known():
    one = world(1)
    window = one.training(one.initial_state(BEGIN))
    rows = [{**row, "shop": 7.0} for row in window.contexts]
    agent = replace(MENU["known_ahead_ar"], columns=(*COLUMNS, "shop", "absent"))
    agent = agent.fit(replace(window, contexts=rows))
    assert agent.effects.columns == COLUMNS
    _, state = ready(MENU["known_ahead_ar"])
    assert math.isfinite(agent.act(state).delta)
    opened = replace(state, known_ahead=({**state.known_ahead[0], "shop": 8.0},))
    with pytest.raises(ForecastUnavailable, match="shop was 7 in all rows of the fit and is 8 in"):
        agent.act(opened)


@pytest.mark.parametrize(
    ("contexts", "reason"),
    [
        (lambda rows: [{} for _ in rows], "the context has none of the columns promo, price"),
        (lambda rows: [*rows[:-1], {"promo": 1.0}], "price: not known of period 39, the last"),
        (
            lambda rows: [{"promo": 0.0} for _ in rows],
            "promo did not change in the rows of the fit",
        ),
        (lambda rows: [*[{}] * 30, *rows[30:]], "10 rows are too few for 2 columns"),
    ],
)
def test_why_there_is_no_fit(contexts, reason):
    one = world(1)
    window = one.training(one.initial_state(BEGIN))
    known = [{k: row[k] for k in COLUMNS} for row in window.contexts]
    agent = MENU["known_ahead_ar"].fit(replace(window, contexts=contexts(known)))
    with pytest.raises(ForecastUnavailable, match=reason):
        agent.act(one.initial_state(BEGIN))


def test_what_was_known_in_advance_stays_whatever_is_reported_later():
    agent, state = ready(MENU["known_ahead_ar"])
    agent = agent.update(Revealed(state, state.value))
    after = replace(world(1).initial_state(BEGIN + 1), history=(*state.history, state.value))
    false = replace(after, macro_context={**after.macro_context, "promo": 99.0})
    assert agent.act(false) == agent.act(after)
    assert (
        agent.update(Revealed(false, false.value)).known
        == agent.update(Revealed(after, after.value)).known
    )


def test_together_they_say_what_each_says():
    agents, windows, states = [], [], []
    for seed in (1, 2):
        one = world(seed)
        window = one.training(one.initial_state(BEGIN))
        for agent in MENU.values():
            agents.append(agent)
            windows.append(window)
        states.append(ready(MENU["known_ahead_ar"], seed)[1])
    fitted = DynamicRegression.fit_together(agents, windows)
    for one, agent, window in zip(fitted, agents, windows, strict=True):
        alone, state = agent.fit(window), states[windows.index(window) // len(MENU)]
        assert one.effects.values.tolist() == alone.effects.values.tolist()
        assert one.act(state) == alone.act(state)
    games = [fitted[: len(MENU)], fitted[len(MENU) :]]
    states[1] = replace(states[1], known_ahead=states[1].known_ahead[:1])
    for h in (1, 2):
        found = DynamicRegression.act_together(games, states, h)
        slopes = DynamicRegression.slopes_together(games, states, h)
        pairs = [(one, state) for own, state in zip(games, states, strict=True) for one in own]
        for i, (one, state) in enumerate(pairs):
            if h == 2 and state is states[1]:
                assert math.isnan(found.delta[i])
                assert "not known of period 42" in found.reason[i]
            else:
                said = one.act(state, h)
                assert (found.delta[i], found.scale[i]) == (said.delta, said.scale)
            assert slopes[i] == one.sensitivity(state, h)


@pytest.mark.parametrize(("refit", "gap", "lag"), [(0, 0, 1), (2, 1, 2)])
def test_a_batch_is_its_games(refit, gap, lag):
    config = SimulationConfig(
        horizon=4,
        horizons=(1, 3),
        refit_every=refit,
        fit_gap=gap,
        reveal_lag=lag,
        season_length=7,
        disturbance_prob=0.0,
    )
    registry = AgentRegistry(
        (MENU["known_ahead_ar"], MENU["known_ahead_seasonal"], RandomWalk()),
        (RandomHits(size=2.0, probability=0.5),),
        (DefenderAgent(),),
        PoolAggregator(),
    )
    groups = [GameGroup(one.initial_state(BEGIN), one, n_games=2) for one in (world(1), world(2))]
    out = ForecastGame(config, registry=registry).run_groups(groups, keep=("claims",))
    assert np.isfinite(out.horizons[1].deltas[:, -1]).all()
    for i, group in enumerate(groups):
        for k in range(2):
            game = ForecastGame(config, registry=registry, game=k)
            alone = game.run(group.initial, world=group.world)
            assert out.means[2 * i + k].tolist() == [step.forecast for step in alone.steps]


def test_windows_of_one_row_and_other_oddities_are_reasons():
    agent = MENU["known_ahead_seasonal"].fit(TrainingWindow([1.0], contexts=[{"promo": 1.0}]))
    assert agent.reason
