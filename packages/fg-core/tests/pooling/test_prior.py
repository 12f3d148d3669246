import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.pooling import equal_weights, group_weights


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
)
def test_every_group_that_is_there_has_the_same_mass(rows):
    numbers = sorted({g for g, _ in rows})
    groups = np.array([numbers.index(g) for g, _ in rows])
    present = np.array([here for _, here in rows])
    weights = group_weights(groups, present)
    here = sorted(set(groups[present].tolist()))
    for g in range(len(numbers)):
        inside = weights[groups == g]
        assert inside.sum() == pytest.approx(1 / len(here) if g in here else 0.0)
        assert len(set(inside[inside > 0].tolist())) <= 1
    assert (weights[~present] == 0.0).all()


def test_groups_of_one_are_equal_weights():
    present = np.array([[True, False, True], [True, True, True], [False, False, False]])
    assert (group_weights(np.arange(3), present)[:2] == equal_weights(present[:2])).all()
    assert (group_weights(np.arange(3), present)[2] == 0.0).all()


def test_a_further_variant_costs_other_groups_nothing():
    few = group_weights(np.array([0, 1]), np.ones(2, dtype=bool))
    many = group_weights(np.array([0] + [1] * 15), np.ones(16, dtype=bool))
    assert few[0] == many[0] == 0.5
