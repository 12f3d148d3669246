"""What a round keeps for the case that a reported value is true saves work and changes no bit."""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.game import GameGroup, trials
from fg_core.game.learning import Learning
from fg_core.game.trials import Trials
from fg_core.testing._play import fingerprint

BEGIN = 30


@dataclass(frozen=True)
class Counting:
    """A forecaster that counts what it is asked."""

    name: str = "counting"
    level: float = 0.0
    calls: Counter = field(default_factory=Counter, compare=False, repr=False)

    def fit(self, window):
        self.calls["fit"] += 1
        return replace(self, level=float(window.values[-1]))

    def act(self, state, horizon=1):
        self.calls["act"] += 1
        return AgentAction(self.name, 0.1 * (self.level - state.value), scale=1.0)

    def sensitivity(self, state, horizon=1):
        return 0.9


@dataclass(frozen=True)
class CountingLearner(Counting):
    def update(self, revealed):
        self.calls["update"] += 1
        return replace(self, level=0.5 * self.level + 0.5 * revealed.value)


class ValueLearner(CountingLearner):
    learns_from_values = True


HITS = ScriptedAdversary(np.ones(40), first_t=BEGIN)


@pytest.mark.parametrize("horizons", [(1,), (1, 2, 4)])
@pytest.mark.parametrize(
    ("kind", "hits", "lag", "act", "update", "fit"),
    [
        # A true value: what was forecast from it, learned from it and fitted on it is confirmed.
        (Counting, (), 1, 1, 0, 1),
        (ValueLearner, (), 1, 1, 1, 1),
        # What learns from more than values is told more with the reveal.
        (CountingLearner, (), 1, 2, 2, 2),
        # A hit: the value without it, asked for to credit the adversary, is the truth. It is asked
        # for the first horizon alone, and fits are made once per value.
        (Counting, (HITS,), 1, 2, 0, 2),
        # Revealed later: what was forecast is another thing by then, fits are not.
        (Counting, (), 2, 2, 0, 2),
    ],
)
def test_a_true_value_is_not_worked_through_twice(
    series, kind, hits, lag, act, update, fit, horizons
):
    agent = kind()
    world = series(60, 1)
    config = SimulationConfig(
        horizon=20,
        horizons=horizons,
        reveal_lag=lag,
        refit_every=5,
        disturbance_prob=0.0,
        attack_total=100.0,
    )
    game = ForecastGame(config, seed=3, registry=AgentRegistry((agent,), hits))
    options = {"world": world, "disturbed": bool(hits)}
    stopped = game.run(world.initial_state(BEGIN), 10, **options).continuation
    agent.calls.clear()
    game.run(world.initial_state(BEGIN), 10, resume=stopped, **options)
    asked = len({*horizons, lag})
    assert agent.calls == Counter(act=10 * act * asked, update=10 * update, fit=2 * fit)


@pytest.mark.parametrize("attribution", [False, True])
def test_games_on_one_series_ask_once_per_value_that_was_reported(series, attribution):
    agent = ValueLearner()
    world = series(60, 1)
    scripts = np.zeros((30, 10))
    scripts[::3, 4] = 1.0
    config = SimulationConfig(
        horizon=10, refit_every=2, disturbance_prob=0.0, attack_total=9.0, attack_cap=3.0
    )
    registry = AgentRegistry(
        (agent,), (ScriptedAdversary(scripts, first_t=BEGIN),), (DefenderAgent(),)
    )
    game = ForecastGame(config, seed=3, registry=registry)
    groups = (GameGroup(world.initial_state(BEGIN), world, n_games=30),)
    agent.calls.clear()
    out = game.run_groups(groups, attribution=attribution)
    assert np.count_nonzero(out.attacks) == 10
    # Before the games, and once a round; twice where two values were reported, and once more for
    # all games where the hit is left out.
    assert agent.calls["fit"] == 1 + 5 + 1 + attribution
    assert agent.calls["update"] == 10 + 1 + attribution
    # Where a value is doubted, what takes its place is asked for game by game.
    doubted = int((out.p_bad > 0.0).sum()) * (1 + attribution)
    assert agent.calls["act"] <= 1 + 10 + 1 + attribution + doubted


def test_games_are_those_that_keep_nothing(differing, monkeypatch):
    nothing = np.zeros(0, dtype=np.intp)
    bare = {
        "same_values": lambda a, b: False,
        "lanes_with": lambda *_: (False, None),
        "same_lanes": lambda a, b: False,
    }

    def played(one, disturbed):
        options = {"attribution": True, "disturbed": disturbed}
        batch = one.game.run_groups(one.groups, **options)
        first = one.groups[0]
        alone = one.game.run(first.initial, 5, world=first.world, **options)
        arrays = (batch.means, batch.variances, batch.crps, batch.p_bad)
        arrays += (*batch.weights.values(), *batch.attribution.values())
        return (
            [np.ascontiguousarray(array).tobytes() for array in arrays],
            fingerprint((alone.steps, alone.weights, alone.convergence)),
        )

    @given(differing, st.booleans())
    @settings(max_examples=max(8, settings.default.max_examples // 4))
    def check(one, disturbed):
        kept = played(one, disturbed)
        with monkeypatch.context() as patch:
            for name, instead in bare.items():
                patch.setattr(trials, name, instead)
            patch.setattr(Trials, "fitted_on", lambda *given: (None, None))
            patch.setattr(
                Learning, "_distinct", lambda self, t, revealed, seen, lanes: (nothing, None)
            )
            found = played(one, disturbed)
        assert found[0] == kept[0]
        assert found[1] == kept[1]

    check()


def test_nothing_is_kept_over_a_reveal(series, monkeypatch):
    seen = []
    plain = Learning.reveal

    def watched(self, period, t, rewards):
        told = plain(self, period, t, rewards)
        seen.append(len(self._trials))
        return told

    monkeypatch.setattr(Learning, "reveal", watched)
    world = series(60, 1)
    ForecastGame(SimulationConfig(horizon=3), seed=3).run(world.initial_state(BEGIN), world=world)
    assert seen == [0] * 3
