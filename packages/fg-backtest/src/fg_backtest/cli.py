"""The command `fg-backtest`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import click

from fg_core.console import (
    CONTEXT_SETTINGS,
    SEED,
    debug_option,
    read_horizons,
    read_names,
    read_pairs,
    version_option,
)

from . import __version__
from ._program import PROGRAM

__all__ = ["command", "main"]

_EPILOG = """\b
Examples:
  fg-backtest --source us_macro
  fg-backtest --source us_macro --series infl,unemp --start 1995Q1 --by-window
  fg-backtest --source sales.csv --ds month --y sales
  fg-backtest --list

Without --source, the training set of FRED is meant (fred_training), for which
FRED_API_KEY must be set. Without it, synthetic data stand in, with a warning and
a line in the report.

\b
Exit codes: 0 done; 1 the run failed; 2 wrong usage or input;
130 interrupted (no report is written).
"""


@click.command(PROGRAM.name, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@click.option(
    "--source",
    metavar="NAME|PATH",
    help="Where the data come from: a source (see --list), or a file (.csv, .json, .parquet).",
)
@click.option("--ds", metavar="NAME", help="Column of a file with the dates. Default: ds.")
@click.option(
    "--y",
    metavar="NAME",
    help="Column of a file with the values, or several of a wide table. Default: y.",
)
@click.option(
    "--id",
    "unique_id",
    metavar="NAME",
    help="Column of a file with the names of series. Default: unique_id, if it is there.",
)
@click.option(
    "--option",
    "source_options",
    multiple=True,
    metavar="NAME=VALUE",
    callback=read_pairs("origin=quarter"),
    help="What else the source wants to be told, such as origin=quarter for us_macro.",
)
@click.option(
    "--season-length",
    type=click.IntRange(min=1),
    metavar="N",
    help="Periods in a season; 1: none. Default: the source's; for a file by its frequency.",
)
@click.option(
    "--series",
    multiple=True,
    metavar="A,B",
    callback=read_names,
    help="Series to play. Default: those that the source has by default.",
)
@click.option(
    "--horizons",
    metavar="1,4",
    callback=read_horizons,
    help="Steps ahead. Default: 1,4 for quarters and weeks, 1,3 for months, 1,7 for days, 1,5 for "
    "business days, 1 for years.",
)
@click.option(
    "--start",
    metavar="PERIOD",
    help="First scored origin: 1985Q1, 1985-01, a date or a year. Default: the source's, else "
    "after 60 % of the rows.",
)
@click.option(
    "--end", metavar="PERIOD", help="Last scored origin. Default: the last with a target."
)
@click.option(
    "--warmup",
    metavar="PERIOD|N",
    help="First origin that is played without being scored, or how many are (up to 999). "
    "Default: the source's, else 40.",
)
@click.option(
    "--refit-every",
    type=click.IntRange(min=0),
    default=4,
    show_default=True,
    metavar="N",
    help="Fit forecasters anew at every N-th origin; 0: only before the first.",
)
@click.option(
    "--window",
    type=click.IntRange(min=2),
    metavar="ROWS",
    help="Rows that a fit sees. Default: all so far.",
)
@click.option(
    "--gap",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="ROWS",
    help="Latest rows that a fit does not see.",
)
@click.option(
    "--step",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Origins in a window of the results.",
)
@click.option(
    "--agents",
    default="baselines",
    show_default=True,
    metavar="NAME",
    help="Which forecasters play, and the pool that suits them: default, macro; see --list.",
)
@click.option(
    "--aggregator",
    metavar="NAME",
    help="What combines the forecasters instead; see --list.",
)
@click.option(
    "--forecasters",
    multiple=True,
    metavar="A,B",
    callback=read_names,
    help="Forecasters that join them; see --list.",
)
@click.option(
    "--seed",
    type=SEED,
    default=7,
    show_default=True,
    metavar="N",
    help="Of every random number, synthetic data included.",
)
@click.option(
    "--out",
    default="planning/backtest_report.json",
    show_default=True,
    metavar="PATH",
    help="Where the report goes.",
)
@click.option(
    "--summary-only",
    is_flag=True,
    help="Leave the forecasts of each origin out of the report, which is then small; its figures "
    "cannot be computed anew from it.",
)
@click.option("--by-window", is_flag=True, help="Show the windows of each series too.")
@click.option(
    "--all",
    "all_series",
    is_flag=True,
    help="Show a table for each series, however many there are.",
)
@click.option("--list", "list_plugins", is_flag=True, help="List everything plugged in, and stop.")
@click.option("--quiet", is_flag=True, help="No table and no progress; warnings and errors only.")
@debug_option
@version_option(PROGRAM.name, __version__)
def command(**options: Any) -> int:
    """Forecast recorded series walk-forward, and score the forecasts.

    At every origin the game is played with what was known then: forecasters are fitted, weighed
    by their record and combined. Prints a table with a row per forecaster, one for equal weights
    and one for the game's ensemble, and writes a JSON report from which every figure can be
    recomputed (not with --summary-only).
    """

    def work() -> int:
        from . import _command

        return _command.list_plugins() if options["list_plugins"] else _command.run(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
