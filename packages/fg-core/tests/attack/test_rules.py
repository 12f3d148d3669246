"""Rules by which attacks are judged, as far as no other test has them, and targeted attacks."""

import numpy as np
import pytest

from fg_core import ConfigError
from fg_core.attack import FlipEvent, PushMean, worst_case
from fg_core.attack.played_hits import play_hits

from .test_worst_case import BEGIN, HITS, game_of, played, record

DEFENSES = ("none", "clipping", "dampening")


def test_the_attack_that_is_sought_anew_for_a_defense_is_the_worst_in_its_row_of_the_matrix():
    world, budget = record(12), 4.1
    start = world.initial_state(BEGIN)
    games = {name: game_of(name, horizons=(1, 2)) for name in DEFENSES}
    found = {n: worst_case(g, start, budget, world=world, hits=HITS) for n, g in games.items()}
    transferred = []
    for name, game in games.items():
        for other in DEFENSES:
            score = played(game, world, found[other].attacks[0], budget).sum()
            assert score <= found[name].scores.sum() + 1e-9
            transferred.append(score < found[name].scores.sum() - 1e-6)
    # It pays to seek it anew: some attack on another defense does less.
    assert any(transferred)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_pushed_mean_is_pushed_as_far_as_the_budget_lets_it_be(direction):
    game, world = game_of("none"), record(12)
    start = world.initial_state(BEGIN)
    found = worst_case(game, start, (1.5, 4.5), world=world, hits=HITS, target=PushMean(direction))
    assert found.exact
    sign = 1.0 if direction == "up" else -1.0
    assert (sign * found.attacks >= 0.0).all()
    assert 0.0 < found.expected[0] < found.expected[1]
    # Forecasts are mixtures of a random walk and another that moves along: brute force by round.
    one = play_hits(game, start, world, np.array(HITS), None)[1]
    gains = PushMean(direction).gains(one)
    per_unit = gains[:, np.array(HITS) * sign > 0] / np.abs(HITS)[np.array(HITS) * sign > 0]
    assert found.expected[1] <= 4.5 * per_unit.max() + 1e-9
    assert found.expected[1] >= 4.0 * per_unit.min()


def test_an_event_is_flipped_where_it_takes_least():
    game, world = game_of("none"), record(12)
    start = world.initial_state(BEGIN)
    one = play_hits(game, start, world, np.array(HITS), None)[1]
    none = HITS.index(0.0)
    mean = (one.weights * one.means).sum(axis=-1)[:, none]
    target = FlipEvent(float(np.median(mean)))
    p = target.probability(one)
    flips = ((p > 0.5) != (p[:, [none]] > 0.5)).any(axis=1)
    assert flips.any()
    # With a budget for all of them, every forecast that can be flipped is.
    found = worst_case(game, start, 30.0, world=world, hits=HITS, target=target)
    assert np.floor(found.expected[0] + 0.5) == flips.sum()
    # With one for a single hit, at most one is.
    little = worst_case(game, start, 0.3, world=world, hits=HITS, target=target)
    assert little.expected[0] < 1.1


def test_targets_are_checked():
    with pytest.raises(ConfigError, match="direction"):
        PushMean("left")
    with pytest.raises(ConfigError, match="threshold"):
        FlipEvent(np.nan)
