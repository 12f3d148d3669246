"""Time periods as SDMX writes them, in all of its notations."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from fg_core import SourceError
from fg_core.calendar import FREQUENCIES, period_start

__all__ = ["read_time_period"]

# The letters of SDMX, by ours.
_FREQUENCIES = {"A": "Y", "Q": "Q", "M": "M", "W": "W", "B": "B", "D": "D"}
_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?:A1|Q(?P<quarter>[1-4])|M?(?P<month>\d\d)|W(?P<week>\d\d)"
    r"|(?P<month_of_day>\d\d)-(?P<day>\d\d)(?:T00:00:00(?:\.0+)?Z?)?))?"
)


def read_time_period(text: str, code: str = "", *, what: str) -> tuple[str, datetime]:
    """Return the frequency and the first moment of a period.

    Args:
        text: Period, such as "2024", "2024-A1", "2024-Q3", "2024-01", "2024-M01", "2024-W05" or
            "2024-01-31".
        code: Frequency of the series by its letter in SDMX; empty: that of the text. A date in a
            coarser period stands for the period.
        what: Name of the answer in messages.

    Returns:
        One of `fg_core.calendar.FREQUENCIES`, and the moment in UTC.

    Raises:
        SourceError: Another notation or frequency, or a period that the calendar does not have.

    >>> read_time_period("2024-M01", what="example")[1] == datetime(2024, 1, 1, tzinfo=UTC)
    True
    >>> read_time_period("2024-01-31", "M", what="example")[0]
    'M'
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise SourceError(f"{what}: {text[:40]!r} is no period that is read here")
    if code and code not in _FREQUENCIES:
        raise SourceError(f"{what}: series of frequency {code[:20]!r} are not read")
    year = int(match["year"])
    try:
        if match["day"]:
            written, start = "D", datetime(year, int(match["month_of_day"]), int(match["day"]))  # noqa: DTZ001
        elif match["week"]:
            written, start = "W", datetime.fromisocalendar(year, int(match["week"]), 1)
        elif match["quarter"]:
            written, start = "Q", datetime(year, 3 * int(match["quarter"]) - 2, 1)  # noqa: DTZ001
        elif match["month"]:
            written, start = "M", datetime(year, int(match["month"]), 1)  # noqa: DTZ001
        else:
            written, start = "Y", datetime(year, 1, 1)  # noqa: DTZ001
    except ValueError:
        raise SourceError(f"{what}: {text!r} is not in the calendar") from None
    start = start.replace(tzinfo=UTC)
    frequency = _FREQUENCIES.get(code, written)
    if FREQUENCIES.index(written) < FREQUENCIES.index(frequency):
        raise SourceError(f"{what}: {text!r} is no period of frequency {code}")
    return frequency, start if frequency == "B" else period_start(start, frequency)
