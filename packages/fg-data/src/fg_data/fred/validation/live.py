"""The service itself, which scenarios ask with a key and with `--live` alone."""

from __future__ import annotations

import os

from fg_core.protocols import Requirement
from fg_core.validation import missing
from fg_data.fred.refusals import KEY_VARIABLE

__all__ = ["NEEDS_KEY", "not_asked"]

NEEDS_KEY = Requirement(
    "key", KEY_VARIABLE, "a key is free at https://fred.stlouisfed.org/docs/api/api_key.html"
)
"""What scenarios need to ask the service itself."""


def not_asked(part: str, *, live: bool) -> str | None:
    """Return why the service itself is not asked; None: it is.

    Args:
        part: Part of a scenario that needs it.
        live: Whether it may be asked.
    """
    if not os.environ.get(KEY_VARIABLE, "").strip():
        return missing(part, NEEDS_KEY)
    return None if live else f"{part}: {KEY_VARIABLE} is there, but --live was not given"
