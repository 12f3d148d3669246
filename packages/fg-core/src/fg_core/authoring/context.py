"""Context columns that a forecaster reads, as it declares them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

__all__ = ["ReadsNoContext", "columns_read"]


def columns_read(agent: Any, columns: Collection[str]) -> frozenset[str]:
    """Return the context columns whose numbers an agent, or a part of one, may read.

    Args:
        agent: Forecaster, model or specification, with a method of this name or without.
        columns: Names of the context columns of a series.

    Returns:
        Those that it declares; all of them where it declares nothing.

    >>> from fg_core import RandomWalk
    >>> columns_read(RandomWalk(), ("promo",)), columns_read(object(), ("promo",))
    (frozenset(), frozenset({'promo'}))
    """
    own = getattr(agent, "columns_read", None)
    return frozenset(columns if own is None else own(columns))


class ReadsNoContext:
    """Declares that no context column is read: a base of forecasters that see the series alone."""

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:  # noqa: ARG002
        """Return no column."""
        return frozenset()
