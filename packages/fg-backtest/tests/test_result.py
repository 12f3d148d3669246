from __future__ import annotations

import pytest

from fg_backtest import BacktestResult
from fg_core import DataError


def test_figures_by_series_and_horizon(played: BacktestResult) -> None:
    names = ("random_walk", "drift", "ar4", "ar", "equal_weights", "ensemble")
    assert tuple(played.metrics("a")) == tuple(played.metrics("b", 4)) == names
    assert played.metrics("a", 1) != played.metrics("a", 4)


@pytest.mark.parametrize(("series", "horizon"), [("c", 1), ("a", 2)])
def test_a_cell_that_was_not_played(played: BacktestResult, series: str, horizon: int) -> None:
    with pytest.raises(DataError, match=f"'{series}' at horizon {horizon} .* a, b at 1, 4"):
        played.metrics(series, horizon)


def test_the_command_that_made_it_is_kept(played: BacktestResult) -> None:
    assert played.to_dict()["command"] == {}
    assert played.with_command({"source": "toy"}).to_dict()["command"] == {"source": "toy"}
