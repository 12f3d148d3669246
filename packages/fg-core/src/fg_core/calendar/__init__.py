"""The calendar of series: frequencies, their periods, and how people write them.

A *frequency* is one of six letters, from the coarsest to the finest:

    Y years    Q quarters    M months    W weeks    B business days    D days

A *period* of it is named by its first moment, a `datetime`: 2001-04-01 00:00 is the second quarter
of 2001, for "Q". Code that needs a date of a frequency, a step from period to period, or a text for
one imports this package; nothing of it needs numpy.

>>> from datetime import datetime
>>> april = datetime(2001, 4, 1)
>>> period_label(april, "Q"), period_label(next_period(april, "Q"), "Q")
('2001Q2', '2001Q3')
"""

from __future__ import annotations

from .frequencies import (
    FREQUENCIES,
    FREQUENCY_NAMES,
    MIN_ROWS,
    PERIOD_NAMES,
    SEASON_LENGTHS,
    counted_periods,
    fits_frequency,
    infer_frequency,
    is_finer,
    missing_periods,
    own_frequency,
)
from .labels import (
    parse_period,
    parse_period_end,
    period_label,
    split_foreign_label,
    split_label,
)
from .odd_days import closed_weekdays, weekly_days
from .periods import (
    add_months,
    first_business_day,
    next_period,
    period_end,
    period_number,
    period_start,
    previous_period,
    target_periods,
)

__all__ = [
    "FREQUENCIES",
    "FREQUENCY_NAMES",
    "MIN_ROWS",
    "PERIOD_NAMES",
    "SEASON_LENGTHS",
    "add_months",
    "closed_weekdays",
    "counted_periods",
    "first_business_day",
    "fits_frequency",
    "infer_frequency",
    "is_finer",
    "missing_periods",
    "next_period",
    "own_frequency",
    "parse_period",
    "parse_period_end",
    "period_end",
    "period_label",
    "period_number",
    "period_start",
    "previous_period",
    "split_foreign_label",
    "split_label",
    "target_periods",
    "weekly_days",
]
