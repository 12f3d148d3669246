"""What lanes have in common, so that it is worked through once.

Games that saw the same are worked through in the lane of the first of them, and what followed from
a reported value is confirmed where that value turns out true. Where agents see all series of a
panel, lanes are compared panel by panel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fg_core.window import TrainingWindow

from .panels import by_panel, lanes_of

__all__ = ["distinct_lanes", "lanes_with", "lanes_with_windows", "same_lanes", "same_values"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]

_NO_LANES: Lanes = np.zeros(0, dtype=np.intp)


def distinct_lanes(rows: Sequence[Array], n_series: int) -> tuple[Lanes, Lanes | None]:
    """Return the first of the lanes that hold the same, and which of these each lane is like.

    Args:
        rows: Content of the lanes, shape (lane,) each.
        n_series: Number of series of a panel.

    Returns:
        Places of the lanes, and of the first one for each lane; None for the latter where so many
        differ that telling them apart gains nothing.

    >>> first, back = distinct_lanes([np.array([1.0, 2.0, 1.0, 1.0])], 1)
    >>> first[back].tolist()
    [0, 1, 0, 0]
    """
    found = by_panel(np.stack(rows, axis=1), n_series)
    count = found.shape[0]
    keys = np.ascontiguousarray(found.reshape(count, -1))
    _, first, back = np.unique(
        keys.view(np.dtype((np.void, keys.shape[1] * keys.itemsize))).ravel(),
        return_index=True,
        return_inverse=True,
    )
    if 2 * first.size > count:
        return _NO_LANES, None
    back = np.asarray(back, dtype=np.intp).ravel()
    return lanes_of(first, count, n_series), lanes_of(back, first.size, n_series)


def lanes_with_windows(
    known: Sequence[TrainingWindow], windows: Sequence[TrainingWindow], n_series: int
) -> Lanes:
    """Return the lane of `known` that has the same window, for each window; -1: none has.

    Args:
        known: Windows that were fitted on, one per lane.
        windows: Windows to fit on, one per lane.
        n_series: Number of series of a panel; the lanes of a panel have the same windows together
            or not at all.

    Returns:
        Numbers of lanes of `known`, shape (lane,).
    """
    count, theirs = len(windows) // n_series, len(known) // n_series
    places: dict[tuple[bytes, ...], list[int]] = {}
    for i in range(theirs):
        places.setdefault(_content(known[i::theirs]), []).append(i)
    reuse = np.full(len(windows), -1, dtype=np.intp)
    for k in range(count):
        own = windows[k::count]
        for i in places.get(_content(own), ()):
            pairs = zip(known[i::theirs], own, strict=True)
            if all(a is b or a == b for a, b in pairs):
                reuse[k::count] = np.arange(i, len(known), theirs)
                break
    return reuse


def same_values(a: Array, b: Array) -> bool:
    """Return whether two arrays hold the same numbers.

    Args:
        a: Array of any shape.
        b: Array to compare it with, in the same unit.

    Returns:
        Whether shapes and numbers are equal; a NaN is equal to none.
    """
    if a is b:
        return True
    if a.size == b.size == 1:
        return bool(a[0] == b[0])
    return a.shape == b.shape and not np.count_nonzero(a != b)


def _content(windows: Sequence[TrainingWindow]) -> tuple[bytes, ...]:
    return tuple([one.values.tobytes() for one in windows])


def lanes_with(
    paths: Lanes | None,
    reported: Array,
    value: Array,
    n_series: int,
    hit: NDArray[np.bool_] | None = None,
) -> tuple[bool, Lanes | None]:
    """Return whether every path has a lane whose reported value is the true one, and which.

    Where agents see panels, these are the lanes of one panel.

    Args:
        paths: Path of each lane; None: lanes are paths.
        reported: Reported values, one per lane, in the unit of the series.
        value: True values, one per path, in the unit of the series.
        n_series: Number of series of a panel.
        hit: Lanes where something else that was reported is not true; None: none.

    Returns:
        Whether there are such lanes; the lane of each path, None where lanes are paths.
    """
    if paths is None:
        return same_values(reported, value) and not (hit is not None and hit.any()), None
    as_it_is = (reported == value[paths]) & (True if hit is None else ~hit)
    if n_series > 1:
        panels = by_panel(as_it_is, n_series)
        whole = np.flatnonzero(panels.all(axis=1))[:1]
        return whole.size > 0, lanes_of(whole, panels.shape[0], n_series)
    true = np.flatnonzero(as_it_is)
    found = np.full(value.size, -1, dtype=np.intp)
    found[paths[true[::-1]]] = true[::-1]
    return not (found < 0).any(), found


def same_lanes(a: Lanes | None, b: Lanes | None) -> bool:
    """Return whether two choices of lanes are the same; None: all.

    Args:
        a: Numbers of lanes, shape (lane,).
        b: Numbers of lanes to compare them with.

    Returns:
        Whether both choose the same lanes in the same order.
    """
    if a is None or b is None:
        return a is b
    return a is b or np.array_equal(a, b)
