"""What a pool does to stated distributions, and how they are arranged as arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.distributions import (
    LEAST_REST,
    Mass,
    NormalPart,
    QuantileGrid,
    ShapeArrays,
    StatedDistribution,
    beside_each_other,
    cdf,
    crps,
    kept_scales,
    pack,
    shifted,
    stated_arrays,
)
from fg_core.testing.strategies import stated_distributions, values

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 4 // 5,
)
DEMAND = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (1.0, 2.0, 5.0)), (Mass(0.0, 0.6),))
GRID = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (1.0, 2.0, 5.0)))


def below(shapes, x, *, strictly=False):
    """Return the distribution function of one stated distribution in arrays."""
    n = shapes.stated.size
    return cdf(x, np.ones(n), np.zeros(n), np.ones(n), shapes, strictly=strictly)


def rest_share(stated):
    return 1.0 - sum(mass.probability for mass in stated.masses)


# --------------------------------------------------------------------------------- operations


@quiet
@given(stated_distributions(), st.floats(0.4, 2.5))
def test_a_factor_keeps_the_mean_and_the_masses(stated, factor):
    shapes = pack([stated])
    wide, lost = shapes.widened(np.array([factor]))
    assert not lost.any()
    (mean,), (scale,) = wide.moments()
    size = abs(stated.mean) + stated.scale
    assert mean == pytest.approx(stated.mean, abs=1e-10 * size)
    if not shapes.n_masses:
        assert scale == pytest.approx(factor * stated.scale, rel=1e-9)
    assert wide.places.tolist() == shapes.places.tolist()
    assert wide.masses.tolist() == shapes.masses.tolist()
    between = abs(scale - stated.scale) <= abs(factor - 1.0) * stated.scale * (1.0 + 1e-9) + 1e-9
    assert between


@quiet
@given(stated_distributions(), st.floats(0.4, 2.5), st.floats(0.001, 5.0))
def test_added_variance_is_added_to_the_last_digit(stated, factor, added):
    shapes = pack([stated])
    plain = float(shapes.widened(np.array([factor]))[0].moments()[1][0])
    wide, lost = shapes.widened(np.array([factor]), np.array([added]))
    share, _, variance = shapes.rest()
    assert bool(lost[0]) == bool(share[0] < LEAST_REST or variance[0] == 0.0)
    if lost[0]:
        assert not wide.stated.any()
        return
    mean, scale = (float(x[0]) for x in wide.moments())
    assert mean == pytest.approx(stated.mean, abs=1e-9 * (abs(stated.mean) + scale))
    assert scale == pytest.approx(np.hypot(plain, added), rel=1e-9)


@quiet
@given(stated_distributions(), values(10.0))
def test_a_shift_moves_the_mean_by_itself(stated, shift):
    moved = pack([stated]).shifted(np.array([shift]))
    mean = float(moved.moments()[0][0])
    size = abs(stated.mean) + abs(shift) + stated.scale
    assert mean == pytest.approx(stated.mean + shift, abs=1e-9 * size)


def test_nothing_to_do_changes_no_bit():
    shapes = pack([DEMAND, GRID, None])
    same, _ = shapes.widened(np.ones(3), np.zeros(3))
    assert same == shapes
    assert shapes.shifted(0.0) == shapes


def test_the_probability_of_a_mass_survives_all_of_it():
    """A demand of zero is zero, whatever is learned about errors, biases and doubts."""
    shapes = pack([DEMAND])
    wide, _ = shapes.widened(np.array([1.7]), np.array([0.8]))
    for changed in (wide, shapes.shifted(0.3), wide.shifted(-0.2)):
        jump = below(changed, 0.0) - below(changed, 0.0, strictly=True)
        assert jump == pytest.approx(0.6, abs=1e-15)


def test_ties_of_a_grid_are_masses_and_stay_too():
    tied = StatedDistribution(QuantileGrid((0.1, 0.3, 0.6, 0.9), (0.0, 0.0, 0.0, 4.0)))
    assert tied.cdf(0.0) == pytest.approx(0.6)  # the tail below the tie belongs to it
    assert tied.probability_below(0.0) == 0.0
    wide, _ = pack([tied]).widened(np.array([0.5]))
    assert below(wide, 0.0) == pytest.approx(0.6)
    assert tied.cdf(4.0) == pytest.approx(0.9)


@pytest.mark.parametrize("apart", [0.0, 5e-17, 1e-300])
def test_quantiles_that_differ_by_rounding_are_tied(apart):
    """A change that was added to a value, and taken off again, need not be the same number."""
    tied = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (0.3, 0.3 + apart, 2.0)))
    assert tied.arrays.n_masses == 2
    assert tied.cdf(0.3) - tied.probability_below(0.3) == pytest.approx(0.5)
    at_zero = StatedDistribution(QuantileGrid((0.1, 0.5, 0.9), (0.0, apart * 1e-17, 2.0)))
    assert at_zero.cdf(0.0) == pytest.approx(0.5 if apart != 5e-17 else 0.1)


def test_a_distribution_of_masses_alone():
    certain = StatedDistribution(None, (Mass(3.0, 1.0),))
    shapes = pack([certain])
    assert (certain.mean, certain.scale) == (3.0, 0.0)
    assert below(shapes.shifted(0.5), 3.5) == 1.0  # there is nothing else that could move
    assert below(shapes.shifted(0.5), 3.49) == 0.0
    _, lost = shapes.widened(np.ones(1), np.array([0.1]))
    assert lost.all()
    assert kept_scales(np.ones(1), np.array([3.0]), shapes)[0] == 3e-12  # a scale is above 0


def test_shifted_components_keep_normals():
    scales, shapes = shifted(np.array([2.0, 9.0]), pack([None, DEMAND]), np.array([0.4]))
    assert scales[0] == 2.0
    assert scales[1] == pytest.approx(shapes.moments()[1][1])
    assert shifted(np.array([2.0]), None, np.array([0.4]))[1] is None


# --------------------------------------------------------------------------------- arranging


def test_filling_up_and_trimming():
    shapes = pack([DEMAND, GRID, None])
    wide = shapes.padded(9, 4)
    assert (wide.n_knots, wide.n_masses) == (9, 4)
    assert wide.trimmed() == shapes
    w = np.array([0.5, 0.3, 0.2])
    one = (w, np.full(3, 1.0), np.ones(3))
    assert crps(*one, wide, np.array(1.3)) == crps(*one, shapes, np.array(1.3))
    assert wide.padded(2, 1) is wide


def test_rows_lanes_and_places():
    shapes = pack([DEMAND, None, GRID])
    assert shapes.take(np.array([2, 0])) == pack([GRID, DEMAND]).padded(3, 1)
    lanes = ShapeArrays.joined(
        [shapes.map(lambda a: a[np.newaxis]), ShapeArrays.nothing(1, 3)], axis=0
    )
    assert lanes.row(0) == shapes
    assert lanes.row(1) is None
    assert shapes.where(np.array([True, True, False])).trimmed() == pack([DEMAND, None, None])
    assert pack([DEMAND, GRID]).spread(np.array([0, 2]), 3) == shapes
    assert DEMAND.arrays.broadcast(4).moments()[0].tolist() == [DEMAND.mean] * 4


def test_branches_beside_each_other():
    own = pack([DEMAND, None])
    assert beside_each_other(None, 2, None, 2) is None
    both = beside_each_other(own, 2, None, 1)
    assert both.stated.tolist() == [True, False, False]
    assert beside_each_other(None, 1, own, 2).stated.tolist() == [False, True, False]
    p = 0.3
    weights = np.array([(1 - p) * 0.5, (1 - p) * 0.5, p])
    found = cdf(0.0, weights, np.ones(3), np.ones(3), both)
    alone = cdf(0.0, np.array([0.5, 0.5]), np.ones(2), np.ones(2), own)
    assert found == pytest.approx((1 - p) * alone + p * cdf(0.0, [1.0], [1.0], [1.0], None))


def test_equality_and_hash():
    assert pack([DEMAND]) == pack([DEMAND])
    assert hash(pack([DEMAND])) == hash(pack([DEMAND]))
    assert pack([DEMAND]) != pack([GRID])
    assert pack([DEMAND]) != 1


def test_nobody_can_change_what_was_stated():
    arrays = DEMAND.arrays
    for name in ("knots", "pieces", "places", "masses", "stated"):
        with pytest.raises(ValueError, match="WRITEABLE"):
            getattr(arrays, name).setflags(write=True)


def test_a_normal_part_is_treated_as_a_normal():
    one = pack([StatedDistribution(NormalPart(2.0, 3.0))])
    wide, _ = one.shifted(1.0).widened(np.array([2.0]), np.array([8.0]))
    assert wide.normal_mean[0] == 3.0
    assert wide.normal_scale[0] == pytest.approx(10.0)
    assert rest_share(DEMAND) == pytest.approx(0.4)


def test_moments_of_masses_alone_do_not_depend_on_room_for_more() -> None:
    one = stated_arrays(places=[0.1, 0.7, 1.3], probabilities=[0.3, 0.3, 0.4])
    for mine, theirs in zip(one.moments(), one.padded(1, 9).moments(), strict=True):
        assert mine == theirs
