"""Examples are the same each time."""

from __future__ import annotations

from fg_core.testing import (
    example_budget,
    example_dataset,
    example_predictive,
    example_states,
    example_trajectory,
)

STATE = example_states()[0]


def test_the_examples_are_the_same_each_time() -> None:
    assert example_states() == example_states()
    assert example_dataset().content_hash == example_dataset().content_hash
    assert example_trajectory() == example_trajectory()
    assert example_predictive(STATE) == example_predictive(STATE)
    assert example_budget().draws.uniform() == example_budget().draws.uniform()
