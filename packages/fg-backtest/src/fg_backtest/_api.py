"""The public names of the package, imported together when one of them is first used."""

from __future__ import annotations

from fg_core.periods import parse_period

from .agents import AgentsWith, LineUp
from .from_data import backtest
from .published_schema import report_schema
from .report import read_report
from .result import BacktestResult
from .schedule import default_horizons
from .tally import recompute
from .walk_forward import WalkForwardBacktester
from .windows import OriginWindow, origin_windows

__all__ = [
    "AgentsWith",
    "BacktestResult",
    "LineUp",
    "OriginWindow",
    "WalkForwardBacktester",
    "backtest",
    "default_horizons",
    "origin_windows",
    "parse_period",
    "read_report",
    "recompute",
    "report_schema",
]
