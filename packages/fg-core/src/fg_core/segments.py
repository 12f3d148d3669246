"""Segments add up to the value: of the truth, and of every print."""

from __future__ import annotations

from collections.abc import Mapping

from .frozen import FrozenMapping, frozen_mapping

__all__ = ["rescale_segments"]


def rescale_segments(segments: Mapping[str, float], total: float) -> FrozenMapping[str, float]:
    """Return segments that add up to `total` and tell nothing else about the old total.

    Segments of one sign keep their shares (levels: sales by region). Segments of mixed sign keep
    their differences (contributions to growth), because shares of a sum near zero explode.

    An agent that sees the result learns the shares or the differences, and `total`; the sum of
    `segments` cannot be recovered. So a print can be shown with its segments.

    Args:
        segments: Value per segment, in the unit of the series; empty: there are no segments.
        total: Sum that they are to have, in the unit of the series.

    Returns:
        Value per segment, in the unit of the series.

    >>> dict(rescale_segments({"a": 1.0, "b": 3.0}, 8.0))
    {'a': 2.0, 'b': 6.0}
    >>> dict(rescale_segments({"a": 1.0, "b": -1.0}, 4.0))
    {'a': 3.0, 'b': 1.0}
    """
    if not segments:
        return frozen_mapping()
    values = list(segments.values())
    now = sum(values)
    if now == total:
        return frozen_mapping(segments)
    if total > 0.0:
        one_sign = all(v > 0.0 for v in values)
    else:
        one_sign = total < 0.0 and all(v < 0.0 for v in values)
    if one_sign:
        # Shares first: the factor total / now overflows where the old total is tiny.
        return FrozenMapping({name: (value / now) * total for name, value in segments.items()})
    n = len(segments)
    centre = now / n
    share = total / n
    return FrozenMapping({name: (value - centre) + share for name, value in segments.items()})
