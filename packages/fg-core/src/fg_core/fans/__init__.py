"""Scenario fans: simulated paths of a series, and their percentiles at each step."""

from __future__ import annotations

from .calibrating import RESIDUAL_WINDOW, Calibration, ColumnScale, calibrate
from .generator import PERCENTILES, ScenarioGenerator
from .percentiles import EventProbability, percentile_errors, percentiles_of_sorted
from .scenario_fan import FanSeries, ScenarioFan

__all__ = [
    "PERCENTILES",
    "RESIDUAL_WINDOW",
    "Calibration",
    "ColumnScale",
    "EventProbability",
    "FanSeries",
    "ScenarioFan",
    "ScenarioGenerator",
    "calibrate",
    "percentile_errors",
    "percentiles_of_sorted",
]
