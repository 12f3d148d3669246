"""States of a period as agents are shown them, whatever value is reported of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.batch.sealing import read_only
from fg_core.batch.states import contexts_of, known_ahead_of
from fg_core.frozen import FrozenMapping, extend_unchecked
from fg_core.segments import rescale_segments
from fg_core.state import ForecastState

from .history import Ahead, PathPast

__all__ = ["BesideValue", "beside_value", "per_lane", "with_value"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]
Context = Mapping[str, float]
_NO_SEGMENTS: Context = FrozenMapping()

BesideValue = tuple[dict[str, Any], dict[str, Any] | None]
"""Fields of states but for their value: as arrays, and of the only game where there is one."""


def beside_value(
    t: int,
    past: tuple[Array, ...],
    numbers: tuple[float, ...] | None,
    n_unrevealed: int,
    *,
    games: Lanes,
    paths: Lanes | None,
    pasts: Sequence[PathPast],
    exogenous: Array | None,
    zeros: Array,
    contexts: tuple[Context, ...],
    reported: tuple[Context, ...] | None,
    ahead: tuple[Ahead, ...],
    segments: tuple[Context, ...],
    missing: tuple[int, ...],
) -> BesideValue:
    """Return all that states of a period have beside its value.

    Args:
        t: Number of the period.
        past: Values before it, shape (lane,) each, in the unit of the series.
        numbers: Same values as numbers, where there is one game; None: there are several.
        n_unrevealed: Number of these values that are not revealed.
        games: Number of the game of each lane, shape (lane,).
        paths: Path of each lane, shape (lane,); None: lanes are paths.
        pasts: Knowledge of each path before the games, one for all or one per path.
        exogenous: Outside pressure, shape (path,); None: it is not shown.
        zeros: Zeros, shape (lane,).
        contexts: Contexts that had been published, per path or one for all paths.
        reported: Contexts as they were reported, one per lane; None: the true ones.
        ahead: Contexts known in advance, per path or one for all paths.
        segments: Value per segment, per path, in the unit of the series; empty: no path has
            segments.
        missing: Numbers of the periods before it that have no value yet.

    Returns:
        Fields of the states as arrays, and those of the only game; None: there are several.
    """
    n = int(games.size)
    outside = zeros
    if exogenous is not None:
        outside = exogenous if paths is None else read_only(exogenous[paths])
    arrays: dict[str, Any] = {
        "t": t,
        "exogenous": outside,
        "hidden_shift": zeros,
        "segment_id": pasts[0].segment_id
        if len(pasts) == 1
        else per_lane([one.segment_id for one in pasts], paths, n),
        "macro_context": contexts_of(reported)
        if reported is not None
        else contexts[0]
        if len(contexts) == 1
        else contexts_of(per_lane(contexts, paths, n)),
        "history": past,
        "n_unrevealed": n_unrevealed,
        "displacement": None,
        "segments": per_lane(segments, paths, n) if segments else (),
        "game": games,
        "missing": missing,
        "known_ahead": ahead[0] if len(ahead) == 1 else known_ahead_of(per_lane(ahead, paths, n)),
    }
    if numbers is None or n > 1:
        return arrays, None
    only: dict[str, Any] = {
        "t": t,
        "exogenous": 0.0 if exogenous is None else float(exogenous[0]),
        "hidden_shift": 0.0,
        "segment_id": pasts[0].segment_id,
        "segment_values": segments[0] if segments else _NO_SEGMENTS,
        "macro_context": contexts[0] if reported is None else reported[0],
        "history": numbers,
        "n_unrevealed": n_unrevealed,
        "displacement": 0.0,
        "game": int(games[0]),
        "missing": missing,
        "known_ahead": ahead[0],
    }
    return arrays, only


def with_value(beside: BesideValue, value: Array) -> StateArrays:
    """Return states with a value.

    Args:
        beside: Fields of the states beside the value, as `beside_value` returns them.
        value: Values of the period, shape (lane,), in the unit of the series.

    Returns:
        States of all lanes.
    """
    arrays, only = beside
    if only is None:
        return extend_unchecked(StateArrays, arrays, "value", value)
    # The state of the only game is set beforehand: its numbers are at hand.
    state = extend_unchecked(StateArrays, arrays, "value", value)
    number = float(value[0])
    one = extend_unchecked(ForecastState, only, "value", number)
    segments = only["segment_values"]
    if segments is not _NO_SEGMENTS and segments:
        # Rescaled in every round of every run, hit or not: otherwise the segments of a
        # tampered value would add up to the truth.
        one.__dict__["segment_values"] = rescale_segments(segments, number)
    state.__dict__["each"] = (one,)
    return state


def per_lane(rows: Sequence[Any], paths: Lanes | None, n: int) -> tuple[Any, ...]:
    """Return what each lane has of what paths have.

    Args:
        rows: Entries, one for all paths or one per path.
        paths: Path of each lane, shape (lane,); None: lanes are paths.
        n: Number of lanes.

    Returns:
        One entry per lane.
    """
    if len(rows) == 1:
        return tuple(rows) * n
    if paths is None:
        return tuple(rows)
    return tuple([rows[i] for i in paths.tolist()])
