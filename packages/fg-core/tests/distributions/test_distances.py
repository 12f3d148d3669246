"""Closed forms of expected distances against numerical integration."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from fg_core.distributions import distances
from fg_core.scoring._kernels import expected_distance

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 3 // 5,
)
places = st.floats(-5.0, 5.0)
sizes = st.floats(0.05, 5.0)
sides = st.sampled_from([-1.0, 1.0])


def array(*numbers):
    return tuple(np.array([number]) for number in numbers)


def over_uniform(function, a, b, kink):
    """Mean of a function over [a, b], which may have a kink."""
    inside = [kink] if a < kink < b else None
    return quad(function, a, b, points=inside, epsabs=1e-13, limit=200)[0] / (b - a)


def over_tail(function, q, beta, side, kink):
    """Mean of a function over an exponential tail."""
    ends = sorted({0.0, 60.0, min(60.0, max(0.0, side * (kink - q) / beta))})
    return sum(
        quad(lambda z: np.exp(-z) * function(q + side * beta * z), low, high, epsabs=1e-13)[0]
        for low, high in pairwise(ends)
    )


@quiet
@given(places, places, sizes)
def test_point_to_uniform(y, a, width):
    found = distances.point_to_uniform(*array(y, a, a + width))
    wanted = over_uniform(lambda x: abs(x - y), a, a + width, y)
    assert found[0] == pytest.approx(wanted, abs=1e-11)


@quiet
@given(places, sizes, places, st.sampled_from([1e-9, 1e-4, 1e-3, 2e-3, 0.1, 1.0, 8.0]))
def test_normal_to_uniform(m, s, a, width):
    found = distances.normal_to_uniform(*array(m, s, a, a + width))
    middle = np.array([a + 0.5 * width - m])
    if width < 1e-3:  # the mean over a short piece is all but the value at its middle
        assert found[0] == pytest.approx(expected_distance(middle, s)[0], rel=1e-6, abs=1e-9)
        return
    wanted = over_uniform(
        lambda x: expected_distance(np.array(x - m), np.array(s)), a, a + width, m
    )
    assert found[0] == pytest.approx(wanted, rel=1e-11)


def test_narrow_and_wide_pieces_have_one_formula():
    """At the width where one form takes over from the other, both give the same."""
    m, s = np.zeros(9), np.ones(9)
    a = np.linspace(-4.0, 4.0, 9)
    just_below = distances.normal_to_uniform(m, s, a, a + 0.999999e-3)
    just_above = distances.normal_to_uniform(m, s, a, a + 1.000001e-3)
    assert np.abs(just_below - just_above).max() < 1e-8
    slope = np.abs(just_below - just_above) / 2e-9
    assert slope.max() < 0.51  # it moves by half the change of the upper end, at most


@quiet
@given(places, sizes, places, sizes, sides)
def test_normal_to_tail(m, s, q, beta, side):
    found = distances.normal_to_tail(*array(m, s, q, beta, side))
    wanted = over_tail(
        lambda x: float(expected_distance(np.array(x - m), np.array(s))), q, beta, side, m
    )
    assert found[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("beta", [1e-8, 1e-3, 1e3, 1e8])
def test_normal_to_tail_of_any_size(beta):
    """It tends to the distance from the foot, or from the tail alone, and never overflows."""
    found = distances.normal_to_tail(*array(0.5, 1.0, 0.0, beta, 1.0))[0]
    if beta < 1.0:
        wanted = float(expected_distance(np.array(0.5), np.array(1.0)))
        assert found == pytest.approx(wanted, abs=2.0 * beta)
    else:
        assert found == pytest.approx(beta, rel=2.0 / beta)


@quiet
@given(places, sizes, sides, places)
def test_tail_to_point(q, beta, side, p):
    found = distances.tail_to_point(*array(q, beta, side, p))
    wanted = over_tail(lambda x: abs(x - p), q, beta, side, p)
    assert found[0] == pytest.approx(wanted, rel=1e-9)


@quiet
@given(places, sizes, sides, places, sizes)
def test_tail_to_uniform(q, beta, side, a, width):
    found = distances.tail_to_uniform(*array(q, beta, side, a, a + width))
    at = lambda x: distances.tail_to_point(*array(q, beta, side, x))[0]  # noqa: E731
    assert found[0] == pytest.approx(over_uniform(at, a, a + width, q), rel=1e-9)


@quiet
@given(places, sizes, sides, places)
def test_a_piece_without_width_is_a_point(q, beta, side, a):
    point = distances.tail_to_point(*array(q, beta, side, a))
    assert distances.tail_to_uniform(*array(q, beta, side, a, a)) == pytest.approx(point)
    assert distances.point_to_uniform(*array(q, a, a)) == pytest.approx(abs(q - a))
    near = expected_distance(np.array([a - q]), np.array([beta]))
    assert distances.normal_to_uniform(*array(q, beta, a, a)) == pytest.approx(near)


@quiet
@given(places, sizes, sides, places, sizes, sides)
def test_tail_to_tail(q, beta, side, other_q, other_beta, other_side):
    given_pair = array(q, beta, side, other_q, other_beta, other_side)
    found = distances.tail_to_tail(*given_pair)
    at = lambda x: distances.tail_to_point(*array(q, beta, side, x))[0]  # noqa: E731
    assert found[0] == pytest.approx(over_tail(at, other_q, other_beta, other_side, q), rel=1e-8)
    turned = distances.tail_to_tail(*given_pair[3:], *given_pair[:3])
    assert turned == pytest.approx(found, rel=1e-13)


@pytest.mark.parametrize("other", [1.0, 1.0 + 1e-15, 1.0 + 1e-9, 1.0 + 1e-5])
def test_tails_of_equal_scale_on_opposite_sides(other):
    """The difference quotient of the closed form is 0 / 0 there."""
    found = distances.tail_to_tail(*array(0.0, 1.0, 1.0, 2.0, other, -1.0))
    # Z + Z' is a gamma variable of shape 2: E|Z + Z' - 2| = 8 exp(-2).
    assert found[0] == pytest.approx(8.0 * np.exp(-2.0), abs=2e-5)
    if other < 1.0 + 1e-6:
        assert found[0] == pytest.approx(8.0 * np.exp(-2.0), rel=1e-8)
