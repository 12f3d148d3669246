"""Series that cannot be played are all named, before anything is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fg_backtest import backtest
from fg_core import DataError, Dataset, SimulationConfig

MakeDataset = Callable[..., Dataset]


def changed(dataset: Dataset, **values: Callable[[int], float]) -> Dataset:
    """Return the dataset with other values for some series."""
    rows = []
    for name in dataset.series_ids:
        for t, row in enumerate(dataset.series(name)):
            rows.append(replace(row, value=values[name](t)) if name in values else row)
    return replace(dataset, observations=tuple(rows))


@pytest.mark.parametrize(
    ("names", "values", "message"),
    [
        (
            "a",
            {"a": lambda _: 3.0},
            "series 'a' does not move: all of its 100 values are 3, so that one step has no scale",
        ),
        (
            "ab",
            {"b": lambda t: 0.5 * t},
            "series 'b' does not move: its changes are all the same before its first origin "
            "1955Q1, so that one step has no scale; leave it out by naming the other series "
            "(--series)",
        ),
        (
            "abcdefgh",
            dict.fromkeys("bcdefgh", lambda _: -1.25),
            "series 'b' does not move: all of its 100 values are -1.25, so that one step has no "
            "scale; the same goes for c, d, e, f, g and 1 more; leave them out by naming the "
            "other series (--series)",
        ),
    ],
)
def test_series_that_do_not_move(
    make_dataset: MakeDataset,
    names: str,
    values: dict[str, Callable[[int], float]],
    message: str,
) -> None:
    dataset = changed(make_dataset(names=tuple(names)), **values)
    played: list[str] = []
    with pytest.raises(DataError) as caught:
        backtest(dataset, progress=lambda *said: played.append(said[2]))
    assert str(caught.value) == message
    assert played == []


def test_with_a_scale_of_its_own_a_steady_series_can_be_played(make_dataset: MakeDataset) -> None:
    steady = changed(make_dataset(60), a=lambda t: float(t) if t < 50 else float(t * t))
    result = backtest(steady, config=SimulationConfig(enable_refactor=False, step_scale=1.0))
    assert result.metrics("a")["drift"].n > 0


def test_series_that_are_too_short_are_all_named(make_dataset: MakeDataset) -> None:
    long, short = make_dataset(60), make_dataset(21, ("b", "c"))
    with pytest.raises(DataError) as caught:
        backtest(replace(long, observations=(*long, *short)))
    assert str(caught.value) == (
        "series 'b' has 21 rows; a backtest wants at least 22: 20 for a first fit, one origin and "
        "its target; the same goes for c; leave them out by naming the other series (--series)"
    )
    assert backtest(replace(long, observations=(*long, *short)), "a").metrics("a")
