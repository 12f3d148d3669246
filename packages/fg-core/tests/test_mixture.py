import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

import fg_core.mixture
from fg_core.errors import DataError
from fg_core.mixture import (
    check_components,
    mixture_cdf,
    mixture_moments,
    mixture_quantile,
)

EPS = np.finfo(float).eps
LEVELS = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
quiet = settings(derandomize=True, database=None, deadline=None)


@st.composite
def mixtures(draw, max_size=6):
    n = draw(st.integers(1, max_size))
    numbers = st.floats(-50.0, 50.0)
    means = draw(st.lists(numbers, min_size=n, max_size=n))
    exponents = draw(st.lists(st.floats(-3.0, 2.0), min_size=n, max_size=n))
    raw = draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n))
    weights = np.array(raw) + 1e-3 * (np.arange(n) == 0)
    return weights / weights.sum(), np.array(means), 10.0 ** np.array(exponents)


def random_mixture(rng, n, spread=1.0, orders=0.3):
    return (
        rng.dirichlet(np.ones(n)),
        spread * rng.normal(size=n),
        10.0 ** rng.uniform(-orders, orders, size=n),
    )


def rows_of(rng, rows, n, spread=1.0, orders=0.3):
    return tuple(
        np.array(parts)
        for parts in zip(
            *(random_mixture(rng, n, spread, orders) for _ in range(rows)), strict=True
        )
    )


# Moments


@pytest.mark.parametrize(
    ("weights", "means", "scales", "mean", "variance"),
    [
        ([1.0], [3.0], [2.0], 3.0, 4.0),
        ([0.5, 0.5], [0.0, 2.0], [1.0, 1.0], 1.0, 2.0),  # 1 within + 1 between
        ([0.5, 0.5], [1.0, 1.0], [1.0, 3.0], 1.0, 5.0),  # (1 + 9) / 2 within
        ([0.25, 0.75], [0.0, 4.0], [2.0, 1.0], 3.0, 4.75),  # 1.75 within + 3 between
        ([0.0, 1.0], [1e9, 4.0], [1e9, 1.0], 4.0, 1.0),
    ],
)
def test_moments_by_hand(weights, means, scales, mean, variance):
    found = mixture_moments(weights, means, scales)
    assert found == (mean, variance)
    assert all(isinstance(moment, float) for moment in found)


def test_moments_agree_with_a_large_sample():
    rng = np.random.default_rng(2)
    w, m, s = random_mixture(rng, 5, spread=3.0)
    pick = rng.choice(5, p=w, size=400_000)
    draws = rng.normal(m[pick], s[pick])
    mean, variance = mixture_moments(w, m, s)
    assert mean == pytest.approx(draws.mean(), abs=5.0 * draws.std() / np.sqrt(draws.size))
    assert variance == pytest.approx(draws.var(), rel=0.02)


def test_moments_broadcast_over_leading_axes():
    rng = np.random.default_rng(3)
    _, m, s = rows_of(rng, 6, 4)
    w = rng.dirichlet(np.ones(4))
    mean, variance = mixture_moments(w, m.reshape(2, 3, 4), s.reshape(2, 3, 4))
    assert mean.shape == variance.shape == (2, 3)
    np.testing.assert_allclose(mean.ravel(), m @ w, rtol=1e-13)


# Distribution function


def test_cdf_agrees_with_scipy_and_has_limits():
    w, m, s = random_mixture(np.random.default_rng(4), 4, spread=2.0)
    x = np.linspace(-8.0, 8.0, 101)
    expected = sum(w[k] * stats.norm.cdf(x, m[k], s[k]) for k in range(4))
    np.testing.assert_allclose(mixture_cdf(x, w, m, s), expected, rtol=1e-14, atol=1e-16)
    np.testing.assert_array_equal(mixture_cdf([-np.inf, np.inf], w, m, s), [0.0, 1.0])


def test_cdf_passes_nan_on_and_never_exceeds_one():
    w = np.full(10, 0.1)
    assert np.isnan(mixture_cdf(np.nan, w, np.zeros(10), np.ones(10)))
    many = np.random.default_rng(5).dirichlet(np.ones(7), size=2000)
    assert mixture_cdf(50.0, many, np.zeros(7), np.ones(7)).max() == 1.0


def test_cdf_of_a_scale_below_all_floats_is_a_step():
    x = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(mixture_cdf(x, [1.0], [0.0], [1e-320]), [0.0, 0.5, 1.0])


# Quantiles


@pytest.mark.parametrize("level", [1e-300, 1e-12, 0.1, 0.3, 0.5, 0.6, 0.8, 0.9, 1.0 - 1e-12])
def test_one_component_is_the_closed_form_to_the_bit(level):
    for mean, scale in itertools.product((-3.7, 0.0, 1e6), (1e-9, 0.3, 25.0)):
        expected = mean + scale * ndtri(level)
        assert mixture_quantile([level], [1.0], [mean], [scale])[0] == expected
        # Components that agree are one component, and weight 0 is none.
        same = mixture_quantile([level], [0.3, 0.7, 0.0], [mean, mean, 1e3], [scale, scale, 1e3])
        assert same[0] == expected


def reference_quantile(p, w, m, s):
    """Root of the distribution function by brentq, upper levels in the survival function."""
    if p > 0.5:
        return -reference_quantile(1.0 - p, w, -m, s)
    own = m + s * ndtri(p)

    def excess(x):
        return float(np.sum(w * ndtr((x - m) / s))) - p

    low, high = own.min(), own.max()
    if excess(low) >= 0.0:
        return low
    return high if excess(high) <= 0.0 else brentq(excess, low, high, xtol=1e-300, rtol=4 * EPS)


@pytest.mark.parametrize("spread", [0.0, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("orders", [0.0, 0.5, 3.0])
def test_quantiles_agree_with_brentq(spread, orders):
    rng = np.random.default_rng(int(10 * spread + orders))
    levels = np.array([1e-9, 0.025, 0.1, 0.5, 0.75, 0.9, 0.999, 1.0 - 1e-9])
    checked = 0
    for _ in range(20):
        w, m, s = random_mixture(rng, int(rng.integers(2, 9)), spread, orders)
        m = m + 5.0 * rng.normal()
        found = mixture_quantile(levels, w, m, s)
        for p, x in zip(levels, found, strict=True):
            expected = reference_quantile(p, w, m, s)
            density = np.sum(w / s * np.exp(-0.5 * ((expected - m) / s) ** 2))
            # Where the density is next to nothing, rounding in F moves the root itself.
            if density * np.abs(expected) > 1e-3 * min(p, 1.0 - p):
                assert x == pytest.approx(expected, rel=1e-12)
                checked += 1
    assert checked > 100


def test_quantiles_by_hand_far_apart():
    # Ten thousand scales apart, a component is a half-line to the other: levels below its weight
    # belong to the left one alone.
    levels = np.array([0.15, 0.3, 0.8, 0.93])
    found = mixture_quantile(levels, [0.6, 0.4], [0.0, 1e4], [1.0, 1.0])
    expected = [ndtri(0.25), ndtri(0.5), 1e4 + ndtri(0.5), 1e4 + ndtri(0.825)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_a_level_in_the_flat_part_gives_a_point_of_it():
    x = mixture_quantile([0.5], [0.5, 0.5], [0.0, 100.0], [1.0, 1.0])[0]
    assert 8.0 < x < 92.0
    assert mixture_cdf(x, [0.5, 0.5], [0.0, 100.0], [1.0, 1.0]) == 0.5


@pytest.mark.parametrize("scale", [1e-8, 1e-30, 1e-200, 5e-324])
def test_a_spike_inside_a_wide_component(scale):
    # Half of the mass sits at 0: every level from 0.25 to 0.75 does, too.
    w, m, s = [0.5, 0.5], [0.0, 0.0], [1.0, scale]
    found = mixture_quantile([0.1, 0.3, 0.5, 0.7, 0.9], w, m, s)
    np.testing.assert_allclose(found[[0, 4]], [ndtri(0.2), ndtri(0.8)], rtol=1e-12)
    np.testing.assert_allclose(found[1:4], scale * ndtri([0.1, 0.5, 0.9]), rtol=1e-6, atol=1e-307)


@pytest.mark.parametrize("scale", [1e-300, 1e-310, 5e-324])
@pytest.mark.parametrize("mean", [-0.3, 0.0, 1.0])
def test_a_spike_that_overflows_the_density_neither_hangs_nor_deceives(mean, scale):
    levels = np.linspace(0.05, 0.95, 37)
    mixture = [0.5, 0.5], [mean, 0.0], [1.0, scale]
    x = mixture_quantile(levels, *mixture)
    assert np.all(mixture_cdf(x - 1e-290, *mixture) - 1e-12 <= levels)
    assert np.all(mixture_cdf(x + 1e-290, *mixture) + 1e-12 >= levels)


def test_a_spike_at_the_starting_point_is_not_taken_for_the_root():
    # The iteration starts at the mean, 0, exactly on a spike whose density is infinite in floats.
    found = mixture_quantile([0.5], [0.5625, 0.1875, 0.25], [-1.0, 3.0, 0.0], [0.1, 0.1, 5e-324])
    assert found[0] == pytest.approx(-1.0 + 0.1 * ndtri(0.5 / 0.5625), rel=1e-12)


def test_levels_that_differ_in_the_last_bit_stay_in_order():
    rng = np.random.default_rng(16)
    for _ in range(20):
        w, m, s = random_mixture(rng, 3, spread=3.0, orders=1.0)
        start = rng.uniform(0.1, 0.8)
        levels = start + np.arange(60) * np.spacing(start)
        assert np.all(np.diff(mixture_quantile(levels, w, m, s)) >= 0.0)
        backwards = mixture_quantile(levels[::-1], w, m, s)
        assert np.all(np.diff(backwards) <= 0.0)


def test_a_spike_narrower_than_the_spacing_of_floats():
    w, m, s = [0.5, 0.5], [1e6, 1e6 + 1.0], [1e-13, 1.0]
    found = mixture_quantile([0.05, 0.4, 0.95], w, m, s)
    expected = [1e6 + 1.0 + ndtri(0.1), 1e6, 1e6 + 1.0 + ndtri(0.9)]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_a_large_offset_costs_only_the_spacing_of_floats():
    w, m, s = random_mixture(np.random.default_rng(6), 5)
    near, far = (mixture_quantile(LEVELS, w, m + shift, 0.01 * s) for shift in (0.0, 1e8))
    near_moved = mixture_quantile(LEVELS, w, (m + 1e8) - 1e8, 0.01 * s)
    np.testing.assert_allclose(far - 1e8, near_moved, atol=1e-7)
    assert not np.array_equal(near, far)


def test_levels_in_any_order_and_twice():
    w, m, s = random_mixture(np.random.default_rng(7), 5)
    shuffled = np.array([0.9, 0.1, 0.5, 0.9, 0.25, 0.75])
    found = mixture_quantile(shuffled, w, m, s)
    by_level = dict(zip(LEVELS, mixture_quantile(LEVELS, w, m, s), strict=True))
    np.testing.assert_array_equal(found, [by_level[p] for p in shuffled])


def test_a_symmetric_mixture_has_symmetric_quantiles():
    found = mixture_quantile([0.25, 0.5, 0.75], [0.3, 0.4, 0.3], [-2.0, 0.0, 2.0], np.ones(3))
    np.testing.assert_allclose(found[0], -found[2], rtol=1e-13)
    assert abs(found[1]) < 1e-14


def test_a_component_of_weight_zero_changes_no_bit():
    w, m, s = random_mixture(np.random.default_rng(8), 4)
    padded = [np.insert(a, 2, b) for a, b in ((w, 0.0), (m, -1e7), (s, 1e-12))]
    np.testing.assert_array_equal(
        mixture_quantile(LEVELS, *padded), mixture_quantile(LEVELS, w, m, s)
    )


@quiet
@given(mixtures(), st.lists(st.floats(1e-6, 1.0 - 1e-6), min_size=1, max_size=8))
def test_quantiles_increase_stay_in_their_bracket_and_invert_the_cdf(mixture, levels):
    w, m, s = mixture
    p = np.sort(levels)
    x = mixture_quantile(p, w, m, s)
    assert np.all(np.diff(x) >= 0.0)
    own = (m + s * ndtri(p)[:, np.newaxis])[:, w > 0.0]
    slack = 1e-12 * (1.0 + np.abs(own).max())
    assert np.all((x >= own.min(axis=-1) - slack) & (x <= own.max(axis=-1) + slack))
    # F may jump between neighbouring floats, so the level must lie between its values there.
    below = mixture_cdf(x - slack, w, m, s)
    above = mixture_cdf(x + slack, w, m, s)
    assert np.all((below <= p + 1e-12) & (above >= p - 1e-12))


@quiet
@given(mixtures(), st.floats(-100.0, 100.0), st.floats(0.01, 100.0))
def test_quantiles_move_and_stretch_with_the_series(mixture, shift, factor):
    w, m, s = mixture
    levels = np.array([0.05, 0.3, 0.55, 0.95])
    moved = mixture_quantile(levels, w, shift + factor * m, factor * s)
    original = mixture_quantile(levels, w, m, s)
    # Only where F is steep enough for the root to be one point.
    density = np.exp(-0.5 * ((original[:, np.newaxis] - m) / s) ** 2) @ (w / s)
    steep = density > 1e-4
    np.testing.assert_allclose(
        moved[steep], (shift + factor * original)[steep], rtol=1e-9, atol=1e-9 * (1.0 + factor)
    )


def test_similar_components_need_few_evaluations(monkeypatch):
    calls = []

    def counted(z):
        calls.append(1)
        return ndtr(z)

    monkeypatch.setattr(fg_core.mixture, "ndtr", counted)
    for seed in range(20):
        calls.clear()
        mixture_quantile(LEVELS, *random_mixture(np.random.default_rng(seed), 10, 0.5))
        assert 1 <= len(calls) <= 7


# One rule for a row and for a batch


@pytest.mark.parametrize("spread", [0.5, 20.0])
@pytest.mark.parametrize(("rows", "n"), [(3, 1), (7, 2), (60, 10), (400, 9)])
def test_a_row_gives_the_same_bits_alone_and_in_a_batch(rows, n, spread):
    rng = np.random.default_rng(rows)
    w, m, s = rows_of(rng, rows, n, spread, orders=1.0)
    w[0] = np.eye(n)[0]
    x = rng.normal(size=rows)
    quantiles, cdf = mixture_quantile(LEVELS, w, m, s), mixture_cdf(x, w, m, s)
    mean, variance = mixture_moments(w, m, s)
    for i in range(rows):
        np.testing.assert_array_equal(mixture_quantile(LEVELS, w[i], m[i], s[i]), quantiles[i])
        assert mixture_quantile(LEVELS[3:4], w[i], m[i], s[i])[0] == quantiles[i, 3]
        assert mixture_cdf(x[i], w[i], m[i], s[i]) == cdf[i]
        assert mixture_moments(w[i], m[i], s[i]) == (mean[i], variance[i])


def test_memory_layout_changes_no_bit():
    rng = np.random.default_rng(9)
    w, m, s = rows_of(rng, 50, 6, 2.0)
    expected = mixture_quantile(LEVELS, w, m, s)
    fortran = [np.asfortranarray(a) for a in (w, m, s)]
    np.testing.assert_array_equal(mixture_quantile(LEVELS, *fortran), expected)
    # Reversed twice: the same numbers, in memory that runs backwards.
    backwards = [np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1] for a in (w, m, s)]
    assert backwards[0].strides[0] < 0
    np.testing.assert_array_equal(mixture_quantile(LEVELS, *backwards), expected)
    np.testing.assert_array_equal(mixture_quantile(LEVELS, w[0], m, s)[0], expected[0])


def test_shapes_of_quantiles():
    w, m, s = rows_of(np.random.default_rng(10), 6, 4)
    assert mixture_quantile(LEVELS, w[0], m[0], s[0]).shape == (5,)
    nested = (a.reshape(2, 3, 4) for a in (w, m, s))
    found = mixture_quantile(LEVELS, *nested)
    np.testing.assert_array_equal(found.reshape(6, 5), mixture_quantile(LEVELS, w, m, s))
    assert mixture_quantile(LEVELS, w[:0], m[:0], s[:0]).shape == (0, 5)


# Errors


@pytest.mark.parametrize(
    ("weights", "means", "scales", "message"),
    [
        ([0.5, 0.6], [0.0, 1.0], [1.0, 1.0], r"sum to 1, got \[0.5, 0.6\]$"),
        ([1.5, -0.5], [0.0, 1.0], [1.0, 1.0], "weights must be at least 0"),
        ([np.nan, 1.0], [0.0, 1.0], [1.0, 1.0], "weights must be at least 0"),
        ([0.5, 0.5], [0.0, np.nan], [1.0, 1.0], "means must be finite, got nan at index 1"),
        ([0.5, 0.5], [0.0, 1.0], [1.0, 0.0], "scales must be finite and above 0, got 0.0"),
        ([0.0, 1.0], [0.0, 1.0], [-1.0, 1.0], "scales must be finite and above 0, got -1.0"),
        ([1.0], [0.0, 1.0], [1.0, 1.0], "same number of components"),
        (1.0, [0.0], [1.0], "same number of components"),
        (1.0, 0.0, 1.0, "a mixture needs a last axis"),
        ([], [], [], "a mixture needs a last axis"),
    ],
)
def test_components_out_of_range(weights, means, scales, message):
    with pytest.raises(DataError, match=message):
        check_components(weights, means, scales)
    with pytest.raises(DataError, match=message):
        mixture_quantile([0.5], weights, means, scales)


def test_a_bad_row_in_a_batch_is_named():
    w = [[0.5, 0.5], [0.5, 0.5], [0.5, 0.4]]
    with pytest.raises(DataError, match=r"got \[0.5, 0.4\] at index 2"):
        mixture_moments(w, [0.0, 1.0], [1.0, 1.0])
    with pytest.raises(DataError, match="shapes do not fit"):
        mixture_moments(w, np.zeros((2, 2)), [1.0, 1.0])
    with pytest.raises(DataError, match="shapes do not fit"):
        mixture_cdf(np.zeros(2), np.full((3, 2), 0.5), np.zeros(2), np.ones(2))


@pytest.mark.parametrize("levels", [0.5, [], [[0.5]], [0.0], [1.0], [0.5, np.nan], [0.5, 1.5]])
def test_levels_out_of_range(levels):
    with pytest.raises(DataError, match="levels must"):
        mixture_quantile(levels, [1.0], [0.0], [1.0])


def test_quantiles_beyond_all_floats():
    with pytest.raises(DataError, match="rescale"):
        mixture_quantile([0.01], [0.5, 0.5], [0.0, -1e308], [1.0, 1e308])


def test_rounding_of_the_weights_is_divided_out():
    w = np.array([0.3, 0.7]) * (1.0 + 1e-9)
    assert mixture_moments(w, [5e8, 5e8], [1.0, 1.0])[0] == 5e8
