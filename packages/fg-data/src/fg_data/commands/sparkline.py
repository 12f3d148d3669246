"""A series in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["sparkline"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"


def sparkline(values: Sequence[float], width: int = 60, *, ascii_only: bool = False) -> str:
    """Return a line of blocks, low to high; of a long series each block is a mean.

    Args:
        values: Finite values, at least one.
        width: Largest number of blocks.
        ascii_only: Whether to draw with ASCII characters.

    Returns:
        Text of at most `width` characters.

    >>> sparkline([1, 2, 3, 4]), sparkline([5, 5])
    ('▁▃▆█', '▄▄')
    """
    n = min(width, len(values))
    edges = [round(k * len(values) / n) for k in range(n + 1)]
    means = [math.fsum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    signs = _ASCII if ascii_only else _BLOCKS
    if high == low:
        return signs[len(signs) // 2 - 1] * n
    top = len(signs) - 1
    return "".join(signs[round(top * (mean - low) / (high - low))] for mean in means)
