"""An adversary without the future: what it expects is right, and what it cannot know moves none."""

from dataclasses import replace

import numpy as np
import pytest

from fg_core import AgentRegistry, ConfigError, ForecastGame, ForecastState, ReplayWorld
from fg_core.attack import expected_gains, hits_without_foresight, worst_case
from fg_core.attack.played_hits import play_hits
from fg_core.scoring import crps_mixture
from fg_core.transcendental import ndtr

from .test_worst_case import BEGIN, HITS, game_of, record

ROUNDS = 12


def changed_after(world, period):
    """The same record up to a period, and another one from there on."""
    rows = tuple(
        row if i <= period else replace(row, value=row.value + 3.0 * (i - period))
        for i, row in enumerate(world.rows)
    )
    return ReplayWorld(rows)


@pytest.mark.parametrize("defense", ["none", "innovation_gate"])
def test_hits_depend_on_nothing_that_comes_later(defense):
    game, world = game_of(defense, ROUNDS, horizons=(1, 2)), record(12)
    start = world.initial_state(BEGIN)
    found, other = (
        worst_case(
            game, start, (2.0, 6.0), world=one, hits=HITS, first_round=2, sweeps=0, foresight=False
        )
        for one in (world, changed_after(world, BEGIN + 7))
    )
    before = slice(0, 8 - 2)
    assert np.array_equal(found.attacks[:, before], other.attacks[:, before])
    assert not np.array_equal(found.scores, other.scores)
    assert found.attacks[:, before].any() or defense == "innovation_gate"
    assert found.attacks.any()
    assert not found.foresight
    assert found.exact == (defense == "none")


def test_it_does_no_more_damage_than_one_that_knows_the_future_and_expects_to_do_some():
    game, world = game_of("clipping", ROUNDS), record(1)
    start = world.initial_state(BEGIN)
    budgets = (1.5, 4.0, 9.0)
    blind = worst_case(game, start, budgets, world=world, hits=HITS, foresight=False)
    knowing = worst_case(game, start, budgets, world=world, hits=HITS)
    assert (blind.damage <= knowing.damage + 1e-12).all()
    assert (np.diff(blind.expected) > 0.0).all()
    assert (blind.expected > 0.0).all()
    spent = np.abs(blind.attacks).sum(axis=1) / blind.step_scale
    assert (spent <= np.array(budgets) + 1e-9).all()


def test_expected_gains_are_the_expected_crps_under_the_forecast_without_a_hit():
    game, world = game_of("clipping", 3), record(12)
    hits = np.array([-2.0, 0.0, 1.0])
    played = play_hits(game, world.initial_state(BEGIN), world, hits, None, game.registry.defenders)
    one, gains = played[1], expected_gains(played[1])
    assert gains[:, 1].tolist() == [0.0] * 3
    # By the midpoint rule over the distribution that is believed.
    x = np.linspace(-15.0, 15.0, 60_001)
    for r in range(3):
        clean = [array[r, 1] for array in (one.weights, one.means, one.scales)]
        y = clean[1][-1] + x
        density = np.gradient((clean[0] * ndtr((y[:, None] - clean[1]) / clean[2])).sum(axis=1))
        for i in (0, 2):
            hit = [array[r, i] for array in (one.weights, one.means, one.scales)]
            more = crps_mixture(*hit, y) - crps_mixture(*clean, y)
            assert (density * more).sum() == pytest.approx(gains[r, i], abs=1e-5)


def test_with_gains_alike_in_all_rounds_the_whole_budget_is_spent_where_it_is_worth_most():
    # Two small hits are worth more than a large one.
    gains = np.tile([0.0, 2.0, 3.0], (6, 1))
    costs = np.tile([0.0, 1.0, 2.0], (6, 1))
    places = hits_without_foresight(gains, costs, [0.0, 1.0, 2.0], 4.0)
    assert gains[np.arange(6), places].sum() == 8.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hits_without_foresight([[0.0]], [[0.0, 1.0]], [0.0, 1.0], 1.0), "shape"),
        (lambda: hits_without_foresight([[0.0]], [[0.0]], [0.0], np.inf), "finite"),
        (
            lambda: worst_case(
                game_of("none"),
                ForecastState(0, 9.0, 0.0, 0.0),
                1.0,
                reward="error",
                foresight=False,
            ),
            "crps",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ConfigError, match=says):
        call()


def test_a_simulated_world_is_played_as_well():
    game = game_of("none")
    registry: AgentRegistry = game.registry
    game = ForecastGame(game.config, seed=5, registry=registry)
    found = worst_case(game, ForecastState(0, 9.0, 0.0, 0.0), 2.0, foresight=False)
    assert found.damage.shape == (1,)
