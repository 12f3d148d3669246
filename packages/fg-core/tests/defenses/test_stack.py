"""Stacks: every correction counts."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import ConfigError, InnovationGate
from fg_core.defenses import BiasGuard, Clipping, Dampening, DefenseStack, Ensemble, NoDefense
from fg_core.testing import check_defense
from fg_core.testing.fakes import HalfwayDefense

GATE = InnovationGate()
LEARNED = (0.5, 9.0, 0.1, 3.0, 9.0)
displacements = st.floats(-1e4, 1e4)


@pytest.mark.parametrize(
    "stack",
    [
        DefenseStack((Clipping(),)),
        DefenseStack((Clipping(), Dampening())),
        DefenseStack((GATE, Clipping(), GATE, HalfwayDefense())),
        DefenseStack((Ensemble(), NoDefense(), GATE)),
    ],
    ids=lambda stack: stack.name,
)
def test_conforms(stack):
    check_defense(stack)


def test_three_rules_by_hand():
    stack = DefenseStack((Dampening(share=0.5), Clipping(limit=0.5), BiasGuard(limit=0.25)))
    found = stack.doubt((), 4.0, 1.0, 2.0)
    # 4 -> 2 (dampened by half) -> 1 (clipped by 0.5 x 2) -> 0.5 (guarded by 0.25 x 2)
    assert float(found.delta) == -3.5
    assert float(found.p_bad) == 1.0
    assert float(found.scale) == pytest.approx(math.sqrt(2.0**2 + 1.0**2 + 0.5**2))


@given(
    e=displacements.filter(lambda e: abs(e) > 1.0),
    order=st.sampled_from(list(permutations((Dampening(), Clipping(), BiasGuard())))),
)
def test_every_correction_counts(e, order):
    whole = float(DefenseStack(order).doubt((), e, 1.0, 1.0).delta)
    left = e
    for rule in order:
        left += float(rule.doubt((), left, 1.0, 1.0).delta)
    assert e + whole == pytest.approx(left, abs=1e-9)
    for i in range(3):  # without any one of them, less is taken back
        rest = DefenseStack(order[:i] + order[i + 1 :]).doubt((), e, 1.0, 1.0)
        assert abs(float(rest.delta)) < abs(whole)


@given(displacements)
def test_a_stack_of_one_is_that_one(e):
    for rule, memory in ((Clipping(), ()), (GATE, LEARNED)):
        alone, stacked = (one.doubt(memory, e, 1.0, 1.5) for one in (rule, DefenseStack((rule,))))
        assert float(stacked.delta) == pytest.approx(float(alone.delta))
        assert float(stacked.p_bad) == pytest.approx(float(alone.p_bad))
        assert float(stacked.scale) == pytest.approx(float(alone.scale), rel=1e-6, abs=1e-6)


@given(displacements.filter(lambda e: abs(e) > 1e-3))
def test_a_rule_that_does_nothing_changes_nothing(e):
    for rule, memory in ((Dampening(), ()), (GATE, LEARNED)):
        alone = DefenseStack((rule,)).doubt(memory, e, 1.0, 1.5)
        padded = DefenseStack((NoDefense(), rule, NoDefense())).doubt(memory, e, 1.0, 1.5)
        for name in ("delta", "p_bad", "scale"):
            assert float(getattr(padded, name)) == float(getattr(alone, name))


@given(displacements, st.floats(0.0, 5.0))
def test_doubts_combine_and_two_gates_would_still_put_the_mean_in_its_place(e, bad):
    stack = DefenseStack((GATE, GATE))
    memory = (bad, 10.0, 0.1, 8.0, 8.0, 0.0, 10.0, 0.2, 8.0, 8.0)
    found = stack.doubt(memory, e, 1.0, 1.5)
    first = float(GATE.doubt(memory[:5], e, 1.0, 1.5).p_bad)
    second = float(GATE.doubt(memory[5:], e * (1.0 - first), 1.0, 1.5).p_bad)
    assert float(found.p_bad) == pytest.approx(1.0 - (1.0 - first) * (1.0 - second))
    assert float(found.delta) == pytest.approx(-e)


def test_an_unlikely_correction_stays_unlikely_beside_a_certain_one():
    stack = DefenseStack((Clipping(), GATE))
    found = stack.doubt(stack.start(), 1.0, 1.0, 1.0)
    doubted = GATE.doubt(GATE.start(), 0.8, 1.0, 1.0)
    p = float(doubted.p_bad)
    assert p < 0.05
    assert float(found.p_bad) == 1.0
    assert float(found.delta) == pytest.approx(-0.2 - p * 0.8)
    assert float(found.scale) == pytest.approx(math.sqrt(0.2**2 + p + p * (1.0 - p) * 0.8**2))
    back = DefenseStack((GATE, Clipping())).doubt(stack.start(), 0.0, 1.0, 1.0)
    assert float(back.p_bad) < 0.05  # clipping has nothing to correct, and says so


def test_every_rule_keeps_its_own_memory_and_sees_the_whole_reveal():
    eager = InnovationGate(forgetting=0.5)
    stack = DefenseStack((GATE, Dampening(), eager))
    memory = stack.start()
    assert memory == (0.0,) * 10
    one, other = GATE.start(), eager.start()
    for reveal in ((3.0, 0.5), (0.0, -9.0), (-1.0, 2.0)):
        memory = stack.learn(memory, *reveal, 1.0, 1.5)
        one = GATE.learn(one, *reveal, 1.0, 1.5)
        other = eager.learn(other, *reveal, 1.0, 1.5)
    assert memory == one + other


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6),
    st.lists(st.sampled_from([GATE, Dampening(), Clipping(), Ensemble()]), min_size=1, max_size=5),
)
def test_a_batch_equals_its_games_to_the_last_bit(e, rules):
    stack = DefenseStack(tuple(rules))
    n = len(e)
    memory = stack.start()
    whole = stack.doubt(memory, np.array(e), np.full(n, 0.8), np.full(n, 1.3))
    for i in range(n):
        alone = stack.doubt(memory, e[i], 0.8, 1.3)
        for name in ("delta", "p_bad", "scale"):
            number = np.float64(getattr(alone, name))
            assert np.isfinite(number)
            assert number.tobytes() == np.broadcast_to(getattr(whole, name), n)[i].tobytes()


def test_a_stack_says_what_it_is_made_of():
    assert DefenseStack((Clipping(), GATE)).name == "stack:clipping,innovation_gate"
    assert DefenseStack((Clipping(),), name="mine").name == "mine"


def test_what_a_stack_cannot_be():
    with pytest.raises(ConfigError, match="at least one"):
        DefenseStack(())
    with pytest.raises(ConfigError, match="cannot hold a stack, got 'stack:clipping'"):
        DefenseStack((DefenseStack((Clipping(),)), Dampening()))
    with pytest.raises(ConfigError, match="made of defenses"):
        DefenseStack((Clipping,))
