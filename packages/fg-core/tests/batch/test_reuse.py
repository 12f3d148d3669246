"""What a round keeps for the case that a print is true saves work and changes no bit."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings

from fg_core import (
    AdversaryAgent,
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    ForecastState,
    SimulationConfig,
)
from fg_core.game import learning
from fg_core.game.learning import Learning
from fg_core.game.team import Team
from fg_core.testing._play import fingerprint

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def bits(out):
    return fingerprint((out.steps, out.weights, out.convergence))


def all_arrays(out):
    found = [out.means, out.variances, out.first.score, out.first.error, out.p_bad]
    found += [*out.weights.values(), *out.attribution.values()]
    return [np.ascontiguousarray(array).tobytes() for array in found]


def test_games_are_those_that_keep_nothing(random_games, monkeypatch):
    keeping = learning._same

    @given(random_games)
    @settings(max_examples=40)
    def check(played):
        game, initial, world, disturbed = played
        options = {"disturbed": disturbed, "world": world}
        monkeypatch.setattr(learning, "_same", keeping)
        kept = game.run(initial, **options), game.run_batch(initial, 2, attribution=True, **options)
        monkeypatch.setattr(learning, "_same", lambda a, b: False)
        bare = game.run(initial, **options), game.run_batch(initial, 2, attribution=True, **options)
        assert bits(kept[0]) == bits(bare[0])
        assert all_arrays(kept[1]) == all_arrays(bare[1])

    check()


@pytest.mark.parametrize(
    ("disturbed", "lag", "claims", "lessons"),
    [
        # A true print: what was claimed from it, and learned from it, is confirmed.
        (False, 1, 1, 1),
        # A hit: the print without it, asked for to credit the adversary, is the truth.
        (True, 1, 2, 2),
        # Revealed later: the lesson of the first print is confirmed, the claim was another one.
        (False, 2, 4, 2),
    ],
)
def test_a_true_print_is_not_worked_through_twice(monkeypatch, disturbed, lag, claims, lessons):
    counted = Counter()

    def counting(kind, name):
        plain = getattr(kind, name)

        def counted_call(self, *args, **options):
            counted[name] += bool(args[0]) if name == "judged" else 1
            return plain(self, *args, **options)

        monkeypatch.setattr(kind, name, counted_call)

    counting(Team, "claim")
    counting(Team, "judged")
    registry = AgentRegistry((AutoRegression(2),), (AdversaryAgent(),))
    config = SimulationConfig(horizon=20, reveal_lag=lag, attack_total=100.0)
    game = ForecastGame(config, seed=3, registry=registry)
    stopped = game.run(START, 10, disturbed=disturbed).continuation
    counted.clear()
    game.run(START, 10, disturbed=disturbed, resume=stopped)
    assert counted == {"claim": 10 * claims, "judged": 10 * lessons}


def test_nothing_is_kept_over_a_reveal():
    game = ForecastGame(SimulationConfig(horizon=3), seed=3)
    seen = []
    plain = Learning.reveal

    def watched(self, period, rewards):
        plain(self, period, rewards)
        seen.append((len(self._trials), len(self._judged)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learning, "reveal", watched)
        game.run(START)
    assert seen == [(0, 0)] * 3
