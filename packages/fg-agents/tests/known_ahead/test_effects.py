"""Effects of columns on a series with autocorrelated errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.known_ahead import error_lags, estimate_effects

EFFECT = 4.0


def sales(seed, *, n=100, persistence=0.8, season=0.0):
    """A series with a promotion effect of 4, and the promotion."""
    rng = np.random.default_rng(seed)
    promo = (rng.uniform(size=n) < 0.25).astype(float)
    errors = np.zeros(n)
    for t, shock in enumerate(rng.normal(size=n)):
        errors[t] = persistence * errors[t - 1] + shock if t else shock
    waves = season * np.sin(2.0 * np.pi * np.arange(n) / 12.0)
    return 100.0 + errors + waves + EFFECT * promo, promo[:, np.newaxis]


@pytest.mark.parametrize(("persistence", "season"), [(0.8, 0.0), (0.5, 5.0)])
def test_effects_lie_within_their_errors_as_often_as_they_say(persistence, season):
    z = []
    for seed in range(60):
        values, promo = sales(seed, persistence=persistence, season=season)
        lags = error_lags(len(values), 1, 12 if season else 1)
        effect, error = estimate_effects(values, promo, ("promo",), lags).with_errors["promo"]
        assert 0.0 < error < 1.0
        z.append((effect - EFFECT) / error)
    # 57 of 60 are wanted; errors that are estimated themselves lose a few.
    assert np.sum(np.abs(z) < 1.96) >= 53
    assert abs(np.mean(z)) < 0.35


def test_differences_alone_would_be_less_sure():
    """With errors that do not wander, changes have twice the variance: the errors' lags count."""
    errors = []
    for lags in ((1,), (1, 2, 3, 4)):
        values, promo = sales(3, n=300, persistence=0.0)
        errors.append(estimate_effects(values, promo, ("promo",), lags).errors[0])
    naive = np.std(np.diff(sales(3, n=300, persistence=0.0)[0])) / np.sqrt(300 * 2 * 0.25 * 0.75)
    assert max(errors) < 0.85 * naive


@given(st.integers(0, 100), st.sampled_from([2.0**-40, 0.5, 4.0, 2.0**30]), st.booleans())
def test_units_that_are_powers_of_two_move_no_bit(seed, unit, of_column):
    values, promo = sales(seed, n=50)
    found = estimate_effects(values, promo, ("promo",), (1, 2))
    if of_column:
        other = estimate_effects(values, promo * unit, ("promo",), (1, 2))
        assert (other.values * unit).tolist() == found.values.tolist()
    else:
        other = estimate_effects(values * unit, promo, ("promo",), (1, 2))
        assert (other.values / unit).tolist() == found.values.tolist()
        assert (other.covariance / unit**2).tolist() == found.covariance.tolist()


def test_columns_that_say_the_same_share_their_effect():
    values, promo = sales(1)
    alone = estimate_effects(values, promo, ("a",), (1, 2))
    found = estimate_effects(values, np.hstack([promo, promo]), ("a", "b"), (1, 2))
    assert found.values[0] == pytest.approx(found.values[1])
    assert found.values.sum() == pytest.approx(alone.values[0], rel=0.01)


def test_what_overflows_has_no_effects():
    values, promo = sales(1)
    assert estimate_effects(values, promo * 1e-320, ("promo",), (1,)) is None


def test_few_rows_have_few_lags():
    assert error_lags(200, 3, 52) == (1, 2, 3, 4, 52, 53)
    assert error_lags(60, 3, 52) == (1, 2, 3, 4)
    assert error_lags(14, 1, 1) == (1,)
    assert error_lags(40, 30, 1) == ()
