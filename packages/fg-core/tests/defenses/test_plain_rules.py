"""The defenses without a probability: none, dampening, clipping, bias guard; and the ensemble."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, InnovationGate
from fg_core.defenses import BiasGuard, Clipping, Dampening, Ensemble, NoDefense
from fg_core.testing import check_defense
from fg_core.testing.fakes import HalfwayDefense

RULES = [
    NoDefense(),
    Dampening(),
    Dampening(share=1.0),
    Dampening(share=0.0),
    Clipping(),
    Clipping(limit=0.0),
    BiasGuard(),
    Ensemble(),
    Ensemble((InnovationGate(), HalfwayDefense(), Clipping(limit=2.0))),
]
displacements = st.floats(-1e6, 1e6)
scales = st.floats(1e-6, 1e6)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_conforms(rule):
    check_defense(rule)


@pytest.mark.parametrize("rule", RULES, ids=repr)
@given(e=st.lists(displacements, min_size=1, max_size=8), s=scales, step=scales)
def test_finite_in_range_and_equal_to_scalars(rule, e, s, step):
    memory = rule.start()
    whole = rule.doubt(memory, np.array(e), np.full(len(e), s), np.full(len(e), step))
    for name in ("delta", "p_bad", "scale"):
        numbers = np.broadcast_to(getattr(whole, name), len(e))
        assert np.isfinite(numbers).all()
        for i, one in enumerate(e):
            alone = np.float64(getattr(rule.doubt(memory, one, s, step), name))
            assert alone.tobytes() == numbers[i].tobytes()
    assert ((whole.p_bad >= 0.0) & (whole.p_bad <= 1.0)).all()
    assert (np.asarray(whole.scale) >= 0.0).all()


@pytest.mark.parametrize(
    ("rule", "e", "step", "expected"),
    [
        (NoDefense(), 7.0, 2.0, 0.0),
        (Dampening(), 7.0, 2.0, -4.2),
        (Dampening(), -0.5, 2.0, 0.3),
        (Dampening(share=0.25), 8.0, 0.1, -2.0),
        (Clipping(), 7.0, 2.0, -0.4),
        (Clipping(), -7.0, 2.0, 0.4),
        (Clipping(), 0.3, 2.0, -0.3),
        (Clipping(limit=0.5), 7.0, 2.0, -1.0),
        (BiasGuard(), 7.0, 2.0, -0.24),
        (BiasGuard(), -0.2, 2.0, 0.2),
        (BiasGuard(), -0.25, 2.0, 0.24),
        # mean of -0.6 x 7, -0.25 x 2 and -0.12 x 2
        (Ensemble(), 7.0, 2.0, -(4.2 + 0.5 + 0.24) / 3.0),
        # all members below their limits: mean of 0.6, 1 and 1 of the displacement
        (Ensemble(), -0.1, 2.0, 0.1 * 2.6 / 3.0),
    ],
)
def test_corrections_computed_by_hand(rule, e, step, expected):
    found = rule.doubt(rule.start(), e, 0.7, step)
    assert float(found.delta) == pytest.approx(expected, rel=1e-12)
    assert float(found.p_bad) == (0.0 if expected == 0.0 else 1.0)


@pytest.mark.parametrize("rule", [Dampening(), Clipping(), BiasGuard()], ids=repr)
@given(e=displacements, step=scales)
def test_the_scale_of_a_plain_correction_is_its_size(rule, e, step):
    found = rule.doubt((), e, 1.0, step)
    assert found.scale == abs(found.delta)
    assert abs(e + found.delta) <= abs(e)  # it never moves a print past its predictive mean


@pytest.mark.parametrize("rule", RULES[:8], ids=repr)
def test_a_print_as_foretold_is_left_alone(rule):
    found = rule.doubt(rule.start(), 0.0, 1.0, 1.0)
    assert (float(found.delta), float(found.p_bad), float(found.scale)) == (0.0, 0.0, 0.0)


@given(e=displacements, step=scales)
def test_dampening_takes_back_the_share_and_clipping_no_more_than_its_limit(e, step):
    assert Dampening(share=1.0).doubt((), e, 1.0, step).delta == -e
    assert abs(Clipping().doubt((), e, 1.0, step).delta) <= 0.2 * step
    small = 0.19 * step * math.copysign(1.0, e)
    assert Clipping().doubt((), small, 1.0, step).delta == -small


def test_the_scale_of_an_ensemble_has_the_disagreement_of_its_members():
    found = Ensemble((Dampening(share=0.5), Dampening(share=1.0))).doubt((), 2.0, 1.0, 1.0)
    # corrections -1 and -2, each with its own size as standard deviation
    assert float(found.delta) == -1.5
    assert float(found.scale) == pytest.approx(math.sqrt((1 + 1 + 4 + 4) / 2 - 1.5**2))


def test_an_ensemble_weighs_by_probability_and_learns_with_all_members():
    gate = InnovationGate()
    both = Ensemble((gate, NoDefense()))
    memory = both.learn(both.start(), 4.0, 0.5, 1.0, 1.5)
    assert memory == gate.learn(gate.start(), 4.0, 0.5, 1.0, 1.5)
    alone, found = gate.doubt(memory, 3.0, 1.0, 1.5), both.doubt(memory, 3.0, 1.0, 1.5)
    assert float(found.p_bad) == pytest.approx(float(alone.p_bad) / 2.0)
    assert float(found.delta) == pytest.approx(-3.0)
    assert float(found.scale) == pytest.approx(float(alone.scale))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Dampening(share=1.1), "share"),
        (lambda: Dampening(share=math.nan), "share"),
        (lambda: Dampening(share=True), "share"),
        (lambda: Clipping(limit=-0.1), "limit"),
        (lambda: Clipping(limit="0.2"), "limit"),
        (lambda: BiasGuard(limit=math.inf), "limit"),
        (lambda: Ensemble(()), "at least one"),
        (lambda: Ensemble((Dampening,)), "made of defenses"),
        (lambda: Ensemble((3,)), "made of defenses, got 3"),
    ],
)
def test_parameters_are_checked(make, word):
    with pytest.raises(ConfigError, match=word):
        make()
