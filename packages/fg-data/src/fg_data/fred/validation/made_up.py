"""A small made-up FRED, in the envelopes that the service documents.

Five series from 2016 to 2023, with the publication days, revisions and gaps that real ones have:
consumer prices around the 12th of the next month, every third figure revised a month later, one
month never collected (a dot); GDP a month after the quarter, revised a month later; a daily series
that is out on its day. Written apart from the code that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from fg_core.rng import Stream
from fg_data.fred.adapter import FredMacroAdapter
from fg_data.validation import Answer, Loopback

__all__ = ["KEY", "NEVER_COLLECTED", "NOW", "MadeUpFred", "SentRow"]

KEY = "abcdefghijklmnopqrstuvwxyz012345"
"""The one key that the made-up service accepts; it opens no other."""

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
"""Its present."""

NEVER_COLLECTED = date(2019, 10, 1)
"""Month of which consumer prices were never collected."""

_EVER = "9999-12-31"
_BAD = "Bad Request.  "
_FIRST, _END = 2016, 2024
_DAILY_FIRST = date(2021, 1, 1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SentRow:
    """One row of observations as it is sent.

    Args:
        day: First day of the period.
        value: Figure as text, or a dot.
        first: First day on which it was the published one.
        last: Last day; the end of time: it still is.
    """

    day: date
    value: str
    first: date
    last: str = _EVER


@dataclass(frozen=True)
class MadeUpFred:
    """Answers of the service to requests for series, observations and vintage dates.

    Args:
        seed: Seed of the figures.
    """

    seed: int = 7
    rows: Mapping[str, tuple[SentRow, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", _all_rows(self.seed))

    def adapter(self, service: Loopback, key: str = KEY) -> FredMacroAdapter:
        """Return an adapter that asks a loopback service.

        Args:
            service: Service that is running.
            key: Key that it is asked with.
        """
        return FredMacroAdapter(
            api_key=key,
            base_url=f"{service.url}/fred",
            transport=service.transport(),
            clock=lambda: NOW,
        )

    def answer(self, path: str, asked: Mapping[str, str]) -> Answer:
        """Return the answer to a request."""
        if asked.get("api_key") != KEY:
            return _refused("The value for variable api_key is not registered.")
        name = asked.get("series_id", "")
        rows = self.rows.get(name)
        if rows is None:
            return _refused("The series does not exist.")
        if path == "/fred/series":
            return _reply(seriess=[_metadata(name, rows)])
        if path == "/fred/series/vintagedates":
            days = sorted({row.first.isoformat() for row in rows})
            return _reply(count=len(days), offset=0, limit=10_000, vintage_dates=days)
        if path != "/fred/series/observations":
            return _refused(f"No such path: {path}.")
        today = NOW.date().isoformat()
        begin, end = asked.get("realtime_start", today), asked.get("realtime_end", today)
        sent = [
            {
                "realtime_start": max(row.first.isoformat(), begin),
                "realtime_end": min(row.last, end),
                "date": row.day.isoformat(),
                "value": row.value,
            }
            for row in rows
            if row.first.isoformat() <= end and row.last >= begin
        ]
        return _reply(
            realtime_start=begin,
            realtime_end=end,
            units="lin",
            output_type=1,
            count=len(sent),
            offset=0,
            limit=100_000,
            observations=sent,
        )


def _reply(**body: object) -> Answer:
    return Answer(json.dumps(body).encode())


def _refused(message: str) -> Answer:
    body = {"error_code": 400, "error_message": _BAD + message}
    return Answer(json.dumps(body).encode(), 400)


def _metadata(name: str, rows: tuple[SentRow, ...]) -> dict[str, object]:
    words, code, units = _FACTS[name]
    return {
        "id": name,
        "realtime_start": NOW.date().isoformat(),
        "realtime_end": NOW.date().isoformat(),
        "title": f"Made-up {name}",
        "observation_start": rows[0].day.isoformat(),
        "observation_end": rows[-1].day.isoformat(),
        "frequency": words,
        "frequency_short": code,
        "units": units,
        "units_short": units,
        "seasonal_adjustment": "Seasonally Adjusted",
        "seasonal_adjustment_short": "SA",
        "last_updated": "2024-02-29 07:54:01-06",
        "popularity": 1,
        "notes": "These figures are made up.",
    }


_FACTS = {
    "CPIAUCSL": ("Monthly", "M", "Index 1982-1984=100"),
    "GDP": ("Quarterly", "Q", "Billions of Dollars"),
    "UNRATE": ("Monthly", "M", "Percent"),
    "FEDFUNDS": ("Monthly", "M", "Percent"),
    "T10YIE": ("Daily", "D", "Percent"),
}


def _all_rows(seed: int) -> dict[str, tuple[SentRow, ...]]:
    draws = {name: Stream(seed, f"made-up {name}") for name in _FACTS}
    months = [date(year, month, 1) for year in range(_FIRST, _END) for month in range(1, 13)]
    found: dict[str, list[SentRow]] = {name: [] for name in _FACTS}
    price, product = 240.0, 18_500.0
    unemployed, funds = 5.0, 0.5
    for i, month in enumerate(months):
        after = _month_after(month)
        price *= 1.0 + 0.002 + 0.001 * draws["CPIAUCSL"].normal(i)
        published = after.replace(day=12)
        if month == NEVER_COLLECTED:
            found["CPIAUCSL"].append(SentRow(month, ".", published))
        elif i % 3 == 0:
            revised = _month_after(after).replace(day=12)
            until = (revised - _DAY).isoformat()
            found["CPIAUCSL"].append(SentRow(month, f"{price + 0.125:.3f}", published, until))
            found["CPIAUCSL"].append(SentRow(month, f"{price:.3f}", revised))
        else:
            found["CPIAUCSL"].append(SentRow(month, f"{price:.3f}", published))
        unemployed = 4.5 + 0.9 * (unemployed - 4.5) + 0.15 * draws["UNRATE"].normal(i)
        found["UNRATE"].append(SentRow(month, f"{unemployed:.1f}", after.replace(day=5)))
        funds = 2.0 + 0.95 * (funds - 2.0) + 0.1 * draws["FEDFUNDS"].normal(i)
        found["FEDFUNDS"].append(SentRow(month, f"{funds:.2f}", after.replace(day=2)))
        if month.month % 3 == 1:
            product *= 1.0 + 0.012 + 0.006 * draws["GDP"].normal(i)
            over = _month_after(_month_after(after))
            first, second = over + timedelta(days=28), over + timedelta(days=57)
            until = (second - _DAY).isoformat()
            if second < NOW.date():
                found["GDP"].append(SentRow(month, f"{product - 20.5:.3f}", first, until))
                found["GDP"].append(SentRow(month, f"{product:.3f}", second))
            else:
                found["GDP"].append(SentRow(month, f"{product:.3f}", first))
    day, i = _DAILY_FIRST, 0
    breakeven = 2.0
    while day < date(_END, 1, 1):
        if day.weekday() < 5:
            breakeven += 0.02 * draws["T10YIE"].normal(i) - 0.01 * (breakeven - 2.2)
            found["T10YIE"].append(SentRow(day, f"{breakeven:.2f}", day))
            i += 1
        day += _DAY
    return {name: tuple(rows) for name, rows in found.items()}


def _month_after(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
