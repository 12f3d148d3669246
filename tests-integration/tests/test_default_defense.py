"""What tampering costs an AR(4) on real data, with the default defense and without.

`benchmarks/defense_curves.py` measures it with more seeds, for all defenses, sizes and rates.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    ForecastGame,
    PoolAggregator,
    RandomHits,
    ReplayWorld,
    SimulationConfig,
)
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
pytestmark = pytest.mark.slow

HORIZONS = (1, 4)
SEEDS = (11, 12, 13)


@dataclass(frozen=True)
class Series:
    world: ReplayWorld
    first: int
    scored_from: int
    step_scale: float


def series(name):
    rows = tuple(replace(row, macro_context={}) for row in load_dataset("us_macro").series(name))
    world = ReplayWorld(rows)
    first, scored = (world.row_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (1975, 1985))
    return Series(world, first, scored, float(np.std(np.diff([r.value for r in rows]), ddof=1)))


def mean_crps(one, seed, *, defended, hit):
    n = len(one.world.rows) - 1 - one.first
    config = SimulationConfig(
        horizon=n,
        max_rounds=n,
        horizons=HORIZONS,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=3.0,
        attack_total=float("inf"),
        step_scale=one.step_scale,
        enable_refactor=False,
    )
    registry = AgentRegistry(
        (AutoRegression(order=4, name="ar4"),),
        (RandomHits(probability=0.2, size=3.0),) if hit else (),
        (DefenderAgent(),) if defended else (),
        PoolAggregator("equal", rescale=False),
    )
    game = ForecastGame(config, seed=seed, registry=registry)
    out = game.run(one.world.initial_state(one.first), world=one.world, attribution=False)
    return [
        np.mean(
            [
                x.crps
                for x in out.scored
                if x.issued.horizon == h and x.issued.origin >= one.scored_from
            ]
        )
        for h in HORIZONS
    ]


@pytest.fixture(scope="module")
def scores():
    """Mean CRPS, shape (series, horizon), clean and for each seed; without and with a defense."""
    every = [series(name) for name in SERIES]
    return {
        defended: (
            np.array([mean_crps(one, 0, defended=defended, hit=False) for one in every]),
            # Each series has hits of its own.
            np.array(
                [
                    [
                        mean_crps(one, 10 * seed + k, defended=defended, hit=True)
                        for k, one in enumerate(every)
                    ]
                    for seed in SEEDS
                ]
            ),
        )
        for defended in (False, True)
    }


def test_the_default_defense_keeps_the_damage_small(scores):
    damage = {defended: hit.mean(axis=0) / clean for defended, (clean, hit) in scores.items()}
    assert damage[False].mean() > 1.4
    assert damage[True].mean() < 1.14
    assert damage[True].max() < 0.5 * damage[False].max()


def test_the_default_defense_costs_next_to_nothing_on_clean_data(scores):
    cost = scores[True][0] / scores[False][0]
    assert cost.mean() < 1.01
    assert cost.max() < 1.04
    assert (cost != 1.0).any()
