"""Measure how long `fg-backtest --help` takes; run it with the Python of the workspace.

The budget is 150 ms (median) on a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

_RUNS = 25


def median_ms(command: list[str]) -> float:
    """Return the median wall time of a command, in milliseconds."""
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    script = Path(sys.executable).with_name("fg-backtest")
    print(f"python -c pass      {median_ms([sys.executable, '-c', 'pass']):6.0f} ms")
    print(f"fg-backtest --help  {median_ms([str(script), '--help']):6.0f} ms")
