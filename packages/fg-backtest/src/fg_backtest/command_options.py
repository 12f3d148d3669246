"""Options that `fg-backtest` and `fg-forecast` have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, get_args

import click

from fg_core import ConfigError
from fg_core.console import (
    SEED,
    WholeNumber,
    read_horizons,
    read_names,
    read_pairs,
    selection_options,
    table_options,
)

from .attack_budgets import budget_rule

__all__ = [
    "ForecastAt",
    "agent_options",
    "attack_options",
    "data_options",
    "fit_options",
    "fit_settings",
    "series_options",
]

ForecastAt: TypeAlias = Literal["release", "period"]
"""Moment of a forecast: when the value of its period comes out, or a day after its period ends."""

_Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


def _read_truth(_context: click.Context, _option: click.Parameter, given: str) -> str | int:
    """Read which value of a period forecasts are scored on."""
    if given in ("latest", "first"):
        return given
    if given.isascii() and given.isdigit() and len(given) <= 3:
        return int(given)
    raise click.BadParameter(f"{given!r} is neither latest nor first nor a number of revisions")


def _read_budgets(
    _context: click.Context, _option: click.Parameter, given: str
) -> tuple[float | str, ...]:
    """Read budgets of an attack: units, or shares of the points times a size."""
    budgets = [part.strip() for part in given.split(",")]
    try:
        for one in budgets:
            budget_rule(one)
    except ConfigError as error:
        raise click.BadParameter(str(error)) from None
    # Units in their order, wherever they stand; shares are put in theirs when points are known.
    units = sorted({float(one) for one in budgets if "%" not in one})
    return (*units, *(one for one in budgets if "%" in one))


_DATA: tuple[_Decorator, ...] = (
    click.option(
        "--source",
        metavar="NAME|PATH",
        help="Where the data come from: a source (see --list), or a file (.csv, .xlsx, .json, "
        ".parquet).",
    ),
    table_options,
    click.option(
        "--option",
        "source_options",
        multiple=True,
        metavar="NAME=VALUE",
        callback=read_pairs("origin=quarter"),
        help="What else the source wants to be told, such as origin=quarter for us_macro.",
    ),
    click.option(
        "--vintages",
        is_flag=True,
        help="Fetch every value that the source published of each period, so that each origin sees "
        "what stood then; for sources that have them, such as fred.",
    ),
    click.option(
        "--season-length",
        type=WholeNumber(min=1),
        metavar="N",
        help="Periods in a season; 1: none. Default: the source's; for a file by its frequency.",
    ),
    click.option(
        "--future",
        multiple=True,
        metavar="A,B",
        callback=read_names,
        help="Context columns that are known in advance, such as promotions and prices. Rows after "
        "the last value may hold those of the periods to come.",
    ),
    selection_options,
    click.option(
        "--horizons",
        metavar="1,4",
        callback=read_horizons,
        help="Steps ahead; 1-12 is a range. Default: 1,4 for quarters and weeks, 1,3 for months, "
        "1,7 for days, 1,5 for business days, 1 for years.",
    ),
)

_FIT = (
    click.option(
        "--refit-every",
        type=WholeNumber(min=0),
        default=4,
        show_default=True,
        metavar="N",
        help="Fit forecasters anew at every N-th origin; 0: only before the first.",
    ),
    click.option(
        "--window",
        type=WholeNumber(min=2),
        metavar="ROWS",
        help="Rows that a fit sees. Default: all so far.",
    ),
    click.option(
        "--gap",
        type=WholeNumber(min=0),
        default=0,
        show_default=True,
        metavar="ROWS",
        help="Latest rows that a fit does not see.",
    ),
    click.option(
        "--forecast-at",
        type=click.Choice(get_args(ForecastAt)),
        default="release",
        show_default=True,
        help="When a forecast is made: as soon as the value of its period is out, or a day after "
        "the period ends, whatever is out then.",
    ),
    click.option(
        "--settled-after",
        type=click.IntRange(min=1),
        metavar="N",
        help="Origins from the first value of a period until it is settled, when weights and "
        "scales learn from it. Default: 1.",
    ),
    click.option(
        "--doubted-for",
        type=click.IntRange(min=1),
        default=8,
        show_default=True,
        metavar="N",
        help="Origins for which the first value of a period may be doubted where values are "
        "revised; at least until it is settled.",
    ),
    click.option(
        "--truth",
        default="latest",
        show_default=True,
        metavar="latest|first|N",
        callback=_read_truth,
        help="Value that forecasts are scored on where a period has several: the latest, the "
        "first, or that after N revisions.",
    ),
)

_ATTACK = (
    click.option(
        "--attack",
        "attacks",
        multiple=True,
        is_flag=False,
        flag_value="worst",
        metavar="[NAME]",
        help="Also play under attack: an adversary (see --list), or worst, or worst_on_columns, "
        "which are sought anew for each defense; repeatable; without a name, worst.",
    ),
    click.option(
        "--attack-budget",
        default="4,8,16",
        show_default=True,
        metavar="4,8,16",
        callback=_read_budgets,
        help="Units that an attack may spend on a series, in step scales; 10%x3: those of hits of "
        "3 on 10 % of the scored origins.",
    ),
    click.option(
        "--attack-cap",
        type=click.FloatRange(min=0.0, min_open=True),
        default=3.0,
        show_default=True,
        metavar="X",
        help="Largest hit, in step scales.",
    ),
    click.option(
        "--attack-plot",
        metavar="PATH",
        help="Write a chart of the worst attack by budget and defense to this file (.png, .svg, "
        ".pdf).",
    ),
    click.option(
        "--defense",
        "defenses",
        multiple=True,
        metavar="NAME[,NAME]",
        callback=read_names,
        help="Defenses that are attacked beside none at all: defenders or defenses (see --list), "
        "or stacks such as stack:clipping+dampening. Default: "
        "innovation_gate,clipping,dampening.",
    ),
)

_SERIES = (
    click.option(
        "--strict",
        is_flag=True,
        help="Refuse series that are too short or never move, instead of leaving them out.",
    ),
    click.option(
        "--exclusions",
        metavar="FILE",
        help="Prints that were found to be bad, which are missing: a CSV file with the columns "
        "unique_id, ds, value, reason, decided.",
    ),
    click.option(
        "--jobs",
        type=WholeNumber(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Processes that share the series; no figure depends on it.",
    ),
)


_AGENTS = (
    click.option(
        "--agents",
        metavar="NAME",
        help="Line-up: a set of forecasters and the rule that mixes them, such as baselines or "
        "macro; see --list. Default: default, or baselines without fg-agents.",
    ),
    click.option(
        "--aggregator",
        metavar="NAME",
        help="Rule that mixes the forecasters instead; see --list.",
    ),
    click.option(
        "--forecasters",
        multiple=True,
        metavar="A,B",
        callback=read_names,
        help="Forecasters that join them; see --list.",
    ),
    click.option(
        "--runtime",
        metavar="NAME",
        help="Strategy runtime that joins them as a forecaster, such as prompt, haskell or ollama; "
        "see --list. Who answers for it is told.",
    ),
    click.option(
        "--defender",
        metavar="NAME",
        help="Who doubts the newest values: a defender or a defense, such as gate or none; see "
        "--list. Default: innovation_gate.",
    ),
    click.option(
        "--policy",
        "policies",
        multiple=True,
        metavar="FILE",
        help="Trained policy that plays with them, as fg-train writes it: a defender in place of "
        "theirs, or a correction of their pool; may be given several times.",
    ),
    click.option(
        "--seed",
        type=SEED,
        default=7,
        show_default=True,
        metavar="N",
        help="Seed of every random number, synthetic data included.",
    ),
    click.option(
        "--log",
        is_flag=True,
        help="Play logarithms, for series whose changes grow with their level; forecasts and "
        "scores stay in the unit of the series.",
    ),
    click.option(
        "--nonnegative/--no-nonnegative",
        default=None,
        help="No forecast below zero. Default: for series that are often zero and never below.",
    ),
)


def attack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which attacks are played, and against which defenses.

    Args:
        command: function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _ATTACK)


def series_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what becomes of many series.

    Args:
        command: function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _SERIES)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which series are played, and how far ahead.

    Args:
        command: function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _DATA)


def fit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say when forecasters are fitted, and to which rows.

    Args:
        command: function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _FIT)


def fit_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what these options and the seed say, as arguments of backtester and forecaster.

    Args:
        options: options of a command.

    Returns:
        Settings by the names of the fields of `PlaySettings`.
    """
    same = ("refit_every", "gap", "seed", "forecast_at", "settled_after", "doubted_for", "truth")
    own = (*same, "log", "nonnegative")
    given = {"train_window": options["window"], **{name: options[name] for name in own}}
    if options["defender"]:
        from .defaults import quiet_settings  # the help is shown without it

        given["config"] = quiet_settings(options["defender"])
    return given


def agent_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose the agents.

    Args:
        command: function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _AGENTS)


def _with(command: Callable[..., Any], options: tuple[_Decorator, ...]) -> Callable[..., Any]:
    # The help lists options in the order in which they stand here.
    for option in reversed(options):
        command = option(command)
    return command
