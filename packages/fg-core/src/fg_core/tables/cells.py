"""From cells to numbers: what counts as a number, what as missing, and what is an error."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Real
from typing import Any

from .labels import Column, shown

__all__ = ["has_numbers", "is_absent", "is_missing", "name_of", "numbers_of"]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,20})?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII)
_MISSING = frozenset(
    ("", ".", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nat", "<na>", "#na")
)
_REMEDY = "write numbers like 1234.5, without separators of thousands, units or currency signs"


def is_absent(cell: Any) -> bool:
    """Return whether there is nothing in a cell: None, NaN, NaT, NA or an empty text.

    Args:
        cell: Cell of a table, of any type; a text of spaces alone is empty.

    Returns:
        Whether the cell is empty.

    >>> is_absent(" "), is_absent(float("nan")), is_absent("NA")
    (True, True, False)
    """
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell.strip()
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):  # the NA of pandas refuses to be compared, arrays are many
        return type(cell).__name__ == "NAType"


def is_missing(cell: Any) -> bool:
    """Return whether a cell of numbers is empty, or has a word for it such as NA, NaN or null.

    Args:
        cell: Cell of a table, of any type; spaces around a text and its case do not matter.

    Returns:
        Whether the cell has no number because none is known.

    >>> is_missing("NA"), is_missing("0")
    (True, False)
    """
    if isinstance(cell, str):
        return cell.strip().casefold() in _MISSING
    return is_absent(cell)


def name_of(cell: Any) -> str:
    """Return the name of a series or a segment in a cell.

    Args:
        cell: Cell of a table, of any type.

    Returns:
        Name without spaces around it; empty where there is none.

    >>> name_of(" north "), name_of(7), name_of(None)
    ('north', '7', '')
    """
    return "" if is_absent(cell) else str(cell).strip()


def has_numbers(column: Column, decimal: str = ".") -> bool:
    """Return whether any cell of a column is a number.

    Args:
        column: Column of a table; truth values are no numbers.
        decimal: Decimal sign of numbers that are texts.

    Returns:
        Whether there is a number. The first cell that is neither missing, a truth value nor a text
        decides, unless a text before it is a number.
    """
    for cell in column.cells:
        if isinstance(cell, bool) or is_missing(cell):
            continue
        if not isinstance(cell, str):
            return isinstance(cell, Real | Decimal)
        text = cell.strip()
        if _NUMBER.fullmatch(text.replace(decimal, ".") if decimal != "." else text):
            return True
    return False


def numbers_of(column: Column, decimal: str = ".") -> list[float | None]:
    """Return the numbers of a column; None where one is missing.

    Args:
        column: Column of numbers, or of texts of numbers.
        decimal: Decimal sign of texts. With a comma, a column that has none may use points, unless
            all of them could as well separate thousands.

    Returns:
        Finite numbers by row, in the unit of the column; None where one is missing.

    Raises:
        DataError: A cell that is not a finite number; the message names it.
    """
    sign = _decimal_sign(column) if decimal == "," else "."
    found: list[float | None] = []
    for position, cell in enumerate(column.cells):
        if type(cell) is float and math.isfinite(cell):
            found.append(cell)
            continue
        if sign == "." and type(cell) is str and _DECIMAL.fullmatch(cell):
            found.append(float(cell))  # as most cells are, and too short to be too large
            continue
        try:
            found.append(_number(cell, sign))
        except ValueError as error:
            raise column.error(position, f"{shown(cell)} {error}") from None
    return found


def _number(cell: Any, sign: str) -> float | None:
    if is_missing(cell):
        return None
    if isinstance(cell, bool) or type(cell).__name__ in ("bool", "bool_"):
        raise ValueError(f"is true or false, not a number; {_REMEDY}")
    if isinstance(cell, str):
        text = cell.strip()
        if _INFINITE.fullmatch(text):
            raise ValueError("is infinite; leave the cell empty if the value is missing")
        if sign == "," and "." in text:
            raise ValueError("has a point in a column of decimal commas; use one of them alone")
        text = text.replace(",", ".") if sign == "," else text
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"is not a number; {_REMEDY}, and leave missing ones empty")
        number = float(text)
    elif isinstance(cell, Real | Decimal):
        try:
            number = float(cell)
        except OverflowError:
            number = math.inf
    else:
        raise ValueError(f"is not a number; {_REMEDY}, and leave missing ones empty")
    if not math.isfinite(number):
        raise ValueError("is infinite, or too large; leave the cell empty if the value is missing")
    return number


def _decimal_sign(column: Column) -> str:
    """Return the decimal sign of a column where commas are usual.

    Raises:
        DataError: Every number with a point has exactly three digits after it.
    """
    pointed = None
    surely_decimal = False
    for position, cell in enumerate(column.cells):
        if not isinstance(cell, str) or is_missing(cell):
            continue
        if "," in cell:
            return ","
        if "." in cell:
            pointed = position if pointed is None else pointed
            surely_decimal = surely_decimal or not _THOUSANDS.fullmatch(cell.strip())
    if pointed is not None and not surely_decimal:
        cell = column.cells[pointed]
        whole = cell.replace(".", "").strip()
        raise column.error(
            pointed,
            f"{shown(cell)} could be {whole} or {cell.strip()}; write numbers without separators "
            "of thousands",
        )
    return "."
