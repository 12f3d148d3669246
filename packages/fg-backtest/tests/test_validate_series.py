"""Series that cannot be played are all named, before anything is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest import backtest
from fg_backtest.validate_series import first_moving_row
from fg_core import DataError, Dataset, SimulationConfig, TrainingWindow

MakeDataset = Callable[..., Dataset]


def changed(dataset: Dataset, **values: Callable[[int], float]) -> Dataset:
    """Return the dataset with other values for some series."""
    rows = []
    for name in dataset.series_ids:
        for t, row in enumerate(dataset.series(name)):
            rows.append(replace(row, value=values[name](t)) if name in values else row)
    return replace(dataset, observations=tuple(rows))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"b": lambda _: 3.0},
            "series 'b' does not move: all of its 100 values are 3, so that one step has no scale",
        ),
        (
            {"b": lambda t: 0.1 * t},
            "series 'b' does not move: its changes are all the same, so that one step has no scale",
        ),
        (
            dict.fromkeys("bcdefgh", lambda _: -1.25),
            "series 'b' does not move: all of its 100 values are -1.25, so that one step has no "
            "scale; the same goes for c, d, e, f, g and 1 more",
        ),
    ],
)
def test_series_that_never_move_are_left_out(
    make_dataset: MakeDataset, values: dict[str, Callable[[int], float]], message: str
) -> None:
    names = ("a", *values)
    dataset = changed(make_dataset(names=names), **values)
    with pytest.warns(UserWarning, match="left out") as warned:
        result = backtest(dataset)
    count = "one series" if len(values) == 1 else f"{len(values)} series"
    assert [str(one.message) for one in warned] == [
        f"left out {count}: {message} (--strict refuses them)"
    ]
    assert result.results_hash == backtest(make_dataset()).results_hash
    played: list[str] = []
    with pytest.raises(DataError) as caught:
        backtest(dataset, strict=True, progress=lambda *said: played.append(said[2]))
    them = "it" if len(values) == 1 else "them"
    remedy = f"; leave {them} out (without --strict that happens by itself)"
    assert str(caught.value) == message + remedy
    assert played == []


def test_where_no_series_moves_there_is_nothing_to_play(make_dataset: MakeDataset) -> None:
    with pytest.raises(DataError, match="series 'a' does not move: all of its 100 values are 3"):
        backtest(changed(make_dataset(), a=lambda _: 3.0))


def pegged(dataset: Dataset, until: int) -> Dataset:
    """Return series "a" with its first values all the same."""
    values = [row.value for row in dataset.series("a")]
    return changed(dataset, a=lambda t: 2.5 if t < until else values[t])


def test_a_series_is_played_from_where_it_moves(make_dataset: MakeDataset) -> None:
    late = pegged(make_dataset(100, ("a", "b")), 75)
    with pytest.warns(
        UserWarning, match="series 'a' is 2.5 .* up to 1968Q4, and is played from 1969Q1"
    ):
        result = backtest(late)
    assert result.report.series["a"].first_played == 76
    assert result.report.series["b"].first_played < 60


def test_what_was_asked_for_does_not_give_way(make_dataset: MakeDataset) -> None:
    late = pegged(make_dataset(100), 75)
    start = late.series("a")[70].timestamp
    message = r"does not move before 1969Q1, .*; start with 1969Q1 or later \(--start\)"
    with pytest.raises(DataError, match=message):
        backtest(late, start=start)
    with pytest.raises(DataError, match="has no origin with a target from there on"):
        backtest(pegged(make_dataset(100), 98))


@given(st.integers(2, 12), st.integers(0, 6), st.floats(-5, 5), st.floats(-2, 2))
def test_the_first_moving_row_is_the_first_with_a_scale_before_it(
    still: int, more: int, level: float, slope: float
) -> None:
    values = [level + slope * t for t in range(still)]
    values += [level + 3.0 + k * k for k in range(more)]
    found = first_moving_row(values)
    scales = [TrainingWindow(np.array(values[:n])).step_scale for n in range(1, len(values) + 1)]
    size = max(map(abs, values))
    moved = [n for n, scale in enumerate(scales, 1) if scale > 1e-9 * size]
    assert found == (moved[0] if moved else None)


def test_with_a_scale_of_its_own_a_steady_series_can_be_played(make_dataset: MakeDataset) -> None:
    steady = changed(make_dataset(60), a=lambda t: float(t) if t < 50 else float(t * t))
    result = backtest(steady, config=SimulationConfig(enable_refactor=False, step_scale=1.0))
    assert result.metrics("a")["drift"].n > 0


def test_series_that_are_too_short_are_all_named(make_dataset: MakeDataset) -> None:
    long, short = make_dataset(60), make_dataset(21, ("b", "c"))
    both = replace(long, observations=(*long, *short))
    with pytest.raises(DataError) as caught:
        backtest(both, strict=True)
    assert str(caught.value) == (
        "series 'b' has 21 rows; a backtest wants at least 22: 20 for a first fit, one origin and "
        "its target; the same goes for c; leave them out (without --strict that happens by itself)"
    )
    with pytest.warns(UserWarning, match=r"left out 2 series: series 'b' has 21 rows; .* for c "):
        assert backtest(both).results_hash == backtest(both, "a").results_hash
