"""From cells to numbers: what counts as a number, what as missing, and what is an error."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

from .labels import Column, shown
from .missing_marks import NO_MARKS, Marks, is_known_mark, marks_in
from .number_texts import NumberStyle, is_number_text, number_style

__all__ = ["Numbers", "has_numbers", "is_absent", "is_missing", "name_of", "numbers_of"]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,20})?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII)
_MISSING = frozenset(
    ("", ".", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nat", "<na>", "#na")
)
_FLAGGED = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*(?:[(\[]?[A-Za-z]{1,3}[)\]]?|\*+)", re.ASCII)
_REMEDY = "write numbers like 1234.5, without separators of thousands, units or currency signs"
_REMEDY_EMPTY = f"{_REMEDY}, and leave missing ones empty"
_OTHER_STYLE = "is a number in another style than other cells"


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


def is_missing(cell: Any, na: Marks = NO_MARKS) -> bool:
    """Return whether a cell of numbers is empty, or has a word for it such as NA, NaN or null.

    Args:
        cell: Cell of a table, of any type; spaces around a text and its case do not matter.
        na: Further marks of missing values.

    Returns:
        Whether the cell has no number because none is known.

    >>> is_missing("NA"), is_missing("0"), is_missing("..", Marks.of(".."))
    (True, False, True)
    """
    if isinstance(cell, str):
        return cell.strip().casefold() in _MISSING or na.has(cell)
    return is_absent(cell) or na.has(cell)


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


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column.

    Args:
        values: Finite numbers by row, in the unit of the column; None where one is missing.
        read_as: First text that Python would not read, and the number that it is; empty: none.
    """

    values: list[float | None]
    read_as: str = ""


def has_numbers(column: Column, na: Marks = NO_MARKS) -> bool:
    """Return whether any cell of a column is a number.

    Args:
        column: Column of a table; truth values are no numbers.
        na: Further marks of missing values.

    Returns:
        Whether there is a number. The first cell that is neither missing, a truth value nor a text
        decides, unless a text before it is a number.
    """
    for cell in column.cells:
        if isinstance(cell, bool) or is_missing(cell, na):
            continue
        if not isinstance(cell, str):
            return isinstance(cell, Real | Decimal)
        if is_number_text(cell):
            return True
    return False


def numbers_of(column: Column, decimal: str = "", na: Marks = NO_MARKS) -> Numbers:
    """Return the numbers of a column.

    Args:
        column: Column of numbers, or of texts of numbers.
        decimal: Decimal sign of texts; empty: a point, or what the column shows. With a comma, a
            column that has none may use points, unless all of them could as well separate
            thousands.
        na: Marks of missing values beside the usual ones.

    Returns:
        Numbers by row. Texts may separate thousands and have the sign of a currency or of per
        cent, where the column shows how they are read.

    Raises:
        DataError: A cell that is not a finite number; the message names it.

    >>> from fg_core.tables.labels import Labels
    >>> numbers_of(Column("y", ["1,234.5", "NA"], Labels("t")))
    Numbers(values=[1234.5, None], read_as="'1,234.5' as 1234.5")
    """
    sign = _decimal_sign(column, na) if decimal == "," else "."
    found: list[float | None] = []
    style: NumberStyle | None = None
    read_as = ""
    for position, cell in enumerate(column.cells):
        if type(cell) is float and math.isfinite(cell) and not na.numbers:
            found.append(cell)
            continue
        if sign == "." and type(cell) is str and not na.numbers and _DECIMAL.fullmatch(cell):
            found.append(float(cell))  # as most cells are, and too short to be too large
            continue
        if is_missing(cell, na):
            found.append(None)
            continue
        text = cell
        if style is not None and isinstance(cell, str):
            text = style.plain(cell) or cell
        try:
            number = _number(text, "." if style is not None else sign)
        except ValueError as error:
            if style is not None or not _in_another_style(cell, sign):
                raise column.error(position, _refusal(column, cell, str(error), na)) from None
            style = _style(column, position, sign if decimal else "", na)
            number = float(style.plain(cell) or "nan")
            read_as = f"{shown(cell)} as {number:.12g}"
        found.append(number)
    if style is not None:  # texts before the first that shows the style, in the same style
        return Numbers([_styled(cell, style, na) for cell in column.cells], read_as)
    return Numbers(found)


def _in_another_style(cell: Any, sign: str) -> bool:
    """Return whether a cell that is no plain number is a number as people write them."""
    if not isinstance(cell, str) or not is_number_text(cell):
        return False
    return sign == "," or not _NUMBER.fullmatch(cell.strip())  # else one that is too large


def _style(column: Column, position: int, decimal: str, na: Marks) -> NumberStyle:
    cell = column.cells[position]
    texts = [text for text in column.cells if isinstance(text, str) and not is_missing(text, na)]
    try:
        return number_style(texts, (decimal,) if decimal else (".", ","))
    except ValueError as error:
        why = str(error)
    if " could be " in why:
        raise column.error(
            position, f"{why}; say the decimal sign with decimal (--option decimal=.)"
        )
    other = next((text for text in texts if not is_number_text(text)), None)
    if other is not None:
        at = column.cells.index(other)
        raise column.error(at, _refusal(column, other, f"is not a number; {_REMEDY_EMPTY}", na))
    raise column.error(position, f"{shown(cell)} {why or _OTHER_STYLE}; {_REMEDY}")


def _styled(cell: Any, style: NumberStyle, na: Marks) -> float | None:
    if is_missing(cell, na):
        return None
    return float(style.plain(cell) or "nan") if isinstance(cell, str) else _number(cell, ".")


def _refusal(column: Column, cell: Any, why: str, na: Marks) -> str:
    """Return why a cell is no number; of marks of missing values, all that the column has."""
    if is_known_mark(cell):
        marks = ",".join(m for m in marks_in(column.cells) if m.casefold() not in na.texts)
        named = ",".join([*sorted(na.texts), marks])
        return (
            f"{shown(cell)} is not a number; if it marks a missing value, say so with na "
            f"(--na '{named}')"
        )
    if isinstance(cell, str) and _FLAGGED.fullmatch(cell.strip()):
        return (
            f"{shown(cell)} has a mark or a unit beside the number; move such marks to "
            "a column of their own, or leave them out"
        )
    return f"{shown(cell)} {why}"


def _number(cell: Any, sign: str) -> float:
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
            raise ValueError(f"is not a number; {_REMEDY_EMPTY}")
        number = float(text)
    elif isinstance(cell, Real | Decimal):
        try:
            number = float(cell)
        except OverflowError:
            number = math.inf
    else:
        raise ValueError(f"is not a number; {_REMEDY_EMPTY}")
    if not math.isfinite(number):
        raise ValueError("is infinite, or too large; leave the cell empty if the value is missing")
    return number


def _decimal_sign(column: Column, na: Marks) -> str:
    """Return the decimal sign of a column where commas are usual.

    Raises:
        DataError: Every number with a point has exactly three digits after it.
    """
    pointed = None
    surely_decimal = False
    for position, cell in enumerate(column.cells):
        if not isinstance(cell, str) or is_missing(cell, na):
            continue
        if "," in cell:
            return ","
        if "." in cell and is_number_text(cell):
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
