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
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_CENTURY = "(?:1[5-9]|2[01])"
_YEAR = r"(?P<year>\d{4}|\d\d)"
_FOREIGN = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"(?P<year>{_CENTURY}\d\d)(?P<month>\d\d)(?P<day>\d\d)",  # 20160131
        rf"(?P<year>{_CENTURY}\d\d)(?P<month>0[1-9]|1[0-2])",  # 201601
        r"(?P<year>\d{4})([/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",  # 2016/1/31
        r"(?!.{10})(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",  # 2016-1-31
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)/\d{4}-\d\d-\d\d",  # weeks of pandas
        r"(?P<year>\d{4})[ -]?m(?P<month>\d{1,2})",  # 2016M1
        r"(?P<year>\d{4})[:/](?P<month>\d\d)",  # 1995:01
        r"(?P<year>\d{4}):(?P<quarter>[1-4])",  # 1995:1
        r"(?P<year>\d{4})[ :]q(?P<quarter>\d)",  # 1995 Q1
        rf"q(?P<quarter>\d)[ '/-]{_YEAR}",  # Q1 1995
        rf"(?P<quarter>\d)q[ -]?{_YEAR}",  # 1Q95
        rf"{_NAME}[ -]{_YEAR}",  # Jan-16
        rf"(?P<day>\d{{1,2}})[ -]{_NAME}[ -]{_YEAR}",  # 31-Jan-16
        rf"{_NAME} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})",  # January 31, 2016
        r"(?P<year>\d{4})[ -]?w(?P<week>\d\d?)",  # 2016-W05
    )
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

    These are compact dates (20160131) and months (201601), dates with the year first (2016/1/31),
    2016M1, Q1 2016, 2016 Q1, 1Q16, English names of months (Jan-16, 31-Jan-2016, January 31, 2016),
    ISO weeks (2016-W05, read as their Monday), weeks as pandas writes them, and 1995:01 and 1995:1
    as statistical programs do: two digits are a month, one is a quarter. Forms that leave open what
    is the day and what the month are not read.

    Args:
        text: What somebody wrote, without blanks around it.

    Returns:
        As `split_label`.

    >>> split_foreign_label("Jan-16"), split_foreign_label("Q1 1995"), split_foreign_label("1/2/16")
    (('M', (2016, 1)), ('Q', (1995, 1)), None)
    """
    for pattern in _FOREIGN:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        year = _year(parts["year"])
        if "week" in parts:
            return _monday(year, int(parts["week"]))
        if "quarter" in parts:
            return "Q", (year, int(parts["quarter"]))
        named = parts.get("name")
        month = int(parts["month"]) if named is None else _MONTHS.index(named.lower()) + 1
        if "day" in parts:
            return "D", (year, month, int(parts["day"]))
        return "M", (year, month)
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
