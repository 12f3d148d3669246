"""Measure what tampering costs an AR(4) behind each defense, by size and by rate of the hits.

    python benchmarks/defense_curves.py                 about 15 minutes on one core
    python benchmarks/defense_curves.py --seeds 4       a rough picture; --jobs 2 for two processes

The protocol: `us_macro`, an AR(4) refitted at every fourth origin, origins 1975Q1 to 2009Q2 played
and those from 1985Q1 on scored, one and four quarters ahead. A hit shifts a print up or down by so
many standard deviations of the series' one-step changes over the whole sample (which no agent is
told); the truth is known one origin later. Hits and then signs are drawn before the game, from
`default_rng([seed, number of the series, 1])` for the warm-up and `[..., 0]` for the scored
origins, so that the figures can be compared with those of other programs.

Printed: mean over the eight cells (four series, two horizons) of CRPS attacked / CRPS clean of the
same defense, and the cost of the defense on clean data. In the first table all sizes have the same
expected total, `BUDGET` standard deviations a print, so that small hits are frequent ones. The
second has hits of 3 standard deviations at several rates. The Monte Carlo error is that of the mean
over seeds. Deterministic: the same numbers every time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    Registry,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.protocols import AttackBudget
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 4)
STACK = "stack:clipping,innovation_gate"
SIZES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
BUDGET = 0.5
"""Rate times size, in the first table. With more, hits of 0.5 would have to be more than all."""
RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
RATES_SIZE = 3.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Attack:
    """How often and how much; `seed` is None for no attack."""

    rate: float = 0.0
    size: float = 0.0
    seed: int | None = None


@dataclass(frozen=True)
class PreDrawn:
    """An adversary whose hits were drawn before the game.

    Args:
        hits: One a period, from period `first` on, in one-step scales.
    """

    hits: tuple[float, ...]
    first: int
    name: str = "pre_drawn"

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        unit = 1.0 if budget is None else budget.scale
        return AgentAction(self.name, self.hits[state.t - self.first] * unit)


@dataclass(frozen=True)
class Track:
    """A series and the rows at which the game and the scores begin."""

    world: ReplayWorld
    number: int
    first: int
    scored_from: int
    step_scale: float

    def hits(self, attack: Attack) -> tuple[float, ...]:
        def drawn(n: int, part: int) -> Array:
            generator = np.random.default_rng([attack.seed or 0, self.number, part])
            hit = generator.random(n) < attack.rate
            return np.where(hit, np.where(generator.random(n) < 0.5, -1.0, 1.0), 0.0)

        warm_up = self.scored_from - self.first
        scored = len(self.world.rows) - 1 - self.scored_from
        signs = np.concatenate([drawn(warm_up, 1), drawn(scored, 0)])
        return tuple((attack.size * signs).tolist())


@cache
def track(name: str) -> Track:
    rows = tuple(
        # An AR(4) reads no context, and rows without it are quicker to play.
        replace(row, macro_context={})
        for row in load_dataset("us_macro").series(name)
    )
    world = ReplayWorld(rows)
    changes = np.diff([row.value for row in rows])
    first, scored = (world.row_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (1975, 1985))
    return Track(world, SERIES.index(name), first, scored, float(np.std(changes, ddof=1)))


def mean_crps(defense: str, series: str, attack: Attack) -> list[float]:
    """Return the mean CRPS of one game for each horizon."""
    found = track(series)
    n = len(found.world.rows) - 1 - found.first
    config = SimulationConfig(
        horizon=n,
        max_rounds=n,
        horizons=HORIZONS,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=10.0,
        attack_total=float("inf"),
        step_scale=found.step_scale,
        enable_refactor=False,
    )
    registry = AgentRegistry(
        (AutoRegression(order=4, name="ar4"),),
        () if attack.seed is None else (PreDrawn(found.hits(attack), found.first),),
        (DefenderAgent(defense_from_name(defense)),),
        # One forecaster, taken at its word: the AR(4) as it is, and not what a pool makes of it.
        PoolAggregator("equal", rescale=False),
    )
    game = ForecastGame(config, seed=0, registry=registry)
    out = game.run(found.world.initial_state(found.first), world=found.world, attribution=False)
    return [
        float(
            np.mean(
                [
                    x.crps
                    for x in out.scored
                    if x.issued.horizon == h and x.issued.origin >= found.scored_from
                ]
            )
        )
        for h in HORIZONS
    ]


def cells(task: tuple[str, Attack]) -> Array:
    """Return the mean CRPS of the eight cells."""
    return np.array([mean_crps(task[0], series, task[1]) for series in SERIES]).ravel()


def names() -> list[str]:
    """Return every registered defense once, without aliases, and a stack."""
    registry = Registry("fg_core.defenses")
    own = [name for name in registry.names() if defense_from_name(name).name == name]
    return [*sorted(own, key=lambda name: (name != "innovation_gate", name != "none", name)), STACK]


def percent(share: float) -> str:
    return f"{round(100.0 * share, 1) + 0.0:+.1f} %"  # no minus zero


def table(title: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    heads = [title, *heads]
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--jobs", type=int, default=1)
    given = options.parse_args()
    seeds = range(given.seeds)
    sizes = [(BUDGET / size, size) for size in SIZES]
    rates = [(rate, RATES_SIZE) for rate in RATES]
    attacks = [Attack(rate, size, seed) for rate, size in [*sizes, *rates] for seed in seeds]
    tasks = [(name, attack) for name in names() for attack in [Attack(), *attacks]]
    with ProcessPoolExecutor(given.jobs) as pool:
        done = dict(zip(tasks, pool.map(cells, tasks, chunksize=8), strict=True))
    clean = {name: done[name, Attack()] for name in names()}

    def ratios(name: str, against: str, kind: tuple[float, float]) -> Array:
        """Mean over cells, one a seed."""
        return np.array([np.mean(done[name, Attack(*kind, s)] / clean[against]) for s in seeds])

    def rows(kinds: list[tuple[float, float]], own: bool) -> Iterable[Sequence[str]]:
        for name in names():
            found = [ratios(name, name if own else "none", kind) for kind in kinds]
            error = max(float(np.std(x, ddof=1)) / np.sqrt(len(x)) for x in found)
            yield [f"`{name}`", *(f"{np.mean(x):.3f}" for x in found), f"{error:.3f}"]

    print(f"{given.seeds} seeds")
    table(
        "clean cost",
        ("mean", "worst cell"),
        (
            [f"`{name}`", percent(cost.mean() - 1.0), percent(cost.max() - 1.0)]
            for name in names()
            for cost in [clean[name] / clean["none"]]
        ),
    )
    for own, words in ((True, "own clean score"), (False, "clean score without a defense")):
        print(f"\nCRPS attacked, relative to the {words}")
        heads = (*(f"{size:g} at {rate:.2g}" for rate, size in sizes), "error at most")
        table("size at rate", heads, rows(sizes, own))
        table(
            f"rate of {RATES_SIZE:g}",
            (*(f"{r:g}" for r in RATES), "error at most"),
            rows(rates, own),
        )
    print(
        "\nThe protocol (3 at 0.2), cell by cell: "
        + ", ".join(SERIES)
        + " at one, then at four quarters"
    )
    for name in names():
        hit = np.mean([done[name, Attack(0.2, 3.0, s)] for s in seeds], axis=0) / clean[name]
        by_horizon = hit.reshape(len(SERIES), len(HORIZONS)).T.ravel()
        print(f"{name:32s}" + " ".join(f"{x:5.2f}" for x in by_horizon))


if __name__ == "__main__":
    main()
