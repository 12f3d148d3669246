"""Numbers of random games, to compare two engines before anything is timed.

Games of all registered parts that both engines have: settings, disturbances, adversaries, defenses,
modes of the pool, worlds with and without segments, alone and in batches. Left out is what the old
engine did wrong: credit of agents where a value is revealed later than it is scored, prints with
more digits than the series has (series here have all digits), worlds without noise, in which an
autoregression fits to the last digit and anything decides what comes next.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    Drift,
    EqualWeightPool,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    Observation,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    Registry,
    ReplayWorld,
    SeasonalNaive,
    SimulationConfig,
)

__all__ = ["largest_gap", "numbers"]

Arrays = dict[str, list[float]]

DISTURBANCES = ("gaussian", "shift", "evasion", "volatility_scaled", "regime_shift", "drift")
ADVERSARIES = ("against_trend", "random_hits", "largest_hit", "slow_poison", "two_quarter")
DEFENSES = ("innovation_gate", "none", "dampening", "clipping", "bias_guard", "ensemble")
MODES = (
    *("bayesian", "equal", "rank", "reward_proportional", "bates_granger", "crps_learning"),
    *("log_score", "forgetting_grid"),
)
SHORT = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
LONG = ForecastState(
    t=30,
    value=3.0,
    exogenous=0.5,
    hidden_shift=0.0,
    macro_context={"rate": 0.2},
    history=tuple(np.cumsum(np.sin(np.arange(20.0))).tolist()),
)


@dataclass(frozen=True)
class Whim:
    """A forecaster without an array form, which learns and is absent now and then."""

    name: str = "whim"
    seen: float = 0.0

    def fit(self, window: Any) -> Whim:
        return replace(self, seen=float(window.values[-1]))

    def update(self, revealed: Any) -> Whim:
        return replace(self, seen=0.5 * self.seen + 0.5 * revealed.value)

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        if np.sin(3.0 * state.value) > 0.7:
            raise ForecastUnavailable("not in the mood")
        delta = 0.1 * horizon * (self.seen - state.value) + 0.01 * sum(state.history[-3:])
        return AgentAction(self.name, delta, scale=0.5 if np.sin(state.value) > 0 else None)


FORECASTERS = (
    RandomWalk(),
    Drift(),
    SeasonalNaive(),
    AutoRegression(order=0, name="ar0"),
    AutoRegression(order=2, name="ar2"),
    AutoRegression(max_order=3),
    EqualWeightPool((RandomWalk(), Drift(), AutoRegression(order=1))),
    Whim(),
)


def record(segments: bool) -> ReplayWorld:
    """Return a random walk with all its digits, as a recorded series."""
    values = np.cumsum(np.random.default_rng(2).normal(0, 1, 70)) + 20.0
    first = datetime(2000, 1, 1, tzinfo=UTC)
    return ReplayWorld(
        tuple(
            Observation(
                first + timedelta(days=i),
                value,
                {"a": float(i)},
                first + timedelta(days=i),
                "s",
                "x",
                segment_values={"b": value / 4, "c": 3 * value / 4} if segments else {},
            )
            for i, value in enumerate(values.tolist())
        )
    )


def random_game(number: int) -> tuple[ForecastGame, ForecastState, ReplayWorld | None, dict]:
    """Return the game of a number, its initial state, its world and further options."""
    draw = random.Random(number)
    c = draw.choice
    config = SimulationConfig(
        horizon=c((3, 6, 9, 12, 25)),
        horizons=tuple(draw.sample((1, 2, 3, 4), draw.randint(1, 3))),
        reveal_lag=draw.randint(1, 3),
        disturbance_model=c(DISTURBANCES),
        disturbance_prob=c((0.0, 0.3, 1.0)),
        disturbance_scale=c((0.5, 3.0)),
        adversarial_intensity=c((0.0, 1.0, 2.5)),
        attack_cap=c((0.0, 0.5, 3.0, np.inf)),
        attack_total=c((0.0, 2.0, np.inf)),
        attack_cost=c((0.0, 0.3)),
        season_length=c((1, 4)),
        lookback=c((8, 64)),
        refit_every=c((0, 0, 3)),
        fit_gap=c((0, 0, 2)),
        observe_exogenous=c((True, False)),
        coeff_map=c(({}, {"rate": 0.3})),
        step_scale=c((0.3, None)),
        persistence=c((None, 0.5, 0.0)),
        train_window=c((None, 30)),
    )
    forecasters = draw.sample(FORECASTERS, draw.randint(1, 5))
    if len(forecasters) == 1:
        forecasters = [RandomWalk()]  # somebody is always there
    load = Registry("fg_core.adversaries").load
    adversaries = tuple(load(name)() for name in draw.sample(ADVERSARIES, draw.randint(0, 3)))
    load = Registry("fg_core.defenses").load
    defenders = tuple(
        DefenderAgent(load(name)(), name=f"defender-{name}")
        for name in draw.sample(DEFENSES, draw.randint(0, 2))
    )
    pool = PoolAggregator(
        mode=c(MODES),
        likelihood=c(("gaussian", "student_t")),
        floor=c((0.0, 0.001)),
        rescale=c((True, False)),
        shrinkage=c((0.0, 0.2)),
        combination=c(("linear", "linear", "logarithmic")),
    )
    refactorer = c((None, RefactoringAgent(step_size=0.3)))
    registry = AgentRegistry(tuple(forecasters), adversaries, defenders, pool, refactorer)
    kind = c(("simulated", "longer", "replay", "segments"))
    initial, world = LONG if kind == "longer" else SHORT, None
    if kind in ("replay", "segments"):
        world = record(kind == "segments")
        initial = world.initial_state(40)
    game = ForecastGame(
        config, seed=draw.randrange(2**64), registry=registry, game=draw.randint(0, 9)
    )
    options = {"disturbed": c((True, True, False)), "reward": c(("crps", "error"))}
    return game, initial, world, options


def alone(number: int) -> Arrays:
    """Return the record of a game played alone, by name."""
    game, initial, world, options = random_game(number)
    out = game.run(initial, world=world, **options)
    issued = [one for step in out.steps for one in step.issued]
    return {
        "target": [step.target for step in out.steps],
        "print": [step.observation.value for step in out.steps],
        "attack": [step.attack for step in out.steps],
        "team": [step.reward_breakdown.get("team", np.nan) for step in out.steps],
        "adversaries": [step.reward_breakdown.get("adversaries", np.nan) for step in out.steps],
        "mean": [one.forecast.mean for one in issued],
        "variance": [one.forecast.variance for one in issued],
        "undefended": [one.undefended.mean for one in issued],
        "p_bad": [one.p_bad for one in issued],
        "delta": [action.delta for one in issued for action in one.actions if action is not None],
        "crps": [one.crps for one in out.scored],
        "weight": [weight for own in out.weights.values() for weight in own.values()],
    }


def together(number: int) -> Arrays:
    """Return the record of a batch of three games, by name."""
    game, initial, world, options = random_game(number)
    out = game.run_batch(initial, 3, world=world, keep=("claims",), games_per_block=2, **options)
    found = {name: getattr(out, name) for name in ("targets", "prints", "attacks", "p_bad")}
    for h, one in out.horizons.items():
        for name in ("mean", "variance", "score", "deltas"):
            found[f"{name}, horizon {h}"] = getattr(one, name)
    return {name: np.asarray(array).ravel().tolist() for name, array in found.items()}


def numbers(*, first: int, count: int) -> list[dict[str, Arrays]]:
    """Return the records of games, alone and in batches."""
    chosen = range(first, first + count)
    return [{"alone": alone(number), "batch": together(number)} for number in chosen]


def gaps(old: list[dict[str, Arrays]], new: list[dict[str, Arrays]]) -> Iterator[tuple[float, str]]:
    for number, (one, other) in enumerate(zip(old, new, strict=True)):
        for kind, arrays in one.items():
            for name, array in arrays.items():
                a, b = np.array(array, dtype=float), np.array(other[kind][name], dtype=float)
                where = f"{name} of game {number}, {kind}"
                if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
                    yield np.inf, where
                    continue
                known = np.isfinite(a) | np.isfinite(b)
                apart = np.abs(a[known] - b[known]) / np.maximum(1.0, np.abs(a[known]))
                yield float(np.max(apart, initial=0.0)), where


def largest_gap(old: list[dict[str, Arrays]], new: list[dict[str, Arrays]]) -> tuple[float, str]:
    """Return by how much the numbers of two engines differ at most, and where.

    Relative to the number, or to 1 where it is smaller; infinite where one engine has a number and
    the other has none.
    """
    return max(gaps(old, new))
