"""What the check of masking catches, and what it lets pass."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import DataError, Dataset, Observation, Provenance
from fg_core.testing import (
    ALL_COLUMNS,
    ConformanceError,
    check_masking,
    explained_by_context,
)

N = 160


def rows(values, context, first=0):
    """Rows with a context column from row `first` on."""
    start = datetime(1960, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(days=i) for i in range(len(values))]
    return tuple(
        Observation(
            moment,
            float(values[i]),
            {name: float(x[i]) for name, x in context.items()} if i >= first else {},
            moment,
            "y",
            "made up",
        )
        for i, moment in enumerate(moments)
    )


def dataset(found):
    return Dataset(found, Provenance("made up", "for a test", "none", "one"))


def noise(seed, n=N):
    return np.random.default_rng(seed).normal(size=n)


def shares(values, **context):
    return explained_by_context(rows(values, context))


def test_noise_beside_a_value_explains_little():
    found = shares(np.cumsum(noise(1)), a=noise(2), b=np.cumsum(noise(3)))
    assert max(found.values()) < 0.15


@given(st.floats(-50.0, 50.0), st.floats(0.01, 1e4), st.integers(0, 5))
@settings(max_examples=25)
def test_the_value_itself_is_caught_in_any_unit(shift, scale, seed):
    values = np.cumsum(noise(seed))
    found = shares(values, copy=shift + scale * values, other=noise(seed + 10))
    assert found["copy"] > 0.999
    assert found["other"] < 0.15


def test_columns_that_tell_the_value_together_are_caught():
    values, part = np.cumsum(noise(1)), 3.0 * noise(2)
    found = shares(values, part=part, rest=values - part)
    assert max(found["part"], found["rest"]) < 0.9 < 0.999 < found[ALL_COLUMNS]


def test_a_level_gives_its_growth_away_and_growth_its_level():
    growth = 0.01 + 0.005 * noise(1)
    level = 30.0 * np.exp(np.cumsum(growth))
    assert shares(400.0 * growth, level=level)["level"] > 0.999
    assert shares(level, growth=400.0 * growth)["growth"] > 0.999
    assert shares(np.cumsum(growth), change=growth)["change"] > 0.999
    rate = np.diff(np.cumsum(noise(4, N + 1)))
    assert shares(rate, total=np.cumsum(rate))["total"] > 0.999


@pytest.mark.parametrize(("spread", "low", "high"), [(0.2, 0.93, 0.98), (1.0, 0.4, 0.6)])
def test_the_share_is_that_of_the_variance(spread, low, high):
    """The news e of a value stands in the context with an error of its own: 1 / (1 + spread^2)."""
    news = noise(1, 4000)
    found = shares(np.cumsum(news), seen=news + spread * noise(2, 4000))
    assert low < found["seen"] < high


@pytest.mark.parametrize(("lag", "low", "high"), [(1, 0.0, 0.2), (2, 0.99, 1.0), (3, 0.99, 1.0)])
def test_what_is_published_before_the_reveal_counts(lag, low, high):
    values = np.cumsum(noise(1))
    published_later = rows(values, {"late": np.append(0.0, values[:-1])})
    assert low <= explained_by_context(published_later, reveal_lag=lag)["late"] <= high


def test_what_is_withheld_does_not_count():
    values = np.cumsum(noise(1))
    planted = rows(values, {"copy": values, "other": noise(2)})
    assert set(explained_by_context(planted, withheld={"copy"})) == {"other", ALL_COLUMNS}
    check_masking(dataset(planted), withheld={"copy"})
    with pytest.raises(ConformanceError, match=r"series 'y' of 'made up' .*: copy explains 100"):
        check_masking(dataset(planted))


def test_the_limit_is_the_caller_s():
    news = noise(1)
    planted = dataset(rows(np.cumsum(news), {"seen": news + noise(2)}))
    check_masking(planted)
    with pytest.raises(ConformanceError, match=r"at most 30 % allowed"):
        check_masking(planted, limit=0.3)


def test_a_column_that_begins_late_is_judged_where_it_is():
    values = np.cumsum(noise(1))
    assert explained_by_context(rows(values, {"copy": values}, first=120))["copy"] > 0.999
    assert ALL_COLUMNS not in explained_by_context(rows(values, {"copy": values}, first=120))


def test_values_that_follow_from_their_lags_leave_nothing_to_explain():
    line = np.arange(40.0)
    assert shares(line - 20.0, copy=line)["copy"] == 0.0
    assert shares(np.zeros(40), copy=noise(1, 40))["copy"] == 0.0


def test_a_context_that_never_changes_explains_nothing():
    assert shares(np.cumsum(noise(1)), still=np.ones(N))["still"] == pytest.approx(0.0, abs=1e-12)


def test_without_a_context_there_is_nothing_to_check():
    plain = rows(np.cumsum(noise(1)), {})
    assert explained_by_context(plain) == {}
    check_masking(dataset(plain))


def test_too_few_rows_are_an_error():
    values = np.cumsum(noise(1, 12))
    with pytest.raises(DataError, match=r"series 'y' of 'made up', copy: 8 complete rows"):
        explained_by_context(rows(values, {"copy": values}))
