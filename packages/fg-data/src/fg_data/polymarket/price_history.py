"""Prices of an outcome: windows to ask for, points of an answer, and daily closes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from fg_core import SourceError
from fg_data.http import decode_json

__all__ = ["daily_closes", "fidelity_minutes", "read_points", "windows"]

_DAY = 86_400
# Of windows of more than about fifteen days, a resolved market sends nothing.
_WINDOW = 14 * _DAY
_LAST_SECOND = 4_102_444_800  # 2100: a number beyond it counts something else than seconds
_HOUR, _MINUTE = 60, 1
_SHORT = timedelta(days=2)


class _Point(msgspec.Struct):
    t: int
    p: float


class _History(msgspec.Struct):
    history: list[_Point]


def windows(start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    """Yield the windows in which prices are asked for; they share no second.

    Args:
        start: First moment; windows begin at the midnight (UTC) before it.
        end: Last moment.

    Yields:
        First and last second of each window, since 1970.

    >>> at = datetime(2024, 1, 1, 12, tzinfo=UTC)
    >>> [(last - first + 1) // 86400 for first, last in windows(at, at + timedelta(days=20))]
    [14, 6]
    """
    first, stop = int(start.timestamp()) // _DAY * _DAY, int(end.timestamp())
    while first <= stop:
        last = min(first + _WINDOW - 1, stop)
        yield first, last
        first = last + 1


def fidelity_minutes(life: timedelta) -> int:
    """Return the spacing of points to ask for: an hour, or a minute for markets of two days.

    A shorter market has no point an hour apart, and the service sends nothing.

    Args:
        life: Time between the first and the last price.

    Returns:
        Minutes.
    """
    return _MINUTE if life < _SHORT else _HOUR


def read_points(body: bytes, *, what: str) -> dict[int, float]:
    """Return the prices of an answer.

    Args:
        body: Bytes of the answer.
        what: Name of the answer in messages.

    Returns:
        Prices, 0 to 1, by second since 1970, in the order of the answer; none is no error.

    Raises:
        SourceError: Not laid out as documented, no second, no price, or two at one moment.

    >>> read_points(b'{"history": [{"t": 1719792002, "p": 0.615}]}', what="example")
    {1719792002: 0.615}
    """
    found: dict[int, float] = {}
    for point in decode_json(body, _History, what=what).history:
        if not 0 < point.t < _LAST_SECOND:
            raise SourceError(f"{what}: {point.t} is no moment in seconds since 1970")
        if not 0.0 <= point.p <= 1.0:
            raise SourceError(f"{what}: {point.p!r} is no price from 0 to 1")
        if found.setdefault(point.t, point.p) != point.p:
            raise SourceError(f"{what}: two prices at the second {point.t}")
    return found


def daily_closes(points: Mapping[int, float], now: datetime) -> dict[datetime, float]:
    """Return the last price of each day that is over.

    A point some seconds after midnight is of the day that begins: counted to the day before, it
    would be known before it was there.

    Args:
        points: Prices by second since 1970, in any order.
        now: Present moment; the day that it lies in has no close yet.

    Returns:
        Prices by first moment of the day, UTC; days without a point are left out.

    >>> noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    >>> second = int(noon.timestamp())
    >>> daily_closes({second + 60: 0.4, second: 0.5}, noon + timedelta(days=1))
    {datetime.datetime(2024, 7, 1, 0, 0, tzinfo=datetime.timezone.utc): 0.4}
    """
    today = int(now.timestamp()) // _DAY
    closes = {second // _DAY: points[second] for second in sorted(points)}
    return {
        datetime.fromtimestamp(day * _DAY, UTC): price
        for day, price in closes.items()
        if day < today
    }
