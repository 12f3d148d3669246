"""Mixtures of log-normals: against scoringrules, integrals, and what must hold in any unit."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from fg_core.errors import DataError
from fg_core.mixture import mixture_quantile
from fg_core.scoring import crps_lognormal_mixture, crps_mixture, lognormal_mixture_moments

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 3 // 5,
)


@st.composite
def mixtures(draw):
    n = draw(st.integers(1, 4))
    raw = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n)))
    raw[0] += 1e-3
    means = draw(st.lists(st.floats(-3.0, 3.0), min_size=n, max_size=n))
    scales = draw(st.lists(st.floats(0.05, 1.5), min_size=n, max_size=n))
    return raw / raw.sum(), np.array(means), np.array(scales)


def by_integral(function, mixture, *, at=()):
    """Integrate over the logarithm, where all that counts lies within some scales."""
    _, m, s = mixture
    low, high = float(np.min(m - 9.0 * s)), float(np.max(m + s * s + 9.0 * s))
    low, high = min([low, *at]), max([high, *at])
    points = sorted({*m.tolist(), *at})
    return quad(function, low, high, points=points, limit=400, epsabs=1e-11, epsrel=1e-10)[0]


@quiet
@given(st.floats(-3.0, 3.0), st.floats(0.01, 2.0), st.floats(0.001, 50.0))
def test_one_component_against_scoringrules(mean, scale, value):
    found = float(crps_lognormal_mixture([1.0], [mean], [scale], value))
    expected = float(scoringrules.crps_lognormal(value, mean, scale))
    size = value + np.exp(mean + 0.5 * scale * scale)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-13 * size)


@quiet
@given(mixtures(), st.floats(0.01, 40.0))
def test_mixtures_against_the_integral_of_squared_distances(mixture, value):
    w, m, s = mixture
    log = float(np.log(value))

    def squared(z):
        below = float((w * ndtr((z - m) / s)).sum())
        return (below - (z >= log)) ** 2 * np.exp(z)

    found = float(crps_lognormal_mixture(w, m, s, value))
    # Beyond the limits of the integral F is 0 or 1.
    assert found == pytest.approx(by_integral(squared, mixture, at=(log,)), rel=1e-7, abs=1e-8)


def test_mixtures_against_the_pinball_losses_of_their_quantiles():
    w, m, s = np.array([0.3, 0.7]), np.array([0.2, 1.0]), np.array([0.6, 0.3])
    levels = (np.arange(200_000) + 0.5) / 200_000
    quantiles = np.exp(mixture_quantile(levels, w, m, s))
    for value in (0.4, 2.5, 9.0):
        losses = (levels - (value < quantiles)) * (value - quantiles)
        found = float(crps_lognormal_mixture(w, m, s, value))
        assert found == pytest.approx(2.0 * float(np.mean(losses)), rel=1e-4)


@quiet
@given(mixtures())
def test_moments_against_integrals(mixture):
    w, m, s = mixture

    def density(z):
        return float((w * np.exp(-0.5 * ((z - m) / s) ** 2) / (s * np.sqrt(2.0 * np.pi))).sum())

    def raw(power):
        _, m, s = mixture
        shifted = (w, m + (power - 1.0) * s * s, s)
        return by_integral(lambda z: np.exp(power * z) * density(z), shifted, at=m.tolist())

    mean, variance = (float(x) for x in lognormal_mixture_moments(w, m, s))
    assert mean == pytest.approx(raw(1), rel=1e-7)
    assert variance + mean * mean == pytest.approx(raw(2), rel=1e-7)


@quiet
@given(mixtures(), st.floats(-10.0, 0.0))
def test_values_that_cannot_occur_add_their_distance(mixture, value):
    at_zero = float(crps_lognormal_mixture(*mixture, 0.0))
    found = float(crps_lognormal_mixture(*mixture, value))
    assert found == pytest.approx(at_zero - value, rel=1e-9)


@quiet
@given(mixtures(), st.floats(0.01, 40.0), st.floats(-5.0, 5.0))
def test_the_unit_does_not_matter(mixture, value, shift):
    w, m, s = mixture
    factor = float(np.exp(shift))
    one = float(crps_lognormal_mixture(w, m, s, value))
    other = float(crps_lognormal_mixture(w, m + shift, s, value * factor))
    level = float(np.max(np.exp(m + 0.5 * s * s))) + value
    assert other == pytest.approx(one * factor, rel=1e-9, abs=1e-12 * level * factor)


@pytest.mark.parametrize("scale", [1e-2, 1e-3, 1e-5])
def test_narrow_ones_approach_the_score_of_normals(scale):
    w, m = np.array([0.4, 0.6]), np.array([0.0, 0.5 * scale])
    s = np.array([scale, 2.0 * scale])
    found = float(crps_lognormal_mixture(w, m, s, np.exp(scale)))
    assert found == pytest.approx(float(crps_mixture(w, m, s, scale)), rel=4.0 * scale)


def test_a_certain_one_scores_the_absolute_error():
    assert float(crps_lognormal_mixture([1.0], [0.0], [1e-300], 3.0)) == pytest.approx(2.0)
    assert float(crps_lognormal_mixture([1.0], [0.0], [1e-300], 1.0)) == 0.0


def test_a_row_alone_and_in_a_batch_have_the_same_bits():
    rng = np.random.default_rng(5)
    n = 40_000  # several blocks
    w = rng.dirichlet(np.ones(3), size=n)
    m, s = rng.normal(size=(n, 3)), rng.uniform(0.1, 1.0, size=(n, 3))
    y = rng.normal(1.0, 2.0, size=n)
    y[7] = np.nan
    whole = crps_lognormal_mixture(w, m, s, y)
    moments = np.stack(lognormal_mixture_moments(w, m, s))
    for i in (0, 7, 11, n - 1):
        alone = crps_lognormal_mixture(w[i], m[i], s[i], y[i])
        assert np.float64(alone).tobytes() == whole[i].tobytes()
        one = np.stack(lognormal_mixture_moments(w[i], m[i], s[i]))
        assert one.tobytes() == moments[:, i].tobytes()
    assert np.isnan(whole[7])
    assert np.count_nonzero(np.isnan(whole)) == 1


def test_shapes_broadcast():
    w, m, s = np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.array([0.3, 0.4])
    assert crps_lognormal_mixture(w, m, s, [[1.0], [2.0]]).shape == (2, 1)
    assert crps_lognormal_mixture(w, m, s, []).shape == (0,)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([1.0], [800.0], [1.0], 1.0), "too large for a number"),
        (([1.0], [0.0], [60.0], 1.0), "too large for a number"),
        (([0.5, 0.6], [0.0, 0.0], [1.0, 1.0], 1.0), "sum to 1"),
        (([1.0], [0.0], [0.0], 1.0), "scales must be finite and above 0"),
        (([1.0], [0.0], [1.0], np.inf), "value must be finite"),
        (([[1.0]] * 2, [[0.0]] * 2, [[1.0]] * 2, [1.0] * 3), "shapes do not fit"),
    ],
)
def test_what_cannot_be_scored_is_refused(args, message):
    with pytest.raises(DataError, match=message):
        crps_lognormal_mixture(*args)


def test_moments_too_large_for_a_number_are_refused():
    for means, scales in (([800.0], [1.0]), ([0.0], [30.0])):
        with pytest.raises(DataError, match="too large for a number"):
            lognormal_mixture_moments([1.0], means, scales)
