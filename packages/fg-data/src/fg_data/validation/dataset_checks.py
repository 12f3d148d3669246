"""Assertions about any dataset and any split of one."""

from __future__ import annotations

from itertools import pairwise

from fg_core import Dataset, DatasetBundle
from fg_core.calendar import period_end
from fg_core.validation import Check
from fg_data.leaks import find_early_rows, find_leaks

__all__ = ["chronological", "known_in_time", "no_leaks"]


def chronological(bundle: DatasetBundle) -> Check:
    """Return the assertion that no part of a split is empty and each ends before the next."""
    parts = (bundle.train, bundle.valid, bundle.test)
    sizes = [len(part) for part in parts]
    in_order = all(sizes) and all(
        max(row.timestamp for row in early) < min(row.timestamp for row in late)
        for early, late in pairwise(parts)
    )
    return Check(
        "training, validation and test part are not empty and follow each other",
        in_order,
        f"{sizes} rows",
    )


def no_leaks(bundle: DatasetBundle) -> Check:
    """Return the assertion that no row of an earlier part reaches into a later one."""
    leaks = find_leaks(bundle)
    return Check("no part tells anything of a later one", not leaks, "; ".join(map(str, leaks)))


def known_in_time(dataset: Dataset, frequency: str = "M") -> Check:
    """Return the assertion that no row was known before its period was over.

    Args:
        dataset: The rows.
        frequency: Frequency of the finest series: a period is over no earlier than one of it.
    """
    early = find_early_rows(dataset)
    first = [row for row in dataset if row.available_at < period_end(row.timestamp, frequency)]
    return Check(
        "no row is available before its period is over",
        not early and not first and len(dataset) > 0,
        "; ".join(map(str, early)) or (f"{len(first)} rows" if first else f"{len(dataset)} rows"),
    )
