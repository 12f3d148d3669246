"""Forecasts, walk-forward backtests and reports for Forecast Game.

Names are imported when they are first used, so that `fg-backtest --help` loads neither numpy nor
the game.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "AgentsWith",
    "BacktestResult",
    "Exclusion",
    "Forecasts",
    "LatestForecaster",
    "LineUp",
    "OriginWindow",
    "PolicyComparison",
    "PriceOfAttack",
    "PrintChecks",
    "Revisions",
    "VintageComparison",
    "WalkForwardBacktester",
    "__version__",
    "backtest",
    "check",
    "compare",
    "compare_vintages",
    "default_horizons",
    "forecast",
    "origin_windows",
    "parse_period",
    "price_of_attack",
    "read_exclusions",
    "read_report",
    "recompute",
    "report_schema",
    "revisions",
    "worst_case",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
    from fg_core.attack import worst_case
    from fg_core.calendar import parse_period

    from .agents import AgentsWith, LineUp
    from .attack_curve import PriceOfAttack
    from .attack_price import price_of_attack
    from .evaluate import recompute
    from .exclusions import Exclusion, read_exclusions
    from .from_data import backtest, check, forecast
    from .latest import Forecasts, LatestForecaster, PrintChecks
    from .policy_comparison import PolicyComparison, compare
    from .published_schema import report_schema
    from .report import read_report
    from .result import BacktestResult
    from .revision_triangle import Revisions, revisions
    from .schedule import default_horizons
    from .vintage_comparison import VintageComparison, compare_vintages
    from .walk_forward import WalkForwardBacktester
    from .windows import OriginWindow, origin_windows
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fg_core.attack": ("worst_case",),
            "fg_core.calendar": ("parse_period",),
            ".agents": ("AgentsWith", "LineUp"),
            ".exclusions": ("Exclusion", "read_exclusions"),
            ".from_data": ("backtest", "check", "forecast"),
            ".latest": ("Forecasts", "LatestForecaster", "PrintChecks"),
            ".attack_curve": ("PriceOfAttack",),
            ".attack_price": ("price_of_attack",),
            ".policy_comparison": ("PolicyComparison", "compare"),
            ".published_schema": ("report_schema",),
            ".report": ("read_report",),
            ".result": ("BacktestResult",),
            ".revision_triangle": ("Revisions", "revisions"),
            ".schedule": ("default_horizons",),
            ".evaluate": ("recompute",),
            ".vintage_comparison": ("VintageComparison", "compare_vintages"),
            ".walk_forward": ("WalkForwardBacktester",),
            ".windows": ("OriginWindow", "origin_windows"),
        },
    )
