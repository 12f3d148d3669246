"""The command `fg-forecast`.

This module imports `fg_core.console`, click and the standard library and nothing else, so that
`--help` is quick; the work, with all that it imports, is in `latest.command`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import click

from fg_core.console import (
    CONTEXT_SETTINGS,
    WholeNumber,
    debug_option,
    read_pairs,
    version_option,
)
from fg_core.garbage import paused_collection

from . import __version__
from ._program import FORECAST
from .command_options import agent_options, data_options, fit_options, series_options

__all__ = ["command", "main"]

_EPILOG = """\b
Examples:
  fg-forecast --source us_macro --horizons 1-4
  fg-forecast --source sales.csv --ds month --y sales --out forecast.csv
  fg-forecast --source us_macro --series unemp --above 10 --plot unemp.png
  fg-forecast --source us_macro --best
  fg-forecast --source sales.csv --check --exclusions bad.csv
  fg-forecast --source us_macro --series unemp --fan --given tbilrate=5

Without --source, the training set of FRED is meant (fred_training), for which
FRED_API_KEY must be set. Without it, synthetic data stand in, with a warning.

\b
Exit codes: 0 done; 1 the run failed; 2 wrong usage or input; 3 a print is doubted
(--check); 130 interrupted (no file is written).
"""


def _read_levels(
    _context: click.Context, _option: click.Parameter, given: str
) -> tuple[float, ...]:
    """Read probabilities of central intervals in per cent, with commas between them."""
    try:
        levels = tuple(sorted({float(part) for part in given.split(",")}))
    except ValueError:
        raise click.BadParameter(f"{given!r} is not a list of numbers such as 50,80,95") from None
    if not all(0.0 < level < 100.0 for level in levels):
        raise click.BadParameter(f"{given!r}: levels are above 0 and below 100 per cent")
    return levels


@click.command(FORECAST.name, epilog=_EPILOG, context_settings=CONTEXT_SETTINGS)
@data_options
@click.option(
    "--levels",
    default="50,80,95",
    show_default=True,
    metavar="50,80,95",
    callback=_read_levels,
    help="Probabilities, in per cent, of the central intervals.",
)
@click.option(
    "--above",
    multiple=True,
    type=float,
    metavar="LIMIT",
    help="Show the probability of a value above this; may be given several times.",
)
@click.option(
    "--below",
    multiple=True,
    type=float,
    metavar="LIMIT",
    help="The same of a value below it.",
)
@click.option(
    "--best",
    is_flag=True,
    help="Show the best forecaster of each series instead, by past CRPS (the error of a whole "
    "distribution), and whether its lead over the pool is more than luck.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Check the last value of each series instead: what was forecast for it, how probably it "
    "is bad, and the forecast with it and without. Exit code 3: one is doubted. Doubted values are "
    "added to the file of --exclusions, if one is given.",
)
@click.option(
    "--fan",
    is_flag=True,
    help="Show a simulated fan of each series instead: percentiles of 10,000 paths (--paths) of a "
    "world that is calibrated on it, at each step to the last of --horizons (default: 8).",
)
@click.option(
    "--given",
    multiple=True,
    metavar="COLUMN=X",
    callback=read_pairs("FEDFUNDS=5"),
    help="Fan if a context column were at X from the next period on, or at X,Y,... step by step; "
    "may be given several times.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(min=0.0, max=1.0, min_open=True),
    metavar="P",
    help="Probability of a bad value from which on --check doubts it. Default: 0.05.",
)
@click.option(
    "--out",
    metavar="PATH",
    help="Write the forecasts to this file (.csv, .json, .parquet).",
)
@click.option(
    "--paths",
    type=WholeNumber(min=1),
    metavar="N",
    help="Draw N joint sample paths per series, and show the total over the periods.",
)
@click.option(
    "--paths-out",
    metavar="PATH",
    help="Write the paths to this file (.csv, .json, .parquet); 1,000 unless --paths says "
    "otherwise.",
)
@click.option(
    "--plot",
    metavar="PATH",
    help="Write a fan chart to this file (.png, .svg, .pdf); one per series where there are "
    "several, with its name added.",
)
@click.option(
    "--warmup",
    type=WholeNumber(min=0),
    metavar="N",
    help="Origins before the last row that weights and intervals are learned from, and that show "
    "how far to trust them. Default: 40.",
)
@click.option(
    "--fast",
    is_flag=True,
    help="Learn from no earlier origin: quick, with weights and intervals as they come, and "
    "nothing to tell how far to trust them.",
)
@fit_options
@agent_options
@series_options
@click.option("--all", "all_series", is_flag=True, help="Show all series, however many there are.")
@click.option("--quiet", is_flag=True, help="No table and no progress; warnings and errors only.")
@debug_option
@version_option(FORECAST.name, __version__)
def command(**options: Any) -> int:
    """Forecast each series from its last row.

    An origin is a period from which a forecast is made, with what was known then. First the last
    origins of the series are forecast: there, each forecaster earns its weight by its scores, and
    intervals are corrected. Then the mixture of all forecasters, called the pool, is the forecast
    from the last row; if that row's value is too far from what was forecast for it, it is doubted
    and relied on in part only. Prints, per series, the forecast of each period with its intervals,
    and how good the same forecasts were at those origins.
    """

    def work() -> int:
        with paused_collection():
            from .latest.command import run

        return run(options)

    return FORECAST.run(work)


def main() -> NoReturn:
    """Run the command and leave with its exit code."""
    FORECAST.main(command)
