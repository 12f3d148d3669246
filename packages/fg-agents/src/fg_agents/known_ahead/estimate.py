"""Effects of columns in a training window, and the series without them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fg_core import TrainingWindow
from fg_core.frozen import frozen_mapping

from .effects import Effects, error_lags, estimate_effects

__all__ = ["Estimate", "estimate_in"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Effects of columns in a window.

    Args:
        effects: Effects of the columns that change.
        constants: Columns that do not, and their values.
        cleaned: The window without the effects, and without context.
    """

    effects: Effects
    constants: Mapping[str, float]
    cleaned: TrainingWindow


def estimate_in(window: TrainingWindow, columns: Sequence[str]) -> Estimate | str:
    """Return the effects of columns in a window; a text that says why there are none.

    Rows are those after the last one that lacks a column.

    Args:
        window: Training window with contexts.
        columns: Names of the columns. Those that no row has are left out.

    Returns:
        Effects in the unit of the series per unit of each column, or the reason.

    >>> promo = [float(t % 5 == 2) for t in range(40)]
    >>> rows = [{"promo": p, "shops": 7.0} for p in promo]
    >>> window = TrainingWindow([2.0 * p + 0.1 * (t % 2) for t, p in enumerate(promo)],
    ...     contexts=rows)
    >>> found = estimate_in(window, ("promo", "shops"))
    >>> round(found.effects.with_errors["promo"][0], 1), dict(found.constants)
    (2.0, {'shops': 7.0})
    >>> estimate_in(window, ("shops",))
    'shops did not change in the rows of the fit'
    """
    contexts = window.contexts
    there = [name for name in columns if any(name in row for row in contexts)]
    if not there:
        return f"the context has none of the columns {', '.join(columns)}"
    table = np.array([[row.get(name, math.nan) for name in there] for row in contexts])
    lacking = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if lacking.size:
        table = table[int(lacking[-1]) + 1 :]
    if not table.size:
        lost = ", ".join(name for name in there if name not in contexts[-1])
        return f"{lost}: not known of period {window.end_t}, the last of the fit"
    moves = (table != table[0]).any(axis=0)
    constants = {n: v for n, v, m in zip(there, table[0].tolist(), moves, strict=True) if not m}
    names = [name for name in there if name not in constants]
    if not names:
        return f"{', '.join(there)} did not change in the rows of the fit"
    lags = error_lags(len(table), len(names), window.season_length)
    if not lags:
        return f"{len(table)} rows are too few for {len(names)} columns known in advance"
    values, table = window.values[len(window) - len(table) :], table[:, moves]
    effects = estimate_effects(values, table, names, lags)
    if effects is None:
        return "the regression on what is known in advance fails"
    cleaned = TrainingWindow(
        values - table @ effects.values, window.end_t, season_length=window.season_length
    )
    return Estimate(effects, frozen_mapping(constants), cleaned)
