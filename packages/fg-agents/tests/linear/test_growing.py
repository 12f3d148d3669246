"""What is remembered of a record changes nothing but the time that it takes."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import DataPanel, growing, row_sizes, row_weights
from fg_agents.linear import panel as panels
from fg_agents.linear.growing import columns_of, rescaled_rows
from fg_core import TrainingWindow
from fg_core.segments import rescale_segments

numbers = st.floats(-9.0, 9.0)
rows = st.lists(st.dictionaries(st.sampled_from("abc"), numbers, max_size=3), max_size=9)


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_columns", [])
    monkeypatch.setattr(growing, "_segments", [])
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(panels, "_sized", {})


def by_hand(record: Any) -> dict[str, list[float]]:
    names = sorted({name for row in record for name in row})
    return {name: [row.get(name, math.nan) for row in record] for name in names}


def same(found: Any, wanted: Any) -> bool:
    return list(found) == list(wanted) and all(
        np.array_equal(np.array(found[name]), np.array(wanted[name]), equal_nan=True)
        for name in wanted
    )


@settings(max_examples=settings.default.max_examples * 4 // 5, deadline=None)
@given(record=rows, cuts=st.lists(st.integers(0, 9), max_size=6), other=rows)
def test_columns_are_those_of_the_rows_whatever_was_asked_before(
    record: Any, cuts: list[int], other: Any
) -> None:
    for n in (*cuts, len(record)):
        assert same(columns_of(record[:n]), by_hand(record[:n]))
        assert same(columns_of(other), by_hand(other))
        # Another record that goes on from the same rows.
        assert same(columns_of([*record[:n], *other]), by_hand([*record[:n], *other]))


@settings(max_examples=settings.default.max_examples * 4 // 5, deadline=None)
@given(
    values=st.lists(numbers, min_size=1, max_size=9),
    cuts=st.lists(st.integers(1, 9), max_size=6),
    later=numbers,
)
def test_segments_add_up_to_values_that_may_be_revised(
    values: list[float], cuts: list[int], later: float
) -> None:
    parts = [{"a": 1.0 + t, "b": 2.0} for t in range(len(values))]
    for n in (*cuts, len(values)):
        for last in (values[:n][-1], later, -0.0, 0.0):
            series = np.array([*values[:n][:-1], last])
            found = rescaled_rows(parts[:n], series)
            wanted = [rescale_segments(*pair) for pair in zip(parts, series.tolist(), strict=False)]
            assert [list(map(repr, row.values())) for row in found] == [
                list(map(repr, row.values())) for row in wanted
            ]


def test_only_new_rows_are_looked_at() -> None:
    class Counting(dict[str, float]):
        asked = 0

        def items(self) -> Any:
            Counting.asked += 1
            return super().items()

    record = [Counting(a=float(t)) for t in range(50)]
    columns_of(record[:40])
    assert Counting.asked == 40
    columns_of(record[:40])
    columns_of(record[:30])
    columns_of(tuple(record))
    columns_of(record[:45])
    assert Counting.asked == 50


def test_records_are_not_kept_for_ever() -> None:
    for k in range(growing._RECORDS + 9):
        columns_of([{"a": float(k)}])
        rescaled_rows([{"a": float(k)}], np.array([1.0]))
    assert len(growing._columns) == len(growing._segments) == growing._RECORDS


def test_windows_of_the_same_rows_share_a_panel() -> None:
    beside = [{"rate": float(t)} for t in range(5)]
    window = TrainingWindow(np.arange(5.0), 9, contexts=beside, segments=beside)
    panel = DataPanel.of(window)
    assert DataPanel.of(window.last(None)) is panel
    others = [
        window.last(4),
        window.last(None, gap=1),
        TrainingWindow(window.values + 1.0, 9, contexts=window.contexts, segments=window.segments),
        TrainingWindow(window.values, 8, contexts=window.contexts, segments=window.segments),
        TrainingWindow(window.values, 9, contexts=window.contexts),
        TrainingWindow(window.values, 9, contexts=window.contexts[::-1], segments=window.segments),
        TrainingWindow(
            window.values, 9, contexts=window.contexts, segments=window.segments, season_length=4
        ),
    ]
    for other in others:
        DataPanel.of(window)
        found = DataPanel.of(other)
        assert found != panel
        assert len(found) == len(other)
        assert found.values[:, 0].tolist() == other.values.tolist()


@settings(max_examples=settings.default.max_examples // 2)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_sizes_of_records_that_part_are_those_of_each_alone(data: st.DataObject, seed: int) -> None:
    rng = np.random.default_rng(seed)
    record = np.cumsum(rng.standard_t(2.0, (60, 2)), axis=0)
    record[: rng.integers(0, 9), 1] = np.nan
    for _ in range(6):
        one = record[: data.draw(st.integers(20, 60))].copy()
        one[data.draw(st.integers(0, len(one) - 1)) :, 0] += data.draw(st.sampled_from([0.0, 4.0]))
        rows = [{} if math.isnan(x) else {"a": x} for x in one[:, 1].tolist()]
        panel = DataPanel.of(TrainingWindow(one[:, 0], contexts=rows))
        expected = row_weights(row_sizes(panel.values), 1.0, 2)
        np.testing.assert_array_equal(panel.weights(1.0, 2), expected)


def test_windows_in_turns_have_panels_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_PANELS", 3)
    windows = [TrainingWindow([1.0, 2.0, last], contexts=[{"a": last}] * 3) for last in range(5)]
    for window in (*windows, *windows[::-1]):
        assert DataPanel.of(window).values[-1].tolist() == [window.values[-1]] * 2
    # Those of the latest windows are still there, and no others.
    assert all(DataPanel.of(one) is DataPanel.of(one) for one in windows)
    assert [window.values[-1] for window, _ in panels._panels.values()] == [2.0, 3.0, 4.0]
    # The same values beside other context.
    other = TrainingWindow([1.0, 2.0, 4.0], contexts=[{"b": 1.0}] * 3)
    assert DataPanel.of(other).names == ("b",)
