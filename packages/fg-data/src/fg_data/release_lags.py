"""Table of release lags: when a number comes out.

A source without vintages does not know when its values were first published; it assumes the lag
of the release that carries them. `days` counts whole days from the first moment after the period
(UTC) to a moment by which the release is out in a usual month, so it errs on the late side:
unemployment of March comes out on the first Friday of April, so from April 8, 00:00 UTC on it
counts as known whatever the weekday of April 1.

The rules are today's calendars of the agencies. Government shutdowns and the longer lags of the
1960s and 1970s are not in them: true release dates come with vintages, not from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fg_core import ConfigError, DataError, frozen_mapping
from fg_core.calendar import add_months, period_end

__all__ = ["RELEASE_LAGS", "ReleaseLag", "assumed_release", "available_at"]


@dataclass(frozen=True)
class ReleaseLag:
    """Time from the end of a period to its release.

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
_MONEY_MONTHLY = ReleaseLag(
    "Money Stock Measures, H.6 (Federal Reserve Board), monthly since 2021",
    "fourth Tuesday of the next month",
    29,
)
_INCOME = ReleaseLag(
    "Personal Income and Outlays (Bureau of Economic Analysis)",
    "in the last days of the next month, now and then on the first day after it",
    31,
)
_PRODUCTION = ReleaseLag(
    "Industrial Production and Capacity Utilization, G.17 (Federal Reserve Board)",
    "about the 16th of the next month, 09:15 Eastern time",
    18,
)
_RETAIL = ReleaseLag(
    "Advance Monthly Sales for Retail and Food Services (Census Bureau)",
    "13th to 17th of the next month, 08:30 Eastern time",
    18,
)
_HOUSING = ReleaseLag(
    "New Residential Construction (Census Bureau)",
    "twelfth working day of the next month, 08:30 Eastern time",
    21,
)
_CLAIMS = ReleaseLag(
    "Unemployment Insurance Weekly Claims (Employment and Training Administration)",
    "Thursday after the week, which ends on a Saturday; a day earlier or later at holidays",
    6,
)
_MARKETS = ReleaseLag(
    "closing values of stock exchanges",
    "on the next business day, which a weekend and a holiday put off by three days",
    4,
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
        # other US series by their usual ids
        "CPIAUCNS": _PRICES,
        "CPIAUCSL": _PRICES,
        "CPILFESL": _PRICES,
        "DFF": _RATES,
        "DGS10": _RATES,
        "DGS2": _RATES,
        "DGS3MO": _RATES,
        "FEDFUNDS": _RATES,
        "GDP": _ACCOUNTS,
        "GDPC1": _ACCOUNTS,
        "GS10": _RATES,
        "HOUST": _HOUSING,
        "ICSA": _CLAIMS,
        "INDPRO": _PRODUCTION,
        "M2SL": _MONEY_MONTHLY,
        "PAYEMS": _JOBS,
        "PCE": _INCOME,
        "PCEPI": _INCOME,
        "PCEPILFE": _INCOME,
        "RSAFS": _RETAIL,
        "SP500": _MARKETS,
        "T10Y2Y": _RATES,
        "T10YIE": _RATES,
        "T5YIE": _RATES,
        "TB3MS": _RATES,
        "UNRATE": _JOBS,
        "VIXCLS": _MARKETS,
    }
)


def available_at(series_id: str, start: datetime, months: int) -> datetime:
    """Return the moment at which the value of a period is assumed to be known, by the table.

    Args:
        series_id: Name of the series, a key of `RELEASE_LAGS`.
        start: First moment of the period.
        months: Length of the period.

    Returns:
        Moment in UTC.

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
    return add_months(start, months) + timedelta(days=lag.days)


def assumed_release(
    series_id: str, start: datetime, frequency: str, *, days: int | None = None
) -> datetime | None:
    """Return the moment at which a value is assumed to be known; None if no rule says.

    The table goes first: it is about this series, `days` about whatever was asked for together.

    Args:
        series_id: Name of the series.
        start: First moment of the period.
        frequency: One of `fg_core.calendar.FREQUENCIES`.
        days: Whole days from the end of the period, for a series that is not in the table.

    Returns:
        Moment in UTC.

    Raises:
        ConfigError: Negative days.

    >>> from datetime import UTC
    >>> friday = datetime(2024, 3, 1, tzinfo=UTC)
    >>> assumed_release("T10YIE", friday, "B").date().isoformat()
    '2024-03-06'
    >>> assumed_release("MY_SERIES", friday, "M", days=10).date().isoformat()
    '2024-04-11'
    >>> assumed_release("MY_SERIES", friday, "M") is None
    True
    """
    if days is not None and days < 0:
        raise ConfigError(f"a release lag is 0 days or more, got {days}")
    lag = RELEASE_LAGS.get(series_id)
    known = lag.days if lag is not None else days
    return None if known is None else period_end(start, frequency) + timedelta(days=known)
