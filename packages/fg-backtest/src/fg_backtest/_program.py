"""The programs of the package: their names, and what they have left when interrupted."""

from __future__ import annotations

from fg_core.console import Program

__all__ = ["FORECAST", "PROGRAM"]

PROGRAM = Program("fg-backtest", interrupted="no report was written")

FORECAST = Program("fg-forecast", interrupted="no file was written")
