"""When a number comes out: the one table of release lags.

A source without vintages does not know when its values were first published; it assumes the lag
of the release that carries them. `days` counts whole days from the first moment after the period
(UTC) to a moment by which the release is out in a usual month, so it errs on the late side:
unemployment of March comes out on the first Friday of April, so from April 8, 00:00 UTC on it
counts as known whatever the weekday of April 1.

The rules are today's calendars of the agencies. Government shutdowns and the longer lags of the
1960s and 1970s are not in them: true release dates come with vintages (ALFRED), not from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fg_core import DataError, frozen_mapping

__all__ = ["RELEASE_LAGS", "ReleaseLag", "available_at", "period_end"]


@dataclass(frozen=True)
class ReleaseLag:
    """How long after its period a release is out.

    Args:
        release: Name of the release and its publisher.
        rule: The calendar in words.
        days: Whole days from the end of the period until it is surely out in a usual month.
    """

    release: str
    rule: str
    days: int


_RATES = ReleaseLag(
    "Selected Interest Rates, H.15 (Federal Reserve Board)",
    "daily rates on the next business day, so means on the first one of the next month",
    4,
)
_JOBS = ReleaseLag(
    "Employment Situation (Bureau of Labor Statistics)",
    "first Friday of the next month, 08:30 Eastern time",
    7,
)
_MONEY = ReleaseLag(
    "Money Stock Measures, H.6 (Federal Reserve Board)",
    "weekly figures of a month are complete about two weeks after it",
    14,
)
_PRICES = ReleaseLag(
    "Consumer Price Index (Bureau of Labor Statistics)",
    "10th to 16th of the next month, 08:30 Eastern time",
    16,
)
_ACCOUNTS = ReleaseLag(
    "Gross Domestic Product, advance estimate (Bureau of Economic Analysis)",
    "about 30 days after the quarter, in the last days of the next month, with its components, "
    "disposable income and population",
    31,
)

RELEASE_LAGS: Mapping[str, ReleaseLag] = frozen_mapping(
    {
        # us_macro, and transformed columns of it
        "tbilrate": _RATES,
        "unemp": _JOBS,
        "m1": _MONEY,
        "m1_growth": _MONEY,
        "cpi": _PRICES,
        "infl": _PRICES,
        "realint": _PRICES,  # tbilrate - infl: known when the later one is
        "realgdp": _ACCOUNTS,
        "growth": _ACCOUNTS,
        "realcons": _ACCOUNTS,
        "cons_growth": _ACCOUNTS,
        "realinv": _ACCOUNTS,
        "inv_growth": _ACCOUNTS,
        "realgovt": _ACCOUNTS,
        "realdpi": _ACCOUNTS,
        "dpi_growth": _ACCOUNTS,
        "pop": _ACCOUNTS,
        # FRED
        "CPIAUCSL": _PRICES,
        "FEDFUNDS": _RATES,
        "GDP": _ACCOUNTS,
        "T10YIE": _RATES,
        "UNRATE": _JOBS,
    }
)


def period_end(start: datetime, months: int) -> datetime:
    """Return the first moment after a period of whole months.

    Args:
        start: First moment of the period: the first of a month.
        months: Length of the period; 3 for a quarter.

    >>> from datetime import UTC
    >>> period_end(datetime(2008, 10, 1, tzinfo=UTC), 3).date().isoformat()
    '2009-01-01'
    """
    years, month = divmod(start.month - 1 + months, 12)
    return start.replace(year=start.year + years, month=month + 1)


def available_at(series_id: str, start: datetime, months: int) -> datetime:
    """Return when the value of a period is assumed to be known, by the table.

    Args:
        series_id: Name of the series, a key of `RELEASE_LAGS`.
        start: First moment of the period.
        months: Length of the period.

    Raises:
        DataError: No release lag is known for the series.

    >>> from datetime import UTC
    >>> available_at("unemp", datetime(2009, 1, 1, tzinfo=UTC), 3).date().isoformat()
    '2009-04-08'
    """
    lag = RELEASE_LAGS.get(series_id)
    if lag is None:
        raise DataError(
            f"no release lag is known for series {series_id!r}: add a row for it to "
            "fg_data.release_lags, or take dates of release from the source"
        )
    return period_end(start, months) + timedelta(days=lag.days)
