"""What is accepted, and what chance could be expected to do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.refiner import expected_best, judge

NOISE = np.random.default_rng(3).normal(scale=0.1, size=40)
CURRENT = 1.0 + NOISE


@pytest.mark.parametrize(
    ("candidate", "random", "why"),
    [
        (CURRENT - 0.5 + 0.1 * NOISE[::-1], CURRENT, "better on later periods"),
        (CURRENT - 0.5 + 0.1 * NOISE[::-1], CURRENT - 0.6, "no better than the best random"),
        (CURRENT - 0.001 + NOISE[::-1] - NOISE.mean(), CURRENT, "may be chance"),
        (CURRENT + 0.1, CURRENT, "no better than the current"),
        (CURRENT - 0.5, CURRENT, "do not vary"),
    ],
)
def test_what_is_accepted(candidate: object, random: object, why: str) -> None:
    found = judge(candidate, CURRENT, [CURRENT + 1.0, random], level=0.01)  # type: ignore[arg-type, list-item]

    assert why in found.why
    assert found.accepted == (why == "better on later periods")


def test_few_periods_are_no_evidence() -> None:
    found = judge(CURRENT[:7] - NOISE[7:14] - 5.0, CURRENT[:7], [CURRENT[:7]], level=0.01)

    assert not found.accepted
    assert found.p_value == 1.0


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=7), st.data())
def test_expected_best_is_the_mean_over_all_draws(gains: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(gains)))

    wanted = np.mean([max(drawn) for drawn in combinations(gains, n)])

    assert expected_best(gains, n) == pytest.approx(wanted, abs=1e-9)
