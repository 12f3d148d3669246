"""Tasks of an engine in a process of its own, one line of JSON per request and answer.

`array_engine.py` starts this file twice: with the packages of this checkout, and with those of the
old engine. It uses only names that both have. Times are CPU seconds without imports.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from engine_agreement import numbers
from plain_loop import ROUNDS, START, THREE, fitted, game_of, largest_difference, plain_loop

import fg_core
from fg_agents import default_lineup
from fg_core import (
    AgentAction,
    AutoRegression,
    ForecastGame,
    ForecastState,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)
from fg_data import load_dataset

FIRST_YEAR = 1985


@dataclass(frozen=True)
class OneByOne:
    """A forecaster without an array form."""

    inner: Any
    name: str

    def fit(self, window: Any) -> OneByOne:
        return OneByOne(self.inner.fit(window), self.name)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        said = self.inner.act(state, horizon)
        return AgentAction(self.name, said.delta, scale=said.scale)


@dataclass(frozen=True, eq=False)
class Hits:
    """An adversary with hits in the unit of the series, shape (game, period), from `first_t` on."""

    hits: Any
    first_t: int
    first_game: int = 0
    name: str = "hits"

    def delta(self, state: Any, _budget: Any = None) -> Any:
        column = self.hits[:, state.t - self.first_t]
        if np.ndim(state.value) == 0:
            return float(column[self.first_game])
        return column[: len(state.value)]

    def act(self, state: ForecastState, budget: Any = None) -> AgentAction:
        return AgentAction(self.name, self.delta(state, budget))


def spent(run: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    began = time.process_time()
    run()
    return time.process_time() - began


def where() -> str:
    """Return which engine this is."""
    return str(fg_core.__file__)


def one_game(*, one_by_one: bool, repeats: int) -> float:
    """Return the seconds of a round of one game with its full record, the least of some."""
    forecasters: tuple[Any, ...] = THREE
    if one_by_one:
        more = (AutoRegression(n, name=f"ar{n}") for n in (1, 3, 4))
        slow = (OneByOne(one, f"slow_{one.name}") for one in (*THREE, *more))
        forecasters = (*slow, RandomWalk())
    game = game_of(forecasters)
    return min(spent(lambda: game.run(START)) for _ in range(repeats)) / ROUNDS


def batch(*, games: int, reward: str, block: int | None = None) -> float:
    """Return the seconds of a batch."""
    options: dict[str, Any] = {} if block is None else {"games_per_block": block}
    return spent(lambda: game_of(THREE).run_batch(START, games, reward=reward, **options))


@cache
def unemployment() -> tuple[ReplayWorld, int]:
    """Return the world of a series of us_macro, and the row that games begin in."""
    data = load_dataset("us_macro")
    rows = data.series("unemp")
    first = next(i for i, row in enumerate(rows) if row.timestamp.year >= FIRST_YEAR)
    return ReplayWorld(rows, season_length=data.season_length), first


def attacked(*, games: int, any_size: bool) -> dict[str, Any]:
    """Play attacked games of the line-up `default` on one series, and return their CPU time.

    Every fifth print is hit, by about three one-step scales: all by 0.9, or by any number of tenths
    up to 1.8, up or down. The old engine has no batch of such games; it plays one after the other.

    Args:
        games: How many.
        any_size: Whether sizes differ.

    Returns:
        CPU seconds, and the forecasts of the first games, shape (game, round).
    """
    world, first = unemployment()
    rounds = len(world.rows) - 1 - first
    rng = np.random.default_rng(1)
    hit = rng.random((1000, rounds)) < 0.2
    sign = np.where(rng.random((1000, rounds)) < 0.5, -1.0, 1.0)
    tenths = rng.integers(1, 19, (1000, rounds)) if any_size else 9
    # What is added to values such that the sum is one of tenths, so that both engines, of which
    # the new one rounds prints to what the series is recorded in, print the same.
    values = np.array([row.value for row in world.rows[first:-1]])
    prints = np.round(values + sign * tenths / 10.0, 1)
    adversary = Hits(np.where(hit, prints - values, 0.0), first)
    config = SimulationConfig(
        horizon=1000,
        max_rounds=1000,
        horizons=(1, 4),
        refit_every=4,
        disturbance_prob=0.0,
        attack_total=float("inf"),
        attack_cap=float("inf"),
        enable_refactor=False,
    )
    registry = replace(default_lineup(config), adversaries=(adversary,))
    start = world.initial_state(first)
    means = np.zeros((0, 0))
    began = time.process_time()
    if hasattr(ForecastGame, "run_groups"):
        game = ForecastGame(config, seed=3, registry=registry)
        means = game.run_batch(start, games, world=world).horizons[1].mean
    else:
        rows = []
        for i in range(games):
            own = replace(registry, adversaries=(replace(adversary, first_game=i),))
            game = ForecastGame(config, seed=3, registry=own, game=i)
            out = game.run(start, world=world, attribution=False)
            rows.append([step.forecast for step in out.steps])
        means = np.array(rows)
    seconds = time.process_time() - began
    return {"seconds": seconds, "means": means[:10].tolist()}


def loop(*, games: int, mixtures: bool) -> float:
    """Return the seconds of a round of the plain loop."""
    fit = fitted()
    return spent(lambda: [plain_loop(fit, i, mixtures) for i in range(games)]) / (games * ROUNDS)


def loop_difference() -> float:
    """Return by how much the plain loop and `ForecastGame.run` differ at most."""
    return largest_difference()


TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task
    for task in (where, one_game, batch, attacked, loop, loop_difference, numbers)
}


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = TASKS[request["task"]](**request["options"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
