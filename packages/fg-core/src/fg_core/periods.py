"""Periods as people write them: 1985Q1, 1985-01, 1985-01-31, 1985."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .errors import ConfigError

__all__ = ["parse_period", "parse_period_end", "period_label"]

_PATTERNS = (
    ("Y", re.compile(r"(\d{4})", re.ASCII)),
    ("Q", re.compile(r"(\d{4})-?q(\d)", re.ASCII | re.IGNORECASE)),
    ("M", re.compile(r"(\d{4})-(\d{2})", re.ASCII)),
    ("D", re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)),
)
_FORMS = "a quarter (1985Q1), a month (1985-01), a date (1985-01-31) or a year (1985)"


def parse_period(text: str) -> datetime:
    """Return the first moment (UTC) of a period.

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
    """Return the last moment (UTC) of a period.

    Raises:
        ConfigError: It is not a period.

    >>> parse_period_end("1985").date().isoformat()
    '1985-12-31'
    """
    return _span(text)[1] - timedelta(microseconds=1)


def period_label(moment: datetime, frequency: str) -> str:
    """Return the period that begins at `moment` as people write it.

    >>> period_label(datetime(1985, 4, 1, tzinfo=UTC), "Q")
    '1985Q2'
    """
    if frequency == "Q":
        return f"{moment.year:04d}Q{(moment.month - 1) // 3 + 1}"
    return moment.date().isoformat()[: {"Y": 4, "M": 7}.get(frequency, 10)]


def _span(text: str) -> tuple[datetime, datetime]:
    """Return the first moment of a period, and that of the next."""
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        year, *rest = (int(group) for group in match.groups())
        try:
            if kind == "D":
                first = datetime(year, rest[0], rest[1], tzinfo=UTC)
                return first, first + timedelta(days=1)
            length = {"Y": 12, "Q": 3, "M": 1}[kind]
            first_month = (rest[0] - 1) * length + 1 if rest else 1
            first = datetime(year, first_month, 1, tzinfo=UTC)
            after = year * 12 + first_month - 1 + length
            return first, datetime(after // 12, after % 12 + 1, 1, tzinfo=UTC)
        except (ValueError, OverflowError) as error:
            raise ConfigError(f"period {text!r} has no such quarter, month or day") from error
    raise ConfigError(f"period {text!r} is not understood; give {_FORMS}")
