"""Distribution functions, quantiles and the PIT of mixtures with stated distributions."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.distributions import (
    Mass,
    NormalPart,
    QuantileGrid,
    StatedDistribution,
    cdf,
    pack,
    pit,
    quantile,
)
from fg_core.distributions.parts import MixtureParts
from fg_core.errors import DataError
from fg_core.mixture import mixture_cdf, mixture_quantile
from fg_core.testing.strategies import stated_distributions, values

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 4 // 5,
)
DEMAND = StatedDistribution(QuantileGrid((0.0, 0.5, 1.0), (1.0, 2.0, 5.0)), (Mass(0.0, 0.6),))


@st.composite
def mixtures(draw):
    n = draw(st.integers(1, 4))
    several = [draw(stated_distributions()) for _ in range(n)]
    raw = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)))
    return raw / raw.sum(), several


def of(mixture):
    weights, several = mixture
    n = len(several)
    return weights, np.zeros(n), np.ones(n), pack(several)


@quiet
@given(mixtures(), st.lists(values(60.0) | st.sampled_from([0.0, 1.0]), min_size=1, max_size=5))
def test_the_distribution_function_is_that_of_the_definition(plainly, mixture, places):
    for x in places:
        for strictly in (False, True):
            wanted = sum(
                w * plainly["cdf"](s, x, strictly=strictly) for w, s in zip(*mixture, strict=True)
            )
            found = float(cdf(x, *of(mixture), strictly=strictly))
            assert found == pytest.approx(wanted, abs=1e-12)


@quiet
@given(mixtures(), st.lists(values(80.0), min_size=2, max_size=8))
def test_it_never_falls(mixture, places):
    rows = [float(cdf(x, *of(mixture))) for x in sorted(places)]
    assert all(a <= b + 1e-15 for a, b in pairwise(rows))
    for x, upto in zip(sorted(places), rows, strict=True):
        assert float(cdf(x, *of(mixture), strictly=True)) <= upto
    assert float(cdf(-np.inf, *of(mixture))) == 0.0
    assert float(cdf(np.inf, *of(mixture))) == pytest.approx(1.0, abs=1e-12)
    assert np.isnan(cdf(np.nan, *of(mixture)))


@quiet
@given(mixtures(), st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5))
def test_a_quantile_is_the_smallest_place_that_reaches_its_level(mixture, levels):
    found = quantile(levels, *of(mixture))
    for level, x in zip(levels, found.tolist(), strict=True):
        slack = 1e-12 * max(1.0, abs(x))
        assert float(cdf(x, *of(mixture), strictly=True)) <= level + 1e-9
        assert float(cdf(x + slack, *of(mixture))) >= level - 1e-9
    order = np.argsort(levels)
    assert np.all(np.diff(found[order]) >= 0.0)


@quiet
@given(stated_distributions(), st.floats(0.01, 0.99))
def test_a_quantile_at_a_mass_is_that_place_to_the_last_bit(stated, level):
    x = float(stated.quantile(level)[0])
    inside = stated.probability_below(x) + 1e-12 < level < stated.cdf(x) - 1e-12
    if inside:
        places = {mass.at for mass in stated.masses}
        if isinstance(stated.rest, QuantileGrid):
            places |= set(stated.rest.quantiles)
        assert x in places


def test_quantiles_of_a_grid_are_its_own():
    levels, own = (0.05, 0.3, 0.5, 0.9), (-1.0, 0.25, 2.0, 7.0)
    stated = StatedDistribution(QuantileGrid(levels, own))
    assert stated.quantile(levels) == pytest.approx(own, abs=1e-14)
    # Halfway between two levels, halfway between their quantiles; beyond them, the exponential.
    assert stated.quantile(0.4)[0] == pytest.approx(1.125)
    beta = 0.05 * 1.25 / 0.25
    assert stated.quantile(0.01)[0] == pytest.approx(-1.0 + beta * np.log(0.01 / 0.05), abs=1e-12)
    beta = 0.1 * 5.0 / 0.4
    assert stated.quantile(0.999)[0] == pytest.approx(7.0 - beta * np.log(0.001 / 0.1), rel=1e-10)


def test_far_out_quantiles_keep_their_digits():
    stated = StatedDistribution(QuantileGrid((0.1, 0.9), (0.0, 1.0)), (Mass(0.5, 0.2),))
    x = float(stated.quantile(1e-9)[0])
    assert stated.cdf(x) == pytest.approx(1e-9, rel=1e-12)


def test_rows_of_normals_take_the_old_way():
    w, m, s = np.array([0.4, 0.6]), np.array([0.0, 3.0]), np.array([1.0, 0.5])
    both = [x[np.newaxis].repeat(2, axis=0) for x in (w, m, s)]
    shapes = pack([None, None, None, DEMAND]).map(lambda a: a.reshape(2, 2, *a.shape[1:]))
    levels = [0.1, 0.77]
    assert cdf(0.3, *both, shapes)[0] == mixture_cdf(0.3, w, m, s)
    assert quantile(levels, *both, shapes)[0].tolist() == mixture_quantile(levels, w, m, s).tolist()
    assert cdf(0.3, *both, shapes)[1] != mixture_cdf(0.3, w, m, s)


# --------------------------------------------------------------------------------------- PIT


def test_the_pit_at_a_mass():
    one = of((np.ones(1), [DEMAND]))
    assert float(pit(0.0, *one)) == pytest.approx(0.3)
    assert float(pit(0.0, *one, 0.0)) == 0.0
    assert float(pit(0.0, *one, 1.0)) == pytest.approx(0.6)
    assert float(pit(2.0, *one, 0.9)) == float(cdf(2.0, *one))
    assert np.isnan(pit(np.nan, *one))
    with pytest.raises(DataError, match="uniform"):
        pit(0.0, *one, 1.5)
    assert float(pit(0.3, [1.0], [0.0], [1.0], None)) == mixture_cdf(0.3, [1.0], [0.0], [1.0])


def test_the_randomised_pit_is_uniform_and_the_mid_pit_has_its_mean():
    rng = np.random.default_rng(3)
    n = 4000
    # Draws from the forecast itself: zero, or its quantile at a uniform level.
    draws = DEMAND.quantile(rng.uniform(1e-9, 1.0, n).clip(1e-9, 1 - 1e-9))
    one = [np.broadcast_to(a, (n, 1)) for a in (np.ones(1), np.zeros(1), np.ones(1))]
    shapes = DEMAND.arrays.map(lambda a: np.broadcast_to(a, (n, 1, *a.shape)))
    randomised = np.sort(pit(draws, *one, shapes, rng.uniform(size=n)))
    distance = np.abs(randomised - (np.arange(n) + 0.5) / n).max()
    assert distance < 1.63 / np.sqrt(n)  # Kolmogorov-Smirnov at 1%
    assert np.mean(pit(draws, *one, shapes)) == pytest.approx(0.5, abs=3.0 * 0.29 / np.sqrt(n))
    # What is not randomised piles up at the mass.
    assert np.mean(np.isclose(pit(draws, *one, shapes, 1.0), 0.6)) == pytest.approx(0.6, abs=0.03)


# ------------------------------------------------------------------------------------- cells


@quiet
@given(stated_distributions(), values(60.0), st.floats(1e-6, 10.0))
def test_the_probability_of_a_cell(stated, low, width):
    ones = np.ones((1, 1))
    one = stated.arrays.map(lambda a: a[np.newaxis, np.newaxis])
    parts = MixtureParts(ones, ones, ones, one)
    high = low + width
    found = parts.probabilities_within(np.array([low]), np.array([high]))[0, 0]
    assert found == pytest.approx(stated.cdf(high) - stated.probability_below(low), abs=1e-12)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_the_probability_of_a_far_cell_keeps_its_digits(side):
    normal = StatedDistribution(NormalPart(0.0, 1.0))
    tail = StatedDistribution(QuantileGrid((0.1, 0.9), (-1.0, 1.0)))
    for stated, wanted in ((normal, 2.1e-57), (tail, 0.1 * np.exp(-15 / 0.25) * (1 - np.exp(-4)))):
        one = stated.arrays.map(lambda a: a[np.newaxis, np.newaxis])
        ones = np.ones((1, 1))
        low, high = sorted((16.0 * side, 17.0 * side))
        found = MixtureParts(ones, ones, ones, one).probabilities_within(
            np.array([low]), np.array([high])
        )
        if stated is tail:
            assert found[0, 0] == pytest.approx(wanted, rel=1e-9)
        else:
            assert 1e-58 < found[0, 0] < 1e-56


@quiet
@given(mixtures(), st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4))
def test_levels_of_each_mixture_are_those_of_one_after_the_other(mixture, numbers):
    weights, means, scales, shapes = of(mixture)
    rows = shapes.map(lambda array: np.stack([array, array]))
    levels = np.array(numbers).reshape(2, 2)
    found = quantile(levels, *(np.stack([a, a]) for a in (weights, means, scales)), rows)
    for own, alone in zip(levels, found, strict=True):
        assert alone.tolist() == quantile(own, weights, means, scales, shapes).tolist()
    with pytest.raises(DataError, match="a row a mixture"):
        quantile(np.full((3, 2), 0.5), *(np.stack([a, a]) for a in (weights, means, scales)), rows)
