"""What the cells of a column look like, where nobody says what the column is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice
from numbers import Real
from typing import Any

from fg_core.calendar import split_label

from .cells import is_absent, is_missing
from .date_cells import AMBIGUOUS, NUMBERED
from .fiscal import is_fiscal
from .missing_marks import NO_MARKS, Marks, is_known_mark
from .number_texts import is_number_text

__all__ = ["looks_like_dates", "looks_like_numbers"]

_LOOKED_AT = 50


def looks_like_dates(cells: Sequence[Any]) -> bool:
    """Return whether a column holds dates: its first cells are dates, or texts written like some.

    Numbers are values, even where they might be years (2001) or compact dates (20010131): only as
    texts of six or eight digits, or with a separator, are they taken for dates.

    Args:
        cells: cells of the column, as in a table or a file.

    >>> looks_like_dates(["2001-07", "2001-08"]), looks_like_dates(["3.5", "4"])
    (True, False)
    """
    some = _first(cells)
    return bool(some) and all(
        isinstance(cell, date) or (isinstance(cell, str) and _is_period(cell.strip()))
        for cell in some
    )


def looks_like_numbers(cells: Sequence[Any], na: Marks = NO_MARKS) -> bool:
    """Return whether a column holds numbers: its first cells are some, or texts of some.

    Marks of missing values are neither for nor against it, those that nobody named too: numbers
    are asked for where the column is read.

    Args:
        cells: cells of the column, as in a table or a file.
        na: marks of missing values beside the usual ones.

    >>> looks_like_numbers(["3.5", "", 4]), looks_like_numbers(["north", "3"])
    (True, False)
    >>> looks_like_numbers(["..", "1,234.5"]), looks_like_numbers(["..", "-"])
    (True, False)
    """
    some = [cell for cell in _first(cells) if not is_missing(cell, na) and not is_known_mark(cell)]
    return bool(some) and all(
        is_number_text(cell) if isinstance(cell, str) else _is_real(cell) for cell in some
    )


def _first(cells: Sequence[Any]) -> list[Any]:
    return list(islice((cell for cell in cells if not is_absent(cell)), _LOOKED_AT))


def _is_period(text: str) -> bool:
    with_time = text[:10] if len(text) > len("2001-07-31") and text[10] in "T " else text
    if AMBIGUOUS.fullmatch(text) is not None:
        return True  # dates all the same: how they are to be read is asked where they are read
    if is_fiscal(text) or NUMBERED.fullmatch(text) is not None:
        return True
    return len(text) > len("2001") and split_label(with_time) is not None


def _is_real(cell: Any) -> bool:
    if isinstance(cell, bool):
        return False
    return isinstance(cell, Real)
