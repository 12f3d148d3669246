"""One call, whatever the data come as."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fg_backtest import WalkForwardBacktester, backtest, forecast
from fg_core import ConfigError, DataError, Dataset, dataset_from_table, default_agent_factory

MakeDataset = Callable[..., Dataset]


def columns(dataset: Dataset) -> dict[str, list[Any]]:
    return {
        "unique_id": [row.series_id for row in dataset],
        "ds": [row.timestamp.date().isoformat() for row in dataset],
        "y": [row.value for row in dataset],
    }


class Frame:
    """What a data frame looks like from outside."""

    def __init__(self, cells: dict[str, list[Any]]) -> None:
        self.cells = cells
        self.columns = list(cells)

    def __getitem__(self, name: str) -> list[Any]:
        return self.cells[name]


def test_tables_and_frames_are_played_like_datasets(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(60, ("a", "b"))
    table = columns(dataset)
    expected = backtest(dataset, season_length=4)
    for data in (table, Frame(table), dataset_from_table(table)):
        result = backtest(data, season_length=4)
        assert result.results_hash != ""
        assert result.report.provenance.season_length == 4
        for name in ("a", "b"):
            ours, theirs = result.report.series[name], expected.report.series[name]
            assert ours.horizons["4"].origins == theirs.horizons["4"].origins


def test_it_is_the_backtester_with_the_horizons_of_the_command(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(60)
    alone = WalkForwardBacktester(horizons=(1, 4)).run(dataset)
    assert backtest(dataset).results_hash == alone.results_hash
    assert list(backtest(dataset, horizons=(2,)).report.series["a"].horizons) == ["2"]


def test_columns_and_series_by_name(make_dataset: MakeDataset) -> None:
    table = columns(make_dataset(60, ("a", "b")))
    table["y"][70] = "wrong"
    with pytest.raises(DataError, match="row 71, column 'y': 'wrong' is not a number"):
        backtest(table)
    assert list(backtest(table, "a").report.series) == ["a"]
    renamed = {"day": table["ds"][:60], "sales": table["y"][:60], "shop": table["unique_id"][:60]}
    assert list(backtest(renamed, ds="day", y="sales").report.series) == ["sales"]
    result = backtest(renamed, ds="day", y="sales", unique_id="shop", season_length=1)
    assert list(result.report.series) == ["a"]
    assert "seasonal_naive" not in result.report.contenders


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ds": "day"}, "ds says what is in a table, and the data are a Dataset; leave it out"),
        ({"season_length": 0}, "season_length must be a whole number >= 1, got 0"),
    ],
)
def test_settings_that_do_not_go_with_a_dataset(
    make_dataset: MakeDataset, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        backtest(make_dataset(), **settings)
    assert str(caught.value) == message


def test_what_is_no_table() -> None:
    with pytest.raises(DataError, match="a list is no table; give columns by name, or a data fr"):
        backtest([1.0, 2.0])  # type: ignore[arg-type]


def test_agents_are_a_line_up_or_a_factory_and_given_once(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(40)
    expected = backtest(dataset, agents="baselines", horizons=(1,)).results_hash
    for given in ({"agents": default_agent_factory}, {"agent_factory": default_agent_factory}):
        assert backtest(dataset, horizons=(1,), **given).results_hash == expected  # type: ignore[arg-type]
    both: dict[str, Any] = {"agents": "baselines", "agent_factory": default_agent_factory}
    for function in (backtest, forecast):
        with pytest.raises(ConfigError, match="say the same: give one of them"):
            function(dataset, **both)
