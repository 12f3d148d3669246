"""Demand that is mostly zero, ended, came once or began late, as shops have it."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from fg_backtest import LatestForecaster, LineUp, WalkForwardBacktester, backtest, forecast
from fg_core import dataset_from_table

ROWS = 90


def months(n=ROWS):
    return [f"{2015 + t // 12}-{t % 12 + 1:02}" for t in range(n)]


def demand(seed, share=0.3, n=ROWS):
    rng = np.random.default_rng(seed)
    return ((rng.random(n) < share) * rng.integers(1, 9, n)).astype(float)


def case(kind):
    """Series after public reports: intermittent, ended, sold once, launched after 50 months."""
    values = demand(1)
    if kind == "discontinued":
        values = np.concatenate([demand(2, 0.8, 45), np.zeros(ROWS - 45)])
    elif kind == "single_sale":
        values = np.zeros(ROWS)
        values[30] = 3.0
    elif kind == "launch_after_zeros":
        values = np.concatenate([np.zeros(50), np.maximum(demand(3, 0.9, ROWS - 50), 0.0)])
    return {"month": months(), kind: values.tolist()}


def said(recorded):
    return " | ".join(str(one.message) for one in recorded)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["intermittent", "discontinued", "single_sale"])
def test_it_is_forecast_by_what_is_made_for_it(kind):
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        found = forecast(case(kind), ds="month", y=kind, season_length=1, horizons=(1, 3))[kind]
    assert "played by the line-up intermittent" in said(recorded)
    assert {"croston", "tsb", "negative_binomial"} <= set(found.horizons[0].issued.unavailable) | {
        action.actor for action in found.horizons[0].issued.actions if action is not None
    }
    for one in found.horizons:
        assert one.probability(below=0.0) == 0.0
        assert one.forecast.cdf(0.0) > 0.5  # a mass at zero
        assert one.forecast.quantile((0.05, 0.5)).tolist() == [0.0, 0.0]
        assert one.track_record.skill > 0.0
    ended = kind != "intermittent"
    assert (found.horizons[0].forecast.quantile(0.9)[0] <= 1.0) == ended
    assert found.paths(50).min() == 0.0


def test_launch_is_named():
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        found = forecast(
            case("launch_after_zeros"), ds="month", y="launch_after_zeros", season_length=1
        )["launch_after_zeros"]
    message = "begins in 2019-03, after 50 rows of 0, and is played from 2019-"
    assert message in said(recorded)
    assert "does not move" not in said(recorded)
    assert found.played_from >= 50
    assert found.quantiles((0.05,)).min() >= 0.0


def test_series_of_both_kinds_are_forecast_by_their_own_line_ups():
    rng = np.random.default_rng(5)
    table = {
        "month": months(),
        "rare": demand(6).tolist(),
        "usual": (50.0 + np.cumsum(rng.normal(0, 1, ROWS))).tolist(),
    }
    with pytest.warns(UserWarning, match="series 'rare' has demand in one of .* line-up interm"):
        found = forecast(table, ds="month", y=["rare", "usual"], season_length=1, warmup=8)
    assert list(found) == ["rare", "usual"]
    assert "tsb" in found["rare"].horizons[0].weights
    assert "tsb" not in found["usual"].horizons[0].weights
    with pytest.warns(UserWarning, match="often zero"):
        named = forecast(table, "rare", ds="month", y=["rare", "usual"], agents="baselines")
    assert "tsb" not in named["rare"].horizons[0].weights


def test_backtest_plays_what_most_of_its_series_want():
    table = {"month": months(), "a": demand(7).tolist(), "b": (9.0 + demand(8)).tolist()}
    settings = {"ds": "month", "season_length": 1, "nonnegative": True, "horizons": (1,)}
    with pytest.warns(UserWarning, match="played by the line-up intermittent"):
        result = backtest(table, "a", y=["a", "b"], **settings)
    cell = result.cell("a", 1)
    assert cell.contenders["empirical"].skill > 0.1
    assert cell.contenders["ensemble"].skill > 0.1
    table["c"] = table["b"]
    with pytest.warns(UserWarning, match="--agents intermittent is made for it"):
        usual = backtest(table, y=["a", "b", "c"], **settings)
    assert "croston" not in usual.report.contenders


@pytest.mark.parametrize(
    ("line_up", "settings"),
    [
        ("intermittent", {"nonnegative": True}),
        ("baselines", {"nonnegative": True}),
        ("baselines", {"log": True}),
        ("default", {"log": True}),
    ],
)
def test_it_is_the_backtests_forecast(line_up, settings):
    values = demand(9, 0.5) + (1.0 if "log" in settings else 0.0)
    dataset = dataset_from_table({"month": months(), "y": values.tolist()}, ds="month", y="y")
    dataset = replace(dataset, season_length=1)
    last, warmup = 80, 16
    rows = dataset.series("y")
    truncated = replace(dataset, observations=rows[: last + 1])
    settings = {**settings, "agent_factory": LineUp(line_up)}
    found = LatestForecaster((1, 2), warmup=warmup, **settings).run(truncated)["y"]
    first, end = rows[last - warmup].timestamp, rows[last].timestamp
    result = WalkForwardBacktester((1, 2), start=first, end=end, warmup=0, **settings).run(dataset)
    for h in (1, 2):
        (wanted,) = (o for o in result.cell("y", h).origins if o.origin == last)
        issued = found.at(h).forecast
        assert (issued.mean, issued.variance) == (wanted.ensemble.mean, wanted.ensemble.variance)
        assert issued.quantiles == wanted.ensemble.quantiles
