"""Made-up quarters in which columns lead each other, as they would have been known."""

import numpy as np
import pytest

from fg_core import ForecastState, TrainingWindow
from fg_core.segments import rescale_segments

COLUMNS = ("infl", "tbilrate", "growth", "cons_growth", "inv_growth", "m1_growth")


def _quarters(n=120, seed=3, *, own="unemp", columns=COLUMNS, segments=False):
    """A window of a series and context columns, all moved by one stable system."""
    rng = np.random.default_rng(seed)
    names = (own, *columns)
    k = len(names)
    effect = 0.55 * np.eye(k) + 0.12 * rng.standard_normal((k, k))
    effect *= 0.9 / max(0.9, float(np.max(np.abs(np.linalg.eigvals(effect)))))
    rows = np.zeros((n, k))
    for t in range(1, n):
        rows[t] = effect @ rows[t - 1] + rng.standard_normal(k)
    rows += np.linspace(2.0, 6.0, k)
    contexts = [dict(zip(columns, row[1:].tolist(), strict=True)) for row in rows]
    parts = ()
    if segments:
        first, second = rng.standard_normal((2, n)) + 1.0
        parts = [
            {"consumption": a, "investment": b, "remainder": float(v) - a - b}
            for a, b, v in zip(first.tolist(), second.tolist(), rows[:, 0], strict=True)
        ]
    return TrainingWindow(rows[:, 0], n - 1, contexts=contexts, segments=parts)


def _state(window, row, value=None, *, lookback=64):
    t = window.end_t - len(window) + 1 + row
    value = float(window.values[row]) if value is None else value
    return ForecastState(
        t,
        value,
        0.0,
        0.0,
        segment_values=rescale_segments(window.segments[row], value) if window.segments else {},
        macro_context=window.contexts[row] if window.contexts else {},
        history=tuple(window.values[max(0, row - lookback) : row].tolist()),
    )


@pytest.fixture(scope="session")
def quarters():
    """Makes windows of such quarters."""
    return _quarters


@pytest.fixture(scope="session")
def macro():
    """Unemployment, with the other columns beside it."""
    return _quarters()


@pytest.fixture(scope="session")
def states():
    """Makes the state of a row of a window, as the game would show it."""
    return _state


@pytest.fixture(scope="session")
def growth():
    """A series with segments, as growth of output has them."""
    return _quarters(
        own="growth", columns=("infl", "unemp", "tbilrate", "m1_growth"), segments=True, seed=5
    )
