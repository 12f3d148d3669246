"""Published context as columns of a regression: in units of its deviation in training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ._reduction import FloatArray

__all__ = ["NO_COLUMNS", "ContextColumns"]


@dataclass(frozen=True)
class ContextColumns:
    """The columns that a fit uses.

    Args:
        names: Sorted.
        means: Means over the training rows, by column.
        deviations: Standard deviations of the training rows, by column; 1 for a constant.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]

    @classmethod
    def of(cls, contexts: Sequence[Mapping[str, float]], first: int) -> ContextColumns:
        """Return the columns that are there and finite in every row from `first` on.

        Rows before the first origin of a regression are not asked for: growth rates begin one
        period after levels.

        >>> rows = [{}, {"rate": 1.0}, {"rate": 3.0, "late": 1.0}]
        >>> ContextColumns.of(rows, first=1)
        ContextColumns(names=('rate',), means=(2.0,), deviations=(1.0,))
        """
        rows = contexts[first:]
        names, means, deviations = [], [], []
        for name in sorted(set().union(*rows)):
            column = np.array([row.get(name, math.nan) for row in rows], dtype=np.float64)
            if np.isfinite(column).all():
                names.append(name)
                means.append(float(np.mean(column)))
                deviations.append(float(np.std(column)) or 1.0)
        return cls(tuple(names), tuple(means), tuple(deviations))

    def table(self, contexts: Sequence[Mapping[str, float]]) -> FloatArray:
        """Return the standardised columns, shape (row, column); NaN where one is missing."""
        rows = [[row.get(name, math.nan) for name in self.names] for row in contexts]
        raw = np.array(rows, dtype=np.float64).reshape(len(contexts), len(self.names))
        table: FloatArray = (raw - np.array(self.means)) / np.array(self.deviations)
        table[~np.isfinite(table)] = np.nan
        return table


NO_COLUMNS = ContextColumns((), (), ())
