"""Values that JSON can hold and give back equal."""

from __future__ import annotations

import math
from typing import Any

from fg_core.errors import DataError

__all__ = ["check_plain", "finite_number", "whole_number"]


def check_plain(where: str, value: Any) -> None:
    """Refuse a value that would not come back equal from JSON, NaN above all.

    Args:
        where: Place of the value, for the message: "trajectory meta".
        value: Should be a dict with texts as keys, a list, a text, a finite number (a whole one of
            64 bits), a boolean or None.

    Raises:
        DataError: It is something else, or holds something else; the message says where.

    >>> check_plain("settings", {"grid": [1, float("nan")]})
    Traceback (most recent call last):
    ...
    fg_core.errors.DataError: settings.grid[1]: nan is not finite and has no place in JSON
    """
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise DataError(f"{where}: key {key!r} is not text")
            check_plain(f"{where}.{key}", part)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            check_plain(f"{where}[{i}]", part)
    elif isinstance(value, float):
        finite_number(where, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        whole_number(where, value)
    elif value is not None and not isinstance(value, str | bool):
        kind = type(value).__name__
        raise DataError(
            f"{where}: {kind} is not a JSON value; use dict, list, str, float, int, bool or None"
        )


def finite_number(where: str, value: Any) -> float:
    """Return a number as a float that JSON can hold.

    Args:
        where: Place of the number, for the message.
        value: Number, or anything else that `float` takes, such as a number of numpy.

    Returns:
        Finite float, in the unit of the value.

    Raises:
        DataError: It is no number, or not finite.

    >>> finite_number("forecast", 2)
    2.0
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{where}: {value!r} is not a number") from None
    if not math.isfinite(number):
        raise DataError(f"{where}: {number} is not finite and has no place in JSON")
    return number


def whole_number(where: str, value: int) -> int:
    """Return a whole number of 64 bits, which every reader of JSON of ours takes.

    Args:
        where: Place of the number, for the message.
        value: Number to check.

    Returns:
        The number itself, from -2^63 to 2^63 - 1.

    Raises:
        DataError: It does not fit into 64 bits with a sign.

    >>> whole_number("seed", 7)
    7
    """
    if not -(2**63) <= value < 2**63:
        raise DataError(f"{where}: {value} does not fit into 64 bits")
    return int(value)
