"""Forecasts of intermittent demand of known law, and of real shares that are often zero.

Series of six laws, 120 months each; the law of each month is known, so that the CRPS that nobody
can beat is known too. Nothing was tuned on the seeds that are scored: the pool's rule was chosen
on the seeds of `--design`.

    uv run benchmarks/intermittent.py                # figures of docs/research/intermittent.md
    uv run benchmarks/intermittent.py --design       # what the rule of the pool was chosen on
    uv run benchmarks/intermittent.py --gpr FILE.xls # shares of articles on small countries
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fg_agents import default_lineup
from fg_agents.presets import intermittent_lineup
from fg_backtest import backtest
from fg_core import (
    AgentRegistry,
    PoolAggregator,
    SimulationConfig,
    dataset_from_table,
    default_agent_factory,
)
from fg_core.distributions import Mass, StatedDistribution
from fg_core.pooling import rule_by_name

Array = NDArray[np.float64]
Law = tuple[Array, Array]
"""Places and masses of one month's demand."""

ROWS, SERIES = 120, 8
RULES = ("equal", "bayesian")


def negative_binomial(mean: float, size: float) -> Law:
    """Return the law of counts with this mean and dispersion."""
    from scipy.stats import nbinom

    k = np.arange(0.0, 200.0)
    return k, nbinom.pmf(k, size, size / (size + mean))


def occasional(probability: float, mean: float) -> Law:
    """Return the law of a sale that comes with a probability, and then has a geometric size."""
    k = np.arange(0.0, 200.0)
    sizes = np.where(k > 0.0, (1.0 / mean) * (1.0 - 1.0 / mean) ** np.maximum(k - 1.0, 0.0), 0.0)
    masses = probability * sizes
    masses[0] = 1.0 - probability
    return k, masses


def stationary(rng: np.random.Generator) -> list[Law]:
    """Counts of one law throughout."""
    return [negative_binomial(rng.uniform(0.2, 2.0), rng.uniform(0.2, 2.0))] * ROWS


def rare(rng: np.random.Generator) -> list[Law]:
    """Sales that come one month in three to ten, in small numbers."""
    return [occasional(rng.uniform(0.1, 0.33), rng.uniform(1.2, 6.0))] * ROWS


def ending(rng: np.random.Generator) -> list[Law]:
    """Demand that ends between the middle and the last quarter."""
    law, end = occasional(rng.uniform(0.2, 0.5), rng.uniform(1.2, 6.0)), rng.integers(60, 100)
    return [law] * int(end) + [occasional(0.0, 2.0)] * (ROWS - int(end))


def shifting(rng: np.random.Generator) -> list[Law]:
    """Demand that becomes two to four times as frequent in one month, or as rare."""
    low, times = rng.uniform(0.08, 0.2), rng.uniform(2.0, 4.0)
    mean, at = rng.uniform(1.2, 6.0), int(rng.integers(50, 95))
    laws = [occasional(low, mean), occasional(low * times, mean)]
    first, second = laws if rng.random() < 0.5 else laws[::-1]
    return [first] * at + [second] * (ROWS - at)


def seasonal(rng: np.random.Generator) -> list[Law]:
    """Demand in half of the year, and little in the other."""
    high, mean = rng.uniform(0.4, 0.8), rng.uniform(1.2, 6.0)
    laws = [occasional(high if month < 6 else 0.1 * high, mean) for month in range(12)]
    return [laws[t % 12] for t in range(ROWS)]


def lumpy(rng: np.random.Generator) -> list[Law]:
    """Rare sales of very different, broken sizes."""
    sizes = np.exp(rng.normal(rng.uniform(0.0, 3.0), 0.8, 200))
    share = rng.uniform(0.15, 0.4)
    return [(np.append(0.0, sizes), np.append(1.0 - share, np.full(200, share / 200)))] * ROWS


LAWS: dict[str, Callable[[np.random.Generator], list[Law]]] = {
    law.__name__: law for law in (stationary, rare, ending, shifting, seasonal, lumpy)
}


def drawn(
    law: str, seed: int, n: int = SERIES
) -> tuple[dict[str, list[float]], dict[str, list[Law]]]:
    """Return series of a law, and the law of each of their months."""
    values, laws = {}, {}
    for i in range(n):
        rng = np.random.default_rng([seed, *law.encode(), i])
        own = LAWS[law](rng)
        path = [float(rng.choice(places, p=masses / masses.sum())) for places, masses in own]
        if np.count_nonzero(path[:60]) >= 3:
            values[f"{law}{i}"], laws[f"{law}{i}"] = path, own
    return values, laws


def best_possible(result: object, laws: dict[str, list[Law]]) -> float:
    """Return the mean over cells of the CRPS of the true law, over the random walk's."""
    ratios = []
    for name, one in result.report.series.items():  # type: ignore[attr-defined]
        for h, cell in one.horizons.items():
            scores = []
            for origin in cell.origins:
                if origin.target is not None:
                    places, masses = laws[name][origin.origin + int(h)]
                    there = masses > 0.0
                    pairs = zip(places[there], masses[there] / masses.sum(), strict=True)
                    scores.append(_crps(tuple(pairs), origin.target))
            ratios.append(np.mean(scores) / cell.contenders["random_walk"].crps)
    return 1.0 - float(np.mean(ratios))


_KNOWN: dict[object, StatedDistribution] = {}


def _crps(pairs: tuple[tuple[float, float], ...], value: float) -> float:
    if pairs not in _KNOWN:
        total = sum(mass for _, mass in pairs)
        _KNOWN[pairs] = StatedDistribution(None, tuple(Mass(x, m / total) for x, m in pairs))
    return _KNOWN[pairs].crps(value)


def with_rule(name: str, config: SimulationConfig) -> AgentRegistry:
    """Return the line-up for intermittent demand with another rule of weights."""
    from dataclasses import replace

    pool = PoolAggregator(rule_by_name(name), name=f"pool_{name}")
    return replace(intermittent_lineup(config), aggregator=pool)


def table(values: dict[str, list[float]]) -> dict[str, list[object]]:
    """Return series as a table in the wide format."""
    n = len(next(iter(values.values())))
    months = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(n)]
    return {"month": list(months), **{name: list(path) for name, path in values.items()}}


def skills(values: dict[str, list[float]], factory: object, **settings: object) -> object:
    """Return the backtest of series at 1 and 3 months."""
    data = dataset_from_table(table(values), ds="month", y=list(values))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return backtest(data, agent_factory=factory, horizons=(1, 3), **settings)


def main() -> None:
    """Print mean CRPS skill against the random walk by law and contender."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--design", action="store_true")
    options.add_argument("--gpr", default="")
    options.add_argument("--series", type=int, default=SERIES)
    asked = options.parse_args()
    seed = 1 if asked.design else 2
    if asked.gpr:
        gpr(asked.gpr)
        return
    rules = RULES if asked.design else ()
    rows: dict[str, dict[str, str]] = {}
    for law in LAWS:
        values, laws = drawn(law, seed, asked.series)
        begun = time.perf_counter()
        result = skills(values, intermittent_lineup, nonnegative=True)
        took = time.perf_counter() - begun
        found = _column(result)
        found["true law"] = f"{best_possible(result, laws):+.3f}"
        if asked.design:
            for rule in rules:
                found[f"pool: {rule}"] = _column(skills(values, partial(with_rule, rule)))[
                    "ensemble"
                ]
        else:
            for name, factory in (
                ("default", default_lineup),
                ("baselines", default_agent_factory),
            ):
                found[f"line-up {name}"] = _column(skills(values, factory, nonnegative=True))[
                    "ensemble"
                ]
        print(f"{law}: {len(values)} series, {took:.1f} s", file=sys.stderr, flush=True)
        for contender, text in found.items():
            rows.setdefault(contender, {})[law] = text
    print(f"| contender | {' | '.join(LAWS)} | mean |")
    for contender, cells in rows.items():
        numbers = [float(text) for text in cells.values() if text[:1] in ("+", "-")]
        mean = f"{np.mean(numbers):+.3f}" if len(numbers) == len(LAWS) else ""
        print(f"| {contender} | {' | '.join(cells.get(law, '') for law in LAWS)} | {mean} |")


def _column(result: object) -> dict[str, str]:
    summary = result.report.summary  # type: ignore[attr-defined]
    cells = summary.cells
    return {
        name: "" if one.mean_skill is None or one.cells < cells else f"{one.mean_skill:+.3f}"
        for name, one in summary.contenders.items()
    }


def gpr(path: str) -> None:
    """Print skill and coverage on shares of articles that name small countries."""
    import pandas as pd

    frame = pd.read_excel(path)
    names = [name for name in frame if str(name).startswith("GPRHC_")]
    frame = frame[names].dropna()
    often = [n for n in names if 0.3 <= (frame[n] == 0.0).mean() <= 0.95]
    values = {str(n): frame[n].astype(float).tolist()[-600:] for n in often}
    print(f"{len(values)} series of {len(next(iter(values.values())))} months")
    for name, factory in (("intermittent", intermittent_lineup), ("default", default_lineup)):
        for on in (True, False):
            result = skills(values, factory, nonnegative=on)
            print(name, "censored" if on else "not censored")
            for contender, one in result.report.summary.contenders.items():  # type: ignore[attr-defined]
                print(f"  {contender}: {one.mean_skill} {one.mean_coverage_80}")


if __name__ == "__main__":
    main()
