"""Ages after which what is kept is fetched again.

Age counts from the moment of the fetch that is recorded in the file, never from the times of the
file itself: these change when a folder is copied or restored.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fg_core import ConfigError
from fg_core.mappings import FrozenMapping

__all__ = ["MAX_AGE", "age_text", "is_fresh", "max_age_of"]

MAX_AGE = FrozenMapping(
    {
        "D": timedelta(hours=12),
        "B": timedelta(hours=12),
        "W": timedelta(days=1),
        "M": timedelta(days=1),
        "Q": timedelta(days=1),
        "Y": timedelta(days=7),
    }
)
"""Oldest age that counts as fresh, by frequency.

A monthly figure comes out on one day of a month that differs from month to month, so a day is as
long as one may wait without missing it by more than that.
"""

_SKEW = timedelta(minutes=5)


def max_age_of(*frequencies: str) -> timedelta:
    """Return the oldest age at which series of these frequencies are still fresh together.

    Raises:
        ConfigError: An unknown frequency.

    >>> max_age_of("M", "D") == timedelta(hours=12)
    True
    """
    unknown = [frequency for frequency in frequencies if frequency not in MAX_AGE]
    if unknown or not frequencies:
        raise ConfigError(f"frequencies are some of {', '.join(MAX_AGE)}, got {frequencies!r}")
    return min(MAX_AGE[frequency] for frequency in frequencies)


def is_fresh(fetched_at: datetime, now: datetime, max_age: timedelta | None) -> bool:
    """Return whether something fetched then is fresh now.

    Something that claims to come from the future is not: one of the two clocks was wrong.

    Args:
        fetched_at: The recorded moment of the fetch.
        now: The present moment.
        max_age: The oldest age; None: a past vintage, which never changes.

    Returns:
        True where it need not be fetched again.

    >>> from datetime import UTC
    >>> is_fresh(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC), None)
    True
    """
    if max_age is None:
        return True
    return -_SKEW <= now - fetched_at <= max_age


def age_text(age: timedelta) -> str:
    """Return an age in words, in the largest unit that it has one of.

    Args:
        age: Age to be stated.

    Returns:
        Text such as "2 days".

    >>> age_text(timedelta(hours=50)), age_text(timedelta(seconds=61))
    ('2 days', '1 minute')
    """
    seconds = int(age.total_seconds())
    if seconds < 0:
        return "none (its clock was ahead)"
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = seconds // length
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
