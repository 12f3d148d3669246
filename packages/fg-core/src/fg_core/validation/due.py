"""Scenarios that the specification names and that come with their subject."""

from __future__ import annotations

from collections.abc import Iterable

from fg_core.frozen import frozen_mapping

__all__ = ["DUE", "due_beside"]

DUE = frozen_mapping(
    {
        "fred_training_backtest": "with the parallel runs",
        "parallel_determinism": "with the parallel runs",
    }
)
"""Names of scenarios that are due, and what each comes with."""


def due_beside(installed: Iterable[str]) -> dict[str, str]:
    """Return the scenarios that are due and not there yet.

    Args:
        installed: Names of the scenarios that are there.

    Returns:
        What each of the others comes with, by name.

    >>> sorted(due_beside(DUE.keys() - {"parallel_determinism"}))
    ['parallel_determinism']
    """
    there = set(installed)
    return {name: what for name, what in DUE.items() if name not in there}
