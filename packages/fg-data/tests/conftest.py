"""What several test modules of this package measure with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from fg_core import Observation

N_LAGS = 4

ExplainedShare = Callable[[Sequence[Observation]], float]


def _explained_share(rows: Sequence[Observation]) -> float:
    """Share of what a value's own four lags leave over that its same-period context explains.

    Plain least squares with and without the context; rows whose context is not complete yet are
    left out.
    """
    names = sorted({name for row in rows for name in row.macro_context})
    values = np.array([row.value for row in rows])
    context = np.array([[row.macro_context.get(n, np.nan) for n in names] for row in rows])
    lags = np.column_stack([values[N_LAGS - k : len(values) - k] for k in range(1, N_LAGS + 1)])
    own = np.column_stack([np.ones(len(lags)), lags])
    both = np.column_stack([own, context[N_LAGS:]])
    target = values[N_LAGS:]
    complete = np.isfinite(both).all(axis=1)
    left_by_own = _residual_power(own[complete], target[complete])
    return 1.0 - _residual_power(both[complete], target[complete]) / left_by_own


def _residual_power(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    # Columns of one scale: a level of 25,000 beside a rate of 2 would be cut off as noise.
    x = x / np.maximum(np.abs(x).max(axis=0), 1e-12)
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(residual @ residual)


@pytest.fixture(scope="session")
def explained_share() -> ExplainedShare:
    return _explained_share
