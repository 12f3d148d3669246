"""The command `fg-backtest`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import click

from fg_core.console import (
    CONTEXT_SETTINGS,
    WholeNumber,
    debug_option,
    version_option,
)
from fg_core.garbage import paused_collection

from . import __version__
from ._program import PROGRAM
from .command_options import (
    agent_options,
    attack_options,
    data_options,
    fit_options,
    series_options,
)

__all__ = ["command", "main"]

_EPILOG = """\b
Examples:
  fg-backtest --source us_macro
  fg-backtest --source us_macro --series infl,unemp --start 1995Q1 --by-window
  fg-backtest --source sales.csv --ds month --y sales
  fg-backtest --source us_macro --attack --attack random_hits
  fg-backtest --list

Without --source, the training set of FRED is meant (fred_training), for which
FRED_API_KEY must be set. Without it, synthetic data stand in, with a warning and
a line in the report.

\b
Exit codes: 0 done; 1 the run failed; 2 wrong usage or input;
130 interrupted (no report is written).
"""


@click.command(PROGRAM.name, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@data_options
@click.option(
    "--start",
    metavar="PERIOD",
    help="First origin whose forecasts are scored: 1985Q1, 1985-01, a date or a year. Default: "
    "the source's, else after 60 % of the rows.",
)
@click.option(
    "--end", metavar="PERIOD", help="Last scored origin. Default: the last whose outcome is known."
)
@click.option(
    "--warmup",
    metavar="PERIOD|N",
    help="First origin whose forecasts only teach the weights and are not scored, or how many such "
    "origins there are (up to 999). "
    "Default: the source's, else 40.",
)
@fit_options
@click.option(
    "--step",
    type=WholeNumber(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Origins in a window of results, as --by-window shows them.",
)
@agent_options
@attack_options
@click.option(
    "--out",
    default="planning/backtest_report.json",
    show_default=True,
    metavar="PATH",
    help="Where the report goes.",
)
@click.option(
    "--compare-vintages",
    is_flag=True,
    help="Play the same on revised data too, and show what hindsight flatters; for data with "
    "several values of a period.",
)
@click.option(
    "--summary-only",
    is_flag=True,
    help="Leave the forecasts of each origin out of the report, which is then small; its figures "
    "cannot be computed anew from it.",
)
@series_options
@click.option(
    "--csv",
    metavar="FOLDER",
    help="Write forecasts.csv, scores.csv and series.csv to this folder too.",
)
@click.option("--by-window", is_flag=True, help="Show scores by window of --step origins, too.")
@click.option(
    "--all",
    "all_series",
    is_flag=True,
    help="Show a table for each series, however many there are.",
)
@click.option(
    "--list",
    "list_plugins",
    is_flag=True,
    help="List all sources, forecasters and other plugins, and stop.",
)
@click.option("--quiet", is_flag=True, help="No table and no progress; warnings and errors only.")
@debug_option
@version_option(PROGRAM.name, __version__)
def command(**options: Any) -> int:
    """Forecast recorded series period by period, as it would have been done, and score that.

    An origin is a period from which forecasts are made, with what was known then. At each one,
    forecasters are fitted and mixed, each with a weight that its past scores have earned; the
    mixture, called the ensemble, is the forecast. A value too far from what was forecast for it
    is doubted, and relied on in part only. Prints a table with a row per forecaster, one for
    equal weights and one for the ensemble, and writes a JSON report from which every figure can be
    recomputed (not with --summary-only).
    """

    def work() -> int:
        if options["list_plugins"]:
            from .plugin_list import list_plugins

            return list_plugins()
        with paused_collection():
            from ._command import run

        return run(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
