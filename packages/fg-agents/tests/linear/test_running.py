"""What is remembered of a record changes no bit of its moments."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import moments, running
from fg_agents.linear.moments import Moments, lagged, moments_at
from fg_agents.linear.running import running_moments


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_blocks", {})


def record(seed: int, n: int, k: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, k)), rng.uniform(0.1, 1.0, n)


def fresh(*given: Any) -> Moments:
    kept = dict(running._blocks)
    running._blocks.clear()
    found = running_moments(*given)
    running._blocks.clear()
    running._blocks.update(kept)
    return found


def assert_same(a: Moments, b: Moments) -> None:
    for name in ("xx", "xy", "yy", "count"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


@settings(max_examples=settings.default.max_examples // 3, deadline=None)
@given(
    seed=st.integers(0, 99),
    k=st.integers(1, 3),
    order=st.integers(1, 4),
    discount=st.sampled_from([1.0, 0.97]),
    ends=st.lists(st.integers(6, 600), min_size=1, max_size=6),
)
def test_moments_are_those_of_the_rows_whatever_was_asked_before(
    seed: int, k: int, order: int, discount: float, ends: list[int]
) -> None:
    rows, weights = record(seed, 600, k)
    x, y = lagged(rows, order)
    for end in ends:
        for changed in (False, True):  # the last value is a print that turns out otherwise
            here, own = rows[:end].copy(), weights[order:end].copy()
            here[-1] += changed
            found = running_moments(here, own, order, discount)
            assert_same(found, fresh(here, own, order, discount))
            if changed:
                continue
            wanted = moments_at(x, y, weights[order:], [end - order - 1], discount)
            for name in ("xx", "xy", "yy", "count"):
                np.testing.assert_allclose(
                    getattr(found, name), getattr(wanted, name), rtol=1e-12, atol=1e-11
                )


def test_other_weights_lags_and_discounts_are_other_records() -> None:
    rows, weights = record(1, 400, 2)
    running_moments(rows, weights[2:], 2, 0.97)
    lighter = weights.copy()
    lighter[50] = 0.05
    for changed in (
        (rows, lighter[2:], 2, 0.97),
        (rows, weights[1:], 1, 0.97),
        (rows, weights[2:], 2, 0.98),
        (rows[:, :1].copy(), weights[2:], 2, 0.97),
        (-rows, weights[2:], 2, 0.97),
    ):
        assert_same(running_moments(*changed), fresh(*changed))


def test_whole_blocks_are_added_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, weights = record(2, 1000, 2)
    lengths = []

    def counting(blocks: Any, *given: Any) -> Any:
        lengths.append(blocks.shape[1])
        return weighted_sums(blocks, *given)

    weighted_sums = moments.weighted_sums_together
    monkeypatch.setattr(running, "weighted_sums_together", counting)
    running_moments(rows[:902], weights[2:902], 2)
    assert lengths == [128] * 7 + [4]
    lengths.clear()
    running_moments(rows[:905], weights[2:905], 2)
    running_moments(rows[:258], weights[2:258], 2)
    running_moments(rows, weights[2:], 2)
    assert lengths == [7, 102]


def test_records_are_not_kept_for_ever() -> None:
    for seed in range(running._RECORDS + 16):
        rows, weights = record(seed, 140, 1)
        running_moments(rows, weights[1:], 1)
    assert len(running._blocks) == running._RECORDS
