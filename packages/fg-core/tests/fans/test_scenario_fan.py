"""Tables and charts of a fan."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from fg_core import ConfigError, ScenarioFan
from fg_core.fans import FanSeries

PATHS = np.array([[1.0, 2.0, 3.0, 4.0], [9.0, 1.0, 5.0, 3.0]])
TIMES = tuple(datetime(2001, month, 1, tzinfo=UTC) for month in range(1, 6))
FAN = ScenarioFan(
    {"clean": PATHS, "print": PATHS + 1.0},
    (25.0, 50.0, 75.0),
    FanSeries("sales", "tons", "M", np.array([1.0, 2.0, 2.5]), TIMES[:3]),
    TIMES[3:],
    given={"price": (5.0, 4.0)},
)


def test_columns_are_the_fan():
    columns = FAN.columns(above=(3.5,), below=(2.0,))
    assert list(columns) == [
        *("unique_id", "quantity", "ds", "step", "mean"),
        *("p25", "p25_error", "p50", "p50_error", "p75", "p75_error", "above_3.5", "below_2"),
    ]
    assert columns["quantity"] == ["clean", "clean", "print", "print"]
    assert columns["ds"] == [date(2001, 4, 1), date(2001, 5, 1)] * 2
    assert columns["step"] == [1, 2, 1, 2]
    assert columns["p50"] == [2.5, 4.0, 3.5, 5.0]
    assert columns["mean"] == [2.5, 4.5, 3.5, 5.5]
    assert columns["above_3.5"] == [0.25, 0.5, 0.5, 0.75]
    assert columns["below_2"] == [0.25, 0.25, 0.0, 0.0]
    assert FAN.percentiles("print", np.array([50.0])).tolist() == [[3.5], [5.0]]
    assert FAN.errors("print").tolist() == FAN.errors().tolist()
    assert "sales: clean, print; 4 paths, 2 steps" in repr(FAN)


def test_a_frame_has_the_same_columns():
    frame = FAN.to_frame(above=(3.5,))
    assert frame["p50"].tolist() == FAN.columns()["p50"]
    assert frame["ds"].iloc[0] == pd.Timestamp("2001-04-01")
    undated = ScenarioFan({"clean": PATHS}, (50.0,)).to_frame()
    assert undated["ds"].isna().all()


def test_events_need_a_limit_and_a_quantity():
    assert FAN.probability(above=1.5, below=4.5).ever == 0.75
    for options, message in (
        ({}, "give `above`, `below` or both"),
        ({"above": float("nan")}, "must be a number, got nan"),
        ({"above": 1.0, "quantity": "forecast"}, "no quantity 'forecast'; it has clean, print"),
    ):
        with pytest.raises(ConfigError, match=message):
            FAN.probability(**options)


def test_charts_show_bands_and_conditions():
    axes = FAN.plot("print").axes[0]
    assert axes.get_title(loc="left") == "sales (print) given price 5, 4"
    median = next(line for line in axes.lines if line.get_label() == "median")
    assert median.get_ydata().tolist() == [2.5, 3.5, 5.0]
    undated = ScenarioFan({"clean": PATHS}, (50.0,), FanSeries(values=np.array([2.0])), start=7)
    assert undated.plot().axes[0].lines[-1].get_xdata().tolist() == [7, 8, 9]
    with pytest.raises(ConfigError, match="bands must be above 0 and below 1"):
        FAN.plot(bands=(0.5, 1.0))


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"fg-core\[frames\]"):
        FAN.to_frame()
    with pytest.raises(ConfigError, match=r"fg-core\[plot\]"):
        FAN.plot()
