"""The autoregression of the episode filter, and what it learns from a training window."""

import numpy as np

from fg_core.defenses.episodes import ColumnChanges, Moments
from fg_core.defenses.episodes.autoregression import ORDER


def walk(seed=0, n=160, scale=1.0):
    steps = np.random.default_rng(seed).standard_normal(n)
    return scale * np.cumsum(np.clip(steps, -3.0, 3.0))


def after(moments, values):
    """Return the sums after further values, the first of which follow the training window."""
    for end in range(ORDER + 1, len(values) + 1):
        moments = moments.with_row([np.array([one]) for one in values[end - ORDER - 1 : end]])
    return moments


def test_it_is_least_squares():
    y = walk()
    x = np.column_stack([y[ORDER - 1 - k : -1 - k] for k in range(ORDER)])
    wanted, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y[ORDER:], rcond=None)
    for found in (Moments.of(y, 1.0), after(Moments.of(y[:80], 1.0), y[80 - ORDER :])):
        np.testing.assert_allclose(found.fitted.phi[0], wanted[1:], atol=1e-6)


def test_all_at_once_is_row_by_row():
    rng = np.random.default_rng(2)
    rows = [{name: float(rng.normal()) for name in "abcd" if rng.random() < 0.8} for _ in range(50)]
    at_once = ColumnChanges.of(rows)
    begun = ColumnChanges.of(rows[:20])
    for row in rows[20:]:
        begun = begun.after([row])
    np.testing.assert_array_equal(at_once.last, begun.last)
    np.testing.assert_array_equal(at_once.sums, begun.sums)
    assert ColumnChanges.of([{"a": 1.0}]) is None
    values = np.full(12, 7.3) + walk(n=12)
    whole = Moments.of(values, 0.7)
    row_by_row = Moments(whole.origin, whole.unit, np.zeros((1, 6, 6)), np.zeros((1, 3)))
    for end in range(2, len(values) + 1):
        known = values[max(0, end - ORDER - 1) : end]
        row_by_row = row_by_row.with_row([np.array([one]) for one in known])
    np.testing.assert_array_equal(whole.products, row_by_row.products)
    np.testing.assert_array_equal(whole.changes, row_by_row.changes)
