import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fg_core.errors import DataError
from fg_core.scoring import mae, mape, mase, rmse, worst_case

numbers = st.floats(-1e6, 1e6)
pairs = st.integers(1, 20).flatmap(
    lambda n: st.tuples(arrays(float, n, elements=numbers), arrays(float, n, elements=numbers))
)
quiet = settings(derandomize=True, database=None, deadline=None)

ACTUAL = [1.0, 2.0, -4.0, 5.0]
FORECAST = [2.0, 2.0, -6.0, 1.0]  # errors -1, 0, 2, 4


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (mae, 7.0 / 4.0),
        (rmse, np.sqrt(21.0 / 4.0)),
        (mape, (1.0 + 0.0 + 0.5 + 0.8) / 4.0),
        (worst_case, 4.0),
    ],
)
def test_by_hand(score, expected):
    assert score(ACTUAL, FORECAST) == pytest.approx(expected, rel=1e-15)
    assert isinstance(score(ACTUAL, FORECAST), float)


@pytest.mark.parametrize(
    ("season_length", "scale"),
    [
        (1, (3.0 + 2.0 + 4.0) / 3.0),
        (2, (1.0 + 2.0) / 2.0),
        (3, 3.0),
    ],
)
def test_mase_by_hand(season_length, scale):
    training = [1.0, 4.0, 2.0, 6.0]  # changes 3, -2, 4; over two 1, 2; over three 5
    scale = 5.0 if season_length == 3 else scale
    found = mase(ACTUAL, FORECAST, training, season_length)
    assert found == pytest.approx(7.0 / 4.0 / scale, rel=1e-15)


def test_mase_of_the_naive_forecast_in_training_is_one():
    training = np.random.default_rng(0).normal(size=50).cumsum()
    assert mase(training[4:], training[:-4], training, season_length=4) == 1.0


@quiet
@given(pairs)
def test_ordered_symmetric_and_zero_only_when_right(pair):
    y, predicted = pair
    assert 0.0 <= mae(y, predicted) <= rmse(y, predicted) * (1.0 + 1e-12) + 1e-150
    assert rmse(y, predicted) <= worst_case(y, predicted) * (1.0 + 1e-12)
    for score in (mae, rmse, worst_case):
        assert score(y, predicted) == score(predicted, y)
        assert score(y, y) == 0.0
    assert (worst_case(y, predicted) == 0.0) == np.array_equal(y, predicted)


@quiet
@given(pairs, st.floats(0.1, 10.0))
def test_scale_with_the_series(pair, factor):
    y, predicted = pair
    for score in (mae, rmse, worst_case):
        expected = factor * score(y, predicted)
        assert score(factor * y, factor * predicted) == pytest.approx(expected, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize("score", [mae, rmse, mape, worst_case])
def test_unusable_data(score):
    with pytest.raises(DataError, match=r"equal shapes, got \(2,\) and \(3,\)"):
        score([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(DataError, match="equal shapes"):
        score(np.ones(3), np.ones((3, 1)))
    with pytest.raises(DataError, match="empty"):
        score([], [])
    with pytest.raises(DataError, match="actual must be finite, got nan at index 1"):
        score([1.0, np.nan], [1.0, 1.0])
    with pytest.raises(DataError, match="forecast must be finite, got -inf at index 0"):
        score([1.0, 1.0], [-np.inf, 1.0])


def test_mape_near_zero():
    with pytest.raises(DataError, match="is 0 at index 2: use mae or mase"):
        mape([1.0, 2.0, 0.0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("training", "season_length", "message"),
    [
        ([1.0, 2.0], 2, "more than season_length=2 values"),
        ([[1.0, 2.0, 3.0]], 1, "one axis"),
        ([1.0, 2.0], 0, "season_length must be 1 or more"),
        ([1.0, 2.0, 1.0, 2.0], 2, "repeats itself every 2 periods"),
        ([1.0, np.nan, 2.0], 1, "training must be finite, got nan at index 1"),
    ],
)
def test_mase_needs_a_scale(training, season_length, message):
    with pytest.raises(DataError, match=message):
        mase([1.0], [2.0], training, season_length)
