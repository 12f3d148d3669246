"""Measure how fast scenario fans are, and how often later values of `us_macro` lie inside them.

    python benchmarks/fans.py speed       seconds for 10,000 paths of 24 steps
    python benchmarks/fans.py coverage    about a minute: origins 1985Q1 to 2009Q2, default window
    python benchmarks/fans.py choose      about two minutes: the same of 1975Q1 to 1984Q3 (targets
                                          before 1985), by window of the residuals and noise

At each origin, a world is calibrated on the rows up to it, and 1,000 paths of 8 steps are drawn.
Printed per setting: the share of later values between the 10th and the 90th percentile, mean over
steps 1 to 8, by series and over the four series; and the CRPS of the paths relative to those of a
random walk with drift (no pressure, all residuals), mean over series. "+ column" has the named
context column in the world, which then stays as it was last known. Deterministic.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from fg_core import (
    ForecastState,
    Observation,
    ScenarioGenerator,
    SimulatedWorld,
    default_agent_factory,
)
from fg_core.scoring.crps import crps_sample
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")
STEPS, PATHS = 8, 1000
WINDOWS: tuple[int | None, ...] = (20, 40, 60, 80, None)
RANDOM_WALK: dict[str, Any] = {"pressure": False, "residual_window": None}


def fans_of_series(
    rows: Sequence[Observation], first: int, end: int, columns: Sequence[str], **options: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return hits of the 80 % interval and CRPS of origins, shape (origin, step) each.

    Args:
        rows: rows of a series.
        first: year of the first origin.
        end: year before which all targets lie.
        columns: context columns of the world.
        options: options of `calibrate`.
    """
    values = np.array([row.value for row in rows])
    n = sum(row.timestamp.year < end for row in rows)
    origins = [t for t in range(n - 1) if rows[t].timestamp.year >= first]
    hits, scores = (np.full((len(origins), STEPS), np.nan) for _ in range(2))
    for i, t in enumerate(origins):
        generator = ScenarioGenerator.calibrated(rows[: t + 1], columns=columns, **options)
        fan = generator.generate(None, PATHS, STEPS, percentiles=(10, 90))
        later = values[t + 1 : min(t + 1 + STEPS, n)]
        low, high = fan.percentiles()[: later.size].T
        hits[i, : later.size] = (low <= later) & (later <= high)
        scores[i, : later.size] = crps_sample(fan.paths().T[: later.size], later)
    return hits, scores


def line(
    name: str, first: int, end: int, columns: Callable[[str], list[str]], **options: Any
) -> None:
    """Print coverage and CRPS of a setting."""
    dataset = load_dataset("us_macro")
    coverages, relative, by_step = [], [], []
    for series in SERIES:
        rows = dataset.series(series)
        hits, scores = fans_of_series(rows, first, end, columns(series), **options)
        _, walk = fans_of_series(rows, first, end, [], **RANDOM_WALK)
        by_step.append(np.nanmean(hits, axis=0))
        coverages.append(float(np.mean(by_step[-1])))
        relative.append(float(np.mean(np.nanmean(scores, axis=0) / np.nanmean(walk, axis=0))))
    each = "  ".join(f"{share:7.1%}" for share in coverages)
    print(
        f"{name:28}{each}   {np.mean(coverages):7.1%}   {np.mean(relative):6.3f}   "
        f"{min(np.mean(by_step, axis=0)):.1%} .. {max(np.mean(by_step, axis=0)):.1%}",
        flush=True,
    )


def heading() -> None:
    """Print what the columns are."""
    each = "  ".join(f"{series:>7}" for series in SERIES)
    print(f"{'coverage of 80 %':28}{each}      mean     CRPS   by step")


def speed() -> None:
    """Print how long fans take, the best of five."""
    world = SimulatedWorld(0.4, 0.15)
    start = ForecastState(0, 10.0, 0.0, 0.0)
    generator = ScenarioGenerator(world)

    def best(work: Callable[[], Any]) -> float:
        found = []
        for _ in range(5):
            begin = time.perf_counter()
            work()
            found.append(time.perf_counter() - begin)
        return min(found)

    def fan(**options: Any) -> None:
        made = generator.generate(start, 10_000, 24, **options)
        for quantity in made.quantities:
            made.percentiles(quantity)
            made.errors(quantity)

    seconds = best(fan)
    print(f"10,000 paths x 24, clean                        {seconds:6.3f} s")
    seconds = best(lambda: fan(disturbed=True))
    print(f"10,000 paths x 24, clean and disturbed          {seconds:6.3f} s")
    seconds = best(lambda: fan(disturbed=True, agents=default_agent_factory))
    print(f"the same, with prints and forecasts of a game   {seconds:6.3f} s")
    rows = load_dataset("us_macro").series("unemp")
    seconds = best(lambda: ScenarioGenerator.calibrated(rows, columns=["tbilrate"]))
    print(f"calibration on 203 rows and a column            {seconds:6.3f} s")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("speed", "coverage", "choose"))
    what = parser.parse_args().what
    if what == "speed":
        speed()
        return
    heading()
    if what == "choose":
        for noise in ("normal", "residuals"):
            for window in WINDOWS:
                line(
                    f"{noise}, window {window or 'all'}",
                    *(1975, 1985),
                    lambda _: [],
                    noise=noise,
                    residual_window=window,
                )
        return
    late = (1985, 2010)
    line("normal", *late, lambda _: [])
    line("residuals", *late, lambda _: [], noise="residuals")
    line("normal, + tbilrate or infl", *late, lambda s: ["infl" if s == "tbilrate" else "tbilrate"])
    line("normal, no pressure", *late, lambda _: [], pressure=False)
    line("random walk with drift", *late, lambda _: [], **RANDOM_WALK)


if __name__ == "__main__":
    main()
