"""Walk-forward backtests and reports for Forecast Game.

Names are imported when they are first used, so that `fg-backtest --help` loads neither numpy nor
the game.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import (
        AgentsWith,
        BacktestResult,
        LineUp,
        OriginWindow,
        WalkForwardBacktester,
        backtest,
        default_horizons,
        origin_windows,
        parse_period,
        read_report,
        recompute,
        report_schema,
    )

__version__ = "0.1.0"

__all__ = [
    "AgentsWith",
    "BacktestResult",
    "LineUp",
    "OriginWindow",
    "WalkForwardBacktester",
    "__version__",
    "backtest",
    "default_horizons",
    "origin_windows",
    "parse_period",
    "read_report",
    "recompute",
    "report_schema",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _api

    return getattr(_api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
