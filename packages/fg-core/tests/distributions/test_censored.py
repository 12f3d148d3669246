"""Tests of mixtures that are censored at zero."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from fg_core.distributions import (
    Mass,
    MixtureParts,
    NormalPart,
    QuantileGrid,
    ShapeArrays,
    StatedDistribution,
    cdf,
    censored_crps,
    censored_moments,
    censored_pit,
    crps,
    pack,
)
from fg_core.distributions.censored import _by_panels, _of_normals

GRID = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (-1.0, 1.0, 4.0)), (Mass(-2.0, 0.1),))
COUNTS = StatedDistribution(None, (Mass(0.0, 0.5), Mass(1.0, 0.3), Mass(4.0, 0.2)))
NORMAL = StatedDistribution(NormalPart(-1.0, 2.0), (Mass(1.0, 0.3),))

numbers = st.floats(-6.0, 6.0)
widths = st.floats(0.05, 6.0)
components = st.lists(st.tuples(st.floats(0.05, 1.0), numbers, widths), min_size=1, max_size=4)


def _arrays(parts: list[tuple[float, float, float]]) -> tuple[Any, Any, Any]:
    w, m, s = np.array(parts).T
    return w / w.sum(), m, s


def _stated() -> tuple[Any, Any, Any, ShapeArrays]:
    shapes = pack([GRID, None, NORMAL, COUNTS])
    assert shapes is not None
    mean, scale = shapes.moments()
    here = shapes.stated
    weights = np.array([0.3, 0.2, 0.1, 0.4])
    return weights, np.where(here, mean, 1.0), np.where(here, scale, 1.0), shapes


def _by_integration(distribution: Any, value: float, ends: list[float]) -> tuple[float, ...]:
    """Mean, second moment and CRPS of what is censored, from its distribution function."""
    above = [0.0, *(end for end in sorted(ends) if 0.0 < end < 400.0), 400.0]

    def total(function: Any, low: float = 0.0) -> float:
        cuts = [low, *(end for end in above if end > low)]
        return sum(
            integrate.quad(function, a, b, epsabs=1e-12, limit=200)[0] for a, b in pairwise(cuts)
        )

    mean = total(lambda x: 1.0 - distribution(x))
    second = total(lambda x: 2.0 * x * (1.0 - distribution(x)))
    score = total(lambda x: (1.0 - distribution(x)) ** 2, value)
    cuts = sorted({0.0, value, *(end for end in ends if 0.0 < end < value)})
    score += sum(
        integrate.quad(lambda x: distribution(x) ** 2, a, b, epsabs=1e-12, limit=200)[0]
        for a, b in pairwise(cuts)
    )
    return mean, second, score


@settings(max_examples=12, deadline=None)
@given(components, st.floats(0.0, 8.0))
def test_of_normals_is_what_integration_gives(
    parts: list[tuple[float, float, float]], value: float
) -> None:
    w, m, s = _arrays(parts)
    up_to, above = np.linspace(0.0, value, 20_001), np.linspace(value, 60.0, 60_001)

    def law(x: Any) -> Any:
        return stats.norm.cdf((x[:, np.newaxis] - m) / s) @ w

    x = np.concatenate([up_to, above])
    mean, half_second = (
        integrate.trapezoid(1.0 - law(x), x),
        integrate.trapezoid(x * (1.0 - law(x)), x),
    )
    score = integrate.trapezoid(law(up_to) ** 2, up_to) + integrate.trapezoid(
        (1.0 - law(above)) ** 2, above
    )
    found, variance = censored_moments(w, m, s, None)
    assert found == pytest.approx(mean, abs=2e-5)
    assert variance == pytest.approx(2.0 * half_second - mean * mean, abs=2e-4)
    assert censored_crps(w, m, s, None, value) == pytest.approx(score, abs=2e-5)


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_of_stated_distributions_is_what_integration_gives(value: float) -> None:
    parts = _stated()
    mean, second, score = _by_integration(
        lambda x: float(cdf(x, *parts)), value, [0.5, 1.0, 2.0, 4.0, 5.0, 9.0]
    )
    found, variance = censored_moments(*parts)
    assert found == pytest.approx(mean, abs=1e-7)
    assert variance == pytest.approx(second - mean * mean, abs=1e-6)
    assert censored_crps(*parts, value) == pytest.approx(score, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(components)
def test_closed_form_and_panels_agree(parts: list[tuple[float, float, float]]) -> None:
    w, m, s = (array[np.newaxis] for array in _arrays(parts))
    by_panels = _by_panels(MixtureParts(w, m, s, ShapeArrays.nothing(1, w.size)))
    np.testing.assert_allclose(_of_normals(w, m, s, squares=True), by_panels, rtol=0, atol=3e-6)


@pytest.mark.parametrize(
    ("a", "b", "s", "t"),
    [(0, 0, 1, 1), (0, 0, 1, 2), (1, 1, 1, 1), (0, 1, 1, 1), (1, 0, 1, 3), (-1, -1, 2, 1)],
)
def test_normals_at_zero_and_at_each_other(a: float, b: float, s: float, t: float) -> None:
    w, m, scale = np.array([[0.5, 0.5]]), np.array([[a, b]], float), np.array([[s, t]], float)
    by_panels = _by_panels(MixtureParts(w, m, scale, ShapeArrays.nothing(1, 2)))
    np.testing.assert_allclose(_of_normals(w, m, scale, squares=True), by_panels, atol=1e-7)


def test_far_above_zero_nothing_moves_by_a_bit() -> None:
    one = np.ones(1), np.array([50.0]), np.array([2.0])
    mean, variance = censored_moments(*one, None)
    assert (float(mean), float(variance)) == (50.0, 4.0)
    assert censored_crps(*one, None, 49.0) == crps(*one, None, np.asarray(49.0))
    assert censored_pit(*one, None, 49.0) == cdf(49.0, *one, None)


def test_counts_have_nothing_to_censor() -> None:
    shapes = pack([COUNTS])
    assert shapes is not None
    parts = np.ones(1), shapes.moments()[0], shapes.moments()[1], shapes
    assert censored_moments(*parts)[0] == COUNTS.mean
    for value in (0.0, 1.0, 3.0):
        assert censored_crps(*parts, value) == pytest.approx(COUNTS.crps(value), rel=1e-12)
    assert censored_pit(*parts, 0.0) == 0.25


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    w, m, s = rng.dirichlet(np.ones(3), 20), rng.normal(0, 3, (20, 3)), rng.uniform(0.2, 3, (20, 3))
    together = censored_crps(w, m, s, None, np.abs(m[:, 0]))
    alone = [censored_crps(w[i], m[i], s[i], None, abs(m[i, 0])) for i in range(20)]
    assert together.tolist() == [float(one) for one in alone]
    wide = [np.concatenate([array, np.full((20, 2), fill)], axis=1) for array, fill in
            ((w, 0.0), (m, 0.0), (s, 1.0))]  # fmt: skip
    assert censored_crps(*wide, None, np.abs(m[:, 0])).tolist() == together.tolist()


def test_score_is_proper_and_beats_the_one_that_is_not_censored() -> None:
    """The law of the outcomes scores best, and censoring helps wherever nothing is below zero."""
    outcomes = np.maximum(np.random.default_rng(5).normal(0.3, 1.0, 4000), 0.0)
    at = np.repeat(1.0, outcomes.size)[:, np.newaxis]

    def mean_score(mean: float, scale: float) -> float:
        return float(censored_crps(at, mean * at, scale * at, None, outcomes).mean())

    right = mean_score(0.3, 1.0)
    assert all(right < mean_score(*wrong) for wrong in ((0.0, 1.0), (0.6, 1.0), (0.3, 1.4)))
    assert right < crps(at, 0.3 * at, at, None, outcomes).mean()


def test_value_below_zero_is_further_away() -> None:
    one = np.ones(1), np.array([1.0]), np.array([1.0])
    at_zero = censored_crps(*one, None, 0.0)
    assert censored_crps(*one, None, -2.0) == pytest.approx(at_zero + 2.0)
    assert censored_pit(*one, None, -2.0) == 0.0
    assert np.isnan(censored_crps(*one, None, np.nan))
