"""The origin of a forecast: which moment is now, is the last period out, what period is targeted.

At the end of a month its daily figures are known, its price index is not, and the quarter's
accounts are weeks away. So "the forecast for one step ahead" means nothing before three things are
said: the moment, the last period that has a figure by then, and the period that is meant. A clock
of one frequency says them for any moment.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta

from fg_core import ConfigError, DataError
from fg_core.calendar import (
    FREQUENCIES,
    PERIOD_NAMES,
    first_business_day,
    next_period,
    period_end,
    period_number,
    period_start,
    previous_period,
)

from .vintages import VintageHistory

__all__ = ["Origin", "OriginClock"]


@dataclass(frozen=True)
class Origin:
    """One moment, as the forecaster of one series saw it.

    Args:
        moment: Now, UTC.
        frequency: Frequency of the series.
        last_period: The last period that was over.
        last_known: The latest period that had a published figure; None: none had.
    """

    moment: datetime
    frequency: str
    last_period: datetime
    last_known: datetime | None

    @property
    def last_is_out(self) -> bool:
        """Whether the last period that was over had a figure already."""
        return self.last_known is not None and self.last_known >= self.last_period

    @property
    def target(self) -> datetime:
        """The period that one step ahead means: the first without a figure, over or not."""
        if self.last_known is None:
            return self.last_period
        return next_period(self.last_known, self.frequency)

    @property
    def n_waiting(self) -> int:
        """Number of periods that are over and have no figure yet; 0: the last one is out."""
        if self.last_known is None:
            return 1
        last, known = (
            period_number(p.date(), self.frequency) for p in (self.last_period, self.last_known)
        )
        return max(0, last - known)

    def steps_to(self, period: datetime) -> int:
        """Return the number of steps ahead of a forecast of a period; 1 is `target`.

        Returns:
            Number of periods, at least 1.

        Raises:
            DataError: The period had a figure by then, so there was nothing to forecast.
        """
        ahead = period_number(period.date(), self.frequency)
        steps = ahead - period_number(self.target.date(), self.frequency) + 1
        if steps < 1:
            raise DataError(
                f"{PERIOD_NAMES[self.frequency]} {period.date()} was out at {self.moment}; the "
                f"first one to forecast is {self.target.date()}"
            )
        return steps


@dataclass(frozen=True)
class OriginClock:
    """Tells the origins of one frequency.

    The origin of a period is the first moment after it, or `lag` later: the origin of March is
    April 1, 00:00 UTC.

    Args:
        frequency: Frequency of the periods: one of `fg_core.calendar.FREQUENCIES`.
        lag: Time from the end of a period to its origin.
        anchor: A moment at which a week begins; weeks need one, other periods do not.

    Raises:
        ConfigError: An unknown frequency, weeks without an anchor, or a lag below zero.

    >>> clock = OriginClock("M")
    >>> clock.moment_of(datetime(2024, 2, 1, tzinfo=UTC)).date().isoformat()
    '2024-03-01'
    >>> clock.last_over(datetime(2024, 3, 15, tzinfo=UTC)).date().isoformat()
    '2024-02-01'
    """

    frequency: str = "M"
    _: KW_ONLY
    lag: timedelta = timedelta(0)
    anchor: datetime | None = None

    def __post_init__(self) -> None:
        if self.frequency not in FREQUENCIES:
            raise ConfigError(
                f"frequency is one of {', '.join(FREQUENCIES)}, got {self.frequency!r}"
            )
        if self.frequency == "W" and self.anchor is None:
            raise ConfigError("a clock of weeks needs an anchor: a moment at which a week begins")
        if self.lag < timedelta(0):
            raise ConfigError(f"the lag of an origin is not below zero, got {self.lag}")

    def moment_of(self, period: datetime) -> datetime:
        """Return the origin of a period: the moment at which it is over, and the lag after it.

        Returns:
            Moment with a time zone.
        """
        return period_end(period, self.frequency) + self.lag

    def moments(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Return the origins of all periods from the one that holds `start` to that of `end`.

        Returns:
            Moments with a time zone, rising.
        """
        found = []
        period = self._period_of(start)
        while period <= end:
            found.append(self.moment_of(period))
            period = next_period(period, self.frequency)
        return tuple(found)

    def last_over(self, moment: datetime) -> datetime:
        """Return the last period that is over at a moment.

        Returns:
            First moment of that period.

        Raises:
            DataError: A moment without a time zone.
        """
        running = self._period_of(moment)
        return previous_period(running, self.frequency)

    def at(self, moment: datetime, history: VintageHistory | None = None) -> Origin:
        """Return the origin that a moment is.

        Args:
            moment: Now, with a time zone.
            history: The series that is to be forecast; None: nothing of it is known.

        Returns:
            Origin with the periods that are known at it and the one that is forecast.

        Raises:
            DataError: A moment without a time zone.
            ConfigError: The series has another frequency.
        """
        now = _in_utc(moment)
        if history is None:
            return Origin(now, self.frequency, self.last_over(now), None)
        if history.frequency != self.frequency:
            raise ConfigError(
                f"series {history.series_id!r} has frequency {history.frequency!r}, the clock "
                f"{self.frequency!r}; make a clock of the series' own"
            )
        known = history.latest(now)
        return Origin(
            now, self.frequency, self.last_over(now), None if known is None else known.period
        )

    def _period_of(self, moment: datetime) -> datetime:
        """Return the period that a moment is in; on a weekend, the business day to come."""
        now = _in_utc(moment)
        if self.frequency == "W" and self.anchor is not None:
            begun = _in_utc(self.anchor)
            weeks = (now - begun) // timedelta(days=7)
            return begun + timedelta(days=7 * weeks)
        day = period_start(now, self.frequency)
        return first_business_day(day) if self.frequency == "B" else day


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise DataError(f"moment {moment} has no time zone; give it one, such as datetime.UTC")
    return moment.astimezone(UTC)
