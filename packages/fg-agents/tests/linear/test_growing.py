"""What is remembered of a record changes nothing but the time that it takes."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents.linear import DataPanel, growing
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
    monkeypatch.setattr(panels, "_last", None)


def by_hand(record: Any) -> dict[str, list[float]]:
    names = sorted({name for row in record for name in row})
    return {name: [row.get(name, math.nan) for row in record] for name in names}


def same(found: Any, wanted: Any) -> bool:
    return list(found) == list(wanted) and all(
        np.array_equal(np.array(found[name]), np.array(wanted[name]), equal_nan=True)
        for name in wanted
    )


@settings(max_examples=80, deadline=None)
@given(record=rows, cuts=st.lists(st.integers(0, 9), max_size=6), other=rows)
def test_columns_are_those_of_the_rows_whatever_was_asked_before(
    record: Any, cuts: list[int], other: Any
) -> None:
    for n in (*cuts, len(record)):
        assert same(columns_of(record[:n]), by_hand(record[:n]))
        assert same(columns_of(other), by_hand(other))
        # Another record that goes on from the same rows.
        assert same(columns_of([*record[:n], *other]), by_hand([*record[:n], *other]))


@settings(max_examples=80, deadline=None)
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

        def get(self, key: Any, default: Any = None) -> Any:
            Counting.asked += 1
            return super().get(key, default)

    record = [Counting(a=float(t)) for t in range(50)]
    columns_of(record[:40])
    assert Counting.asked == 40
    columns_of(record[:40])
    columns_of(record[:30])
    columns_of(tuple(record))
    columns_of(record[:45])
    assert Counting.asked == 50


def test_records_are_not_kept_for_ever() -> None:
    for k in range(30):
        columns_of([{"a": float(k)}])
        rescaled_rows([{"a": float(k)}], np.array([1.0]))
    assert len(growing._columns) == len(growing._segments) == 8


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
