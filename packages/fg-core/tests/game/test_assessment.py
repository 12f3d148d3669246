"""Doubts of several defenders become one, and mix two branches, in many games."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.batch import MixtureArrays
from fg_core.game.assessment import AssessmentLanes
from fg_core.game.branches import mix_branches

probability = st.floats(0.0, 1.0)
number = st.floats(-5, 5)


def mixture(*rows, labels=()):
    weights, means, scales = (np.array([part]) for part in zip(*rows, strict=True))
    return MixtureArrays(weights, means, scales, labels)


def test_deltas_add_probabilities_combine_scales_in_quadrature():
    first = AssessmentLanes(np.array([1.0, 0.0]), np.array([0.5, 0.0]), np.array([3.0, 0.0]))
    both = AssessmentLanes.of([first, AssessmentLanes(-3.0, 0.2, 4.0)], 2)
    assert both.delta.tolist() == [-2.0, -3.0]
    assert both.p_bad == pytest.approx([0.6, 0.2])
    assert both.scale.tolist() == [5.0, 4.0]


def test_one_doubt_is_itself_to_the_last_bit():
    only = AssessmentLanes.of([AssessmentLanes(0.1, 0.3, 0.7)], 1)
    assert (only.delta[0], only.p_bad[0], only.scale[0]) == (0.1, 0.3, 0.7)
    assert AssessmentLanes.of([], 1) is None


def test_a_doubt_is_idle_where_it_changes_nothing():
    assert AssessmentLanes.of([AssessmentLanes(1.0, 0.0, 1.0)], 2).is_idle
    assert AssessmentLanes.of([AssessmentLanes(0.0, 0.5, 0.0)], 2).is_idle
    assert not AssessmentLanes.of([AssessmentLanes(0.0, 0.5, 1.0)], 2).is_idle
    some = AssessmentLanes.of([AssessmentLanes(np.array([0.0, 1.0]), 1.0, 0.0)], 2)
    assert some.doubtful.tolist() == [False, True]
    assert not some.is_idle


@given(st.lists(probability, min_size=1, max_size=6))
def test_more_doubts_never_make_a_value_less_doubtful(ps):
    together = AssessmentLanes.of([AssessmentLanes(0.0, p, 0.0) for p in ps], 1).p_bad[0]
    assert max(ps) - 1e-12 <= together <= 1.0


@given(probability, number, number)
def test_mixing_branches_is_the_law_of_total_expectation(p, a, b):
    used = mixture((0.4, a, 1.0), (0.6, a + 1.0, 2.0), labels=("x", "y"))
    instead = mixture((1.0, b, 0.5), labels=("x",))
    mixed = mix_branches(used, (instead,), (np.array([p]),))
    assert mixed.mean == pytest.approx((1 - p) * used.mean + p * instead.mean, abs=1e-9)
    second = (1 - p) * (used.variance + used.mean**2) + p * (instead.variance + instead.mean**2)
    assert mixed.variance == pytest.approx(second - mixed.mean**2, abs=1e-8)
    assert mixed.labels[-1] == "x|replaced"


@given(st.lists(st.tuples(probability, number, number), min_size=2, max_size=4))
def test_a_game_is_mixed_as_it_is_alone(rows):
    """Components of weight 0, which a game alone does not have, change no bit."""
    ps, a, b = (np.array(part) for part in zip(*rows, strict=True))
    n = len(rows)
    used = MixtureArrays(
        np.tile([0.25, 0.75], (n, 1)), np.stack([a, a + 1.0], axis=1), np.ones((n, 2)), ("x", "y")
    )
    instead = MixtureArrays(np.ones((n, 1)), b[:, np.newaxis], np.full((n, 1), 0.5), ("x",))
    together = mix_branches(used, (instead,), (ps,))
    for i in range(n):
        one = np.array([i])
        alone = mix_branches(used.take(one), (instead.take(one),), (ps[one],))
        assert (together.mean[i], together.variance[i]) == (alone.mean[0], alone.variance[0])


def test_certain_doubt_leaves_the_replaced_branch_alone():
    used, instead = mixture((1.0, 0.0, 1.0)), mixture((1.0, 9.0, 2.0))
    alone = mix_branches(used, (instead,), (np.array([1.0]),))
    assert (alone.mean[0], alone.variance[0]) == (9.0, 4.0)
    assert alone.means.shape == (1, 1)


def test_no_doubt_leaves_the_used_branch_to_the_last_bit():
    used = mixture((0.3, 0.1, 1.0), (0.7, 0.2, 0.4), labels=("x", "y"))
    instead = mixture((1.0, 9.0, 2.0), labels=("x",))
    mixed = mix_branches(used, (instead,), (np.array([0.0]),))
    assert (mixed.mean[0], mixed.variance[0]) == (used.mean[0], used.variance[0])
