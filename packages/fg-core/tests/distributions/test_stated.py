"""What forecasters may state, and what is refused."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from fg_core import AgentAction, AgentError
from fg_core.distributions import (
    Mass,
    NormalPart,
    QuantileGrid,
    StatedDistribution,
    pack,
    stated_arrays,
)
from fg_core.errors import DataError
from fg_core.testing.strategies import stated_distributions

quiet = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=settings.default.max_examples * 3 // 5,
)


@quiet
@given(stated_distributions(limit=10.0))
def test_moments_are_those_of_the_distribution_function(plainly, stated):
    mean, variance = plainly["moments"](stated)
    size = abs(mean) + stated.scale + 1e-3
    assert stated.mean == pytest.approx(mean, abs=1e-6 * size)
    assert stated.scale == pytest.approx(np.sqrt(variance), abs=1e-5 * size)


def test_a_grid_by_hand():
    stated = StatedDistribution(QuantileGrid((0.0, 0.5, 1.0), (0.0, 1.0, 3.0)))
    assert stated.mean == pytest.approx(1.25)
    # E X^2 = (1/3) / 2 + (13/3) / 2 = 7/3.
    assert stated.scale == pytest.approx(np.sqrt(7.0 / 3.0 - 1.25**2))
    tails = StatedDistribution(QuantileGrid((0.25, 0.75), (-1.0, 1.0)))
    assert tails.mean == pytest.approx(0.0, abs=1e-15)
    # The tails begin at 1 with a mean excess of 0.25 * 2 / 0.5 = 1: E X^2 = 1/6 + 0.5 * 5.
    assert tails.scale == pytest.approx(np.sqrt(1.0 / 6.0 + 2.5))
    assert tails.cdf(-2.0) == pytest.approx(0.25 * np.exp(-1.0))


@quiet
@given(stated_distributions())
def test_rows_are_as_the_scalar_says(stated):
    """The array constructor and the value agree to the last bit, padded or not."""
    rest = stated.rest
    options = {}
    if isinstance(rest, QuantileGrid):
        options = {"levels": rest.levels, "quantiles": np.tile(rest.quantiles, (3, 1))}
    elif isinstance(rest, NormalPart):
        options = {"normal_mean": np.full(3, rest.mean), "normal_scale": rest.scale}
    options["places"] = np.tile([mass.at for mass in stated.masses], (3, 1))
    options["probabilities"] = [mass.probability for mass in stated.masses]
    many = stated_arrays(**options)
    assert many == stated.arrays.broadcast(3)
    assert many.moments()[0].tolist() == [stated.mean] * 3
    assert many.moments()[1].tolist() == [stated.scale] * 3


def test_a_row_of_nan_states_nothing():
    many = stated_arrays(levels=[0.1, 0.9], quantiles=[[np.nan, np.nan], [1.0, 2.0]])
    assert many.stated.tolist() == [False, True]
    assert many.moments()[1][0] == 0.0
    normal = stated_arrays(
        normal_mean=[0.0, np.nan], normal_scale=[1.0, np.nan], places=[0.0], probabilities=[0.5]
    )
    assert normal.stated.tolist() == [True, False]
    assert normal.row(1) is None


def test_values_can_be_compared_and_sent():
    one = StatedDistribution(QuantileGrid([0.1, np.float64(0.9)], np.array([1, 2])), [Mass(0, 0.5)])
    assert one.rest.quantiles == (1.0, 2.0)
    assert one == StatedDistribution(QuantileGrid((0.1, 0.9), (1.0, 2.0)), (Mass(0.0, 0.5),))
    assert pickle.loads(pickle.dumps(one)) == one
    assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
    assert QuantileGrid.around(1.0, (0.2, 0.8), (-1.0, 1.0)).quantiles == (0.0, 2.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mass(0.0, 0.0), r"\(0, 1\]"),
        (lambda: Mass(0.0, 1.5), r"\(0, 1\]"),
        (lambda: Mass(float("nan"), 0.5), "finite"),
        (lambda: Mass("x", 0.5), "number"),
        (lambda: NormalPart(0.0, 0.0), "above 0"),
        (lambda: NormalPart(float("inf"), 1.0), "finite"),
        (lambda: QuantileGrid((0.5,), (1.0,)), "two levels"),
        (lambda: QuantileGrid((0.5, 0.5), (1.0, 2.0)), "increase"),
        (lambda: QuantileGrid((0.5, 1.1), (1.0, 2.0)), "increase"),
        (lambda: QuantileGrid((0.1, 0.9), (2.0, 1.0)), "cross"),
        (lambda: QuantileGrid((0.1, 0.9), (1.0, 2.0, 3.0)), "as many"),
        (lambda: QuantileGrid((0.1, 0.9), (1.0, float("inf"))), "finite"),
        (lambda: QuantileGrid((0.1, 0.9), (1.0, float("nan"))), "in part"),
        (lambda: StatedDistribution(), "sum 1"),
        (lambda: StatedDistribution(None, (Mass(0.0, 0.5),)), "sum 1"),
        (lambda: StatedDistribution(NormalPart(0.0, 1.0), (Mass(0.0, 1.0),)), "below 1"),
        (lambda: StatedDistribution(1.0), "QuantileGrid"),
        (lambda: StatedDistribution(NormalPart(0.0, 1.0), (0.5,)), "Mass"),
        (lambda: StatedDistribution(NormalPart(1e300, 1e300)), "finite mean and scale"),
        (lambda: stated_arrays(levels=[0.1, 0.9]), "levels and quantiles"),
        (lambda: stated_arrays(normal_mean=0.0), "a mean and a scale"),
        (lambda: stated_arrays(normal_mean=0.0, normal_scale=[1.0, -1.0]), "index 1"),
        (lambda: stated_arrays(places=[0.0], probabilities=[-0.1]), "a mass"),
        (lambda: stated_arrays(places=[0.0], probabilities=[0.5, 0.5]), "as many places"),
        (lambda: stated_arrays(levels=[0.1, 0.9], quantiles=[[1.0, np.nan]]), "in part"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(DataError, match=message):
        make()


def test_a_grid_and_a_normal_at_once_are_refused():
    with pytest.raises(DataError, match="not both"):
        stated_arrays(levels=[0.1, 0.9], quantiles=[1.0, 2.0], normal_mean=0.0, normal_scale=1.0)


def test_nobody_stating_anything_is_nothing():
    assert pack([None]) is None
    assert pack([]) is None


# ----------------------------------------------------------------------------------- actions


def test_actions_carry_a_distribution():
    shape = StatedDistribution(NormalPart(12.0, 3.0), (Mass(0.0, 0.5),))
    action = AgentAction.stating("mine", 10.0, shape)
    assert action.delta == shape.mean - 10.0
    assert action.scale == shape.scale
    assert AgentAction("mine", action.delta, shape=shape).scale == shape.scale
    assert (
        repr(AgentAction("a", 1.0)) == "AgentAction(actor='a', delta=1.0, scale=None, p_bad=None)"
    )
    assert "Mass(at=0.0" in repr(action)
    with pytest.raises(AgentError, match="leave the scale out"):
        AgentAction("mine", 0.0, scale=1.0, shape=shape)
    with pytest.raises(AgentError, match="StatedDistribution is wanted"):
        AgentAction("mine", 0.0, shape=QuantileGrid((0.1, 0.9), (0.0, 1.0)))


@quiet
@given(stated_distributions())
def test_a_row_of_arrays_becomes_what_was_stated(stated):
    many = pack([None, stated, stated])
    again = StatedDistribution.of(many, 1)
    assert again.arrays == stated.arrays
    assert (again.mean, again.scale) == (stated.mean, stated.scale)
    rebuilt = replace(again)  # from its masses, levels and quantiles
    size = abs(stated.mean) + stated.scale
    assert rebuilt.mean == pytest.approx(stated.mean, abs=1e-9 * size)
    assert rebuilt.scale == pytest.approx(stated.scale, abs=1e-6 * size)
    for x in (stated.mean, stated.mean + stated.scale, stated.mean - 2.0 * stated.scale):
        if stated.probability_below(x - 1e-9 * size) == pytest.approx(
            stated.cdf(x + 1e-9 * size), abs=1e-6
        ):
            assert rebuilt.cdf(x) == pytest.approx(stated.cdf(x), abs=1e-6)


def test_what_was_not_stated_is_no_distribution():
    normal = pack([StatedDistribution(NormalPart(0.0, 1.0))])
    with pytest.raises(DataError, match=r"nothing is stated at \(0,\)"):
        StatedDistribution.of(pack([None, StatedDistribution(NormalPart(0.0, 1.0))]), 0)
    both = replace(normal, normal_share=np.array([0.5]), lower_share=np.array([0.5]))
    with pytest.raises(DataError, match="a normal and a grid cannot be stated together"):
        StatedDistribution.of(both, 0)


def test_what_is_shared_cannot_be_changed_and_what_is_made_of_it_can():
    stated = StatedDistribution(QuantileGrid((0.0, 0.5, 1.0), (0.0, 1.0, 3.0)))
    arrays = stated.arrays
    with pytest.raises(ValueError, match="WRITEABLE"):
        arrays.knots.setflags(write=True)
    mine = arrays.knots
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from numpy 2.5 on
        mine.shape = (3, 1)
    assert arrays.knots.shape == (3,)
    assert arrays.frozen() is arrays
    moved = arrays.shifted(1.0)
    moved.knots[0] = -7.0
    assert arrays.knots.tolist() == [0.0, 1.0, 3.0]
    assert pickle.loads(pickle.dumps(arrays)) == arrays
    with pytest.raises(AttributeError):
        arrays.knots = mine
