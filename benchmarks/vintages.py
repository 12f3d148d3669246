"""Backtests on the data as they stood beside those on revised data, and how values were revised.

    FG_FIXTURES=path/to/recorded/answers python benchmarks/vintages.py [--agents default]

GDP: every value that was published up to 2019, from the archive of the Federal Reserve Bank of St.
Louis, as annualised growth (each growth rate from two levels of one vintage). PAYEMS: two vintages
a month apart, as monthly growth; the archive of earlier revisions was not recorded, so that three
values alone are revised, and hindsight has little to flatter.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fg_backtest import LineUp, compare_vintages, revisions
from fg_core.calendar import period_end
from fg_data import Print, VintageHistory, vintage_columns
from fg_data.histories.transforms import transform_history

_GDP = "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"
_PAYEMS = (
    "fred/series_observations_PAYEMS_from2000_rt2026-04-03.json",
    "fred/series_observations_PAYEMS_from2000_rt2026-05-08.json",
)
_RELEASE_LAG = timedelta(days=5)


def _moment(day: str, days: int = 0) -> datetime:
    at = date.fromisoformat(day) + timedelta(days=days)
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((folder / name).read_text())["observations"]
    return rows


def gdp(folder: Path) -> VintageHistory:
    """Return all prints of GDP, in billions of dollars."""
    rows = sorted(_rows(folder, _GDP), key=lambda row: (row["date"], row["realtime_start"]))
    return VintageHistory(
        "GDP",
        "Q",
        "Billions of Dollars",
        tuple(
            Print(
                _moment(row["date"]),
                None if row["value"] == "." else float(row["value"]),
                _moment(row["realtime_start"], 1),
                None if row["realtime_end"] == "2019-01-01" else _moment(row["realtime_end"], 2),
            )
            for row in rows
        ),
    )


def payems(folder: Path) -> VintageHistory:
    """Return both vintages of payrolls; older values count as known five days after their month."""
    older, newer = ({r["date"]: float(r["value"]) for r in _rows(folder, n)} for n in _PAYEMS)
    revised = _moment("2026-05-08", 1)
    prints = []
    for day in sorted({*older, *newer}):
        known = min(period_end(_moment(day), "M") + _RELEASE_LAG, revised)
        if day in older:
            prints.append(Print(_moment(day), older[day], known, revised))
        prints.append(Print(_moment(day), newer[day], revised if day in older else known, None))
    return VintageHistory("PAYEMS", "M", "Thousands of Persons", tuple(prints))


def main() -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", default="default")
    options = parser.parse_args()
    folder = os.environ.get("FG_FIXTURES")
    if folder is None:
        sys.exit("FG_FIXTURES is not set: it names the folder of recorded answers")
    for history, units, settings in (
        (gdp(Path(folder)), "cca", {"horizons": (1, 4)}),
        (payems(Path(folder)), "pch", {"horizons": (1, 3)}),
    ):
        table: Any = vintage_columns([transform_history(history, units)])
        told: dict[str, Any] = {**settings, "season_length": 1}
        found = compare_vintages(table, agent_factory=LineUp(options.agents), **told)
        print(f"{history.series_id} ({units})\n\n{found.table()}")
        own = revisions(table, season_length=1)[history.series_id]
        print(f"settled after {own.settled_after} origins, p(news) {own.p_news:.3g}, ", end="")
        print(f"p(noise) {own.p_noise:.3g}, one-step scale {own.step_scale:.3g}")
        by_age = own.by_age()
        for i in range(0, len(by_age["age"]), 3):
            age, n, bias, error, rms = (
                by_age[name][i] for name in ("age", "n", "bias", "bias_error", "rms")
            )
            print(f"  age {age:2}: n {n:3}, bias {bias:+.3f} (s.e. {error:.3f}), rms {rms:.3f}")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
