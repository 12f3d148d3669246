"""Reasons for a missing forecast, counted by kind: a few kinds, and all others together."""

from __future__ import annotations

import re
from collections.abc import MutableMapping

__all__ = ["MAX_REASONS", "OTHER_REASONS", "add_reason"]

MAX_REASONS = 5
"""Kinds of reasons that are counted on their own."""

OTHER_REASONS = "other reasons"
"""All further kinds together."""

# A number on its own, such as that of a period; not one in a name such as ar4.
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)")


def add_reason(counts: MutableMapping[str, int], reason: str) -> None:
    """Count a reason under its kind: its text with # for each number.

    >>> counts = {}
    >>> for t in range(3):
    ...     add_reason(counts, f"ar4 overflows at period {t}")
    >>> counts
    {'ar4 overflows at period #': 3}
    """
    kind = _NUMBER.sub("#", reason)
    if kind not in counts and sum(key != OTHER_REASONS for key in counts) >= MAX_REASONS:
        kind = OTHER_REASONS
    counts[kind] = counts.get(kind, 0) + 1
