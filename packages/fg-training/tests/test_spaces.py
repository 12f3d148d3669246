from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ConfigError
from fg_training import DiscreteActionSpace


@st.composite
def spaces(draw: st.DrawFn) -> DiscreteActionSpace:
    low = draw(st.floats(-1e6, 1e6))
    return DiscreteActionSpace(draw(st.integers(2, 200)), low, low + draw(st.floats(1e-3, 1e6)))


@given(spaces(), st.lists(st.floats(0.0, 1.0), min_size=1))
def test_a_delta_comes_back_within_a_bin(space: DiscreteActionSpace, shares: list[float]) -> None:
    deltas = np.clip(space.low + np.array(shares) * (space.high - space.low), space.low, space.high)

    back = space.action_to_delta(space.delta_to_action(deltas, outside="error"))

    assert (np.abs(back - deltas) <= 0.5 * space.width * (1 + 1e-6)).all()
    assert back.min() >= space.low
    assert back.max() <= space.high


@given(spaces())
def test_every_action_comes_back_itself(space: DiscreteActionSpace) -> None:
    actions = np.arange(space.n_bins)
    assert (space.delta_to_action(space.action_to_delta(actions)) == actions).all()
    assert space.deltas[0] == space.low
    assert space.deltas[-1] == space.high


def test_an_odd_number_of_actions_around_zero_holds_zero() -> None:
    for high in (0.1, 0.3, 1.0, 2.7):
        assert 0.0 in DiscreteActionSpace(7, -high, high).deltas


def test_what_is_outside_is_clipped_or_refused() -> None:
    space = DiscreteActionSpace(3, -1.0, 1.0)
    assert space.delta_to_action([-9.0, np.inf]).tolist() == [0, 2]
    for bad in (1.5, np.inf, np.nan):
        with pytest.raises(ConfigError):
            space.delta_to_action(bad, outside="error")
    with pytest.raises(ConfigError):
        space.delta_to_action(np.nan)


@pytest.mark.parametrize("fields", [(1, 0.0, 1.0), (3, 1.0, 1.0), (3, 0.0, np.inf), (True, 0, 1)])
def test_a_space_without_a_range_is_refused(fields: tuple[int, float, float]) -> None:
    with pytest.raises(ConfigError):
        DiscreteActionSpace(*fields)


@pytest.mark.parametrize("action", [-1, 3, 0.5])
def test_a_number_that_is_no_action_is_refused(action: float) -> None:
    with pytest.raises(ConfigError, match="from 0 to 2"):
        DiscreteActionSpace(3, -1.0, 1.0).action_to_delta(action)
