"""The command `fg-backtest`.

This module imports click and the standard library and nothing else, so that `--help` is quick;
the work, with all that it imports, is in `_command`.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, NoReturn

import click

from . import __version__
from ._console import BROKEN_PIPE, FAILED, INTERRUPTED, MISUSED, PROGRAM, Interrupted, tell

__all__ = ["command", "main"]

_NOTHING_WRITTEN = "no report was written"

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


def _names(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    """Split values at commas; an option may also be given several times. Each name counts once."""
    found = [name.strip() for value in given for name in value.split(",")]
    if "" in found:
        raise click.BadParameter("an empty name; give names with single commas between them")
    return list(dict.fromkeys(found))


def _numbers(
    _context: click.Context, _option: click.Parameter, given: str | None
) -> tuple[int, ...] | None:
    """Read whole numbers, 1 or more, with commas between them."""
    if given is None:
        return None
    parts = [part.strip() for part in given.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part[:10]) > 0 for part in parts):
        raise click.BadParameter(f"{given!r} is not a list of whole numbers such as 1,4")
    numbers = tuple(int(part) for part in parts)
    if len(set(numbers)) != len(numbers):
        raise click.BadParameter(f"{given!r} names a horizon twice")
    return numbers


def _pairs(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """Read NAME=VALUE."""
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as origin=quarter")
        found[name.strip()] = value.strip()
    return found


@click.command(PROGRAM, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
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
    callback=_pairs,
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
    callback=_names,
    help="Series to play. Default: those that the source has by default.",
)
@click.option(
    "--horizons",
    metavar="1,4",
    callback=_numbers,
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
    callback=_names,
    help="Forecasters that join them; see --list.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
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
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def command(**options: Any) -> int:
    """Forecast recorded series walk-forward, and score the forecasts.

    At every origin the game is played with what was known then: forecasters are fitted, weighed
    by their record and combined. Prints a table with a row per forecaster, one for equal weights
    and one for the game's ensemble, and writes a JSON report from which every figure can be
    recomputed (not with --summary-only).
    """
    try:
        if options["list_plugins"]:
            from .plugin_list import list_plugins

            code = list_plugins()
        else:
            from ._command import run

            code = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        raise Interrupted(_NOTHING_WRITTEN) from None
    return code


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    try:
        code = command.main(prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        tell(f"error: {error.format_message()} (see {PROGRAM} --help)")
        code = error.exit_code
    except Interrupted as interruption:
        tell(f"interrupted; {interruption}")
        code = INTERRUPTED
    except click.Abort:
        tell(f"interrupted; {_NOTHING_WRITTEN}")
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost edge: it is told, as one line
        code = _explain(error)
    sys.exit(code)


def _explain(error: Exception) -> int:
    """Say what went wrong and return the exit code."""
    from fg_core.errors import ArtifactError, ConfigError, DataError, ForecastGameError, PluginError

    # Read by hand, since the options may not even have been parsed.
    if "--debug" in sys.argv[1:]:
        traceback.print_exception(error)
    if not isinstance(error, ForecastGameError):
        tell(
            f"error: unexpected {type(error).__name__}: {error} (--debug shows where; please "
            "report it)"
        )
        return FAILED
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    tell(f"error: {error}{notes}")
    wrong_input = isinstance(error, ConfigError | DataError | PluginError | ArtifactError)
    return MISUSED if wrong_input else FAILED


def _let_go_of_stdout() -> None:
    """Drop what is left in the buffer: its reader is gone, and it would raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
