"""What a check found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["LISTED", "Finding", "listed"]

LISTED = 3
"""Number of places that a finding names."""


@dataclass(frozen=True)
class Finding:
    """Something about one series.

    Args:
        severity: "fault" or "oddity".
        kind: "leak", "number", "stale", "missing", "stuck", "copy", "spike", "shift", "drift",
            "unit", "base", "revision", "poison" or "disagreement".
        series_id: Name of the series; empty: the dataset as a whole.
        text: Finding in words, with its place.
    """

    severity: Literal["fault", "oddity"]
    kind: str
    series_id: str
    text: str

    def __str__(self) -> str:
        where = f" {self.series_id}:" if self.series_id else ""
        return f"{self.severity} ({self.kind}){where} {self.text}"


def listed(items: Sequence[object]) -> str:
    """Return the first few items as text, and how many more there are.

    Args:
        items: Items, the most important one first.

    Returns:
        Text with commas.

    >>> listed([1, 2, 3, 4, 5])
    '1, 2, 3 and 2 more'
    """
    more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(str(item) for item in items[:LISTED]) + more
