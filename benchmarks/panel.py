"""Measure a backtest of many series: CPU seconds by part, and peak memory, of the whole command.

Weekly series of 150 rows (random walks with a season, rounded to cents) are played by
`fg-backtest --source FILE --agents baselines`: 45 scored origins each, horizons 1 and 4. Each size
runs in a process of its own with one BLAS thread.

    python benchmarks/panel.py                 200 series with the whole report
    python benchmarks/panel.py 200 2000        and 2,000 of the summary only
    python benchmarks/panel.py 500 --whole     500 series, with the forecasts of each origin

`played` is the game; `other` is mostly the hash of the data and checks of the series.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROWS = 150
WHOLE_UP_TO = 500
"""More series than this are played with --summary-only, unless told otherwise."""


def write_panel(path: Path, n_series: int) -> None:
    """Write weekly series as a table in the long format."""
    import numpy as np

    rng = np.random.default_rng(5)
    weeks = [date(2015, 1, 5) + timedelta(weeks=t) for t in range(ROWS)]
    season = 5.0 * np.sin(np.arange(ROWS) * 2.0 * np.pi / 52.0)
    with path.open("w", encoding="utf-8") as file:
        file.write("unique_id,ds,y\n")
        for number in range(n_series):
            values = np.round(100.0 + np.cumsum(rng.standard_normal(ROWS)) + season, 2)
            for week, value in zip(weeks, values.tolist(), strict=True):
                file.write(f"s{number:04},{week.isoformat()},{value}\n")


def arguments(path: Path, *, whole: bool, quiet: bool = False) -> list[str]:
    """Return the arguments of `fg-backtest` for a file; its report goes beside the file."""
    more = [*([] if whole else ["--summary-only"]), *(["--quiet"] if quiet else [])]
    return [
        "--source",
        str(path),
        "--agents",
        "baselines",
        "--out",
        str(path.with_suffix(".json")),
        *more,
    ]


class Parts:
    """CPU seconds spent in functions, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                spent = time.process_time() - began
                self.seconds[name] = self.seconds.get(name, 0.0) + spent

        return call


def play(path: str, *, whole: bool) -> None:
    """Run the command on a file in this process, and print what each part took."""
    began = time.process_time()
    from fg_backtest import _command, cli, walk_forward
    from fg_backtest.result import BacktestResult

    parts = Parts()
    parts.seconds["import"] = time.process_time() - began
    for name, holder, attribute in (
        ("read", _command, "dataset_of_command"),
        ("played", walk_forward, "play_block"),
        ("scored", walk_forward, "series_reports"),
        ("written", BacktestResult, "write"),
        ("table", _command, "_print_table"),
    ):
        setattr(holder, attribute, parts.timed(name, getattr(holder, attribute)))
    told = arguments(Path(path), whole=whole)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        cli.command.main(told, prog_name="fg-backtest", standalone_mode=False)
    total = time.process_time()
    parts.seconds["other"] = total - sum(parts.seconds.values())
    parts.seconds["total"] = total
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    size = Path(path).with_suffix(".json").stat().st_size / 2**20
    line = "  ".join(f"{name} {seconds:5.2f}" for name, seconds in parts.seconds.items())
    print(f"  CPU seconds: {line}")
    print(f"  peak memory {peak:.0f} MB, report {size:.1f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[200], help="how many series")
    parser.add_argument("--whole", action="store_true", help="write the forecasts of each origin")
    parser.add_argument("--play", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.play:
        play(given.play, whole=given.whole)
        return
    with tempfile.TemporaryDirectory() as folder:
        for n_series in given.sizes:
            path = Path(folder) / f"panel_{n_series}.csv"
            write_panel(path, n_series)
            whole = given.whole or n_series <= WHOLE_UP_TO
            print(f"{n_series} weekly series of {ROWS} rows{'' if whole else ', summary only'}")
            sys.stdout.flush()
            command = [sys.executable, __file__, "--play", str(path)]
            subprocess.run([*command, *(["--whole"] if whole else [])], check=True)


if __name__ == "__main__":
    main()
