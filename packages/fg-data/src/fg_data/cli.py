"""The command `fg-data`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `commands`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

from fg_core.console import (
    CONTEXT_SETTINGS,
    SEED,
    WholeNumber,
    debug_option,
    read_pairs,
    selection_options,
    table_options,
    version_option,
)

from . import __version__
from ._program import PROGRAM
from .default_source import DEFAULT_SOURCE

__all__ = ["command", "main"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

_EPILOG = """\b
Examples:
  fg-data list
  fg-data fetch --source fred --series CPIAUCSL,UNRATE --out cpi.csv
  fg-data show --source fred_training --series UNRATE --svg unrate.svg
  fg-data show --source fred --aligned --as-of 2020-03-31
  fg-data vintages --series GDP --period 2020Q2
  fg-data check --source sales.csv --fail-on-poisoning
  fg-data check --source cpi.csv --against us_macro:cpi,by=eop,factor=auto

\b
The cache is in the first of these that is given: --cache-dir, FG_CACHE_DIR, the
key cache_dir in ./forecast-game.toml, data/cache. FRED needs a key in
FRED_API_KEY; without one, its figures are made up, with a warning.

\b
Exit codes: 0 done; 1 failed; 2 wrong usage or input; 3 a fault was found (check);
130 interrupted.
"""


def _data_options(function: _Function) -> _Function:
    """Add the options that say which data are meant, and where the cache is."""
    options = (
        click.option(
            "--source",
            default=DEFAULT_SOURCE,
            show_default=True,
            metavar="NAME|PATH",
            help="A source (see fg-data list), or a file (.csv, .xlsx, .json, .parquet).",
        ),
        table_options,
        selection_options,
        click.option("--start", metavar="PERIOD", help="First period: 1985Q1, 1985-01, a date."),
        click.option("--end", metavar="PERIOD", help="Last period."),
        click.option(
            "--as-of",
            metavar="DATE",
            help="Only what was known at the end of that day (UTC). Default: all that is known.",
        ),
        click.option(
            "--option",
            "options",
            multiple=True,
            metavar="NAME=VALUE",
            callback=read_pairs("base=us_macro"),
            help="What else the source wants to be told, such as units=pca.",
        ),
        click.option("--refresh", is_flag=True, help="Fetch even what is fresh in the cache."),
        click.option("--offline", is_flag=True, help="Use the cache only, however old it is."),
        click.option("--cache-dir", metavar="PATH", help="Folder of the cache."),
        click.option(
            "--seed",
            type=SEED,
            default=7,
            show_default=True,
            metavar="N",
            help="Of made-up figures.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON for machines.")


@click.group(
    PROGRAM.name,
    epilog=_EPILOG,
    context_settings=CONTEXT_SETTINGS,
    invoke_without_command=True,
)
@version_option(PROGRAM.name, __version__)
@click.pass_context
def command(context: click.Context) -> int:
    """Get data, look at them, and find out whether they are sound.

    Every figure comes with the moment at which it could first be known.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return 0


@command.command("list")
@click.option("--source", metavar="NAME|PATH", help="List the series of this source.")
@click.option("--cache-dir", metavar="PATH", help="Folder of the cache.")
@_as_json
@debug_option
def list_command(**options: Any) -> int:
    """List sources, what they have, and what the cache holds."""
    return _work("list", options)


@command.command("fetch")
@_data_options
@click.option("--out", metavar="PATH", help="Write the rows to a file: .csv or .json.")
@_as_json
@debug_option
def fetch_command(**options: Any) -> int:
    """Get data into the cache, and into a file if --out names one.

    The file is a long table: unique_id, ds, y, available_at.
    """
    return _work("fetch", options)


@command.command("show")
@_data_options
@click.option(
    "--rows",
    type=WholeNumber(min=1),
    default=12,
    show_default=True,
    metavar="N",
    help="Last rows of each series that are shown.",
)
@click.option(
    "--aligned",
    is_flag=True,
    help="One row a month's end with what was known of every series then, and its age.",
)
@click.option("--svg", metavar="PATH", help="Draw a picture into this file.")
@_as_json
@debug_option
def show_command(**options: Any) -> int:
    """Show the last rows as a table, and all of them as a picture."""
    return _work("show", options)


@command.command("vintages")
@_data_options
@click.option("--period", metavar="PERIOD", help="Show every print of this period.")
@click.option(
    "--rows",
    type=WholeNumber(min=1),
    default=12,
    show_default=True,
    metavar="N",
    help="Last periods of each series that are shown.",
)
@click.option("--svg", metavar="PATH", help="Draw first prints and latest values into this file.")
@_as_json
@debug_option
def vintages_command(**options: Any) -> int:
    """Show how figures were revised."""
    return _work("vintages", options)


@command.command("check")
@_data_options
@click.option("--strict", is_flag=True, help="Count oddities as faults.")
@click.option(
    "--fail-on-poisoning",
    is_flag=True,
    help="Count prints that honest data do not have as faults.",
)
@click.option(
    "--against",
    metavar="SOURCE[:SERIES]",
    help="Compare one series with another source of it; see docs/quality.md for "
    "SOURCE:SERIES,tolerance=1%,factor=1,by=avg.",
)
@_as_json
@debug_option
def check_command(**options: Any) -> int:
    """Check for leaks, gaps, overdue figures, spikes, shifts and odd revisions.

    Ends with code 3 if there is a fault.
    """
    return _work("check", options)


def _work(name: str, options: dict[str, Any]) -> int:
    """Import what a command needs, and run it."""

    def work() -> int:
        match name:
            case "list":
                from .commands.listing import run
            case "fetch":
                from .commands.fetching import run
            case "show":
                from .commands.showing import run
            case "vintages":
                from .commands.vintages import run
            case _:
                from .commands.checking import run
        return run(options)

    return PROGRAM.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    PROGRAM.main(command)
