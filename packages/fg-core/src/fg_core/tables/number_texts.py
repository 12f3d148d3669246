"""Numbers as people write them: 1,234.5 and 1.234,5 and 1 234,5; $5, 12 %, (3.5).

A text alone may be read in two ways (1,234), a column of them mostly in one. What stays open is
refused; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product

__all__ = ["NumberStyle", "is_number_text", "number_style"]

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
_SIGNS = "$€£¥₹%"
_EXPONENT = r"(?:[eE][+-]?\d+)?"


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written.

    Args:
        decimal: Decimal sign, a point or a comma.
        thousands: Sign between groups of three digits; empty: there is none.
        unit: Sign of a currency or of per cent at each number; empty: there is none.
    """

    decimal: str
    thousands: str = ""
    unit: str = ""

    def plain(self, text: str) -> str | None:
        """Return a text as Python writes numbers; None: it is not of this style.

        >>> NumberStyle(",", ".").plain("1.234,5"), NumberStyle(".", ",", "$").plain("($1,200)")
        ('1234.5', '-1200')
        """
        bare = _bare(text)
        if bare is None or bare[1] not in ("", self.unit):
            return None
        if not _pattern(self.decimal, self.thousands).fullmatch(bare[0]):
            return None
        digits = bare[0].replace(self.thousands, "") if self.thousands else bare[0]
        return digits.replace(self.decimal, ".")


_STYLES = (
    NumberStyle("."),
    NumberStyle(","),
    *(NumberStyle(d, t) for d, t in product(".,", ",. '") if d != t),
)
_PATTERNS: dict[tuple[str, str], re.Pattern[str]] = {}


def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    found = _PATTERNS.get((decimal, thousands))
    if found is None:
        d = re.escape(decimal)
        whole = r"\d+"
        if thousands:
            whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
        found = re.compile(rf"[+-]?(?:{whole}(?:{d}\d*)?|{d}\d+){_EXPONENT}", re.ASCII)
        _PATTERNS[decimal, thousands] = found
    return found


def _bare(text: str) -> tuple[str, str] | None:
    """Return a text without a sign of a unit, brackets of accountants and a minus at its end."""
    bare = text.translate(_SPACES).strip()
    negative = bare.startswith("(") and bare.endswith(")")
    if negative:
        bare = bare[1:-1].strip()
    units = {sign for sign in bare if sign in _SIGNS}
    if len(units) > 1:
        return None
    unit = units.pop() if units else ""
    if unit:
        if bare.count(unit) > 1:
            return None
        before, _, after = bare.partition(unit)
        if before.strip(" +-") and after.strip():
            return None  # in the midst of it
        bare = before.strip() + after.strip()
    if bare.endswith("-") and not bare.startswith(("-", "+")):
        bare = "-" + bare[:-1].rstrip()
    if negative:
        if bare.startswith(("-", "+")):
            return None
        bare = "-" + bare
    return bare, unit


def is_number_text(text: str) -> bool:
    """Return whether a text is a number in some style.

    Args:
        text: Text of a cell.

    Returns:
        Whether it can be read as one number, or as one of two.

    >>> is_number_text("1.234,5"), is_number_text("$ 5"), is_number_text("2001-01")
    (True, True, False)
    """
    bare = _bare(text)
    return bare is not None and any(
        _pattern(style.decimal, style.thousands).fullmatch(bare[0]) for style in _STYLES
    )


def number_style(texts: Iterable[str], decimals: Collection[str] = (".", ",")) -> NumberStyle:
    """Return the one style in which all texts of a column are numbers.

    Args:
        texts: Texts of the column, without those of missing values.
        decimals: Decimal signs that come into question.

    Returns:
        The style; of several that read the same numbers, the simplest.

    Raises:
        ValueError: There is none, or there are two that read different numbers; the message then
            says which.

    >>> number_style(["1,234", "987.5"])
    NumberStyle(decimal='.', thousands=',', unit='')
    >>> number_style(["1,234", "987"])
    Traceback (most recent call last):
    ...
    ValueError: '1,234' could be 1.234 or 1234
    """
    bare: dict[str, str] = {}
    units: set[str] = set()
    for text in dict.fromkeys(texts):
        found = _bare(text)
        if found is None:
            raise ValueError("")
        bare[text] = found[0]
        units.add(found[1])
    if len(units) > 1:
        raise ValueError("has another sign of a currency or of per cent than other cells")
    readings: dict[tuple[float, ...], NumberStyle] = {}
    for style in _STYLES:
        if style.decimal not in decimals:
            continue
        pattern = _pattern(style.decimal, style.thousands)
        if all(map(pattern.fullmatch, bare.values())):
            plain = [style.plain(text) or "" for text in bare.values()]
            readings.setdefault(tuple(map(float, plain)), style)
    if not readings:
        raise ValueError("")
    if len(readings) > 1:
        first, second, *_ = readings
        at = next(k for k, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
        raise ValueError(f"{list(bare)[at]!r} could be {first[at]:.12g} or {second[at]:.12g}")
    style = next(iter(readings.values()))
    return NumberStyle(style.decimal, style.thousands, units.pop() if units else "")
