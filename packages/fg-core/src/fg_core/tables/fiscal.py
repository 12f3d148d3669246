"""Fiscal years and their quarters, as people write them: FY2020, FY20 Q3.

A fiscal year is named after the calendar year that it ends in, and stands for it. A quarter of one
stands for the calendar quarter that it ends in, which nobody can tell without the month in which
the fiscal year ends.
"""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["is_fiscal", "read_fiscal"]

_YEAR = r"fy[ -]?'?(?P<year>\d{4}|\d\d)(?:[/-](?P<to>\d\d))?"
_PATTERNS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        _YEAR,
        rf"{_YEAR}[ -]?q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4])[ /-]?{_YEAR}",
    )
)
_PIVOT = 69  # years of two digits are 1969 to 2068, as elsewhere


def is_fiscal(text: str) -> bool:
    """Return whether a text is written like a fiscal year, or a quarter of one.

    Args:
        text: What somebody wrote, without blanks around it.

    Returns:
        Whether `read_fiscal` knows its form.

    >>> is_fiscal("FY2020"), is_fiscal("2020")
    (True, False)
    """
    return any(pattern.fullmatch(text) for pattern in _PATTERNS)


def read_fiscal(text: str, year_end: int | None) -> tuple[str, datetime] | None:
    """Return the calendar period that a fiscal year, or a quarter of one, stands for.

    Args:
        text: What somebody wrote, without blanks around it.
        year_end: Last month of the fiscal year, 1 to 12; None: nobody has said it.

    Returns:
        Its form in words, and the first moment of the calendar period; None: it is neither.

    Raises:
        ValueError: A quarter, and nobody has said when the fiscal year ends.

    >>> read_fiscal("FY2019/20", None)
    ('a fiscal year', datetime.datetime(2020, 1, 1, 0, 0))
    >>> read_fiscal("FY2020Q1", 9)  # October to December 2019
    ('a fiscal quarter', datetime.datetime(2019, 10, 1, 0, 0))
    """
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _PATTERNS)), None)
    if match is None:
        return None
    parts = match.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == len("20"):
        year += 1900 if year >= _PIVOT else 2000
    if parts["to"] is not None:
        if int(parts["to"]) != (year + 1) % 100:
            raise ValueError("is no fiscal year; write it like FY2020 or FY2019/20")
        year += 1
    if "quarter" not in parts:
        return "a fiscal year", datetime(year, 1, 1)  # noqa: DTZ001
    if year_end is None:
        raise ValueError(
            "is a quarter of a fiscal year; say the month that the year ends in with "
            "fiscal_year_end (--option fiscal_year_end=9)"
        )
    last_month = 12 * year + year_end - 1 - 3 * (4 - int(parts["quarter"]))
    quarter = last_month // 3
    return "a fiscal quarter", datetime(quarter // 4, 3 * (quarter % 4) + 1, 1)  # noqa: DTZ001
