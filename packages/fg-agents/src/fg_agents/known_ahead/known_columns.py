"""Columns that are known in advance, by period: what a forecaster remembers of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import TrainingWindow
from fg_core.frozen import FrozenMapping, frozen_mapping, replace_unchecked

__all__ = ["KnownColumns"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class KnownColumns:
    """Numbers of some columns by period, of the last periods and of those to come.

    Args:
        names: Names of the columns.
        rows: Numbers by column, by number of the period; a column may be missing in some.
        keep: Number of periods before the latest state that are kept.
        fitted_t: Number of the last period of the window.

    >>> from fg_core import ForecastState
    >>> known = KnownColumns(("promo",)).extended(
    ...     ForecastState(7, 1.0, 0.0, 0.0, macro_context={"promo": 1.0, "rate": 4.0},
    ...         known_ahead=({"promo": 0.0},)))
    >>> {t: dict(row) for t, row in known.rows.items()}
    {7: {'promo': 1.0}, 8: {'promo': 0.0}}
    """

    names: tuple[str, ...]
    rows: Mapping[int, Mapping[str, float]] = frozen_mapping()
    keep: int = 64
    fitted_t: int = 0

    def refitted(self, window: TrainingWindow) -> Self:
        """Return the columns of the rows of a window, and what was known of later periods.

        Args:
            window: Training window; its rows take the place of what was known of their periods.
        """
        keep = self.keep if self.rows else self.keep + window.season_length
        first = max(0, len(window) - keep)
        begin = window.end_t + 1 - len(window)
        later = {t: row for t, row in self.rows.items() if t > window.end_t}
        shown = {begin + i: self._own(row) for i, row in enumerate(window.contexts[first:], first)}
        found = FrozenMapping({**later, **shown})
        return replace(self, rows=found, keep=keep, fitted_t=window.end_t)

    def extended(self, state: Any) -> Self:
        """Return what is known with what a state shows of its period, and of those after it.

        What was known of a period in advance stays, whatever is reported of it later.

        Args:
            state: State that is shown or revealed.
        """
        rows = {t: row for t, row in self.rows.items() if t >= state.t - self.keep}
        for t, told in enumerate((state.macro_context, *state.known_ahead), state.t):
            rows[t] = {**self._own(told), **rows.get(t, {})}
        return replace_unchecked(self, rows=FrozenMapping(rows))

    def table(self, state: Any, columns: Sequence[str], n: int) -> Array:
        """Return the numbers of some columns in a state's period and in those before it.

        Args:
            state: State that is acted on.
            columns: Names of the columns.
            n: Number of periods, at most.

        Returns:
            Shape (time, column), one row per value of the state's path, the state's own period
            last, as far back as all are known; it may have no row.
        """
        shown = {**self._own(state.macro_context), **self.rows.get(state.t, {})}
        found: list[list[float]] = []
        for t in range(state.t, state.t - min(n, len(state.path)), -1):
            # A value that is missing is the one before it, with the effects of its period.
            at = t
            while at in state.missing:
                at -= 1
            row = shown if at == state.t else self.rows.get(at, {})
            if not all(name in row for name in columns):
                break
            found.append([row[name] for name in columns])
        return np.array(found[::-1], dtype=np.float64).reshape(len(found), len(columns))

    def _own(self, context: Mapping[str, float]) -> Mapping[str, float]:
        return {name: context[name] for name in self.names if name in context}
