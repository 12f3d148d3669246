"""What is settled before the first round: rules chosen by name, scales, how many rounds."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    DataError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    RandomWalk,
    Registry,
    SimulatedWorld,
    SimulationConfig,
)
from fg_core.agents import RandomHits
from fg_core.defenses import NoDefense, defense_from_name
from fg_core.errors import UnknownPluginError
from fg_core.game.preparation import rounds_to_play
from fg_core.protocols import OutlierAssessment
from fg_core.testing import LineWorld

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def distinct(group):
    """One name of each thing in a group: that its aliases load the same is tested beside it."""
    return sorted({item.target: item.name for item in Registry(group).items()}.values())


DISTURBANCES = distinct("fg_core.disturbances")
DEFENSES = distinct("fg_core.defenses")
HITS = RandomHits(probability=0.5, size=4.0)


# -------------------------------------------------------------------------------- chosen by name


@pytest.mark.parametrize("name", DISTURBANCES)
def test_the_settings_choose_the_disturbance(name):
    config = SimulationConfig(horizon=40, disturbance_model=name, disturbance_prob=1.0)
    game = ForecastGame(config, seed=3)
    rule = Registry("fg_core.disturbances").load(name)
    assert game.disturbance == rule()
    assert any(step.disturbance != 0.0 for step in game.run(START).steps)


@pytest.mark.parametrize("name", [*DEFENSES, "stack:clipping,innovation_gate"])
def test_the_settings_choose_the_defense(name):
    config = SimulationConfig(horizon=40, defense_model=name, attack_cap=4.0, attack_total=60.0)
    game = ForecastGame(config, seed=3)
    (defender,) = game.registry.defenders
    assert defender.defense == defense_from_name(name)
    registry = replace(game.registry, adversaries=(HITS,))
    steps = ForecastGame(config, seed=3, registry=registry).run(START).steps
    doubted = [step.issued[0].forecast != step.issued[0].undefended for step in steps]
    assert any(doubted) == (defender.defense != NoDefense())
    by_hand = replace(registry, defenders=(DefenderAgent(defense_from_name(name)),))
    assert ForecastGame(config, seed=3, registry=by_hand).run(START).steps == steps


@pytest.mark.parametrize("setting", ["disturbance_model", "defense_model"])
def test_a_name_that_nobody_provides_is_an_error(setting):
    with pytest.raises(UnknownPluginError, match="earthquake"):
        ForecastGame(SimulationConfig(**{setting: "earthquake"}))


# ----------------------------------------------------------------------------- the one-step scale


@dataclass(frozen=True)
class Ruler:
    """A defense that writes down the scale that it is told."""

    name: str = "ruler"
    told: list = field(default_factory=list, compare=False)

    def start(self):
        return ()

    def doubt(self, memory, displacement, scale, step_scale):
        self.told.append(step_scale)
        return OutlierAssessment(0.0 * displacement, 0.0, scale)

    def learn(self, memory, *told):
        self.told.append(told[-1])
        return memory


@pytest.mark.parametrize(
    "settings", [{}, {"step_scale": 2.5}, {"train_window": 12, "fit_gap": 3}, {"reveal_lag": 3}]
)
def test_defenses_measure_in_the_scale_of_the_budget(settings):
    ruler = Ruler()
    registry = AgentRegistry((RandomWalk(),), (HITS,), (DefenderAgent(ruler),))
    config = SimulationConfig(horizon=5, **settings)
    game = ForecastGame(config, seed=3, registry=registry)
    out = game.run(START)
    assert set(ruler.told) == {out.step_scale}
    assert out.step_scale == settings.get("step_scale", out.step_scale)
    ruler.told.clear()
    many = game.run_batch(START, 2)
    assert {float(told) for told in np.ravel(ruler.told)} == {many.step_scale} == {out.step_scale}


# ------------------------------------------------------------------------------------ how many


@pytest.mark.parametrize(
    ("rounds", "played", "expected"),
    [
        (None, 0, (10, 10)),
        (None, 4, (6, 10)),
        (None, 11, (0, 11)),
        (3, 0, (3, 3)),
        (3, 4, (3, 7)),
        (-2, 4, (0, 4)),
        (99, 0, (15, 99)),
        (99, 12, (3, 111)),
    ],
)
def test_rounds_are_counted_from_the_first(rounds, played, expected):
    config = SimulationConfig(horizon=10, max_rounds=15)
    state = replace(START, t=played)
    world = SimulatedWorld.from_config(config, 3)
    assert rounds_to_play(config, state, world, rounds, played) == (*expected, None)


def test_a_world_that_ends_counts_from_the_first_round_as_well():
    config = SimulationConfig(horizon=100, max_rounds=100)
    world = LineWorld(1.0, 0.1, 20)
    first = world.initial_state()
    assert rounds_to_play(config, first, world, None) == (20, 100, 20)
    assert rounds_to_play(config, replace(first, t=first.t + 5), world, None, 5) == (15, 100, 20)


def test_a_game_begins_in_a_period_that_there_is():
    config = SimulationConfig()
    world = SimulatedWorld.from_config(config, 3)
    with pytest.raises(DataError, match="at least 0, got -1"):
        rounds_to_play(config, replace(START, t=-1), world, None)
    with pytest.raises(DataError, match="at least 0, got -2"):
        rounds_to_play(config, replace(START, t=3), world, None, 5)
