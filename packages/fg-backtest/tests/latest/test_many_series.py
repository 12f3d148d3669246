"""Many series are summed up: forecasts in a line each, trust, and the worst."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fg_backtest.latest import Forecasts, LatestForecaster
from fg_backtest.latest.table import MANY, best_table, forecast_table
from fg_core import Dataset

MakeDataset = Callable[..., Dataset]


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    return tuple(f"s{k:02}" for k in range(14))


@pytest.fixture
def found(make_dataset: MakeDataset, names: tuple[str, ...]) -> Forecasts:
    return LatestForecaster((1, 4), warmup=8).run(make_dataset(40, names))


def lines(text: str, title: str) -> list[str]:
    """Return the rows of the table with this title."""
    part = text.split(title)[1].split("\n\n")[1]
    return [line.strip() for line in part.splitlines()[2:]]


def test_more_than_ten_series_are_summed_up(found: Forecasts, names: tuple[str, ...]) -> None:
    text = forecast_table(found, (0.8,), above=(2.0,))
    assert max(map(len, text.splitlines())) <= 80
    shown = lines(text, "14 series, forecasts 1 quarter ahead of the first 10")
    assert [line.split()[0] for line in shown] == list(names[:MANY])
    chance = found["s00"].at(1).probability(above=2.0)
    assert shown[0].endswith(f"{chance:.1%}")
    full = forecast_table(found, (0.8,), all_series=True)
    assert all(f"{name}: forecasts from" in full for name in names)
    assert "Totals are shown with --all" in forecast_table(found, (0.8,), paths=10)
    few = replace(found, series={name: found[name] for name in names[:MANY]})
    assert "s00: forecasts from" in forecast_table(few, (0.8,))


def test_trust_is_told_of_all_series(found: Forecasts, names: tuple[str, ...]) -> None:
    text = forecast_table(found, (0.8,))
    table = found.trust()
    for line, h in zip(lines(text, "trust: the share"), (1, 4), strict=True):
        skills = [s for s, at in zip(table["skill"], table["horizon"], strict=True) if at == h]
        quantiles = np.quantile(skills, (0.1, 0.5, 0.9))
        assert re.findall(r"[+-]\d\.\d{3}", line) == [f"{skill:+.3f}" for skill in quantiles]
        assert f"{100 * np.mean(np.array(skills) > 0):.1f} %" in line
    means = {
        name: np.mean(
            [s for s, one in zip(table["skill"], table["unique_id"], strict=True) if one == name]
        )
        for name in names
    }
    worst = [line.split()[0] for line in lines(text, "the 10 series of the lowest skill")]
    assert worst == sorted(names, key=means.__getitem__)[:10]


def test_without_origins_there_is_no_trust_to_tell(
    make_dataset: MakeDataset, names: tuple[str, ...]
) -> None:
    fast = LatestForecaster((1,), warmup=0).run(make_dataset(40, names))
    text = forecast_table(fast, (0.8,))
    assert "trust:" not in text
    assert "lowest skill" not in text
    assert "No past origin was played" in text


def test_the_best_forecasters_of_many_series_are_counted(found: Forecasts) -> None:
    text = best_table(found)
    rows = [line for line in text.splitlines() if re.match(r" s\d\d ", line)]
    assert len(rows) == 2 * MANY
    told = " ".join(text.split())
    counts = re.findall(r"(?:ahead|luck|known) (\d+)", told.split("at all horizons:")[1])
    assert sum(map(int, counts)) == 28
    full = best_table(found, all_series=True)
    assert len([line for line in full.splitlines() if re.match(r" s\d\d ", line)]) == 28
