r"""Whether the context beside a value gives that value away.

A false print can only deceive where nothing beside it says what the true value is. So the value
$y_t$ is regressed on its own last $L$ values, and then on these and its context; the share of what
the lags leave over that the context explains is the partial coefficient of determination

$$R^2 = 1 - \mathrm{RSS}_{\text{lags and context}} / \mathrm{RSS}_{\text{lags}}.$$

An agent that sees a context has seen those before it, so for a column $x$ the regressors are $x_t$,
$x_{t-1}$ and, where all its values are positive, $\ln(x_t / x_{t-1})$: prices give inflation away
by their growth, not by their level. Where all values of the series are positive, it is also
regressed in logarithms, which is how growth gives a level away, and the larger share counts.

A context holds what had been published when the value was, which may be older than the value. Where
the value is not revealed before the second print after it, the next context is seen in time as
well, and so on: with a reveal lag of $d$ rounds, those of rows $t$ to $t + d - 1$ are regressors.

Least squares with and without some regressors: Davidson & MacKinnon (2004), Econometric Theory and
Methods, section 3.8, ISBN 978-0-19-512372-2.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fg_core.dataset import Dataset
from fg_core.errors import DataError
from fg_core.frozen import FrozenMapping
from fg_core.observation import Observation
from fg_core.transcendental import log

from ._play import ConformanceError

__all__ = ["ALL_COLUMNS", "check_masking", "explained_by_context"]

Array = NDArray[np.float64]

ALL_COLUMNS = "all columns together"
"""Key of the share that all context columns explain together."""

_NOTHING_LEFT = 1e-20  # of the power of the values: what rounding leaves of an exact fit


def check_masking(
    dataset: Dataset,
    *,
    withheld: Collection[str] = (),
    reveal_lag: int = 1,
    limit: float = 0.9,
    n_lags: int = 4,
) -> None:
    """Check that no context of a dataset gives away the value that it stands beside.

    Args:
        dataset: Every series of it is checked.
        withheld: Context columns that the game does not show (`World.withheld`).
        reveal_lag: Rounds until a value is revealed, as in `SimulationConfig`.
        limit: Largest share of what a value's lags leave over that its context may explain, by
            one column or by all together.
        n_lags: Number of values before it that count as known.

    Raises:
        ConformanceError: A context explains more.
        DataError: A series has too few rows to tell.

    >>> from fg_core.testing.examples import example_dataset
    >>> check_masking(example_dataset(120))
    """
    for series_id in dataset.series_ids:
        found = explained_by_context(
            dataset.series(series_id), withheld=withheld, reveal_lag=reveal_lag, n_lags=n_lags
        )
        worst = max(found, key=lambda name: found[name], default=None)
        if worst is not None and found[worst] > limit:
            raise ConformanceError(
                f"the context of series {series_id!r} of {dataset.provenance.source!r} gives its "
                f"value away: {worst} explains {100 * found[worst]:.1f} % of what its last "
                f"{n_lags} values leave over (at most {100 * limit:g} % allowed); leave out of "
                "the context what determines the series, or let the world withhold it"
            )


def explained_by_context(
    rows: Sequence[Observation],
    *,
    withheld: Collection[str] = (),
    reveal_lag: int = 1,
    n_lags: int = 4,
) -> FrozenMapping[str, float]:
    """Return the share of what a value's lags leave over that its context explains.

    A column is judged on the rows that have it; all together on the rows that have every column
    that at least half of the rows have. Segments do not count: they always add up to the print.

    Args:
        rows: Observations of one series, by period.
        withheld: Names of context columns that do not count, because no agent sees them.
        reveal_lag: Rounds until a value is revealed, as in `SimulationConfig`.
        n_lags: Number of values before it that count as known.

    Returns:
        By column, and for `ALL_COLUMNS`, in [0, 1]; empty where there is no context. It is 0
        where the lags leave nothing over.

    Raises:
        DataError: There are not twice as many rows as regressors.

    >>> from fg_core.testing.examples import example_dataset
    >>> shares = explained_by_context(example_dataset(120).series("alpha"))
    >>> sorted(shares), all(share < 0.2 for share in shares.values())
    (['all columns together', 'rate', 'spread'], True)
    """
    columns = _columns(rows, withheld)
    if not columns:
        return FrozenMapping()
    values = np.array([row.value for row in rows], dtype=np.float64)
    scales = [values] if values.min() <= 0.0 else [values, log(values)]
    regressors = {name: _regressors(column, reveal_lag) for name, column in columns.items()}
    common = [name for name, x in columns.items() if 2 * np.isfinite(x).sum() >= x.size]
    where = f"series {rows[0].series_id!r} of {rows[0].source!r}"
    groups = {name: np.column_stack(own) for name, own in regressors.items()}
    if common:
        groups[ALL_COLUMNS] = np.column_stack([x for name in common for x in regressors[name]])
    return FrozenMapping(
        {
            name: max(_partial_share(y, x, n_lags, f"{where}, {name}") for y in scales)
            for name, x in groups.items()
        }
    )


def _columns(rows: Sequence[Observation], withheld: Collection[str]) -> dict[str, Array]:
    """Return context columns, shape (row,); NaN where a row does not have one."""
    names = sorted({name for row in rows for name in row.macro_context} - set(withheld))
    return {
        name: np.array([row.macro_context.get(name, np.nan) for row in rows], dtype=np.float64)
        for name in names
    }


def _regressors(column: Array, reveal_lag: int) -> list[Array]:
    """Return what is seen of a column until the value of row t is revealed, shape (row,) each."""
    padded = np.concatenate([[np.nan], column, np.full(reveal_lag - 1, np.nan)])
    seen = [padded[i : i + column.size] for i in range(reveal_lag + 1)]
    known = column[np.isfinite(column)]
    if known.size and known.min() > 0.0:
        seen += [log(now / before) for before, now in pairwise(seen)]
    return seen


def _partial_share(values: Array, context: Array, n_lags: int, where: str) -> float:
    n = len(values)
    lags = np.column_stack([values[n_lags - k : n - k] for k in range(1, n_lags + 1)])
    both = np.column_stack([lags, context[n_lags:]])
    complete = np.isfinite(both).all(axis=1)
    n_rows, n_regressors = int(complete.sum()), both.shape[1] + 1
    if n_rows < 2 * n_regressors:
        raise DataError(
            f"{where}: {n_rows} complete rows are too few for {n_regressors} regressors; twice as "
            "many are wanted"
        )
    target = values[n_lags:][complete]
    left_by_lags = _residual_power(lags[complete], target)
    if left_by_lags <= _NOTHING_LEFT * float(target @ target):
        return 0.0
    left_by_both = _residual_power(both[complete], target)
    return float(min(max(1.0 - left_by_both / left_by_lags, 0.0), 1.0))


def _residual_power(x: Array, y: Array) -> float:
    """Return the sum of squares that a regression on `x` and a constant leaves."""
    x, y = x - x.mean(axis=0), y - y.mean()
    # Columns of one scale: a level of 25,000 beside a rate of 2 would be cut off as noise.
    size = np.abs(x).max(axis=0)
    x = x[:, size > 0.0] / size[size > 0.0]
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(residual @ residual)
