"""Shares of planted errors that are found on real macro series, at stated false-alarm rates.

    FG_DATA=path/to/data FG_FIXTURES=path/to/recorded/answers python benchmarks/poisoning.py

Of each collection the threshold is measured at which 1 % and 5 % of the prints, as they were
published, are called suspicious. Errors of 3 to 20 robust standard deviations of one-step
innovations (where the print is) are then added to one print in a hundred of each series, in either
direction, and those that are found at these thresholds are counted. Last, the share of series that
`poisoned_series` rejects, as they are and with one error in them.

The collections: the embedded US series; recorded answers of FRED (`fred/` in FG_FIXTURES); FRED-MD
(`fred-md/fred-md_2025-08.csv.gz` in FG_DATA; McCracken & Ng 2016, J. Business & Economic Statistics
34, doi:10.1080/07350015.2015.1086655), to the end of 2019 and with the years since.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fg_core import Dataset, Observation, Provenance
from fg_core.calendar import next_period
from fg_data import load_dataset
from fg_data.poisoning import one_step_innovations, poisoned_series
from fg_data.poisoning.departures import scored_departures
from fg_data.us_macro.series import SERIES

Array = NDArray[np.float64]
Collection = Mapping[str, tuple[Array, bool | None]]

_SIZES = (3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
_RATES = (0.01, 0.05)
_THRESHOLDS = np.arange(1.6, 6.01, 0.4)
_BEFORE = 732  # months of FRED-MD to the end of 2019
_RECORDED = (
    "CPIAUCSL_from2000_rt2026-07-14",
    "FEDFUNDS_from2000_rt2026-07-01",
    "GDP_rt2024-10-30",
    "PAYEMS_from2000_rt2026-05-08",
    "UNRATE_from2000_rt2026-07-02",
)
_RATE_SERIES = ("FEDFUNDS", "UNRATE")


def us_macro() -> Collection:
    """Return the embedded series; rates are never taken in logarithms."""
    data = load_dataset("us_macro", series=SERIES)
    return {
        name: (
            np.array([row.value for row in data.series(name)]),
            False if data.units[name].startswith("%") else None,
        )
        for name in data.series_ids
    }


def recorded(folder: Path) -> Collection:
    """Return recorded series of FRED; NaN: never collected."""
    found = {}
    for name in _RECORDED:
        rows = json.loads((folder / f"series_observations_{name}.json").read_text())["observations"]
        values = [np.nan if row["value"] == "." else float(row["value"]) for row in rows]
        series = name.split("_")[0]
        found[series] = (_whole(values), False if series in _RATE_SERIES else None)
    return found


def fred_md(path: Path, n_rows: int | None, every: int) -> Collection:
    """Return every so many-th series of a FRED-MD file."""
    with gzip.open(path, "rt") as file:
        header, _, *rows = csv.reader(file)
    found = {}
    for column, name in list(enumerate(header))[1::every]:
        cells = [row[column].strip() for row in rows if len(row) > column and row[0].strip()]
        values = _whole([float(cell) if cell else np.nan for cell in cells[:n_rows]])
        if values.size >= 120:
            found[name] = (values, None)
    return found


def _whole(values: list[float]) -> Array:
    """Return the values from the first to the last known one."""
    array = np.array(values)
    known = np.flatnonzero(np.isfinite(array))
    return array[known[0] : known[-1] + 1]


def thresholds(series: Collection) -> list[float]:
    """Return the statistics that 1 % and 5 % of the prints pass as spikes."""
    shares = []
    for threshold in _THRESHOLDS:
        n_spikes = sum(
            sum(one.kind == "spike" for one in scored_departures(x, float(threshold), logs=logs)[0])
            for x, logs in series.values()
        )
        shares.append(n_spikes / sum(x.size for x, _ in series.values()))
    return [float(np.interp(-rate, -np.array(shares), _THRESHOLDS)) for rate in _RATES]


def found_share(series: Collection, size: float, threshold: float, seed: int) -> float:
    """Return the share of planted errors that are found as spikes."""
    n_found = n_planted = 0
    for number, (x, logs) in enumerate(series.values()):
        rng = np.random.default_rng([seed, number])
        at = rng.choice(np.flatnonzero(np.isfinite(x)), max(1, round(0.01 * x.size)), replace=False)
        spikes = {
            one.row
            for one in scored_departures(planted(x, logs, at, size, rng), threshold, logs=logs)[0]
            if one.kind == "spike"
        }
        n_found += sum(int(row) in spikes for row in at)
        n_planted += at.size
    return n_found / n_planted


def planted(x: Array, logs: bool | None, at: Array, size: float, rng: np.random.Generator) -> Array:
    """Return the values with errors of so many robust standard deviations of innovations."""
    model = one_step_innovations(x, logs=logs)
    if model is None:
        raise SystemExit("a series does not vary")
    y = model.values.copy()
    scale = np.concatenate([np.full(model.first, model.scale[0]), model.scale])
    whole = float(np.median(scale[np.isfinite(scale)]))
    scale = np.where(np.isfinite(scale), scale, whole)  # beside a gap
    y[at] += size * scale[at] * rng.choice([-1.0, 1.0], at.size)
    y[np.isnan(x)] = np.nan
    return np.exp(y) if model.in_logs else y


def with_drift(series: Collection) -> float:
    """Return the share of series of which `fg-data check` names a drift."""
    told = (scored_departures(x, 6.0, logs=logs)[0] for x, logs in series.values())
    return sum(any(one.kind == "drift" for one in found) for found in told) / len(series)


def rejected(series: Collection, size: float, seed: int) -> float:
    """Return the share of series that count as poisoned, with one error of a size in each."""
    n = 0
    for number, (x, logs) in enumerate(series.values()):
        rng = np.random.default_rng([seed, number])
        at = rng.choice(np.flatnonzero(np.isfinite(x))[2:-2], 1)
        n += bool(poisoned_series(_dataset(planted(x, logs, at, size, rng), logs)))
    return n / len(series)


def _dataset(values: Array, logs: bool | None) -> Dataset:
    rows, period = [], datetime(1900, 1, 1, tzinfo=UTC)
    for value in values.tolist():
        after = next_period(period, "M")
        if np.isfinite(value):
            known = after + timedelta(days=10)
            rows.append(Observation(period, value, {}, known, "x", "benchmark"))
        period = after
    units = {"x": "%"} if logs is False else {}
    return Dataset(tuple(rows), Provenance("benchmark", "", "", ""), frequency="M", units=units)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--every", type=int, default=1, help="Every so many-th series of FRED-MD.")
    asked = options.parse_args()
    md = Path(os.environ["FG_DATA"]) / "fred-md" / "fred-md_2025-08.csv.gz"
    collections = {
        "us_macro, 1959-2009": us_macro(),
        "recorded FRED": recorded(Path(os.environ["FG_FIXTURES"]) / "fred"),
        "FRED-MD, 1959-2019": fred_md(md, _BEFORE, asked.every),
        "FRED-MD, 1959-2025": fred_md(md, None, asked.every),
    }
    print(f"seed {asked.seed}")
    for name, series in collections.items():
        n = sum(x.size for x, _ in series.values())
        print(f"\n{name}: {len(series)} series, {n:,} prints", flush=True)
        print("alarms  threshold  " + "  ".join(f"{size:>5g}" for size in _SIZES))
        for rate, threshold in zip(_RATES, thresholds(series), strict=True):
            shares = [found_share(series, size, threshold, asked.seed) for size in _SIZES]
            cells = "  ".join(f"{share:5.0%}" for share in shares)
            print(f"{rate:6.0%}  {threshold:9.2f}  {cells}", flush=True)
        shares = [rejected(series, size, asked.seed) for size in (0.0, *_SIZES[-3:], 40.0)]
        print("rejected as poisoned, with one error of 0, 10, 15, 20, 40 in each series: ", end="")
        print(", ".join(f"{share:.0%}" for share in shares))
        print(f"with a drift: {with_drift(series):.0%}", flush=True)


if __name__ == "__main__":
    main()
