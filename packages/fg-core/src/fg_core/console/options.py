"""Options that commands have in common, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from fg_core.name_lists import split_names

__all__ = [
    "CONTEXT_SETTINGS",
    "SEED",
    "WholeNumber",
    "debug_option",
    "read_horizons",
    "read_names",
    "read_pairs",
    "version_option",
]

_RANGE = re.compile(r"(\d{1,10})(?:\s*-\s*(\d{1,10}))?", re.ASCII)
_LONGEST = 10_000

_Command = TypeVar("_Command", bound=Callable[..., Any] | click.Command)

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"]}
"""Settings of every command, for click."""


class WholeNumber(click.IntRange):
    """A whole number within limits, called so where it is refused.

    >>> WholeNumber(min=0).convert("x", None, None)
    Traceback (most recent call last):
    ...
    click.exceptions.BadParameter: 'x' is not a valid whole number.
    """

    name = "whole number"


SEED = WholeNumber(0, 2**64 - 1)
"""Type of the option `--seed`: what `fg_core.rng` takes."""

debug_option = click.option("--debug", is_flag=True, help="Show the traceback of an error.")
"""The option `--debug`, which `Program.main` heeds; a decorator."""


def version_option(name: str, version: str) -> Callable[[_Command], _Command]:
    """Return the option `--version`, as a decorator.

    Args:
        name: Name of the command.
        version: Version of its package.

    Returns:
        Decorator of a command.
    """
    return click.version_option(version, prog_name=name, message="%(prog)s %(version)s")


def read_names(
    _context: click.Context | None, _option: click.Parameter | None, given: tuple[str, ...]
) -> list[str]:
    """Split the values of an option at commas; the option may also be given several times.

    A callback of click, for an option with `multiple=True`. A name that has a comma itself stands
    in double quotes, as in a CSV file.

    Args:
        given: Values.

    Returns:
        The names in their order, each once.

    Raises:
        click.BadParameter: A name is empty.

    >>> read_names(None, None, ("infl, unemp", "infl"))
    ['infl', 'unemp']
    >>> read_names(None, None, ('"Smith, John", unemp',))
    ['Smith, John', 'unemp']
    """
    found = [name for text in given for name in split_names(text)]
    if "" in found:
        raise click.BadParameter("an empty name; give names with single commas between them")
    return list(dict.fromkeys(found))


def read_horizons(
    _context: click.Context | None, _option: click.Parameter | None, given: str | None
) -> tuple[int, ...] | None:
    """Read whole numbers of steps ahead, 1 or more, and ranges of them, with commas between them.

    A callback of click.

    Args:
        given: Value; None: the option is not given.

    Returns:
        The numbers in their order, those of a range one by one; None where nothing is given.

    Raises:
        click.BadParameter: Something is no such number, or is there twice.

    >>> read_horizons(None, None, "1,4")
    (1, 4)
    >>> read_horizons(None, None, "1-3,12")
    (1, 2, 3, 12)
    """
    if given is None:
        return None
    numbers: list[int] = []
    for part in given.split(","):
        match = _RANGE.fullmatch(part.strip())
        first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
        if not 1 <= first <= last < first + _LONGEST:
            raise click.BadParameter(
                f"{given!r} is not a list of whole numbers such as 1,4 or 1-12"
                + (f"; a range has at most {_LONGEST}" if last >= first + _LONGEST else "")
            )
        numbers.extend(range(first, last + 1))
    if len(set(numbers)) != len(numbers):
        raise click.BadParameter(f"{given!r} names a horizon twice")
    return tuple(numbers)


def read_pairs(
    example: str,
) -> Callable[[click.Context | None, click.Parameter | None, tuple[str, ...]], dict[str, str]]:
    """Return a callback of click that reads NAME=VALUE, for an option with `multiple=True`.

    Args:
        example: Pair that makes sense to the command, for the message.

    Returns:
        A callback. It returns values by name, the last one where a name is given twice, and raises
        `click.BadParameter` for a text without a name or without the sign.

    >>> read_pairs("origin=quarter")(None, None, ("units=pca", "note=a=b"))
    {'units': 'pca', 'note': 'a=b'}
    """

    def read(
        _context: click.Context | None, _option: click.Parameter | None, given: tuple[str, ...]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for text in given:
            name, sign, value = text.partition("=")
            if not sign or not name.strip():
                raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as {example}")
            found[name.strip()] = value.strip()
        return found

    return read
