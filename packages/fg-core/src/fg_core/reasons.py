"""Reasons for a missing forecast, counted by kind: a few kinds, and all others together."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_REASONS", "OTHER_REASONS", "add_reason", "add_reason_arrays", "in_short"]

MAX_REASONS = 5
"""Kinds of reasons that are counted on their own."""

OTHER_REASONS = "other reasons"
"""All further kinds together."""

_LENGTH = 200

# A number on its own, such as that of a period; not one in a name such as ar4.
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)")


@lru_cache(maxsize=256)
def _kind(reason: str) -> str:
    """Return the kind of a reason; a game counts one of every forecaster in every round."""
    return _NUMBER.sub("#", reason)


def add_reason(counts: MutableMapping[str, int], reason: str) -> None:
    """Count a reason under its kind: its text with # for each number.

    >>> counts = {}
    >>> for t in range(3):
    ...     add_reason(counts, f"ar4 overflows at period {t}")
    >>> counts
    {'ar4 overflows at period #': 3}
    """
    kind = _kind(reason)
    if kind not in counts and sum(key != OTHER_REASONS for key in counts) >= MAX_REASONS:
        kind = OTHER_REASONS
    counts[kind] = counts.get(kind, 0) + 1


def add_reason_arrays(
    counts: MutableMapping[str, NDArray[np.float64]], reason: str, games: NDArray[np.bool_]
) -> None:
    """Do what `add_reason` does in many games; counts of shape (game,), each made anew.

    Args:
        counts: Counts by kind, shape (game,) each.
        reason: Reason in words, the same in all these games.
        games: Numbers of these games, shape (game,).

    >>> counts = {}
    >>> add_reason_arrays(counts, "no segments at period 3", np.array([True, False]))
    >>> counts["no segments at period #"].tolist()
    [1.0, 0.0]
    """
    kind = _kind(reason)
    known = counts.get(kind)
    if known is not None and np.count_nonzero(known) == known.size:
        # Every game knows this kind: it is no further one.
        counts[kind] = known + games
        return
    nothing = np.zeros(games.shape)
    own = [count > 0.0 for name, count in counts.items() if name != OTHER_REASONS]
    full = np.sum(own, axis=0) >= MAX_REASONS if own else np.zeros(games.shape, dtype=np.bool_)
    as_other = games & full & (counts.get(kind, nothing) == 0.0)
    for name, here in ((kind, games & ~as_other), (OTHER_REASONS, as_other)):
        if here.any():
            counts[name] = counts.get(name, nothing) + here


@lru_cache(maxsize=256)
def in_short(reason: str) -> str:
    r"""Return a reason on one line, not too long to be kept for every origin.

    Args:
        reason: Reason in words, of any length.

    Returns:
        Reason on one line, cut where it is too long.

    >>> in_short("no  segments\nat all"), in_short("")
    ('no segments at all', 'no reason given')
    """
    text = " ".join(reason.split()) or "no reason given"
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 3]}..."
