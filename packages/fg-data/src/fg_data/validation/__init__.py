"""What scenarios of services share; the scenarios are in the folders of their services."""

from __future__ import annotations

from .dataset_checks import chronological, known_in_time, no_leaks
from .loopback import Answer, Loopback
from .recordings import RECORDINGS, recordings_folder

__all__ = [
    "RECORDINGS",
    "Answer",
    "Loopback",
    "chronological",
    "known_in_time",
    "no_leaks",
    "recordings_folder",
]
