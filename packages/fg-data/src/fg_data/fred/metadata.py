"""Facts that FRED states about a series: its name, unit, frequency and seasonal adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fg_core import DataError, frozen_mapping

__all__ = ["SeriesMetadata", "SeriesTag"]

# Ours by the service's. A biweekly or semiannual period is none of ours.
_FREQUENCIES = frozen_mapping({"A": "Y", "Q": "Q", "M": "M", "W": "W", "D": "D"})
_SEVEN_DAYS = "7-day"


@dataclass(frozen=True)
class SeriesMetadata:
    """Facts that the service states about a series.

    Args:
        series_id: Name of the series.
        title: Title in words.
        frequency: Frequency in words, such as "Weekly, Ending Friday".
        frequency_code: Code of the service: D, W, BW, M, Q, SA or A.
        units: Unit in words.
        seasonal_adjustment: Code of the service: SA, NSA, SAAR, ...
        observation_start: First period, by the service's date.
        observation_end: Last period.
        last_updated: When the service took the latest figures in.
        notes: Notes of the publisher, often long.
    """

    series_id: str
    title: str
    frequency: str
    frequency_code: str
    units: str
    seasonal_adjustment: str
    observation_start: date
    observation_end: date
    last_updated: datetime
    notes: str = ""

    @property
    def is_seasonally_adjusted(self) -> bool:
        """Whether the publisher took the season out."""
        return self.seasonal_adjustment not in ("NSA", "NA", "")

    def period_frequency(self, has_weekends: bool) -> str:
        """Return one of our frequencies.

        Args:
            has_weekends: Whether a row is of a Saturday or Sunday: the service calls business days
                and all days "Daily", and says so in words only for some series.

        Returns:
            One of `fg_core.calendar.FREQUENCIES`, such as "M".

        Raises:
            DataError: The series has a frequency that is none of ours.
        """
        frequency = _FREQUENCIES.get(self.frequency_code)
        if frequency is None:
            raise DataError(
                f"series {self.series_id!r} is {self.frequency.lower() or 'of no frequency'}; "
                "series here are daily, weekly, monthly, quarterly or annual: ask the service for "
                'a lower frequency (snapshot with frequency="Q" or "Y")'
            )
        if frequency == "D" and not has_weekends and _SEVEN_DAYS not in self.frequency.lower():
            return "B"
        return frequency


@dataclass(frozen=True)
class SeriesTag:
    """A label that the service gives a series.

    Args:
        name: Such as "public domain: citation requested".
        group: Kind of label; "cc" is copyright.
        notes: Notes in words.
    """

    name: str
    group: str
    notes: str = ""
