"""Count how often `fg-forecast --check` finds planted errors, and how often it doubts true prints.

A series is cut after a row, as if that were the newest, and the print of the row is left as it is
or moved by a number of one-step scales (the standard deviation of the one-step changes before it),
up or down. Each cut is checked with what was known then: 40 origins are played before.

    python benchmarks/newest_print.py                   made-up series
    python benchmarks/newest_print.py --us-macro early  us_macro, cuts from 1970Q1 to 1984Q4
    python benchmarks/newest_print.py --us-macro late   us_macro, cuts from 1985Q1 to 2009Q3

Printed is, per size and threshold, the share of the prints whose p_bad is at least the threshold.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from fg_backtest import LatestForecaster, LineUp
from fg_backtest.datasets import fetch_dataset
from fg_core import Dataset, Observation, Provenance

SIZES = (0.0, 2.0, 3.0, 5.0, 8.0, 12.0)
THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.5)
FEWEST = 62
SERIES = 300


def planted(rows: Sequence[Observation], label: str) -> list[Observation]:
    """Return the rows as often as there are sizes and signs, with the last print moved."""
    values = np.array([row.value for row in rows])
    step = float(np.std(np.diff(values[:-1]), ddof=1))
    found = []
    for size in SIZES:
        for sign in (1.0, -1.0) if size else (1.0,):
            name = f"{label}|{size:g}|{sign:+g}"
            moved = [*values[:-1].tolist(), float(values[-1] + sign * size * step)]
            found += [
                replace(row, series_id=name, value=value)
                for row, value in zip(rows, moved, strict=True)
            ]
    return found


def made_up(seed: int) -> Iterator[Dataset]:
    """Return series of several kinds: stationary, nearly and wholly integrated, heavy tails."""
    rng = np.random.default_rng(seed)
    kinds = (("AR .5", 0.5, 0), ("AR .9", 0.9, 0), ("random walk", 1.0, 0), ("AR .9, t4", 0.9, 4))
    for kind, phi, tails in kinds:
        found: list[Observation] = []
        for number in range(SERIES):
            noise = rng.standard_t(tails, 150) if tails else rng.standard_normal(150)
            values = [0.0]
            for shock in noise.tolist():
                values.append(phi * values[-1] + shock)
            days = [datetime(1980 + t // 12, t % 12 + 1, 1, tzinfo=UTC) for t in range(150)]
            rows = [
                Observation(day, value, {}, day, kind, "made up")
                for day, value in zip(days, values[1:], strict=True)
            ]
            found += planted(rows, f"{kind}|{number}")
        yield Dataset(tuple(found), Provenance("made up", "", "none", "none"), frequency="M")


def us_macro(period: str) -> Iterator[Dataset]:
    """Return us_macro cut after each row of a period."""
    data = fetch_dataset("us_macro")
    first, last = {
        "early": (datetime(1970, 1, 1, tzinfo=UTC), datetime(1984, 12, 31, tzinfo=UTC)),
        "late": (datetime(1985, 1, 1, tzinfo=UTC), datetime(2009, 12, 31, tzinfo=UTC)),
    }[period]
    longest = max(len(data.series(name)) for name in data.series_ids)
    for back in range(longest - 25):
        found: list[Observation] = []
        for name in data.series_ids:
            rows = data.series(name)[: len(data.series(name)) - back]
            if len(rows) > 25 and first <= rows[-1].timestamp <= last:
                found += planted(rows, name)
        if found:
            yield replace(data, observations=tuple(found), units={})


def main() -> None:
    """Play, count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--us-macro", choices=("early", "late"))
    parser.add_argument("--agents", default="baselines")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    forecaster = LatestForecaster((1,), agent_factory=LineUp(asked.agents))
    doubts: dict[tuple[str, float], list[float]] = defaultdict(list)
    for dataset in us_macro(asked.us_macro) if asked.us_macro else made_up(3):
        for name, one in forecaster.run(dataset, jobs=asked.jobs).items():
            parts = name.split("|")
            doubts[parts[0], float(parts[-2])].append(one.p_bad)
            doubts["all", float(parts[-2])].append(one.p_bad)
    print(f"{'series':12} {'size':>5} {'n':>6} {'median':>8}", *(f"{t:>6}" for t in THRESHOLDS))
    for (kind, size), p_bad in sorted(doubts.items()):
        found = np.array(p_bad)
        shares = " ".join(f"{np.mean(found >= t):6.1%}" for t in THRESHOLDS)
        print(f"{kind:12} {size:5g} {found.size:6} {np.median(found):8.4f} {shares}")


if __name__ == "__main__":
    main()
