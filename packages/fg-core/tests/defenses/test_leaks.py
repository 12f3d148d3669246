"""Metamorphic: no defense sees the attack, only the print."""

from dataclasses import dataclass, field
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
from fg_core.defenses import DriftDetector, NoDefense, defense_from_name
from fg_core.testing import plugin_names

N, ORIGIN, ROUNDS, HIT = 50, 30, 14, 36
NAMES = [
    *plugin_names("fg_core.defenses", "fg-core"),
    "stack:clipping,dampening,bias_guard",
    "stack:innovation_gate,clipping",
]


@dataclass(frozen=True)
class Script:
    plan: dict = field(default_factory=dict)
    name: str = "script"

    def act(self, state, budget=None):
        return AgentAction(self.name, self.plan.get(state.t, 0.0))


def play(values, plan, defense, lag):
    start = datetime(2000, 1, 1, tzinfo=UTC)
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
    config = SimulationConfig(
        horizon=ROUNDS,
        reveal_lag=lag,
        disturbance_prob=0.0,
        attack_cap=100.0,
        attack_total=1e6,
        step_scale=1.0,
    )
    registry = AgentRegistry(
        (RandomWalk(), AutoRegression(order=2)), (Script(plan),), (DefenderAgent(defense),)
    )
    world = ReplayWorld(rows)
    game = ForecastGame(config, seed=3, registry=registry)
    return game.run(world.initial_state(ORIGIN), world=world)


def decided(step):
    doubts = tuple(a for a in step.actions if a.actor == "defender")
    return (step.observation, step.issued, doubts, step.messages)


@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_only_the_print_matters_until_the_reveal(name, lag):
    # Quarters of an integer add exactly: two ways to the same print, bit for bit.
    values = np.cumsum(np.random.default_rng(1).integers(-6, 7, N)) / 4.0
    other = values.copy()
    other[HIT] += 5.25
    defense = defense_from_name(name)
    first = play(values, {HIT: 7.5, ORIGIN + 2: 1.0}, defense, lag)
    second = play(other, {HIT: 2.25, ORIGIN + 2: 1.0}, defense, lag)
    k = HIT - ORIGIN
    assert first.steps[k].attack != second.steps[k].attack
    for i in range(k + lag):
        assert decided(first.steps[i]) == decided(second.steps[i])
    assert decided(first.steps[k + lag]) != decided(second.steps[k + lag])


@pytest.mark.parametrize("name", NAMES)
def test_every_defense_but_none_changes_the_forecast_of_a_suspicious_print(name):
    values = np.cumsum(np.random.default_rng(1).integers(-6, 7, N)) / 4.0
    rule = defense_from_name(name)
    (issued,) = play(values, {HIT: 9.0}, rule, 1).steps[HIT - ORIGIN].issued
    is_idle = rule in (NoDefense(), DriftDetector())  # one print is no drift
    assert (issued.forecast == issued.undefended) == is_idle
    assert (issued.p_bad > 0.0) == (not is_idle)
