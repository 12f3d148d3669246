"""Names that are most like a name that is not there, for messages that help."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

__all__ = ["nearest_first"]


def nearest_first(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names, those most like `name` first; case does not count.

    Args:
        name: Name that was not found.
        known: Names that there are.

    Returns:
        All known names, the most similar first.

    >>> nearest_first("inflation", ["unemp", "infl"])
    ['infl', 'unemp']
    """

    def distance(candidate: str) -> tuple[float, str]:
        ratio = SequenceMatcher(None, name.casefold(), candidate.casefold()).ratio()
        return -ratio, candidate

    return sorted(known, key=distance)
