from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest import OriginWindow, origin_windows
from fg_core import ConfigError


@given(
    first=st.integers(5, 300),
    n=st.integers(0, 200),
    step=st.integers(1, 60),
    train_window=st.none() | st.integers(1, 100),
    gap=st.integers(0, 5),
)
def test_windows_advance_do_not_overlap_and_cover_exactly(
    first: int, n: int, step: int, train_window: int | None, gap: int
) -> None:
    last = first + n - 1
    windows = origin_windows(first, last, step=step, train_window=train_window, gap=gap)

    covered = [t for w in windows for t in range(w.first_origin, w.last_origin + 1)]
    assert covered == list(range(first, last + 1))
    assert [w.index for w in windows] == list(range(len(windows)))
    assert all(len(w) == step for w in windows[:-1])
    assert all(1 <= len(w) <= step for w in windows[-1:])
    for before, after in pairwise(windows):
        assert before.last_origin < after.first_origin
        assert before.train_end < after.train_end
        assert before.train_start <= after.train_start


@given(
    first=st.integers(5, 300),
    train_window=st.none() | st.integers(1, 100),
    gap=st.integers(0, 5),
)
def test_training_ends_a_gap_before_the_first_origin(
    first: int, train_window: int | None, gap: int
) -> None:
    for window in origin_windows(first, first + 50, step=7, train_window=train_window, gap=gap):
        assert window.train_end == window.first_origin - gap
        rows = window.train_end - window.train_start + 1
        if train_window is None:
            assert window.train_start == 0
        else:
            assert rows == min(train_window, window.train_end + 1)


def test_a_case_by_hand() -> None:
    assert origin_windows(10, 14, step=3, train_window=4, gap=1) == (
        OriginWindow(0, 10, 12, 6, 9),
        OriginWindow(1, 13, 14, 9, 12),
    )


def test_no_origins_no_windows() -> None:
    assert origin_windows(10, 9, step=3) == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 0}, "step must be a whole number >= 1, got 0"),
        ({"step": 1, "gap": -1}, "gap must be a whole number >= 0, got -1"),
        ({"step": 1, "gap": 11}, "first must be a whole number >= 11, got 10"),
        ({"step": 1, "train_window": 0}, "train_window must be a whole number >= 1, got 0"),
    ],
)
def test_numbers_out_of_range(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        origin_windows(10, 20, **settings)  # type: ignore[arg-type]
