"""A gate that went on from its own replacements would lock the data out; ours comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    Observation,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name

ORIGIN = 60
NAMES = ["innovation_gate", "stack:clipping,innovation_gate"]


@dataclass(frozen=True)
class EveryThird:
    size: float
    name: str = "every_third"

    def act(self, state, budget=None):
        return AgentAction(self.name, self.size * (-1.0) ** state.t if state.t % 3 == 0 else 0.0)


def play(values, forecaster, defense, *, hits=0.0, lag=1):
    start = datetime(1950, 1, 1, tzinfo=UTC)
    rows = tuple(
        Observation(
            start + timedelta(days=31 * i),
            float(v),
            {},
            start + timedelta(days=31 * i + 40),
            "s",
            "test",
        )
        for i, v in enumerate(values)
    )
    n = len(rows) - 1 - ORIGIN
    config = SimulationConfig(
        horizon=n,
        max_rounds=n,
        reveal_lag=lag,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=1e3,
        attack_total=float("inf"),
        step_scale=1.0,
        enable_refactor=False,
    )
    registry = AgentRegistry(
        (forecaster,),
        (EveryThird(hits),) if hits else (),
        (DefenderAgent(defense_from_name(defense)),),
    )
    world = ReplayWorld(rows)
    game = ForecastGame(config, seed=3, registry=registry)
    return game.run(world.initial_state(ORIGIN), world=world, attribution=False)


@pytest.mark.parametrize("forecaster", [RandomWalk(), AutoRegression(order=2)])
@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_a_new_level_is_believed_as_soon_as_it_is_revealed(name, lag, forecaster):
    values = np.cumsum(np.random.default_rng(5).normal(size=ORIGIN + 30))
    jump = ORIGIN + 10
    values[jump:] += 40.0
    out = play(values, forecaster, name, lag=lag)
    doubts = [step.issued[0].p_bad for step in out.steps]
    errors = {x.issued.origin: abs(x.error) for x in out.scored}
    at = jump - ORIGIN
    assert doubts[at] > 0.9 or name.startswith("stack")  # clipping says 1 of every print
    assert errors[jump] > 30.0
    # The level is known `lag` periods later, and from then on nothing is out of the ordinary.
    assert max(errors[t] for t in errors if t >= jump + lag) < 12.0
    if not name.startswith("stack"):
        assert max(doubts[at + lag :]) < 0.5


@pytest.mark.parametrize("name", NAMES)
def test_it_does_not_diverge_under_large_hits_for_ever(name):
    values = np.cumsum(np.random.default_rng(6).normal(size=ORIGIN + 160))
    clean, hit, bare = (
        play(values, RandomWalk(), defense, hits=hits)
        for defense, hits in ((name, 0.0), (name, 25.0), ("none", 25.0))
    )
    losses = [float(np.mean([x.crps for x in out.scored])) for out in (clean, hit, bare)]
    assert losses[1] < 1.6 * losses[0]
    assert losses[2] > 5.0 * losses[0]
    late = [abs(x.error) for x in hit.scored[-60:]]
    assert max(late) < 8.0
