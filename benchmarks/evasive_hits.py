"""Measure what hits cost an AR(4) that is defended by one who is known, and sees other columns.

    python benchmarks/evasive_hits.py                   about 3 minutes

`us_macro` with its context columns, an AR(4) refitted at every fourth origin, origins 1975Q1 to
2009Q2 played and those from 1985Q1 on scored, one and four quarters ahead; the true value is known
one quarter later. Hits fall on one print in five: random ones of one size, or those of
`EvasiveHit`, which has a copy of the episode filter and plays the hit of which most gets past it,
with and without hits on two other columns. The cap of a round is shared by all that is hit in it:
that of the largest hit, or three times as much.

Printed: CRPS relative to that without hits and without a defender, mean and worst of eight cells.
The last columns are the size of the hits on the print that the episode filter meets, in one-step
scales: the median over scored hits, mean of four series, and the smallest and largest of these
medians. "Blind" is the filter where rows have no other columns. Deterministic, but for six seeds of
random hits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ForecastGame,
    PoolAggregator,
    RandomHits,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.agents import EvasiveHit
from fg_core.agents.by_name import defender_from_name
from fg_core.game import GameGroup
from fg_core.protocols import Adversary
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
HORIZONS = (1, 4)
RANDOM_SEEDS = 6
DEFENDERS = ("none", "innovation_gate", "blind", "episode_filter")
Attack = Callable[[], Adversary]
ATTACKS: dict[str, tuple[Attack, float]] = {
    "random 3": (lambda: RandomHits(probability=0.2, size=3.0), 3.0),
    "evasive 3": (lambda: EvasiveHit(size=3.0), 3.0),
    "evasive 3, two columns": (lambda: EvasiveHit(size=3.0, columns=2), 3.0),
    "random 5": (lambda: RandomHits(probability=0.2, size=5.0), 5.0),
    "evasive 5": (lambda: EvasiveHit(size=5.0), 5.0),
    "evasive 5, two columns": (lambda: EvasiveHit(size=5.0, columns=2), 5.0),
    "evasive 5, three columns, cap 20": (lambda: EvasiveHit(size=5.0, columns=3), 20.0),
}
"""Adversaries, and the cap of a round in one-step scales."""


def scores(
    defender: str, series: str, attack: Attack | None, cap: float
) -> tuple[NDArray[np.float64], float]:
    """Return the mean CRPS of the scored origins, shape (horizon,), and the median hit there."""
    rows = load_dataset("us_macro").series(series)
    if defender == "blind":
        rows = tuple(replace(row, macro_context={}) for row in rows)
    world = ReplayWorld(tuple(rows))
    first, scored = (world.row_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (1975, 1985))
    n = len(rows) - 1 - first
    config = SimulationConfig(
        horizon=n,
        max_rounds=n,
        horizons=HORIZONS,
        refit_every=4,
        disturbance_prob=0.0,
        enable_refactor=False,
        attack_cap=cap,
        attack_total=1e9,
    )
    name = "episode_filter" if defender == "blind" else defender
    adversaries = () if attack is None else (attack(),)
    registry = AgentRegistry(
        (AutoRegression(order=4, name="ar4"),),
        adversaries,
        (defender_from_name(name),),
        PoolAggregator("equal", rescale=False),
    )
    games = RANDOM_SEEDS if adversaries and isinstance(adversaries[0], RandomHits) else 1
    group = GameGroup(world.initial_state(first), world, n_games=games)
    game = ForecastGame(config, seed=5, registry=registry)
    out = game.run_groups([group], disturbed=attack is not None)
    begin = scored - first
    hits = np.abs(out.attacks[:, begin:]) / np.reshape(out.step_scale, (-1, 1))
    median = float(np.median(hits[hits > 0.0])) if (hits > 0.0).any() else 0.0
    crps = [np.nanmean(out.horizons[h].score[:, begin + h - 1 :]) for h in HORIZONS]
    return np.array(crps), median


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    clean = {series: scores("none", series, None, 1.0)[0] for series in SERIES}
    print(f"| hits | {' | '.join(DEFENDERS)} | median hit |\n|{'---|' * (len(DEFENDERS) + 2)}")
    for label, (attack, cap) in {"none": (None, 1.0), **ATTACKS}.items():
        cells = []
        for defender in DEFENDERS:
            found = [scores(defender, one, attack, cap) for one in SERIES]
            ratio = np.array(
                [crps / clean[one] for one, (crps, _) in zip(SERIES, found, strict=True)]
            )
            cells.append(f"{ratio.mean():.3f} ({ratio.max():.2f})")
        sizes = np.array([size for _, size in found])  # of the last: the episode filter
        cells.append(f"{sizes.mean():.2f} ({sizes.min():.2f} to {sizes.max():.2f})")
        print(f"| {label} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
