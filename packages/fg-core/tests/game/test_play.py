"""One round: what is reported has the digits of the series, and budgets hold for what counts."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    RandomHits,
    RandomWalk,
    ScriptedAdversary,
    SimulationConfig,
    crps,
)
from fg_core.game import GameGroup
from fg_core.resolution import decimals_of

BEGIN = 40


def game_of(adversaries, *, defenders=(), lag=1, **changes):
    settings_ = {
        "horizon": 40,
        "reveal_lag": lag,
        "disturbance_prob": 0.0,
        "attack_cap": 1.5,
        "attack_total": 12.0,
        "attack_cost": 0.2,
    }
    registry = AgentRegistry((RandomWalk(), AutoRegression(2)), adversaries, defenders)
    return ForecastGame(SimulationConfig(**settings_ | changes), seed=5, registry=registry)


def played(game, world, n_games=3):
    """A game alone, then the same as arrays: steps, and rows of a batch."""
    initial = world.initial_state(BEGIN)
    groups = (GameGroup(initial, world, n_games=n_games),)
    return game.run(initial, world=world), game.run_groups(groups, attribution=True)


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_hits_have_the_decimals_of_the_series(series, decimals):
    world = series(90, 1, decimals=decimals)
    hits = (RandomHits(size=1.0, probability=0.7), RandomHits(size=0.7, name="more"))
    one, many = played(game_of(hits), world)
    assert np.count_nonzero(many.attacks) > 20
    for reported in (many.prints.ravel(), [s.observation.value for s in one.steps]):
        assert [float(x) for x in reported] == [round(float(x), decimals) for x in reported]
        assert decimals_of([float(x) for x in reported]) <= decimals
    # What is reported is the value and the hits that count.
    assert many.prints == pytest.approx(many.values + many.attacks, abs=1e-9)
    calm = many.attacks == 0.0
    assert np.array_equal(many.prints[calm], many.values[calm])


@given(st.floats(0.0, 3.0), st.floats(0.0, 9.0), st.floats(-4.0, 4.0), st.integers(0, 2))
@settings(max_examples=settings.default.max_examples)
def test_cap_and_total_hold_for_rounded_hits(series, cap, total, size, decimals):
    world = series(60, 2, decimals=decimals)
    script = ScriptedAdversary(np.full(20, size), first_t=BEGIN)
    more = ScriptedAdversary(np.full(20, -0.7 * size), first_t=BEGIN + 1, name="more")
    game = game_of((script, more), attack_cap=cap, attack_total=total, horizon=8)
    out = game.run(world.initial_state(BEGIN), world=world)
    slack = 1e-9
    spent = 0.0
    for step in out.steps:
        own = [abs(a.delta) / out.step_scale for a in step.actions if a.actor in ("script", "more")]
        assert sum(own) <= cap + slack
        spent += sum(own)
        units = sum(own)
        assert step.reward_breakdown["team"] + step.reward_breakdown["adversaries"] == (
            pytest.approx(-0.2 * units, abs=1e-12)
        )
    assert spent <= total + slack
    assert out.convergence["attack_spent"] == pytest.approx(spent, abs=1e-9)


def test_a_series_without_a_resolution_is_hit_as_it_is(series):
    world = series(90, 1)
    script = ScriptedAdversary({BEGIN: 0.123456789})
    out = game_of((script,)).run(world.initial_state(BEGIN), world=world)
    assert out.steps[0].attack == 0.123456789
    assert out.steps[0].observation.value == world.rows[BEGIN].value + 0.123456789


def test_a_hit_that_is_rounded_away_costs_nothing(series):
    world = series(90, 1, decimals=1)
    script = ScriptedAdversary({BEGIN: 0.09, BEGIN + 1: 0.19})
    out = game_of((script,)).run(world.initial_state(BEGIN), world=world)
    assert out.steps[0].attack == 0.0
    assert out.steps[0].observation.value == world.rows[BEGIN].value
    assert out.steps[1].attack == pytest.approx(0.1)
    assert out.convergence["attack_spent"] == pytest.approx(0.1 / out.step_scale)


@dataclass(frozen=True)
class DigitReader:
    """A defender that finds false values by their number of decimals."""

    name: str = "digits"

    def act(self, state, predictive):
        odd = state.value != round(state.value, 2)
        return AgentAction(self.name, 0.0, scale=float(odd), p_bad=float(odd))


@pytest.mark.parametrize("lag", [1, 2])
def test_who_reads_digits_finds_nothing(series, lag):
    world = series(90, 3, decimals=2)
    hits = (RandomHits(size=1.0, probability=0.5),)
    out = game_of(hits, defenders=(DigitReader(),), lag=lag).run(
        world.initial_state(BEGIN), world=world
    )
    assert any(step.attack for step in out.steps)
    assert not any(step.issued[0].p_bad for step in out.steps)


def test_a_look_up_of_digits_learns_nothing(series):
    """Learned on half of the games: how often a value was false, by its last digits."""
    hits = (RandomHits(size=1.0, probability=0.5),)
    hit, digits = [], []
    for seed in range(6):
        world = series(140, seed, decimals=2)
        game = game_of(hits, horizon=90, attack_total=1e9, max_rounds=100)
        out = game.run_groups((GameGroup(world.initial_state(BEGIN), world, n_games=10),))
        hit.append(out.attacks.ravel() != 0.0)
        digits.append([f"{x:.12f}"[-12:] for x in np.abs(out.prints).ravel()])
    hit, digits = np.concatenate(hit), np.concatenate(digits)
    # Digits after the second are zeros, whether there was a hit or not.
    assert {text[2:] for text in digits} == {"0" * 10}
    codes = np.array([int(text[:2]) for text in digits])
    train = np.arange(codes.size) % 2 == 0
    total = np.bincount(codes[train], minlength=100)
    share = np.bincount(codes[train & hit], minlength=100) / np.maximum(total, 1)
    guessed = share[codes[~train]] > hit[train].mean()
    correct = np.mean(guessed == hit[~train])
    base = max(hit.mean(), 1.0 - hit.mean())
    n = int((~train).sum())
    assert n > 2000
    assert correct < base + 4.0 * np.sqrt(0.25 / n)


@pytest.mark.parametrize("lag", [1, 2])
def test_what_was_reported_without_a_hit_is_rounded_as_it_would_have_been(series, lag):
    """The credit of one of two hits is by the game in which the other is played alone."""
    world = series(90, 1, decimals=1)
    hits = (
        ScriptedAdversary({BEGIN: 0.57}, name="one"),
        ScriptedAdversary({BEGIN: 0.58}, name="other"),
    )
    both = game_of(hits, lag=lag, horizon=lag).run(world.initial_state(BEGIN), world=world)
    alone = game_of(hits[:1], lag=lag, horizon=lag).run(world.initial_state(BEGIN), world=world)
    issued, without = (one.steps[0].issued[0].forecast for one in (both, alone))
    target = both.steps[0].target
    deltas = {a.actor: a.delta for a in both.steps[0].actions}
    assert deltas["one"] == pytest.approx(0.5)
    assert deltas["other"] == pytest.approx(0.5)
    gain = crps(issued, target) - crps(without, target)
    cost = 0.2 * deltas["other"] / both.step_scale
    assert both.steps[lag - 1].reward_breakdown["other"] == gain - cost


def test_without_the_only_hit_the_value_itself_is_reported(series):
    world = series(90, 1, decimals=2)
    script = ScriptedAdversary({BEGIN + 2: 1.237})
    out = game_of((script,), defenders=(DefenderAgent(),)).run(
        world.initial_state(BEGIN), world=world
    )
    calm = game_of((), defenders=(DefenderAgent(),)).run(world.initial_state(BEGIN), world=world)
    step, spared = out.steps[2], calm.steps[2]
    gain = step.scored[0].crps - spared.scored[0].crps
    cost = 0.2 * abs(step.attack) / out.step_scale
    assert step.reward_breakdown["script"] == gain - cost
