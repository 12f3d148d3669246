"""Score the pool `macro` on American data after 2009, which no setting was chosen on.

    FG_DATA=../shared/data python benchmarks/pool_fresh.py [--refit 1]

Data: FRED-QD of June 2025 (McCracken & Ng 2021, Federal Reserve Bank of St. Louis Review 103:1),
found in the folder that FG_DATA names; one revised vintage. Columns and transformations are those
of `us_macro`, M1 being real M1 times the price index; origins wait for the accounts of the
quarter. Skill as in `pool_modes.py`. Log every run with new settings in docs/research/looks.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import os
from datetime import UTC, datetime
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
from pool_play import (  # noqa: E402
    HORIZONS,
    SERIES,
    SHOWN,
    Array,
    Period,
    Result,
    against,
    grouped,
    groups_of,
    measure,
    only,
    random_walk,
    record,
    row_of,
)

from fg_agents import (  # noqa: E402
    EnsembleAggregatorAgent,
    default_lineup,
    default_pool,
    macro_lineup,
    macro_pool,
)
from fg_core import (  # noqa: E402
    AutoRegression,
    Dataset,
    Observation,
    PoolAggregator,
    Provenance,
    SimulationConfig,
)
from fg_data import available_at  # noqa: E402
from fg_data.us_macro import DETERMINING_COLUMNS, growth_contributions, log_growth  # noqa: E402

FILE = "fred-qd/fred-qd_2025-06.csv.gz"
LEVELS = {
    "growth": "GDPC1",
    "cons_growth": "PCECC96",
    "inv_growth": "GPDIC1",
    "dpi_growth": "DPIC96",
    "infl": "CPIAUCSL",
}
PARTS = {"consumption": "PCECC96", "investment": "GPDIC1", "government": "GCEC1"}
PLAYED = Period("2009Q3 to 2025Q1", None, (1965, 1), (2009, 3), (2025, 1))
WINDOWS = (
    ("2009Q3 to 2019Q3", (2009, 3), (2019, 3), (2019, 4)),
    ("2021Q4 to 2025Q1", (2021, 4), (2025, 1), (2025, 2)),
    ("2009Q3 to 2025Q1", (2009, 3), (2025, 1), (2025, 2)),
)


def quarters(path: Path) -> dict[datetime, dict[str, float]]:
    """Return the rows of the file by first moment of the quarter, empty cells left out."""
    text = gzip.decompress(path.read_bytes()).decode("latin-1")
    header, *rows = csv.reader(io.StringIO(text))
    found = {}
    for row in rows:
        if not row or not row[0][:1].isdigit():
            continue
        month, _, year = row[0].split("/")
        start = datetime(int(year), int(month) - 2, 1, tzinfo=UTC)
        cells = zip(header[1:], row[1:], strict=False)
        found[start] = {name: float(cell) for name, cell in cells if cell}
    return found


def fred_qd(path: Path) -> Dataset:
    """Return the four series with their contexts, like `us_macro` with origin=quarter."""
    raw = quarters(path)
    starts = sorted(raw)
    needed = {"UNRATE", "TB3MS", "M1REAL", *LEVELS.values(), *PARTS.values()}
    columns: dict[datetime, dict[str, float]] = {}
    parts: dict[datetime, dict[str, float]] = {}
    for before, now in itertools.pairwise(starts):
        old, new = raw[before], raw[now]
        if not needed <= old.keys() & new.keys():
            continue
        row = {name: log_growth(new[level], old[level]) for name, level in LEVELS.items()}
        row |= {"unemp": new["UNRATE"], "tbilrate": new["TB3MS"]}
        row["m1_growth"] = log_growth(new["M1REAL"], old["M1REAL"]) + row["infl"]
        columns[now] = row
        pairs = {name: (old[level], new[level]) for name, level in PARTS.items()}
        parts[now] = growth_contributions((old["GDPC1"], new["GDPC1"]), pairs)
    rows = [
        Observation(
            start,
            row[series],
            {k: v for k, v in row.items() if k != series and k not in DETERMINING_COLUMNS[series]},
            available_at("growth", start, 3),
            series,
            "fred_qd",
            segment_values=parts[start] if series == "growth" else {},
        )
        for series in SERIES
        for start, row in columns.items()
    ]
    provenance = Provenance("fred_qd", "FRED-QD", "cite McCracken and Ng (2021)", "June 2025")
    return Dataset(tuple(rows), provenance, frequency="Q")


def cut(result: Result, first: int, last: int, last_target: int, origin: int) -> Result:
    """Return the scores of origins `first` to `last` with targets up to `last_target`."""
    cells = {}
    for (series, h), found in result.by_cell.items():
        stop = min(last, last_target - h) - origin + 1
        cells[series, h] = {name: values[first - origin : stop] for name, values in found.items()}
    return Result(cells, result.cpu)


def skill(result: Result, base: Result, horizons: tuple[int, ...], score: str = "crps") -> float:
    """Return mean skill over series and horizons."""
    ours: Array = result.means(score, horizons)
    return float(np.mean(1.0 - ours / base.means("crps", horizons)))


def main() -> None:
    """Record, replay, score, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--refit", type=int, default=4, help="fit forecasters at every n-th origin")
    chosen = parser.parse_args()
    folder = os.environ.get("FG_DATA")
    if not folder:
        raise SystemExit("FG_DATA is not set: it names the folder with fred-qd/")
    dataset = fred_qd(Path(folder) / FILE)
    registry, few = macro_lineup(SimulationConfig()), default_lineup(SimulationConfig())
    forecasters = (*registry.forecasters, AutoRegression(order=4, name="ar4"))
    groups = groups_of(registry)
    recorded = {s: record(dataset, s, PLAYED, chosen.refit, forecasters) for s in SERIES}
    members = frozenset(registry.names)
    pooled = {s: only(one, members.__contains__) for s, one in recorded.items()}
    ar4 = {s: only(one, "ar4".__eq__) for s, one in recorded.items()}
    own = {s: record(dataset, s, PLAYED, chosen.refit, few.forecasters) for s in SERIES}
    base = random_walk(recorded)
    results = {
        "AR(4)": measure(EnsembleAggregatorAgent(rescale=False), ar4),
        "AR(4), rescaled": measure(EnsembleAggregatorAgent(), ar4),
        "equal weights": measure(EnsembleAggregatorAgent(), pooled),
        "pool of the core": measure(grouped(PoolAggregator(), groups), pooled),
        "default: 24 pools": measure(grouped(default_pool(), groups), pooled),
        "macro: 36 pools": measure(grouped(macro_pool(), groups), pooled),
        "default line-up": measure(few.aggregator, own),
    }
    rows = dataset.series(SERIES[0])
    origin = row_of(rows, PLAYED.scored_from)
    for title, *bounds in WINDOWS:
        first, last, last_target = (row_of(rows, quarter) for quarter in bounds)
        window = {n: cut(r, first, last, last_target, origin) for n, r in results.items()}
        walk = cut(base, first, last, last_target, origin)
        print(f"\nFRED-QD, origins {title}, refit every {chosen.refit}\n")
        print("| pool | skill | mixture | h 1 to 4 | 80 % (least) |\n|---|---|---|---|---|")
        for name, result in window.items():
            inside = result.means("normal_80", SHOWN)
            print(
                f"| {name} | {skill(result, walk, SHOWN):.3f} "
                f"| {skill(result, walk, SHOWN, 'mixture'):.3f} "
                f"| {skill(result, walk, HORIZONS):.3f} "
                f"| {inside.mean():.2f} ({inside.min():.2f}) |"
            )
        for rival in ("AR(4)", "AR(4), rescaled"):
            gains = against(window["macro: 36 pools"], window[rival])
            print(f"\nmacro, gain over {rival} in % (p): {gains}")


if __name__ == "__main__":
    main()
