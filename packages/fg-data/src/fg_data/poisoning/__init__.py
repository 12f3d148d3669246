"""Prints that do not fit the rest of their series, told by detrended one-step innovations.

`find_departures` tells single bad prints (spikes) from level shifts and slow drifts;
`suspicious_prints` names the spikes of a series at a stated rate of false alarms; `poisoned_series`
says which series of a dataset hold more of them, or larger ones, than honest data do.
"""

from __future__ import annotations

from .departures import Departure, find_departures
from .innovations import Innovations, one_step_innovations
from .suspicion import (
    PoisonedSeries,
    poisoned_series,
    require_no_poisoning,
    series_departures,
    suspicious_prints,
)

__all__ = [
    "Departure",
    "Innovations",
    "PoisonedSeries",
    "find_departures",
    "one_step_innovations",
    "poisoned_series",
    "require_no_poisoning",
    "series_departures",
    "suspicious_prints",
]
