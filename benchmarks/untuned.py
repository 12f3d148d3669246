"""Compare the two line-ups that a bare command may play on series that nothing was tuned on.

The monthly series of FRED-MD, 2000 to 2019 (240 rows each), but for the 23 of `default_pool.py`,
which the members of `default` were compared on, and for those that are in `us_macro`: rates as they
are, housing as logarithms, all else as growth, % a year. They are played by `backtest` with its own
settings, one and three months ahead, each alone.

    FG_DATA=path/to/data python benchmarks/untuned.py

The file is `fred-md/fred-md_2025-08.csv.gz` (McCracken & Ng 2016, J. Business & Economic Statistics
34), one revised vintage, which is not part of this repository.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402
from default_pool import SERIES  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from fg_backtest import backtest  # noqa: E402
from fg_backtest.series_scores import SeriesScores, series_scores  # noqa: E402

FIRST_YEAR, LAST_YEAR = 2000, 2019
SEEN = {item.split(":")[0] for item in SERIES}
IN_US_MACRO = {"UNRATE", "TB3MS", "CPIAUCSL", "M1SL"}
_RATES, _LOGARITHMS = ("1", "2"), ("4",)


def read(path: Path) -> dict[str, list[object]]:
    """Return the table of the series, in the long format."""
    with gzip.open(path, "rt", encoding="latin1") as file:
        head, codes, *body = csv.reader(file)
    body = [line for line in body if line and line[0][:1].isdigit()]
    months = [(int(d.split("/")[2]), int(d.split("/")[0])) for d in (line[0] for line in body)]
    table: dict[str, list[object]] = {"unique_id": [], "ds": [], "y": []}
    for at, (name, code) in enumerate(zip(head, codes, strict=True)):
        if at == 0 or name in SEEN | IN_US_MACRO:
            continue
        values = np.array([float(line[at]) if line[at] else np.nan for line in body])
        values = transformed(values, code)
        span = [FIRST_YEAR <= year <= LAST_YEAR for year, _ in months]
        if not np.isfinite(values[span]).all():
            continue
        for (year, month), value, inside in zip(months, values.tolist(), span, strict=True):
            if inside:
                table["unique_id"].append(name)
                table["ds"].append(f"{year}-{month:02}")
                table["y"].append(value)
    return table


def transformed(values: NDArray[np.float64], code: str) -> NDArray[np.float64]:
    """Return rates as they are, logarithms times 100, or growth in % a year."""
    if code in _RATES:
        return values
    logarithms = 100.0 * np.log(np.where(values > 0.0, values, np.nan))
    if code in _LOGARITHMS:
        return logarithms
    return np.concatenate([[np.nan], 12.0 * np.diff(logarithms)])


def main() -> None:
    """Play both line-ups, and print their skill."""
    if "FG_DATA" not in os.environ:
        sys.exit("set FG_DATA to the folder with the datasets")
    table = read(Path(os.environ["FG_DATA"]) / "fred-md" / "fred-md_2025-08.csv.gz")
    found: dict[str, tuple[SeriesScores, ...]] = {}
    print("| line-up | mean skill | median | 10 % | 90 % | worst | 80 % | best member | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("baselines", "default"):
        began = time.process_time()
        result = backtest(table, agents=name, season_length=1, summary_only=True)
        cpu = time.process_time() - began
        found[name] = series_scores(result.report)
        skills = np.array([one.skill for one in found[name]])
        means = {
            key: one.mean_skill
            for key, one in result.summary.contenders.items()
            if key != "ensemble" and one.mean_skill is not None
        }
        best = max(means, key=means.__getitem__)
        low, middle, high = np.quantile(skills, (0.1, 0.5, 0.9))
        coverage = np.mean([one.coverage_80 for one in found[name]])
        print(
            f"| {name} | {skills.mean():.3f} | {middle:.3f} | {low:.3f} | {high:.3f} | "
            f"{skills.min():.2f} | {coverage:.2f} | {best} {means[best]:.3f} | {cpu:.0f} |",
            flush=True,
        )
    ours, theirs = (np.array([one.skill for one in found[n]]) for n in ("default", "baselines"))
    gaps = ours - theirs
    print(
        f"\n{gaps.size} series; default is better in {np.mean(gaps > 0):.0%}, by "
        f"{gaps.mean():+.3f} on average"
    )


if __name__ == "__main__":
    main()
