"""Recorded answers of services, which scenarios play where they are."""

from __future__ import annotations

import os
from pathlib import Path

from fg_core.protocols import Requirement

__all__ = ["RECORDINGS", "recordings_folder"]

RECORDINGS = Requirement(
    "data", "FG_FIXTURES", "set it to a folder with recorded answers of the services"
)
"""What scenarios need to play recorded answers."""


def recordings_folder() -> Path | None:
    """Return the folder of recorded answers that FG_FIXTURES names; None: it names none."""
    named = os.environ.get(RECORDINGS.name, "").strip()
    return Path(named) if named and Path(named).is_dir() else None
