"""Which further columns of a table may stand beside a value, and which would give it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["determining_columns"]

# A column gives the value away if it tells it to within this share of a usual step.
_SHARE = 0.01
_SPARE_ROWS = 10


def determining_columns(
    values: Sequence[float], contexts: Sequence[Mapping[str, float]]
) -> tuple[str, ...]:
    """Return the context columns that tell the value of their own row.

    An agent that may not see the true value must not see these: a tampered print would stand beside
    its correction. A column, or several together, determine the value if a linear function of them
    meets it with an error (root mean square) of at most a hundredth of the standard deviation of
    one-step changes. Of several together, those are returned without which it would not.

    Args:
        values: Values of the series, shape (time,), in the unit of the series.
        contexts: Contexts, one mapping per row; a column may be missing in some.

    Returns:
        Names in the order of the columns.

    >>> rows = [{"twice": 2.0 * v, "other": v % 3} for v in range(20)]
    >>> determining_columns([float(v * v % 7) for v in range(20)], rows)
    ()
    >>> determining_columns([float(v) for v in range(20)], rows)
    ('twice',)
    """
    y = _reduced(np.asarray(values, dtype=np.float64))
    names = list(dict.fromkeys(name for row in contexts for name in row))
    if not names or y.size < _SPARE_ROWS:
        return ()
    x = np.column_stack(
        [_reduced(np.array([row.get(name, np.nan) for row in contexts])) for name in names]
    )
    steps = np.diff(y)
    limit = _SHARE * max(float(np.std(steps)), float(np.mean(np.abs(steps))))
    if limit == 0.0:
        return ()
    alone = [at for at in range(len(names)) if _tells(y, x[:, [at]], limit)]
    rest = [at for at in range(len(names)) if at not in alone]
    together: list[int] = []
    if len(rest) > 1 and _tells(y, x[:, rest], limit):
        together = [
            at for at in rest if not _tells(y, x[:, [o for o in rest if o != at]], limit)
        ] or rest
    return tuple(names[at] for at in sorted({*alone, *together}))


def _reduced(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a column with numbers of at most 1, so that no sum of squares overflows."""
    largest = float(np.max(np.abs(column), initial=0.0, where=np.isfinite(column)))
    return column / largest if largest > 0.0 else column


def _tells(y: NDArray[np.float64], x: NDArray[np.float64], limit: float) -> bool:
    complete = np.isfinite(x).all(axis=1)
    y, x = y[complete], x[complete]
    spare = y.size - x.shape[1] - 1
    if spare < _SPARE_ROWS - 2:
        return False
    # Of one size, so that a level of 25,000 beside a rate of 2 is not cut off as noise.
    x = x - x.mean(axis=0)
    sizes = np.abs(x).max(axis=0)
    x = x[:, sizes > 0.0] / sizes[sizes > 0.0]
    if x.shape[1] == 0:
        return False
    centred = y - y.mean()
    left = centred - x @ np.linalg.lstsq(x, centred, rcond=None)[0]
    return bool(np.sqrt(left @ left / spare) <= limit)
