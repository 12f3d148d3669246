"""Tables of a report hold its records, row by row."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import msgspec
import pytest

from fg_backtest import BacktestResult
from fg_backtest.frames import forecast_columns, score_columns, series_columns
from fg_backtest.report import without_origins
from fg_core import ConfigError, DataError


def test_forecasts_are_those_of_the_origins(played: BacktestResult) -> None:
    columns = forecast_columns(played.report)
    assert list(columns)[:5] == ["unique_id", "ds", "cutoff", "horizon", "y"]
    assert list(columns)[5:] == [
        *("random_walk", "drift", "ar4", "ar", "ensemble", "q10", "q25", "q50", "q75", "q90")
    ]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    records = [
        (name, h, one)
        for name in ("a", "b")
        for h in (1, 4)
        for one in played.cell(name, h).origins or ()
    ]
    assert len(rows) == len(records) > 100
    for row, (name, h, one) in zip(rows, records, strict=True):
        assert (row["unique_id"], row["horizon"], row["y"]) == (name, h, one.target)
        assert row["cutoff"].isoformat() == one.period[:10]
        assert row["ds"] == (one.target_period and row["ds"])
        assert row["ar"] == one.claims["ar"].mean
        assert row["ensemble"] == one.ensemble.mean
        assert row["q90"] == one.ensemble.quantiles[-1]
    assert any(row["y"] is None and row["ds"] is None for row in rows)


def test_scores_are_the_figures_of_the_report(played: BacktestResult) -> None:
    columns = score_columns(played.report)
    at = [
        i
        for i, row in enumerate(
            zip(columns["unique_id"], columns["horizon"], columns["contender"], strict=True)
        )
        if row == ("b", 4, "ensemble")
    ]
    (place,) = at
    metrics = played.metrics("b", 4)["ensemble"]
    for item in msgspec.structs.fields(type(metrics)):
        if item.name != "pit_counts":
            assert columns[item.name][place] == getattr(metrics, item.name)
    assert len(columns["crps"]) == 2 * 2 * len(played.report.contenders)


def test_a_series_is_a_row(played: BacktestResult) -> None:
    columns = series_columns(played.report)
    assert columns["unique_id"] == ["a", "b"]
    assert columns["rows"] == [90, 90]
    skills = {
        key: sum(played.metrics("a", h)[key].skill or 0.0 for h in (1, 4)) / 2
        for key in played.report.contenders
    }
    assert columns["skill"][0] == pytest.approx(skills["ensemble"])
    assert columns["best"][0] == max(skills, key=skills.__getitem__)
    assert columns["best_skill"][0] == pytest.approx(max(skills.values()))
    frame = pytest.importorskip("pandas").DataFrame(columns)
    assert played.series_frame().equals(frame)


def test_files_are_the_columns(played: BacktestResult, tmp_path: Path) -> None:
    paths = played.write_csv(tmp_path / "made")
    assert [path.name for path in paths] == ["forecasts.csv", "scores.csv", "series.csv"]
    rows = list(csv.DictReader(paths[0].read_text().splitlines()))
    assert [float(row["q10"]) for row in rows] == forecast_columns(played.report)["q10"]
    summary = BacktestResult(without_origins(played.report))
    assert [path.name for path in summary.write_csv(tmp_path / "b")] == ["scores.csv", "series.csv"]
    with pytest.raises(DataError, match="the summary only"):
        summary.to_frame()


def test_frames_need_pandas(played: BacktestResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match=r"fg-core\[frames\]"):
        played.scores_frame()


def test_a_result_shows_itself_in_a_line(played: BacktestResult) -> None:
    text = repr(played)
    assert text.startswith("<BacktestResult of 2 series, horizons 1, 4: mean CRPS skill ")
    assert len(text) < 100
