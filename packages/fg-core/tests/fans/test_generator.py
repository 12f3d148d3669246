"""Fans against the law of the world, the games that they are made of, and each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from fg_core import (
    ConfigError,
    DataError,
    ForecastGame,
    ForecastState,
    ScenarioGenerator,
    SimulatedWorld,
    SimulationConfig,
    default_agent_factory,
)
from fg_core.fans import PERCENTILES
from fg_core.transcendental import ndtri
from fg_core.transition import ExogenousLaw

START = ForecastState(3, 10.0, 0.5, 0.0, macro_context={"rate": 1.5})
WORLD = SimulatedWorld(0.2, 0.7, {"rate": -0.3})
MOMENTUM = replace(WORLD, exogenous_law=ExogenousLaw(0.4, 0.6, from_noise=1.0))
LEAST_P_VALUE = 1e-7
"""With 240 percentiles, the test fails by chance for less than one seed in 10^4."""


def exact_moments(world, horizon, rates):
    """Return mean and standard deviation of a linear world at each step, by its recursion."""
    law = world.exogenous_law
    mean, pressure, means = START.value, START.exogenous, []
    for rate in (START.macro_context["rate"], *rates[: horizon - 1]):
        mean += world.base_trend + law.effect * pressure + world.coeff_map["rate"] * rate
        pressure *= law.persistence
        means.append(mean)
    # Noise moves the value by 1 at once, and by effect p^(k - 1) through the pressure k steps on.
    later = law.effect * law.from_noise * law.persistence ** np.arange(horizon - 1)
    reached = 1.0 + np.concatenate([[0.0], np.cumsum(later)])
    return np.array(means), world.noise_std * np.sqrt(np.cumsum(reached**2))


@pytest.mark.parametrize("world", [WORLD, MOMENTUM], ids=["plain", "momentum"])
@pytest.mark.parametrize("rates", [None, (5.0,), (0.0, 2.0, -1.0)], ids=["as it is", "one", "path"])
def test_percentiles_are_those_of_the_normal_law(world, rates):
    n, horizon = 20_000, 8
    told = None if rates is None else {"rate": rates}
    fan = ScenarioGenerator(world, seed=11).generate(START, n, horizon, given=told)
    known = (1.5,) if rates is None else rates
    path = (*known, *(known[-1],) * horizon)[:horizon]
    means, deviations = exact_moments(world, horizon, path)
    for level in PERCENTILES:
        exact = means + deviations * ndtri(level / 100.0)
        below = np.count_nonzero(fan.paths() <= exact, axis=0)
        # The number of paths below the true percentile is binomial.
        tail = np.minimum(binom.cdf(below, n, level / 100.0), binom.sf(below - 1, n, level / 100.0))
        assert (2.0 * tail > LEAST_P_VALUE).all()
    z = fan.percentiles() - means[:, None] - np.outer(deviations, ndtri(np.array(fan.levels) / 100))
    assert (np.abs(z) < 7.0 * fan.errors()).all()
    event = fan.probability(above=float(means[-1]))
    assert abs(event.by_step[-1] - 0.5) < 6.0 * event.by_step_errors[-1]


@pytest.mark.parametrize("model", ["gaussian", "regime_shift", "volatility_scaled", "drift"])
def test_a_path_is_a_game(model):
    config = SimulationConfig(disturbance_prob=0.5, disturbance_model=model)
    fan = ScenarioGenerator(MOMENTUM, config, seed=4).generate(START, 4, 14, disturbed=True)
    for disturbed, quantity in ((True, "disturbed"), (False, "clean")):
        game = ForecastGame(config, seed=4, game=2)
        played = game.run(START, 14, world=MOMENTUM, disturbed=disturbed)
        assert [step.target for step in played.steps] == fan.paths(quantity)[2].tolist()
    assert (fan.paths("clean") != fan.paths("disturbed")).any()


def test_attacked_fans_are_the_prints_and_forecasts_of_the_game():
    config = SimulationConfig(disturbance_prob=0.3, attack_total=20.0)
    generator = ScenarioGenerator(WORLD, config, seed=4)
    told = {"rate": (0.0, 3.0)}
    fan = generator.generate(START, 6, 9, disturbed=True, agents=default_agent_factory, given=told)
    assert fan.quantities == ("clean", "disturbed", "print", "forecast")
    world = replace(WORLD, context_paths=told, paths_from=START.t + 1)
    game = ForecastGame(replace(config, horizons=(1,)), seed=4, game=5)
    steps = game.run(START, 10, world=world).steps
    assert [step.target for step in steps[:9]] == fan.paths()[5].tolist()
    assert [step.forecast for step in steps[:9]] == fan.paths("forecast")[5].tolist()
    batch = game.run_batch(START, 1, 10, world=world)
    assert batch.prints[0, 1:].tolist() == fan.paths("print")[5].tolist()
    assert batch.attacks[0, 1:].any()
    quiet = generator.generate(START, 6, 9, agents=default_agent_factory, given=told)
    assert quiet.quantities == ("clean", "print", "forecast")
    assert (quiet.paths() == fan.paths("clean")).all()


def test_no_bit_depends_on_blocks_nor_on_other_paths():
    generator = ScenarioGenerator(MOMENTUM, SimulationConfig(disturbance_prob=0.5), seed=2)
    options = {"horizon": 5, "disturbed": True, "agents": default_agent_factory}
    whole = generator.generate(START, 23, **options)
    cut = generator.generate(START, 23, paths_per_block=7, **options)
    part = generator.generate(START, 5, first_path=9, **options)
    other = replace(generator, seed=3).generate(START, 23, **options)
    for name in whole.quantities:
        assert whole.paths(name).tobytes() == cut.paths(name).tobytes()
        assert whole.paths(name)[9:14].tobytes() == part.paths(name).tobytes()
        assert (whole.paths(name)[:, -1] != other.paths(name)[:, -1]).any()
    assert whole.percentiles().tobytes() == cut.percentiles().tobytes()


def test_what_comes_later_does_not_move_what_comes_before():
    generator = ScenarioGenerator(WORLD)
    short, long = (generator.generate(START, 50, horizon) for horizon in (3, 70))
    assert (long.paths()[:, :3] == short.paths()).all()
    known = generator.generate(START, 50, 6, given={"rate": (1.0, 2.0, 3.0)})
    other = generator.generate(START, 50, 6, given={"rate": (1.0, 2.0, 9.0)})
    assert (known.paths()[:, :3] == other.paths()[:, :3]).all()
    assert (known.paths()[:, 3:] != other.paths()[:, 3:]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_paths": 0}, "n_paths must be a whole number >= 1, got 0"),
        ({"horizon": 0}, "horizon must be a whole number >= 1, got 0"),
        ({"horizon": 2.5}, "horizon must be a whole number >= 1"),
        ({"percentiles": (50, 101)}, "percentiles must increase"),
        ({"given": {"rat": 1.0}}, r"'rat' does not move this world.*: rate"),
        ({"given": {"rate": float("nan")}}, "'rate' must be given as a finite number"),
        ({"given": {"rate": "5"}}, "'rate' must be given as a finite number"),
        ({"given": {"rate": (1.0,) * 4}, "horizon": 3}, "given for 4 steps, and the fan has 3"),
        ({"n_paths": 10**12}, "ask for fewer paths"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ConfigError, match=message) as caught:
        ScenarioGenerator(WORLD).generate(START, **options)
    assert "\n" not in str(caught.value)


def test_a_fan_begins_somewhere_in_a_simulated_world():
    with pytest.raises(DataError, match="give `initial`, or calibrate the world"):
        ScenarioGenerator(WORLD).generate()
    with pytest.raises(ConfigError, match="SimulatedWorld, got a str"):
        ScenarioGenerator("world")
    with pytest.raises(DataError, match="left the range of numbers in period 4"):
        ScenarioGenerator(replace(WORLD, noise_std=1e308)).generate(START, 200, 2)
    own = replace(WORLD, context_paths={"rate": (1.0,)}, paths_from=9)
    with pytest.raises(ConfigError, match="context paths of its own"):
        ScenarioGenerator(own).generate(START, given={"rate": 1.0})
