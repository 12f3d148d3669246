"""Tables, files and charts of forecasts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fg_backtest.latest import Forecasts, LatestForecaster
from fg_core import ConfigError, DataError, Dataset

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def found(make_dataset: MakeDataset) -> Forecasts:
    dataset = make_dataset(50, ("a", "b"), units={"a": "%"})
    return LatestForecaster((1, 3), warmup=24).run(dataset)


def test_columns_are_the_forecasts(found: Forecasts) -> None:
    columns = found.columns((0.025, 0.5, 0.975), above=(1.0,), below=(-0.5, 2.0))
    assert list(columns) == [
        *("unique_id", "ds", "horizon", "mean", "q2.5", "q50", "q97.5"),
        *("above_1", "below_-0.5", "below_2"),
    ]
    assert columns["unique_id"] == ["a", "a", "b", "b"]
    assert columns["ds"] == [date(1962, 7, 1), date(1963, 1, 1)] * 2
    assert columns["horizon"] == [1, 3, 1, 3]
    one = found["b"].at(3)
    assert columns["mean"][3] == one.forecast.mean
    assert columns["q97.5"][3] == one.forecast.quantile(0.975)[0]
    assert columns["above_1"][3] == pytest.approx(1.0 - one.forecast.cdf(1.0))
    assert columns["below_2"][3] == one.forecast.probability_below(2.0)


def test_probabilities_of_events(found: Forecasts) -> None:
    one = found["a"].at(1)
    middle = one.probability(above=0.0, below=1.0)
    parts = one.probability(below=0.0), middle, one.probability(above=1.0)
    assert sum(parts) == pytest.approx(1.0)
    assert one.probability(above=2.0, below=1.0) == 0.0
    with pytest.raises(ConfigError, match="give a limit"):
        one.probability()
    with pytest.raises(ConfigError, match="above must be a number"):
        one.probability(above=float("nan"))


@pytest.mark.parametrize("levels", [(0.0, 0.5), (0.5, 1.0), (0.9, 0.1), (0.5, 0.5)])
def test_levels_must_increase_between_0_and_1(found: Forecasts, levels: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="levels must"):
        found.columns(levels)


def test_trust_has_a_row_per_forecast(found: Forecasts) -> None:
    trust = found.trust()
    record = found["a"].at(3).track_record
    assert record is not None
    assert trust["unique_id"] == ["a", "a", "b", "b"]
    assert trust["n"] == [24, 22, 24, 22]
    assert trust["crps"][1] == record.crps
    assert trust["lead"][1] == pytest.approx(-record.lead.mean / record.crps)
    assert trust["best"][1] in ("random_walk", "drift", "ar4", "ar")
    assert all(text.count("%") == 3 for text in trust["weights"])


def test_without_origins_trust_says_nothing(make_dataset: MakeDataset) -> None:
    trust = LatestForecaster(warmup=0).run(make_dataset(50)).trust()
    assert (trust["n"], trust["crps"], trust["best"], trust["lead_is_luck"]) == (
        *([0], [None], [""]),
        [None],
    )


def test_files_hold_the_columns(found: Forecasts, tmp_path: Path) -> None:
    columns = found.columns()
    found.write(tmp_path / "out" / "f.csv")
    rows = list(csv.DictReader((tmp_path / "out" / "f.csv").read_text().splitlines()))
    assert [row["ds"] for row in rows] == [day.isoformat() for day in columns["ds"]]
    assert [float(row["q90"]) for row in rows] == columns["q90"]
    found.write(tmp_path / "f.json", (0.5,), above=(2.0,))
    objects = json.loads((tmp_path / "f.json").read_text())
    assert [row["above_2"] for row in objects] == found.columns(above=(2.0,))["above_2"]
    assert list(objects[0]) == ["unique_id", "ds", "horizon", "mean", "q50", "above_2"]


def test_other_files_are_refused(
    found: Forecasts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"must end in \.csv, \.json, \.parquet"):
        found.write(tmp_path / "f.xls")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="needs pyarrow"):
        found.write(tmp_path / "f.parquet")
    assert not list(tmp_path.iterdir())


def test_frames_need_pandas(found: Forecasts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="need pandas"):
        found.to_frame()


def test_the_chart_is_made_of_issued_quantiles(
    found: Forecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = SimpleNamespace()

    def fan_chart(*parts: object, **words: object) -> str:
        drawn.parts, drawn.words = parts, words
        return "figure"

    monkeypatch.setattr("fg_core.plotting.fan_chart", fan_chart)
    assert found.plot("a", (0.8, 0.5)) == "figure"
    times, values, targets, medians, bands = drawn.parts
    assert (len(times), len(values)) == (50, 50)
    assert list(targets) == [one.period for one in found["a"].horizons]
    assert medians.tolist() == found["a"].quantiles((0.5,))[:, 0].tolist()
    assert list(bands) == [0.5, 0.8]
    np.testing.assert_array_equal(bands[0.8], found["a"].quantiles((0.1, 0.9)))
    assert drawn.words == {"title": "a", "unit": "%"}


def test_it_is_a_mapping_with_a_short_repr(found: Forecasts) -> None:
    assert repr(found) == "<Forecasts of 2 series, horizons 1, 3>"
    assert (list(found), len(found), "a" in found) == (["a", "b"], 2, True)
    with pytest.raises(DataError, match="no forecast of series 'c': there are a, b"):
        found.of("c")
    with pytest.raises(DataError, match="for horizons 1, 3, not 2"):
        found["a"].at(2)
