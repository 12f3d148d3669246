"""Periods as people write them: 1985Q1, 1985-01, 1985-01-31, 1985."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from fg_core.errors import ConfigError

from .periods import period_end

__all__ = ["parse_period", "parse_period_end", "period_label", "split_foreign_label", "split_label"]

_PATTERNS = (
    ("Y", re.compile(r"(\d{4})", re.ASCII)),
    ("Q", re.compile(r"(\d{4})-?q(\d)", re.ASCII | re.IGNORECASE)),
    ("M", re.compile(r"(\d{4})-(\d{2})", re.ASCII)),
    ("D", re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)),
)
"""Forms that are written here too: year first, then quarter, or month and day."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = "|".join(_MONTHS)
_CENTURY = "(?:1[5-9]|2[01])"
_FOREIGN = (
    ("D", re.compile(rf"({_CENTURY}\d\d)(\d\d)(\d\d)", re.ASCII)),
    ("M", re.compile(rf"({_CENTURY}\d\d)(0[1-9]|1[0-2])", re.ASCII)),
    ("M", re.compile(r"(\d{4})[ -]?m(\d{1,2})", re.ASCII | re.IGNORECASE)),
    ("Q", re.compile(r"(\d{4}) q(\d)", re.ASCII | re.IGNORECASE)),
    ("QY", re.compile(r"q(\d)[ -](\d{4})", re.ASCII | re.IGNORECASE)),
    ("MY", re.compile(rf"({_NAMED})[a-z]*[ -](\d{{4}}|\d\d)", re.ASCII | re.IGNORECASE)),
    ("W", re.compile(r"(\d{4})-?w(\d\d)", re.ASCII | re.IGNORECASE)),
)
_PIVOT = 69  # years of two digits are 1969 to 2068, as in POSIX

_FORMS = "a quarter (1985Q1), a month (1985-01), a date (1985-01-31) or a year (1985)"


def split_label(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the parts of a text that is written like a period.

    Args:
        text: Text as it was written, without blanks around it.

    Returns:
        The letter of what it is like (Y, Q, M or D) and its numbers: the year, then the quarter,
        or the month and the day. Whether the calendar has them is not checked. None: it has none
        of these forms, and none of `split_foreign_label`.

    >>> split_label("1985Q2"), split_label("1985-13"), split_label("spring")
    (('Q', (1985, 2)), ('M', (1985, 13)), None)
    """
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return kind, tuple(int(group) for group in match.groups())
    return split_foreign_label(text)


def split_foreign_label(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the parts of a period in a form that is read, but not written here.

    These are compact dates (20160131) and months (201601), 2016M1, Q1 2016, 2016 Q1, months by
    their English names (Jan-16, January 2016), and ISO weeks (2016-W05, read as their Monday).
    Forms that leave open what is the day and what the month are not read.

    Args:
        text: What somebody wrote, without blanks around it.

    Returns:
        As `split_label`.

    >>> split_foreign_label("Jan-16"), split_foreign_label("Q1 1995"), split_foreign_label("1/2/16")
    (('M', (2016, 1)), ('Q', (1995, 1)), None)
    """
    for kind, pattern in _FOREIGN:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        first, second = match[1], match[2]
        if kind == "QY":
            return "Q", (int(second), int(first))
        if kind == "MY":
            return "M", (_year(second), _MONTHS.index(first.lower()[:3]) + 1)
        if kind == "W":
            return _monday(int(first), int(second))
        return kind, tuple(int(group) for group in match.groups())
    return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == len("2016") else year + (1900 if year >= _PIVOT else 2000)


def _monday(year: int, week: int) -> tuple[str, tuple[int, ...]] | None:
    try:
        day = date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
    return "D", (day.year, day.month, day.day)


def parse_period(text: str) -> datetime:
    """Return the first moment of a period that is given as a text.

    Args:
        text: Quarter, month, date or year; blanks around it do not count.

    Returns:
        A moment at 00:00, in UTC.

    Raises:
        ConfigError: It is not a period; the message lists the forms there are.

    >>> parse_period("1985Q2").date().isoformat()
    '1985-04-01'
    >>> parse_period("1985Q5")
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: period '1985Q5' has no such quarter, month or day
    """
    return _span(text)[0]


def parse_period_end(text: str) -> datetime:
    """Return the last moment of a period that is given as a text.

    Args:
        text: Text of the period, as for `parse_period`.

    Returns:
        The last microsecond of the period, in UTC.

    Raises:
        ConfigError: It is not a period.

    >>> parse_period_end("1985").isoformat()
    '1985-12-31T23:59:59.999999+00:00'
    """
    return _span(text)[1] - timedelta(microseconds=1)


def period_label(moment: datetime, frequency: str) -> str:
    """Return a period as people write it; `parse_period` reads it back.

    Args:
        moment: First moment of the period.
        frequency: Frequency of the period, one of `FREQUENCIES`.

    Returns:
        A year ("1985"), a quarter ("1985Q2"), a month ("1985-04"), or for weeks and days the date
        of the first day ("1985-04-01").

    >>> period_label(datetime(1985, 4, 1, tzinfo=UTC), "Q")
    '1985Q2'
    """
    if frequency == "Q":
        return f"{moment.year:04d}Q{(moment.month - 1) // 3 + 1}"
    return moment.date().isoformat()[: {"Y": 4, "M": 7}.get(frequency, 10)]


def _span(text: str) -> tuple[datetime, datetime]:
    """Return the first moment of a period, and that of the next."""
    parts = split_label(text.strip())
    if parts is None:
        raise ConfigError(f"period {text!r} is not understood; give {_FORMS}")
    kind, (year, *rest) = parts
    try:
        month = 3 * rest[0] - 2 if kind == "Q" else rest[0] if rest else 1
        first = datetime(year, month, rest[1] if kind == "D" else 1, tzinfo=UTC)
        return first, period_end(first, kind)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"period {text!r} has no such quarter, month or day") from error
