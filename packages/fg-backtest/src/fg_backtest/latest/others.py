r"""What other columns and series say about the newest change of a series.

The newest change $\Delta y_t$ is regressed on the changes $\Delta x_{j,t}$ of other columns between
the same two rows, with coefficients of least squares on the rows before:

$$z = \frac{\Delta y_t - \hat a - \sum_j \hat b_j \Delta x_{j,t}}{s \sqrt{1 + q}}, \qquad
s^2 = \frac{1}{n - k - 1} \sum_{s < t} e_s^2, \qquad q = v^\top (V^\top V)^{-1} v$$

with $v = (1, \Delta x_t)$ and $V$ the same of the rows before. $z$ is the change in standard errors
of its prediction from what happened elsewhere in the same period: where others explain the change,
it is small. The columns are those (at most three) whose changes went with the series' own most
closely on the rows before: $|r| \sqrt n > 3$. Nothing of a later row is used, and nothing in the
game depends on it.

Context columns are taken as they had been published by then, so that one that comes out later than
the series has the value of an earlier period, in the newest row as in all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from fg_core import Observation

__all__ = ["GivenOthers", "given_others"]

Array = NDArray[np.float64]

_MOST = 3
_FEWEST = 30
_CLEAR = 3.0


@dataclass(frozen=True)
class GivenOthers:
    """The newest change of a series, by itself and given those of others.

    Args:
        alone: the change less the mean change before, in standard deviations of these.
        given: the change less what others predict, in standard errors of that prediction.
        columns: names of the others, the closest first.
        share: share of the variance of past changes that they explain, in [0, 1].
        n: number of past changes that the prediction is estimated on.
    """

    alone: float
    given: float
    columns: tuple[str, ...]
    share: float
    n: int


def given_others(
    rows: Sequence[Observation], others: Mapping[str, Mapping[datetime, float]]
) -> GivenOthers | None:
    """Return what others say about the newest change of a series.

    Args:
        rows: rows of the series, by period; their context columns are others too.
        others: values of other series by period, in their units, by name.

    Returns:
        The change in standard errors; None: no other column has gone with the series, or there are
        too few rows that both have.
    """
    if len(rows) < _FEWEST + 2:
        return None
    changes = np.diff(np.array([row.value for row in rows], dtype=np.float64))
    past, newest = changes[:-1], changes[-1]
    spread = float(np.std(past, ddof=1))
    if spread == 0.0:
        return None
    near = _closest(past, _changes_of(rows, others))
    if not near:
        return None
    inputs = np.column_stack([near[name] for name in near])
    known = np.isfinite(inputs[:-1]).all(axis=1)
    n = int(np.count_nonzero(known))
    if n < _FEWEST:
        return None
    scales = np.std(inputs[:-1][known], axis=0, ddof=1)
    if (scales == 0.0).any():
        return None
    design = np.column_stack([np.ones(len(changes)), inputs / scales])
    before, own = design[:-1][known], past[known] / spread
    inverse = np.linalg.pinv(before.T @ before)
    coefficients = inverse @ (before.T @ own)
    errors = own - before @ coefficients
    variance = float(errors @ errors) / (n - before.shape[1])
    centred = own - np.mean(own)
    total = float(centred @ centred)
    if variance <= 1e-20 * total or total == 0.0:
        return None  # a column that determines the series says nothing of its own
    width = float(np.sqrt(variance * (1.0 + design[-1] @ inverse @ design[-1])))
    return GivenOthers(
        alone=float((newest - np.mean(past)) / spread),
        given=float((newest / spread - design[-1] @ coefficients) / width),
        columns=tuple(near),
        share=max(0.0, 1.0 - float(errors @ errors) / total),
        n=n,
    )


def _changes_of(
    rows: Sequence[Observation], others: Mapping[str, Mapping[datetime, float]]
) -> dict[str, Array]:
    """Return the changes of each other column between the same rows; NaN where it has none."""
    names = dict.fromkeys(name for row in rows[-2:] for name in row.macro_context)
    columns: dict[str, list[float]] = {
        name: [row.macro_context.get(name, np.nan) for row in rows] for name in names
    }
    for name, values in others.items():
        if name not in columns:
            columns[name] = [values.get(row.timestamp, np.nan) for row in rows]
    found = {name: np.diff(np.array(column)) for name, column in columns.items()}
    return {name: column for name, column in found.items() if np.isfinite(column[-1])}


def _closest(past: Array, columns: Mapping[str, Array]) -> dict[str, Array]:
    """Return the columns whose past changes went most closely with those of the series."""
    closeness: dict[str, float] = {}
    for name, column in columns.items():
        known = np.isfinite(column[:-1])
        n = int(np.count_nonzero(known))
        x, y = column[:-1][known], past[known]
        if n < _FEWEST or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
            continue
        x, y = x - np.mean(x), y - np.mean(y)
        r = float(x @ y) / float(np.sqrt((x @ x) * (y @ y)))
        if abs(r) * np.sqrt(n) > _CLEAR and abs(r) < 1.0 - 1e-9:
            closeness[name] = abs(r)
    best = sorted(closeness, key=lambda name: -closeness[name])[:_MOST]
    return {name: columns[name] for name in best}
