"""Measure forecasts from the last row: time and accuracy, beside statsforecast on the same table.

Weekly series of 150 rows are forecast one to four weeks ahead by `fg_backtest.forecast` (line-ups
`baselines` and `default`, 40 origins before the last row or, with `--fast`, none) and by models of
statsforecast, one after the other in this process, on one data frame and one core. The four weeks
that follow are held out and score everybody.

    uv run --project benchmarks python benchmarks/latest_forecasts.py            50 series
    uv run --project benchmarks python benchmarks/latest_forecasts.py 2000 --without AutoARIMA

The series are made up by four laws, which nothing of ours was tuned on (the seed neither), a
quarter of them each: a random walk with a season of 52 weeks, an autoregression with a season, a
local level with noise, and a trend with autoregressive errors. The laws are known, so that the
best possible forecast is, too: every score stands beside that of the law itself.

CRPS is twice the mean pinball loss at the levels 0.05 to 0.95, for everybody alike; that of
statsforecast is of the ends of its intervals and its mean. Scores are in units of the standard
deviation of one-step innovations, which is 1 in all laws but for the local level's noise.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy.stats import norm  # noqa: E402

from fg_backtest import forecast  # noqa: E402

Array = NDArray[np.float64]

ROWS, AHEAD, SEASON = 150, 4, 52
LEVELS = np.arange(1, 20) / 20.0
LOW, HIGH = 1, 17  # places of 0.1 and 0.9 in LEVELS
SEED = 20261130
PHI = 0.7


@dataclass(frozen=True)
class Made:
    """A series, what follows it, and the law's own forecast of that."""

    law: str
    values: Array
    target: Array
    mean: Array
    scale: Array


# ------------------------------------------------------------------------------------ the laws


def walk(rng: np.random.Generator) -> Made:
    """Random walk with a season."""
    season = 5.0 * np.sin(np.arange(ROWS + AHEAD) * 2.0 * np.pi / SEASON)
    level = 100.0 + np.cumsum(rng.standard_normal(ROWS + AHEAD))
    mean = level[ROWS - 1] + season[ROWS:]
    return _made("walk and season", level + season, mean, np.sqrt(np.arange(1, AHEAD + 1)))


def autoregression(rng: np.random.Generator) -> Made:
    """Autoregression around a season."""
    season = 100.0 + 3.0 * np.sin(np.arange(ROWS + AHEAD) * 2.0 * np.pi / SEASON)
    return _around("AR and season", season, rng)


def trend(rng: np.random.Generator) -> Made:
    """Autoregression around a line."""
    return _around("trend and AR", 50.0 + 0.1 * np.arange(ROWS + AHEAD), rng)


def local_level(rng: np.random.Generator) -> Made:
    """Random walk of small steps, seen with noise; the law's forecast is the Kalman filter's."""
    step = 0.4
    level = 100.0 + step * np.cumsum(rng.standard_normal(ROWS + AHEAD))
    values = level + rng.standard_normal(ROWS + AHEAD)
    mean, variance = 100.0, 0.0
    for y in values[:ROWS].tolist():
        variance += step**2
        gain = variance / (variance + 1.0)
        mean, variance = mean + gain * (y - mean), variance * (1.0 - gain)
    scale = np.sqrt(variance + step**2 * np.arange(1, AHEAD + 1) + 1.0)
    return _made("local level", values, np.full(AHEAD, mean), scale)


def _around(law: str, centre: Array, rng: np.random.Generator) -> Made:
    error, errors = 0.0, []
    for shock in rng.standard_normal(ROWS + AHEAD).tolist():
        error = PHI * error + shock
        errors.append(error)
    steps = np.arange(1, AHEAD + 1)
    mean = centre[ROWS:] + PHI**steps * errors[ROWS - 1]
    scale = np.sqrt((1.0 - PHI ** (2 * steps)) / (1.0 - PHI**2))
    return _made(law, centre + np.array(errors), mean, scale)


def _made(law: str, values: Array, mean: Array, scale: Array) -> Made:
    shown = np.round(values, 2)
    return Made(law, shown[:ROWS], shown[ROWS:], mean, scale)


LAWS = (walk, autoregression, local_level, trend)


def panel(n: int) -> list[Made]:
    """Return the series; number i has the law i modulo 4."""
    return [LAWS[i % len(LAWS)](np.random.default_rng([SEED, i])) for i in range(n)]


def table(series: list[Made]) -> pd.DataFrame:
    """Return the table that everybody is given."""
    weeks = pd.date_range("2019-01-07", periods=ROWS, freq="W-MON")
    frames = [
        pd.DataFrame({"unique_id": f"s{i:05}", "ds": weeks, "y": one.values})
        for i, one in enumerate(series)
    ]
    return pd.concat(frames, ignore_index=True)


# ------------------------------------------------------------------------------ the forecasters


def ours(agents: str, warmup: int) -> Callable[[pd.DataFrame], Array]:
    """Return a function from a table to quantiles, shape (series, horizon, level)."""

    def run(frame: pd.DataFrame) -> Array:
        found = forecast(frame, horizons=range(1, AHEAD + 1), agents=agents, warmup=warmup)
        return np.array([one.quantiles(LEVELS.tolist()) for one in found.values()])

    return run


def theirs(make: Callable[[], object]) -> Callable[[pd.DataFrame], Array]:
    """Return the same of a model of statsforecast, from the ends of its intervals."""
    from statsforecast import StatsForecast

    def run(frame: pd.DataFrame) -> Array:
        engine = StatsForecast(models=[make()], freq="W-MON", n_jobs=1)
        found = engine.forecast(df=frame, h=AHEAD, level=list(range(10, 100, 10)))
        name = found.columns[2]
        lows = [found[f"{name}-lo-{level}"] for level in range(90, 0, -10)]
        highs = [found[f"{name}-hi-{level}"] for level in range(10, 100, 10)]
        columns = np.column_stack([*lows, found[name], *highs])
        return columns.reshape(-1, AHEAD, LEVELS.size)

    return run


def contenders() -> dict[str, Callable[[pd.DataFrame], Array]]:
    """Return everybody by name.

    Raises:
        SystemExit: statsforecast is not installed.
    """
    try:
        from statsforecast.models import AutoARIMA, AutoETS, SeasonalNaive
    except ImportError:
        raise SystemExit(
            "statsforecast is missing: uv run --project benchmarks python "
            "benchmarks/latest_forecasts.py"
        ) from None
    return {
        "baselines": ours("baselines", 40),
        "default": ours("default", 40),
        "baselines --fast": ours("baselines", 0),
        "default --fast": ours("default", 0),
        # AutoETS knows no season of more than 24 periods, and plays without one.
        "AutoETS": theirs(lambda: AutoETS(season_length=SEASON)),
        "AutoARIMA": theirs(lambda: AutoARIMA(season_length=SEASON)),
        "AutoARIMA, no season": theirs(AutoARIMA),
        "SeasonalNaive": theirs(lambda: SeasonalNaive(season_length=SEASON)),
    }


# ---------------------------------------------------------------------------------- the scores


def scores(quantiles: Array, targets: Array) -> Array:
    """Return the CRPS by twice the mean pinball loss, shape (series, horizon)."""
    misses = targets[..., np.newaxis] - quantiles
    return 2.0 * np.mean(np.maximum(LEVELS * misses, (LEVELS - 1.0) * misses), axis=-1)


def main() -> None:
    """Forecast, score and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n", nargs="?", type=int, default=50, help="number of series")
    parser.add_argument("--without", action="append", default=[], help="name; repeatable")
    told = parser.parse_args()
    if told.n < len(LAWS):
        parser.error(f"at least {len(LAWS)} series, one of each law")
    series = panel(told.n)
    frame = table(series)
    targets = np.array([one.target for one in series])
    laws = np.array([one.law for one in series])
    best = np.array([norm.ppf(LEVELS, m[:, None], s[:, None]) for m, s in _laws(series)])
    crps = {"the law itself": scores(best, targets)}
    inside = {"the law itself": _inside(best, targets)}
    seconds: dict[str, tuple[float, float]] = {}
    load = os.getloadavg()
    few = frame[frame["unique_id"].isin(sorted(frame["unique_id"].unique())[:2])]
    for name, run in contenders().items():
        if name in told.without:
            continue
        run(few)  # imports and compilation are not what is measured
        wall, cpu = time.perf_counter(), time.process_time()
        quantiles = run(frame)
        seconds[name] = time.process_time() - cpu, time.perf_counter() - wall
        crps[name], inside[name] = scores(quantiles, targets), _inside(quantiles, targets)
        print(f"{name}: {seconds[name][1]:.1f} s", file=sys.stderr, flush=True)
    _print(told.n, laws, crps, inside, seconds)
    after = os.getloadavg()
    print(
        f"\n{os.cpu_count()} cores ({platform.machine()}), load {load[0]:.1f} before and "
        f"{after[0]:.1f} after; Python {platform.python_version()}, numpy {np.__version__}, "
        f"statsforecast {version('statsforecast')}"
    )


def _laws(series: list[Made]) -> list[tuple[Array, Array]]:
    return [(one.mean, one.scale) for one in series]


def _inside(quantiles: Array, targets: Array) -> float:
    low, high = quantiles[..., LOW], quantiles[..., HIGH]
    return float(np.mean((low <= targets) & (targets <= high)))


def _print(
    n: int,
    laws: NDArray[np.str_],
    crps: dict[str, Array],
    inside: dict[str, float],
    seconds: dict[str, tuple[float, float]],
) -> None:
    kinds = list(dict.fromkeys(laws.tolist()))
    ours = crps.get("default")
    print(f"{n} weekly series of {ROWS} rows, 1 to {AHEAD} weeks ahead\n")
    heads = ("forecaster", "CPU s", "wall s", "CRPS", *kinds, "80 %", "less default's (s.e.)")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for name, found in sorted(crps.items(), key=lambda item: float(item[1].mean())):
        cpu, wall = (f"{s:.1f}" for s in seconds[name]) if name in seconds else ("-", "-")
        each = [f"{found[laws == kind].mean():.3f}" for kind in kinds]
        less = "-"
        if ours is not None and name != "default":
            gaps = (found - ours).mean(axis=1)
            less = f"{gaps.mean():+.3f} ({gaps.std(ddof=1) / np.sqrt(gaps.size):.3f})"
        row = (name, cpu, wall, f"{found.mean():.3f}", *each, f"{inside[name]:.2f}", less)
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
