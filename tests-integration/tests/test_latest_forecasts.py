"""The forecast from the end of a series is the backtest's at that origin, for all line-ups."""

from dataclasses import replace

import pandas as pd
import pytest

from fg_backtest import LatestForecaster, LineUp, WalkForwardBacktester, forecast
from fg_core import Registry
from fg_data import load_dataset

LAST, WARMUP = 160, 24
LINE_UPS = sorted(Registry("fg_core.lineups").names())


@pytest.mark.slow
@pytest.mark.parametrize("source", ["us_macro", "synthetic"])
@pytest.mark.parametrize("line_up", LINE_UPS)
def test_it_is_the_backtests_forecast(line_up, source):
    dataset = load_dataset(source)
    names = [name for name in dataset.series_ids if len(dataset.series(name)) > LAST + 4]
    assert len(names) >= 4
    rows = [row for name in names for row in dataset.series(name)[: LAST + 1]]
    # What starts with the first row of the longest series starts with the others' too.
    truncated = replace(dataset, observations=tuple(rows))
    found = LatestForecaster((1, 4), warmup=WARMUP, agent_factory=LineUp(line_up)).run(truncated)
    for name in names:
        assert found[name].played_from == LAST - WARMUP
        first, last = (dataset.series(name)[t].timestamp for t in (LAST - WARMUP, LAST))
        backtester = WalkForwardBacktester(
            (1, 4), start=first, end=last, warmup=0, agent_factory=LineUp(line_up)
        )
        result = backtester.run(dataset, name)
        for h in (1, 4):
            (wanted,) = (o for o in result.cell(name, h).origins if o.origin == LAST)
            issued = found[name].at(h).forecast
            assert (issued.mean, issued.variance) == (
                wanted.ensemble.mean,
                wanted.ensemble.variance,
            )
            assert issued.quantiles == wanted.ensemble.quantiles


def test_frames_go_in_and_come_out():
    months = pd.date_range("2016-01-01", periods=60, freq="MS")
    frame = pd.DataFrame(
        {"unique_id": "shop", "ds": months, "y": [t % 12 + t % 5 for t in range(60)]}
    )
    found = forecast(frame, horizons=(1, 2), agents="baselines")
    made = found.to_frame((0.1, 0.9))
    assert list(made.columns) == ["unique_id", "ds", "horizon", "mean", "q10", "q90"]
    assert made["ds"].tolist() == [pd.Timestamp("2021-01-01"), pd.Timestamp("2021-02-01")]
    assert (made["q10"] < made["mean"]).all()
    assert pd.DataFrame(found.trust())["n"].tolist() == [32, 31]


def test_parquet_holds_the_columns(tmp_path):
    found = forecast("us_macro", "unemp", horizons=(1,), agents="baselines", warmup=0)
    found.write(tmp_path / "f.parquet")
    read = pd.read_parquet(tmp_path / "f.parquet")
    assert read["mean"].tolist() == found.columns()["mean"]
    assert str(read["ds"][0]) == "2009-10-01"
