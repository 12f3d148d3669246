"""The series of many games on another scale, and their forecasts mapped back together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import FloatArray
from fg_core.errors import DataError

from .series import Transform

__all__ = ["map_together", "transform_lanes"]


def transform_lanes(
    transform: Transform,
    path: Sequence[FloatArray],
    whole_path: Callable[[list[float]], FloatArray],
) -> tuple[FloatArray, list[Any], list[str]]:
    """Return paths on the transformed scale, the map back of each game, and reasons.

    Args:
        transform: Fitted on one window for all games, or pointwise.
        path: Values per period, oldest first, shape (game,) each, in the unit of the series.
        whole_path: Path to be transformed, from the part of it that is shown in a game; a
            longer or a shorter one, in all games alike.

    Returns:
        Paths of shape (time, game), 0 where a game's path has no transform; maps, None there; and
        why it has none, empty elsewhere.
    """
    shown = np.stack(path)
    rows, n = shown.shape
    if transform.pointwise:
        try:
            together, back = transform.forward(shown), transform.after(shown[:, 0])
        except DataError:
            pass  # some paths have no transform: one by one
        else:
            return together, [back] * n, [""] * n
    maps: list[Any] = [None] * n
    why = [""] * n
    found: FloatArray = np.zeros((rows, n))
    for game in range(n):
        whole = whole_path(shown[:, game].tolist())
        try:
            own, maps[game] = transform.forward(whole), transform.after(whole)
        except DataError as error:
            why[game] = str(error)
            continue
        kept = min(own.shape[0], rows)
        found = found[-kept:]
        found[:, game] = own[-kept:]
    return found, maps, why


def map_together(
    maps: Sequence[Any],
    values: FloatArray,
    levels: FloatArray,
    stated: FloatArray,
    todo: NDArray[np.bool_],
    delta: FloatArray,
    scale: FloatArray,
) -> NDArray[np.bool_]:
    """Map forecasts with a spread back to the original scale, all at once.

    Args:
        maps: Map of each game, the same in all that are to do.
        values: Last values, shape (game,), in the unit of the series.
        levels: Forecasts on the transformed scale, shape (game,).
        stated: Their standard deviations, shape (game,); NaN where none is stated.
        todo: Which games have a forecast, shape (game,).
        delta: Expected changes are written here, shape (game,), in the unit of the series.
        scale: Their standard deviations are written here, alike.

    Returns:
        Games that are still to do: without a spread, or all, where one is too large for a number.
    """
    with np.errstate(over="ignore", under="ignore"):
        variance = stated * stated
    together = todo & (variance > 0.0)
    if not together.any():
        return todo
    back = maps[int(np.argmax(together))]
    m = levels[together][:, np.newaxis]
    s = np.sqrt(variance[together])[:, np.newaxis]
    try:
        mean, spread = back.moments(np.ones(m.shape), m, s)
    except DataError:
        return todo
    if not (np.isfinite(mean).all() and np.isfinite(spread).all()):
        return todo
    delta[together] = mean - values[together]
    scale[together] = np.sqrt(spread)
    return todo & ~together
