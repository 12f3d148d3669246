"""Marks of missing values that somebody has to name, such as those of statistical offices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fg_core.errors import ConfigError

__all__ = ["NO_MARKS", "Marks", "is_known_mark", "marks_in"]

# Of statistical offices and spreadsheets. Some mean nothing or little instead of not known, so that
# they are proposed and never taken by themselves.
_KNOWN = frozenset(
    (
        *("..", "...", "…", ":", "-", "--", "---", "–", "—", "*", "**", "x", "xx", "c", "s", "?"),
        *("nd", "n.d.", "n.d", "n.a.", "n.a", "n/d", "n/r", "nr", "n.r.", "na.", "nil", "missing"),
        *(
            "(d)",
            "(na)",
            "(x)",
            "(s)",
            "(z)",
            "#",
            "#value!",
            "#ref!",
            "#div/0!",
            "#name?",
            "#num!",
        ),
        *("not available", "no data", "unknown", "suppressed", "confidential", "k.a.", "k. a."),
    )
)


@dataclass(frozen=True)
class Marks:
    """Marks that somebody named.

    Args:
        texts: Texts in lower case.
        numbers: Numbers that stand for a missing value, such as -999.
    """

    texts: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()

    @classmethod
    def of(cls, given: str | Iterable[Any]) -> Self:
        """Return marks as they are given: with commas between them, or as texts and numbers.

        Raises:
            ConfigError: They are something else.

        >>> sorted(Marks.of(".., ND,-999").texts), Marks.of("-999").numbers
        (['-999', '..', 'nd'], frozenset({-999.0}))
        """
        if not isinstance(given, str | Iterable):
            raise ConfigError(f"na must be marks such as '..' or ('..', '-'), got {given!r}")
        parts: Sequence[Any] = given.split(",") if isinstance(given, str) else list(given)
        texts = {str(part).strip().casefold() for part in parts} - {""}
        numbers = set()
        for text in texts:
            try:
                number = float(text)
            except ValueError:
                continue
            if math.isfinite(number):
                numbers.add(number)
        return cls(frozenset(texts), frozenset(numbers))

    def has(self, cell: Any) -> bool:
        """Return whether a cell is one of the marks."""
        if isinstance(cell, str) and cell.strip().casefold() in self.texts:
            return True
        if not self.numbers:
            return False
        try:
            return float(cell) in self.numbers
        except (TypeError, ValueError, OverflowError):
            return False


NO_MARKS = Marks()
"""None but the usual ones."""


def is_known_mark(cell: Any) -> bool:
    """Return whether somebody is known to write a text for a missing value.

    Args:
        cell: Cell of a table.

    Returns:
        Whether it may be such a mark.

    >>> is_known_mark(".."), is_known_mark("ca. 5")
    (True, False)
    """
    return isinstance(cell, str) and cell.strip().casefold() in _KNOWN


def marks_in(cells: Iterable[Any]) -> list[str]:
    """Return the marks in a column that nobody named, each once.

    Args:
        cells: Cells of the column.

    Returns:
        Marks as they are written.

    >>> marks_in(["1", "..", 2, "ND", ".."])
    ['..', 'ND']
    """
    return list(dict.fromkeys(cell.strip() for cell in cells if is_known_mark(cell)))
