"""Series whose demand is intermittent, and the line-up that is made for them.

Demand is intermittent where no value is below zero and periods with demand are 1.32 apart on
average or more, counted from the first one on (that is, zero in a quarter of the periods): from
there on Croston's method beats exponential smoothing.

Reference: Syntetos, Boylan & Croston (2005), Journal of the Operational Research Society 56,
doi:10.1057/palgrave.jors.2601841.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import Dataset, Observation, Registry

from .games import series_asked_for
from .schedule import EVALUATED_FROM

__all__ = [
    "INTERVAL",
    "LINE_UP",
    "intermittent_series",
    "is_intermittent",
    "line_up_for",
    "say_line_up",
    "values_of",
]

INTERVAL = 1.32
"""Periods between two with demand, on average, from which on demand is intermittent."""

LINE_UP = "intermittent"
"""Name of the line-up that is made for it."""

_LISTED = 5


def is_intermittent(values: NDArray[np.float64]) -> bool:
    """Return whether a series is intermittent demand; see the module.

    Args:
        values: values of the series, shape (row,), in its unit.

    Returns:
        Whether it is; False without any demand.

    >>> is_intermittent(np.array([0.0, 0.0, 3.0, 0.0, 1.0])), is_intermittent(np.array([1.0, 2.0]))
    (True, False)
    """
    demand = np.flatnonzero(values > 0.0)
    if demand.size == 0 or float(values.min()) < 0.0:
        return False
    return float(values.size - demand[0]) / demand.size >= INTERVAL


def line_up_for(
    dataset: Dataset, series: str | Sequence[str] | None, start: datetime | None, usual: str
) -> str:
    """Return the line-up of a backtest whose user named none.

    All series of a backtest are played by the same agents, so that at least half of them have to
    be intermittent in the rows before the first scored origin.

    Args:
        dataset: dataset that is played.
        series: names of the series, or one name; None: all.
        start: first scored origin; None: the default.
        usual: line-up of other series.

    Returns:
        Name of a line-up; a warning says when it is not the usual one, or might well not be.
    """
    start = dataset.evaluation_start if start is None else start
    rows = {name: dataset.series(name) for name in series_asked_for(dataset, series)}
    found = intermittent_series({name: _past(ours, start) for name, ours in rows.items()})
    if not found:
        return usual
    if 2 * len(found) < len(rows):
        warnings.warn(
            f"{_named(found)}: --agents {LINE_UP} is made for it (agent_factory=LineUp("
            f"{LINE_UP!r})), and {usual} plays all {len(rows)} series",
            stacklevel=3,
        )
        return usual
    say_line_up(found, usual)
    return LINE_UP


def intermittent_series(values: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Return the series that are intermittent, where the line-up made for them is installed.

    Args:
        values: values by name of the series, shape (row,) each.

    Returns:
        Periods between two with demand, on average, by name.
    """
    if LINE_UP not in Registry("fg_core.lineups").names():
        return {}
    return {
        name: float(ours.size - np.flatnonzero(ours)[0]) / np.count_nonzero(ours)
        for name, ours in values.items()
        if is_intermittent(ours)
    }


def say_line_up(found: Mapping[str, float], usual: str) -> None:
    """Say in one warning which series the line-up plays, and how the usual one does.

    Args:
        found: periods between two with demand, by name of the series.
        usual: name of the usual line-up.
    """
    warnings.warn(
        f"{_named(found)}: played by the line-up {LINE_UP}, which is made for that "
        f"(--agents {usual}: the usual one)",
        stacklevel=4,
    )


def _named(found: Mapping[str, float]) -> str:
    first, *others = found
    more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    same = f"; the same goes for {', '.join(others[:_LISTED])}{more}" if others else ""
    return f"series {first!r} has demand in one of {found[first]:.1f} periods{same}"


def values_of(rows: Sequence[Observation]) -> NDArray[np.float64]:
    """Return the values of rows, shape (row,), in the unit of the series."""
    return np.array([row.value for row in rows], dtype=np.float64)


def _past(rows: Sequence[Observation], start: datetime | None) -> NDArray[np.float64]:
    """Return the values before the first scored origin."""
    if start is None:
        return values_of(rows[: max(1, int(EVALUATED_FROM * len(rows)))])
    return values_of([row for row in rows if row.timestamp < start] or rows[:1])
