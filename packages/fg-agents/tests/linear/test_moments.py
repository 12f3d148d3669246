"""Sums that grow from origin to origin are the sums of each origin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.linear import lagged, moments_at


@st.composite
def regressions(draw):
    n = draw(st.integers(2, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows = rng.standard_normal((n, draw(st.integers(1, 3))))
    x, y = lagged(rows, draw(st.integers(1, min(3, n - 1))))
    ends = sorted(draw(st.sets(st.integers(0, len(x) - 1), min_size=1)))
    return x, y, rng.uniform(0.0, 1.0, len(x)), ends, draw(st.sampled_from([1.0, 0.99, 0.9, 0.5]))


@given(regressions())
def test_equal_to_the_sums_of_each_origin_alone(case):
    x, y, weights, ends, discount = case
    found = moments_at(x, y, weights, ends, discount)
    for at, end in enumerate(ends):
        share = np.array([weights[t] * discount ** (end - t) for t in range(end + 1)])
        past_x, past_y = x[: end + 1], y[: end + 1]
        close = {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(found.xx[at], (past_x.T * share) @ past_x, **close)
        np.testing.assert_allclose(found.xy[at], (past_x.T * share) @ past_y, **close)
        np.testing.assert_allclose(found.yy[at], (past_y.T * share) @ past_y, **close)
        np.testing.assert_allclose(found.count[at], share.sum(), **close)


@given(regressions())
def test_later_rows_change_no_bit(case):
    x, y, weights, ends, discount = case
    early = ends[: max(1, len(ends) // 2)]
    changed = y.copy()
    changed[early[-1] + 1 :] = 1e9
    before, after = (
        moments_at(x, y, weights, early, discount),
        moments_at(x, changed, weights, ends, discount),
    )
    for name in ("xx", "xy", "yy", "count"):
        kept = getattr(after, name)[: len(early)]
        np.testing.assert_array_equal(getattr(before, name), kept)


def test_lags_stand_in_order():
    rows = np.arange(10.0).reshape(5, 2)
    x, y = lagged(rows, 2)
    assert x[0].tolist() == [1.0, 2.0, 3.0, 0.0, 1.0]
    assert y[0].tolist() == [4.0, 5.0]
    assert len(x) == len(y) == 3
