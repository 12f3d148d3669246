import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from fg_agents.conformal import HIGHEST, LOWEST, NOMINAL, adapt, adapted_levels, misses
from fg_core import DataError

ALPHAS = st.lists(st.floats(LOWEST, HIGHEST), min_size=len(NOMINAL), max_size=len(NOMINAL))


@given(st.floats(0, 1), st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5))
def test_an_interval_is_missed_where_the_target_is_outside(pit, alphas):
    alpha = np.array(alphas)
    low, high = norm.ppf(alpha / 2), norm.ppf(1 - alpha / 2)
    y = norm.ppf(pit)
    expected = (y < low) | (y > high)
    edge = np.isclose(y, low) | np.isclose(y, high)
    assert ((misses(pit, alpha) == expected) | edge).all()


@given(ALPHAS, st.lists(st.floats(0.001, 0.999), min_size=2, max_size=20))
def test_adapted_levels_never_cross(alphas, levels):
    found = adapted_levels(sorted(levels), np.array(alphas))
    assert (np.diff(found) >= 0.0).all()
    assert ((found > 0.0) & (found < 1.0)).all()


@given(ALPHAS, st.floats(0.001, 0.499))
def test_the_ends_of_an_interval_mirror_each_other(alphas, p):
    low, middle, high = adapted_levels([p, 0.5, 1 - p], np.array(alphas))
    assert low == pytest.approx(1 - high, abs=1e-12)
    assert middle == 0.5


def test_unadapted_levels_are_themselves():
    levels = np.linspace(0.01, 0.99, 50)
    assert adapted_levels(levels, np.array(NOMINAL)) == pytest.approx(levels)


@pytest.mark.parametrize(
    ("spread", "rate"),
    [  # each of both in every run
        *((0.7, 0.02), (1.0, 0.05), (2.5, 0.02)),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in ((0.7, 0.05), (1.0, 0.02), (2.5, 0.05))
        ),
    ],
)
def test_misses_are_as_many_as_promised_whatever_the_forecaster_claims(spread, rate):
    """Gibbs & Candès (2021), proposition 4.1, where the bounds are not met."""
    rng = np.random.default_rng(4)
    n, alpha = 3000, np.array(NOMINAL)
    total, plain = np.zeros(len(NOMINAL)), np.zeros(len(NOMINAL))
    touched = np.zeros(len(NOMINAL), dtype=bool)
    for y in rng.normal(0, spread, n):
        missed = misses(float(norm.cdf(y)), alpha)
        total += missed
        plain += misses(float(norm.cdf(y)), np.array(NOMINAL))
        alpha = adapt(alpha, missed, rate)
        touched |= (alpha <= LOWEST) | (alpha >= HIGHEST)
    bound = (1.0 + rate) / (rate * n)
    for i, nominal in enumerate(NOMINAL):
        off = abs(total[i] / n - nominal)
        if not touched[i]:
            assert off <= bound
        else:  # the bounds keep intervals finite, at a price: better than nothing, not exact
            assert off < 0.7 * abs(plain[i] / n - nominal) + 0.02
    if spread < 2.0:
        assert not touched[2:].any()  # the intervals of 80 and 50 % never met a bound here


def test_it_follows_a_change_of_regime():
    rng = np.random.default_rng(5)
    alpha = np.array(NOMINAL)
    late = []
    for t in range(1200):
        missed = misses(float(norm.cdf(rng.normal(0, 0.5 if t < 600 else 2.0))), alpha)
        alpha = adapt(alpha, missed, 0.03)
        if t >= 700:
            late.append(missed[2])
    assert np.mean(late) == pytest.approx(0.2, abs=0.05)


def test_levels_at_the_edge_are_refused():
    with pytest.raises(DataError, match="between 0 and 1"):
        adapted_levels([0.0, 0.5], np.array(NOMINAL))
