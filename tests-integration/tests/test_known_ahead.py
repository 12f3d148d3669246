"""Columns that are known in advance, from table to forecast: what they gain, and no leak."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from fg_agents.known_ahead import DynamicRegression
from fg_backtest import LatestForecaster, LineUp, WalkForwardBacktester, backtest, forecast
from fg_backtest.forecast_cli import command
from fg_core import ReplayWorld, SimulationConfig, dataset_from_table

EFFECT, ROWS, AHEAD = 4.0, 84, 3


@cache
def table():
    """Months of a series with a promotion of a known effect, three months more of the plan."""
    rng = np.random.default_rng(5)
    n = ROWS + AHEAD
    promo = (rng.uniform(size=n) < 0.3).astype(float)
    noise = rng.normal(size=n).round(2)
    values = (50.0 + np.cumsum(rng.normal(size=n)) + EFFECT * promo).round(2)
    return {
        "ds": [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(n)],
        "y": [*values[:ROWS].tolist(), *[None] * AHEAD],
        "promo": promo.tolist(),
        "noise": noise.tolist(),
    }


def changed(column, t, by=1.0):
    cells = list(table()[column])
    cells[t] += by
    return {**table(), column: cells}


def lineup(config):
    """Few forecasters, so that a test is quick: one with the plan, and those without."""
    agents = LineUp("default")(config)
    kept = ("random_walk", "context_tight", "known_ahead_ari")
    return replace(agents, forecasters=tuple(a for a in agents.forecasters if a.name in kept))


def played(given, **more):
    start = datetime(2005, 4, 1, tzinfo=UTC)  # row 51, of 84
    settings = {"horizons": (1, 3), "season_length": 1, "start": start, "warmup": 8, **more}
    return backtest(given, agent_factory=lineup, **settings)


@cache
def with_plan():
    return played(table(), future="promo")


def ensemble(result, h):
    return {o.origin: o.ensemble for o in result.cell("y", h).origins}


def test_what_is_known_in_advance_is_worth_its_effect():
    plain, told = played(table()), with_plan()
    for h in ("1", "3"):
        before, after = (one.report.series["y"].horizons[h].contenders for one in (plain, told))
        # Without the plan, errors have the variance of the promotion on top, twice.
        assert after["ensemble"].crps < 0.8 * before["ensemble"].crps
        assert "known_ahead_ari" in after
        assert "known_ahead_ari" not in before
    data = dataset_from_table(table(), season_length=1)
    record = ReplayWorld(data.series("y"))
    agent = next(
        a
        for a in lineup(SimulationConfig(known_ahead=("promo",))).forecasters
        if isinstance(a, DynamicRegression)
    )
    agent = agent.fit(record.training(record.initial_state(ROWS - 1)))
    effect, error = agent.effects.with_errors["promo"]
    assert abs(effect - EFFECT) < 2.0 * error < 1.0


def test_a_change_of_the_plan_moves_forecasts_of_its_period_and_later_ones_alone():
    t = 70
    before, after = with_plan(), played(changed("promo", t), future="promo")
    for h in (1, 3):
        one, other = ensemble(before, h), ensemble(after, h)
        assert min(one) < t - 3
        for origin in one:
            if origin < t and origin + h != t:
                assert one[origin] == other[origin], (origin, h)
            elif origin + h == t:
                assert one[origin] != other[origin]
        # From t on it is in what forecasts are made from, and in the next fit.
        assert one[t] != other[t]


def test_what_is_not_marked_moves_nothing_before_its_time():
    t = 70
    moved = table()
    for later in range(t, ROWS + AHEAD):
        moved = {**moved, "noise": [*moved["noise"][:later], 9.0, *moved["noise"][later + 1 :]]}
    before, after = with_plan(), played(moved, future="promo")
    for h in (1, 3):
        one, other = ensemble(before, h), ensemble(after, h)
        assert all(one[origin] == other[origin] for origin in one if origin < t)
    assert ensemble(before, 1)[t] != ensemble(after, 1)[t]
    # After the last row, a column that is not marked is not used at all, marked or not.
    settings = {"season_length": 1, "horizons": (1, 3), "agents": lineup, "warmup": 4}
    last = [changed("noise", ROWS + 1), table()]
    first, second = (forecast(one, future="promo", **settings)["y"] for one in last)
    assert [first.at(h).forecast for h in (1, 3)] == [second.at(h).forecast for h in (1, 3)]
    # A marked one moves the horizon of its period alone.
    third = forecast(changed("promo", ROWS + 2), future="promo", **settings)["y"]
    assert third.at(1).forecast == first.at(1).forecast
    assert third.at(3).forecast.mean - first.at(3).forecast.mean == pytest.approx(EFFECT, abs=1.0)


def test_the_forecast_from_the_last_row_is_the_backtests_at_that_origin():
    last, warmup = ROWS - 4, 12
    cells = [*table()["y"][: last + 1], *[None] * (ROWS + AHEAD - last - 1)]
    data, short = (
        replace(
            dataset_from_table({**table(), "y": y}, season_length=1),
            known_ahead=frozenset({"promo"}),
        )
        for y in (table()["y"], cells)
    )
    found = LatestForecaster((1, 3), warmup=warmup, agent_factory=lineup).run(short)["y"]
    first, end = (data.series("y")[t].timestamp for t in (last - warmup, last))
    result = WalkForwardBacktester(
        (1, 3), start=first, end=end, warmup=0, agent_factory=lineup
    ).run(data)
    for h in (1, 3):
        wanted = ensemble(result, h)[last]
        issued = found.at(h).forecast
        assert (issued.mean, issued.variance) == (wanted.mean, wanted.variance)


def test_periods_without_a_plan_are_named():
    with pytest.warns(
        UserWarning, match=r"'y' has no promo of 2008-04 \(horizon 4\)\. Forecasters"
    ):
        found = forecast(
            table(), season_length=1, horizons=(1, 4), agents=lineup, warmup=0, future="promo"
        )
    near, far = (set(found["y"].at(h).weights) for h in (1, 4))
    assert near - far == {"known_ahead_ari"}


def write(path, columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return str(path)


def test_the_command_says_what_is_used_and_what_is_not(tmp_path, capsys):
    file = write(tmp_path / "sales.csv", {**table(), "area": [120] * (ROWS + AHEAD)})
    args = ["--source", file, "--fast", "--season-length", "1"]

    def said(*more):
        command.main([*args, *more], standalone_mode=False)
        return " ".join(capsys.readouterr().out.split())

    unused = "rows after the last value (y 3) have values of promo, noise, area. They are used only"
    plain = said("--agents", "baselines")
    assert unused in plain
    assert "Columns that never change are of no use as context: area." in plain
    assert (
        "No forecaster of the line-up 'baselines' uses the context promo, noise: --agents default "
        "has some that do."
    ) in plain
    told = said("--agents", "default", "--future", "promo")
    assert "No forecaster" not in told
    assert "known_ahead" in told
    macro = said("--agents", "macro", "--future", "promo")
    assert "No forecaster of the line-up 'macro' uses the context noise: --agents default" in macro
