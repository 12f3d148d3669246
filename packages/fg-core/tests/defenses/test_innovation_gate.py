import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fg_core import ConfigError, InnovationGate
from fg_core.testing import check_defense

GATE = InnovationGate()
positive = st.floats(1e-3, 1e3)


def test_conforms():
    check_defense(GATE)


@given(st.floats(-30, 30), st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0, 20))
def test_doubt_is_bayes_rule(e, scale, step, bad):
    found = GATE.doubt((bad, 20.0), e, scale, step)
    rate = (0.05 * 10 + bad) / 30
    width = np.hypot(scale, GATE.reach * step)
    good = 0.95 * stats.norm.pdf(e, 0, scale) + 0.05 * stats.norm.pdf(e, 0, 5 * scale)
    false = rate * stats.cauchy.pdf(e, 0, width)
    assert found.p_bad == pytest.approx(false / (false + (1 - rate) * good), rel=1e-9)
    assert (found.delta, found.scale) == (-e, scale)


@given(positive, positive)
def test_no_surprise_is_large_enough_to_be_believed(scale, step):
    sizes = scale * np.geomspace(20.0, 1e12, 30)
    p = GATE.doubt((0.0, 50.0), sizes, scale, step).p_bad
    assert (np.diff(p) >= 0.0).all()
    assert p[-1] == 1.0


@given(st.floats(0, 1e9), positive, positive)
def test_doubt_is_a_probability_and_symmetric(e, scale, step):
    up, down = GATE.doubt((0.0, 0.0), e, scale, step), GATE.doubt((0.0, 0.0), -e, scale, step)
    assert 0.0 <= up.p_bad <= 1.0
    assert up.p_bad == down.p_bad
    assert up.delta == -down.delta


def test_small_surprises_are_left_alone_and_large_ones_distrusted():
    p = [float(GATE.doubt(GATE.start(), e, 1.0, 1.5).p_bad) for e in (0.0, 1.0, 3.0, 20.0)]
    assert p == sorted(p)
    assert p[1] < 0.02
    assert p[3] > 0.9


@given(positive, st.floats(-20, 20))
def test_units_do_not_matter(unit, e):
    plain = GATE.doubt((1.0, 8.0), e, 1.0, 1.5)
    scaled = GATE.doubt((1.0, 8.0), e * unit, unit, 1.5 * unit)
    assert scaled.p_bad == pytest.approx(plain.p_bad, rel=1e-6, abs=1e-12)


def test_caution_follows_the_revisions_revealed():
    calm = hit = GATE.start()
    for i in range(60):
        calm = GATE.learn(calm, 0.0, 1.0, 1.5)
        hit = GATE.learn(hit, 5.0 if i % 4 == 0 else 0.0, 1.0, 1.5)
    assert GATE.rate(calm) < 0.02 < GATE.rate(GATE.start()) < 0.15 < GATE.rate(hit) < 0.35
    for _ in range(200):
        hit = GATE.learn(hit, 0.0, 1.0, 1.5)
    assert GATE.rate(hit) < 0.02


def test_arrays_equal_scalars_bit_for_bit():
    rng = np.random.default_rng(5)
    e, s, d = rng.normal(0, 4, 500), rng.uniform(0.1, 3, 500), rng.uniform(0.1, 3, 500)
    whole = GATE.doubt((e * 0 + 1.0, e * 0 + 9.0), e, s, d)
    for i in range(500):
        one = GATE.doubt((1.0, 9.0), float(e[i]), float(s[i]), float(d[i]))
        assert (one.p_bad, one.delta, one.scale) == (
            whole.p_bad[i],
            whole.delta[i],
            whole.scale[i],
        )


@pytest.mark.parametrize(
    "bad",
    [
        {"prior": 0.0},
        {"prior_weight": 0.0},
        {"forgetting": 1.5},
        {"reach": 0.0},
        {"turmoil": 1.0},
        {"turmoil_factor": 0.5},
    ],
)
def test_constants_are_checked(bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        InnovationGate(**bad)
