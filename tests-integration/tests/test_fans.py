"""Fans of the embedded US series: later values, and the command."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from fg_core import ScenarioGenerator
from fg_data import load_dataset

SERIES = ("infl", "unemp", "tbilrate", "growth")


@pytest.mark.slow
def test_later_values_lie_inside_as_often_as_they_should() -> None:
    """A smaller version of `benchmarks/fans.py coverage`: every third origin from 1985 on."""
    dataset = load_dataset("us_macro")
    shares = []
    for series in SERIES:
        rows = dataset.series(series)
        values = np.array([row.value for row in rows])
        first = next(t for t, row in enumerate(rows) if row.timestamp.year == 1985)
        inside = []
        for t in range(first, len(rows) - 8, 3):
            fan = ScenarioGenerator.calibrated(rows[: t + 1]).generate(n_paths=500, horizon=8)
            low, high = fan.percentiles(levels=(10, 90)).T
            inside.append((low <= values[t + 1 : t + 9]) & (values[t + 1 : t + 9] <= high))
        shares.append(np.mean(inside))
    assert 0.72 <= np.mean(shares) <= 0.88
    assert min(shares) > 0.65


def test_the_command_shows_a_conditional_fan() -> None:
    asked = "--source us_macro --series infl,unemp --fan --given tbilrate=8 --paths 500"
    done = subprocess.run(
        [sys.executable, "-c", "from fg_backtest.forecast_cli import main; main()", *asked.split()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    text = " ".join(done.stdout.split())
    assert "infl (% a year): fan from 2009Q3, 3.6" in text
    assert text.count("Given tbilrate 8 from the next period on") == 2
    assert "one revised vintage" in text
