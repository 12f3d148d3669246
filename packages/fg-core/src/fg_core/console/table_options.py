"""Options of commands that read tables: what a file holds, and which of its series are meant.

Every command that takes a file as `--source` has them, by these decorators; `table_texts` makes of
them the options of a query to the source of files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import click

from .options import read_names

__all__ = ["TABLE_OPTIONS", "selection_options", "table_options", "table_texts"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

TABLE_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "ds": "--ds",
        "y": "--y",
        "unique_id": "--id",
        "date_format": "--date-format",
        "na": "--na",
        "fill": "--fill",
    }
)
"""Options that say what is in a file, and how they are given, by the name that the source has."""

_TABLE = (
    click.option("--ds", metavar="NAME", help="Column of a file with the dates. Default: ds."),
    click.option(
        "--y",
        metavar="NAME",
        help="Column of a file with the values, or several of a wide table. Default: y.",
    ),
    click.option(
        "--id",
        "unique_id",
        metavar="NAME",
        help="Column of a file with the names of series. Default: unique_id, if it is there.",
    ),
    click.option(
        "--date-format",
        metavar="FORM",
        help="Form of the dates of a file, such as %d/%m/%Y. Default: told from the dates.",
    ),
    click.option(
        "--na",
        metavar="MARKS",
        help="Marks of missing values in a file, such as '..,:,-', beside NA, NaN and the like.",
    ),
    click.option(
        "--fill",
        type=float,
        metavar="VALUE",
        help="Value of periods without a row in a file; 0 where nothing was sold then. Default: "
        "they stay without.",
    ),
)

_SELECTION = (
    click.option(
        "--series",
        multiple=True,
        metavar="A,B",
        callback=read_names,
        help="Names of series; may be given several times. Default: those that the source has by "
        "default.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="A,B",
        callback=read_names,
        help="Names of series that are left out; may be given several times.",
    ),
)


def table_options(command: _Command) -> _Command:
    """Give a command the options that say what is in a file.

    Args:
        command: Function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _TABLE)


def selection_options(command: _Command) -> _Command:
    """Give a command the options that say which series are meant.

    Args:
        command: Function behind a command.

    Returns:
        The command with these options added.
    """
    return _with(command, _SELECTION)


def table_texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of `table_options` that were given, as options of a query.

    Args:
        options: Options of the command, by name.

    Returns:
        Texts by name; empty where none was given.

    >>> table_texts({"ds": "month", "fill": 0.0, "na": None})
    {'ds': 'month', 'fill': '0.0'}
    """
    return {name: str(options[name]) for name in TABLE_OPTIONS if options.get(name) is not None}


def _with(command: _Command, options: tuple[Callable[[_Command], _Command], ...]) -> _Command:
    # The help lists options in the order in which they stand here.
    for option in reversed(options):
        command = option(command)
    return command
