"""What a fit may see."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import DataError
from fg_core.testing import vandalise
from fg_core.testing.strategies import training_windows
from fg_core.window import TrainingWindow, immutable_array

quiet = settings(derandomize=True, database=None, deadline=None)


def window(values: Any, **options: Any) -> TrainingWindow:
    return TrainingWindow(values, **options)


def test_values_are_a_read_only_copy() -> None:
    plain = np.array([1.0, 2.0, 4.0])
    found = window(plain)
    plain[0] = 9.0
    assert found.values.tolist() == [1.0, 2.0, 4.0]
    assert found.values.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 0.0


def _grown(values: Any) -> TrainingWindow:
    return TrainingWindow.construct_unchecked(immutable_array(values), 3)


@pytest.mark.parametrize(
    "made",
    [
        window,
        _grown,
        lambda values: window([*values, 9.0]).last(None, gap=1),
        lambda values: pickle.loads(pickle.dumps(window(values))),
        lambda values: copy.deepcopy(window(values)),
        lambda values: window(window(values).values),
    ],
    ids=["checked", "unchecked", "part", "unpickled", "copied", "of a window"],
)
def test_nobody_can_make_values_writable(made: Any) -> None:
    found = made([1.0, 2.0, 4.0]).values
    while isinstance(found, np.ndarray):
        with pytest.raises(ValueError, match="WRITEABLE"):
            found.setflags(write=True)
        with pytest.raises(ValueError, match="WRITEABLE"):
            found.flags.writeable = True
        found = found.base
    assert isinstance(found, bytes)


def test_an_array_that_only_says_it_is_read_only_is_copied() -> None:
    plain = np.array([1.0, 2.0, 4.0])
    plain.setflags(write=False)
    found = window(plain)
    plain.setflags(write=True)
    plain[0] = 9.0
    assert found.values.tolist() == [1.0, 2.0, 4.0]


def test_parts_and_their_parts_share_memory_and_rows() -> None:
    rows = [{"a": float(i)} for i in range(6)]
    whole = window(np.arange(6.0), contexts=rows, segments=rows)
    for part in (whole.last(3), whole.last(None, gap=1).last(2), window(whole.values[2:5])):
        assert np.shares_memory(part.values, whole.values)
    part = whole.last(3, gap=1)
    assert part.contexts[0] is whole.contexts[2]
    assert part.segments[-1] is whole.segments[4]


def test_a_window_has_an_array_of_its_own() -> None:
    # The shape of an array can be changed in place, whatever memory it has.
    history = immutable_array([1.0, 2.0, 4.0])
    first = TrainingWindow.construct_unchecked(history, 3)
    again = TrainingWindow.construct_unchecked(history, 3)
    for other in (again, first.last(None), window(history, end_t=3)):
        assert other.values is not first.values
        assert other.values is not history
        assert other == first


@quiet
@given(training_windows())
def test_an_unchecked_window_equals_the_checked_one(found: TrainingWindow) -> None:
    parts: Any = {"contexts": found.contexts, "segments": found.segments}
    assert found == TrainingWindow.construct_unchecked(
        found.values, found.end_t, season_length=found.season_length, **parts
    )


@pytest.mark.parametrize("values", [3, [[1, 2], [3, 4]], np.arange(8.0)[::-2], []])
def test_immutable_arrays_have_the_numbers_they_were_given(values: Any) -> None:
    found = immutable_array(values)
    assert found.shape == np.shape(values)
    assert found.tolist() == np.asarray(values, dtype=np.float64).tolist()
    assert found.flags.c_contiguous


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]], 3.0])
def test_values_need_one_axis_and_a_row(values: Any) -> None:
    with pytest.raises(DataError, match=r"values of shape \(time,\)"):
        window(values)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_the_first_value_that_is_not_finite_is_named(bad: float) -> None:
    with pytest.raises(DataError, match=f"row 1 is {bad}, not finite"):
        window([1.0, bad, bad])


@pytest.mark.parametrize("name", ["contexts", "segments"])
def test_there_is_one_mapping_a_row_or_none(name: str) -> None:
    with pytest.raises(DataError, match=f"1 {name} for 2 values"):
        window([1.0, 2.0], **{name: [{}]})
    assert len(getattr(window([1.0, 2.0], **{name: [{}, {}]}), name)) == 2


@quiet
@given(training_windows())
def test_windows_are_values(found: TrainingWindow) -> None:
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.last(None) == found
    assert len(found) == found.values.size
    assert not found.contexts or len(found.contexts) == len(found)


def test_windows_differ_by_each_of_their_parts() -> None:
    base = window([1.0, 2.0], end_t=5, contexts=[{}, {"a": 1.0}], season_length=4)
    assert base == window([1.0, 2.0], end_t=5, contexts=[{}, {"a": 1.0}], season_length=4)
    for other in (
        window([1.0, 3.0], end_t=5, contexts=[{}, {"a": 1.0}], season_length=4),
        window([1.0, 2.0], end_t=6, contexts=[{}, {"a": 1.0}], season_length=4),
        window([1.0, 2.0], end_t=5, contexts=[{}, {"a": 2.0}], season_length=4),
        window([1.0, 2.0], end_t=5, contexts=[{}, {"a": 1.0}], season_length=1),
        window([1.0, 2.0], end_t=5, segments=[{}, {}], contexts=[{}, {"a": 1.0}], season_length=4),
    ):
        assert base != other
    assert base != "a window"
    with pytest.raises(TypeError, match="unhashable"):
        hash(base)


# --------------------------------------------------------------------------------------------- last


@quiet
@given(training_windows(min_size=4), st.integers(1, 70), st.integers(0, 3))
def test_last_takes_the_end_and_keeps_rows_together(
    found: TrainingWindow, n: int, gap: int
) -> None:
    part = found.last(n, gap=gap)
    stop = len(found) - gap
    start = max(0, stop - n)
    assert part.values.tolist() == found.values[start:stop].tolist()
    assert part.end_t == found.end_t - gap
    assert part.contexts == found.contexts[start:stop]
    assert part.season_length == found.season_length


def test_a_gap_that_leaves_nothing_is_an_error() -> None:
    with pytest.raises(DataError, match="a gap of 3 leaves nothing of 3 training rows"):
        window([1.0, 2.0, 3.0]).last(None, gap=3)


# ------------------------------------------------------------------------------------------- scale


@quiet
@given(training_windows(min_size=3))
def test_the_step_scale_is_the_standard_deviation_of_changes(found: TrainingWindow) -> None:
    changes = np.diff(found.values)
    expected = math.sqrt(sum((changes - changes.mean()) ** 2) / (changes.size - 1))
    assert found.step_scale == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("values", [[5.0], [5.0, 7.0]])
def test_fewer_than_three_rows_have_no_step_scale(values: list[float]) -> None:
    assert window(values).step_scale == 0.0


# ------------------------------------------------------------------------------------- persistence


@quiet
@given(training_windows(min_size=8))
def test_persistence_is_a_share(found: TrainingWindow) -> None:
    assert 0.0 <= found.persistence <= 1.0


def test_persistence_by_hand() -> None:
    # Mean 0; sum of squares 8; products of neighbours 1, -1, 1, -1, 1, -1, 1 add up to 1.
    values = [1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0]
    r = 1.0 / 8.0
    assert window(values).persistence == pytest.approx(r + (1.0 + 4.0 * r) / 8.0, rel=1e-15)


def test_a_level_persists_and_noise_does_not() -> None:
    draws = np.random.Generator(np.random.Philox(7)).standard_normal(4000)
    assert window(np.cumsum(draws)).persistence > 0.98
    assert window(draws).persistence < 0.05
    rate = [0.0]
    for draw in draws:
        rate.append(0.6 * rate[-1] + draw)
    assert window(rate).persistence == pytest.approx(0.6, abs=0.03)


def test_the_correction_takes_most_of_the_bias_of_small_samples_away() -> None:
    """Over 4,000 series of 40 values with autocorrelation 0.6; uncorrected they average 0.51."""
    draws = np.random.Generator(np.random.Philox(11)).standard_normal((4000, 60))
    paths = np.zeros((4000, 60))
    for t in range(1, 60):
        paths[:, t] = 0.6 * paths[:, t - 1] + draws[:, t]
    found = float(np.mean([window(path).persistence for path in paths[:, 20:]]))
    centred = paths[:, 20:] - paths[:, 20:].mean(axis=1, keepdims=True)
    products = np.sum(centred[:, 1:] * centred[:, :-1], axis=1)
    plain = float(np.mean(products / np.sum(centred * centred, axis=1)))
    assert abs(found - 0.6) < 0.4 * abs(plain - 0.6)
    assert found == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [4.0] * 20])
def test_short_and_constant_windows_persist(values: list[float]) -> None:
    assert window(values).persistence == 1.0


def test_impossible_cuts_are_refused() -> None:
    whole = window([1.0, 2.0, 3.0])
    for bad in ({"n": 0}, {"n": None, "gap": -1}):
        with pytest.raises(DataError, match="n >= 1 and gap >= 0"):
            whole.last(**bad)
    with pytest.raises(DataError, match="at least one period"):
        TrainingWindow(np.array([1.0, 2.0]), season_length=0)


def test_rows_are_frozen() -> None:
    mine = {"gdp": 1.0}
    seen = TrainingWindow(np.array([1.0]), contexts=[mine])
    mine["gdp"] = 9.0
    assert seen.contexts[0]["gdp"] == 1.0


def test_not_even_the_shape_of_what_another_reader_holds_can_be_changed():
    window = TrainingWindow(np.arange(6.0))
    parts = [window, window.last(3, gap=1), pickle.loads(pickle.dumps(window.last(4)))]
    before = [part.values.tolist() for part in parts]
    for part in parts:
        assert vandalise(part) == ()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # from numpy 2.5 on
            part.values.shape = (part.values.size, 1)
    assert [part.values.tolist() for part in parts] == before
    assert before[1] == [2.0, 3.0, 4.0]


def test_windows_over_any_array_hold_its_rows():
    base = immutable_array(np.arange(8.0))
    for rows in (base, base[2:], base[2:5], base[::2], base[::-1]):
        unchecked = TrainingWindow.construct_unchecked(rows, 9)
        assert unchecked.values.tolist() == rows.tolist()
        assert unchecked == TrainingWindow(rows, 9)
        assert unchecked.last(2).values.tolist() == rows[-2:].tolist()
        assert len(unchecked) == rows.size
