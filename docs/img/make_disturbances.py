"""Draw the picture of each disturbance: the same game with it and without, and its shocks.

    python docs/img/make_disturbances.py

The draws are those of game 0 of seed 7, so the pictures show what a game of these settings plays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from drawing import COLOURS, GREY, Panel, write_svg

from fg_core import ForecastState, Registry, SimulationConfig, evolve_state
from fg_core.rng import Stream

ROUNDS = 80
SEED = 7
PROBABILITY = {
    "gaussian": 0.1,
    "shift": 0.1,
    "evasion": 0.3,
    "volatility_scaled": 1.0,
    "regime_shift": 1.0,
    "volatility_burst": 0.1,
    "drift": 0.3,
}
WIDTH, HEIGHT = 640, 264


def play(name: str, probability: float) -> tuple[list[float], list[float], list[float]]:
    """Return the values of a clean and a disturbed game, and the disturbances."""
    rule = Registry("fg_core.disturbances").load(name)()
    config = SimulationConfig(disturbance_prob=probability)
    noise, nature = Stream(SEED, "noise"), Stream(SEED, "disturbance", rule.name)
    clean = disturbed = ForecastState(0, 2.0, 0.0, 0.0)
    paths: tuple[list[float], list[float], list[float]] = ([2.0], [2.0], [])
    for t in range(ROUNDS):
        uniforms = [nature.uniform(t, i) for i in range(rule.n_uniforms)]
        normals = [nature.normal(t, rule.n_uniforms + i) for i in range(rule.n_normals)]
        shock = float(rule.sample(disturbed, uniforms, normals, config))
        step = config.base_noise_std * noise.normal(t)
        clean = evolve_state(clean, base_trend=0.0, noise=step, disturbance=0.0)
        disturbed = evolve_state(disturbed, base_trend=0.0, noise=step, disturbance=shock)
        paths[0].append(clean.value)
        paths[1].append(disturbed.value)
        paths[2].append(shock)
    return paths


def limits(*paths: list[float]) -> tuple[float, float]:
    """Return a range with some air around all the numbers."""
    numbers = np.concatenate([*paths])
    low, high = float(numbers.min()), float(numbers.max())
    air = 0.08 * max(high - low, 0.1)
    return low - air, high + air


def draw(name: str, probability: float, folder: Path) -> None:
    """Write the picture of one disturbance."""
    clean, disturbed, shocks = play(name, probability)
    rounds = list(range(ROUNDS + 1))
    upper = Panel(48, 30, WIDTH - 64, 110, (0, ROUNDS), limits(clean, disturbed))
    lower = Panel(48, 172, WIDTH - 64, 52, (0, ROUNDS), limits(shocks, [0.0]))
    upper.axes("value")
    upper.text(WIDTH - 16, 23, f"disturbance_prob = {probability:g}", colour=GREY, anchor="end")
    upper.text(110, 23, "without", colour=GREY)
    upper.text(164, 23, "with", colour=COLOURS[0])
    upper.line(rounds, clean, GREY)
    upper.line(rounds, disturbed, COLOURS[0])
    lower.axes("disturbance, in world units", "round")
    lower.stems(rounds[:-1], shocks, COLOURS[1])
    title = f"A simulated series with and without the disturbance {name}, and its shocks"
    write_svg(folder / f"disturbance_{name}.svg", (WIDTH, HEIGHT), title, (upper, lower))


if __name__ == "__main__":
    for each, how_often in PROBABILITY.items():
        draw(each, how_often, Path(__file__).parent)
