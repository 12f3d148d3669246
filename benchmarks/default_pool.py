"""Measure pools and forecasters on series of which nothing is known: FRED-MD before 1985.

Twenty-three monthly series of 1973 to 1984 (144 rows each, as growth rates, logarithms or rates),
none of which is in `us_macro`: the kind of series that a stranger brings, short and alone. Played
from row 48, scored from row 84 on, one and four months ahead, fitted anew every fourth month.

    FG_DATA=path/to/data python benchmarks/default_pool.py

The file is `fred-md/fred-md_2025-08.csv.gz` (McCracken & Ng 2016, J. Business & Economic Statistics
34), which is not part of this repository.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
from pool_play import (  # noqa: E402
    HORIZONS,
    SHOWN,
    Listening,
    Recorded,
    Result,
    measure,
    random_walk,
)

from fg_agents import PoolGrid, PoolOfPools, default_lineup, default_pool  # noqa: E402
from fg_agents.linear import univariate_forecasters  # noqa: E402
from fg_core import (  # noqa: E402
    AgentRegistry,
    AutoRegression,
    Drift,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    SimulationConfig,
)

# r: as it is; l: 100 times the logarithm; g: growth, % a year.
SERIES = (
    *("RPI:g", "INDPRO:g", "CUMFNS:r", "HWI:r", "UEMPMEAN:r", "CLAIMSx:l", "PAYEMS:g", "AWHMAN:r"),
    *("HOUST:l", "M2SL:g", "BUSLOANS:g", "FEDFUNDS:r", "GS10:r", "BAA:r", "PPICMM:l", "CPIAUCSL:l"),
    *("CES0600000008:g", "INVEST:l", "S&P 500:l", "EXUSUKx:r", "PERMIT:l", "INDPRO:l", "M1SL:l"),
)
FIRST_YEAR, LAST_YEAR = 1973, 1984
PLAYED, SCORED, REFIT = 48, 84, 4


def read(path: Path) -> dict[str, tuple[Observation, ...]]:
    """Return the series by name."""
    with gzip.open(path, "rt", encoding="latin1") as file:
        lines = list(csv.reader(file))
    head, body = lines[0], [line for line in lines[1:] if line and line[0][:1].isdigit()]
    months = [(int(d.split("/")[2]), int(d.split("/")[0])) for d in (line[0] for line in body)]
    found = {}
    for item in SERIES:
        name, kind = item.split(":")
        at = head.index(name)
        y = np.array([float(line[at]) if line[at] else np.nan for line in body])
        if kind == "g":
            y = np.concatenate([[np.nan], 1200.0 * np.diff(np.log(y))])
        elif kind == "l":
            y = 100.0 * np.log(y)
        found[item] = tuple(
            Observation(
                datetime(year, month, 1, tzinfo=UTC),
                float(value),
                {},
                datetime(year, month, 28, tzinfo=UTC),
                item,
                "fred_md",
            )
            for (year, month), value in zip(months, y, strict=True)
            if FIRST_YEAR <= year <= LAST_YEAR and np.isfinite(value)
        )
    return found


def record(rows: tuple[Observation, ...], forecasters: tuple) -> Recorded:
    """Play the game once and keep what forecasters said."""
    config = SimulationConfig(
        horizon=len(rows) - 1 - PLAYED,
        max_rounds=10_000,
        horizons=HORIZONS,
        refit_every=REFIT,
        enable_refactor=False,
        lookback=28,
    )
    heard: dict = {}
    listener = Listening(PoolAggregator("equal"), heard)
    game = ForecastGame(config, seed=7, registry=AgentRegistry(forecasters, aggregator=listener))
    world = ReplayWorld(rows)
    start = world.initial_state(PLAYED)
    began = time.process_time()
    out = game.run(start, world=world, disturbed=False, attribution=False)
    cpu = time.process_time() - began
    said = {(i.origin, i.horizon): i.actions for step in out.steps for i in step.issued}
    states = {step.observation.t: step.observation for step in out.steps}
    for (t, h), (state, actions) in heard.items():
        if t < PLAYED:
            states[t], said[t, h] = state, actions
    values = np.array([row.value for row in rows])
    scored = SCORED, len(rows) - 2
    window = world.training(start)
    return Recorded(game.registry.names, values, PLAYED, states, said, window, scored, cpu)


def row(name: str, result: Result, base: Result) -> str:
    """Return one row of the table."""
    skill = 1 - result.means("crps", SHOWN) / base.means("crps", SHOWN)
    cover = result.means("normal_80", SHOWN)
    return (
        f"| {name} | {skill.mean():.3f} | {np.median(skill):.3f} | {skill.min():.2f} | "
        f"{cover.mean():.2f} | {result.cpu:.1f} |"
    )


def main() -> None:
    """Record, replay, score, print."""
    folder = os.environ.get("FG_DATA", "")
    path = Path(folder) / "fred-md" / "fred-md_2025-08.csv.gz"
    if not path.is_file():
        sys.exit(f"{path} is not there; set FG_DATA to the folder that holds fred-md/")
    presets = [one for one in univariate_forecasters() if one.name != "linear_walk"]
    core = (RandomWalk(), Drift(), AutoRegression(order=4, name="ar4"), AutoRegression(name="ar"))
    recorded = {name: record(rows, (*core, *presets)) for name, rows in read(path).items()}
    base = random_walk(recorded)
    plain = {one for one in default_lineup(SimulationConfig()).names if "context" not in one}
    sets = {
        "baselines": {one.name for one in core},
        "line-up `default`": plain,
        "all univariate": {*plain, *(one.name for one in presets)},
    }
    one_idea = dict.fromkeys((one.name for one in presets), "univariate")
    kinds = {
        "equal weights": PoolAggregator("equal"),
        "pool of the core": PoolAggregator(),
        "pool `default`": default_pool().with_groups(one_idea),
        "the same, no shrinkage": PoolOfPools(grid=PoolGrid(shrinkage=0.0)),
    }
    print(f"{len(recorded)} series, {FIRST_YEAR} to {LAST_YEAR}")
    print("| forecasters and pool | mean skill | median | worst | 80 % | CPU s |\n|" + "---|" * 6)
    for name in ("ar4", "ar", "ar_shrunk", "ari_shrunk", "ar_97", "level_40"):
        alone = measure(PoolAggregator("equal"), recorded, name.__eq__)
        print(row(f"{name}, rescaled", alone, base), flush=True)
    for members, names in sets.items():
        for kind, aggregator in kinds.items():
            result = measure(aggregator, recorded, names.__contains__)
            print(row(f"{members}: {kind}", result, base), flush=True)


if __name__ == "__main__":
    main()
