"""Which rows count little: against a plain reading of the rule, and never by what comes later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import row_sizes, row_weights


def plainly(values):
    """The rule, row by row and column by column."""
    sizes = []
    for t in range(len(values)):
        found = []
        for column in values.T:
            before = [column[s] - column[s - 1] for s in range(max(1, t - 80), t)]
            before = [change for change in before if np.isfinite(change)]
            change = column[t] - column[t - 1] if t else np.nan
            if len(before) < 20 or not np.isfinite(change):
                continue
            middle = np.median(before)
            usual = 1.4826 * np.median([abs(b - middle) for b in before]) or np.std(before)
            if usual > 0.0:
                found.append(abs(change) / usual)
        found.sort()
        sizes.append(found[-min(2, len(found))] if found else 0.0)
    return np.array(sizes)


@st.composite
def records(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, k = draw(st.integers(1, 120)), draw(st.integers(1, 4))
    values = np.cumsum(rng.standard_t(2.0, (n, k)), axis=0)
    for j in range(k):
        values[: draw(st.sampled_from([0, 0, 1, 30])), j] = np.nan
        if draw(st.booleans()):  # a rate that is mostly left alone
            values[:, j] = np.round(values[:, j] / 5.0)
    return values


@given(records())
@settings(max_examples=settings.default.max_examples // 2)
def test_equals_the_rule_read_plainly(values):
    np.testing.assert_allclose(row_sizes(values), plainly(values), rtol=1e-12)


@given(records(), st.integers(1, 119))
@settings(max_examples=settings.default.max_examples // 2)
def test_what_comes_later_changes_no_bit(values, cut):
    before = row_sizes(values)[:cut]
    scrambled = values.copy()
    scrambled[cut:] = scrambled[cut:][::-1] * 3.0 + 1.0
    np.testing.assert_array_equal(row_sizes(scrambled)[:cut], before)
    np.testing.assert_array_equal(row_sizes(values[:cut]), before)
    np.testing.assert_array_equal(row_sizes(values, before), row_sizes(values))


def test_a_broken_quarter_counts_little_and_a_misprint_in_full():
    values = np.cumsum(np.random.default_rng(0).standard_normal((100, 3)), axis=0)
    misprint, broken = values.copy(), values.copy()
    misprint[60, 0] += 50.0
    broken[60:, :2] += 50.0
    assert row_weights(row_sizes(misprint), 6.0, 4).min() == 1.0
    weights = row_weights(row_sizes(broken), 6.0, 4)
    assert (weights[60:65] < 0.05).all()
    assert (weights[:60] == 1.0).all()
    assert (weights[65:] == 1.0).all()


def test_one_column_speaks_for_itself():
    values = np.cumsum(np.random.default_rng(0).standard_normal((100, 1)), axis=0)
    values[60:] += 50.0
    assert row_weights(row_sizes(values), 6.0, 1)[60] < 0.05


def test_nothing_is_unusual_where_nothing_is_known():
    assert row_sizes(np.array([[0.0], [100.0], [0.0]])).tolist() == [0.0, 0.0, 0.0]
    assert row_sizes(np.zeros((60, 2))).tolist() == [0.0] * 60
    still = np.zeros((60, 1))
    still[50:] = 1.0  # a column that had never moved tells nothing
    assert row_sizes(still)[50] == 0.0


@pytest.mark.parametrize("order", [1, 3, 9])
def test_the_lowest_of_a_row_and_its_lags(order):
    sizes = np.abs(np.random.default_rng(order).standard_cauchy(40)) * 3.0
    own = np.minimum(1.0, (6.0 / sizes) ** 2)
    expected = [own[max(0, t - order) : t + 1].min() for t in range(40)]
    np.testing.assert_allclose(row_weights(sizes, 6.0, order), expected, rtol=1e-14)
