"""Backtests and forecasts on data as they were known: nothing counts before it was out."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_backtest import WalkForwardBacktester, forecast
from fg_backtest.as_known import series_as_known
from fg_core import ConfigError, DataError, Dataset, Observation, Provenance
from fg_core.calendar import add_months, period_end

N = 48
START = datetime(1990, 1, 1, tzinfo=UTC)
QUARTERS = [add_months(START, 3 * t) for t in range(N)]
ENDS = [period_end(quarter, "Q") for quarter in QUARTERS]
QUIET = {"start": QUARTERS[30], "warmup": 6, "horizons": (1, 4), "nonnegative": False}

_quick = settings(max_examples=6, deadline=None, derandomize=True, database=None)


def observation(t: int, value: float, days: int) -> Observation:
    """Return a value that came out so many days after its quarter."""
    return Observation(QUARTERS[t], value, {}, ENDS[t] + timedelta(days), "gdp", "made")


def dataset_of(values: list[list[Observation]]) -> Dataset:
    """Return a dataset from the values of each period, in the order in which they came."""
    return Dataset(
        tuple(own[-1] for own in values),
        Provenance("made", "made up", "", "several vintages"),
        frequency="Q",
        earlier_values=tuple(row for own in values for row in own[:-1]),
    )


def vintages(seed: int, n: int = N, revisions: int = 2) -> list[list[Observation]]:
    """Return a random walk whose values come out 20 to 60 days late and are revised."""
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.normal(size=n)) + 50.0
    found = []
    for t in range(n):
        ages = np.sort(rng.choice(np.arange(90, 900), size=revisions, replace=False)).tolist()
        days = [int(rng.integers(20, 60)), *ages]
        found.append([observation(t, round(level[t] + rng.normal(), 2), day) for day in days])
    return found


def forecasts(data: Dataset, **options: Any) -> dict[tuple[int, int], Any]:
    """Return what was issued, and said by each forecaster, by origin and horizon."""
    result = WalkForwardBacktester(**{**QUIET, **options}).run(data)
    return {
        (record.origin, int(h)): (record.ensemble, record.claims, record.base, record.p_bad)
        for h, cell in result.report.series["gdp"].horizons.items()
        for record in cell.origins or ()
    }


def walks(data: Dataset, **options: Any) -> dict[int, float]:
    """Return what the random walk said by origin, which is the value that it saw."""
    found = forecasts(data, **options)
    return {origin: said[1]["random_walk"].mean for (origin, h), said in found.items() if h == 1}


@_quick
@given(st.integers(0, 99), st.integers(32, 44), st.sampled_from(["release", "period"]))
def test_no_forecast_depends_on_a_value_that_was_not_out(seed: int, origin: int, at: Any) -> None:
    values = vintages(seed)
    data = dataset_of(values)
    moment = series_as_known(data, "gdp", forecast_at=at).moments[origin]
    later = [
        [replace(r, value=r.value + 9.0) if r.available_at > moment else r for r in own]
        for own in values
    ]
    before, after = (forecasts(one, forecast_at=at) for one in (data, dataset_of(later)))
    same = {key for key in before if before[key] == after[key]}
    assert {key for key in before if key[0] <= origin} <= same
    assert same < before.keys()


@pytest.mark.parametrize("truth", ["first", 1])
def test_the_truth_decides_scores_alone(truth: Any) -> None:
    data = dataset_of(vintages(3))
    assert forecasts(data, truth=truth) == forecasts(data)
    scored = [
        WalkForwardBacktester(**QUIET, truth=one).run(data).cell("gdp").origins or ()
        for one in (truth, "latest")
    ]
    wanted = {"first": 0, 1: 1}[truth]
    every = data.values_of("gdp")
    own = [[r.value for r in every if r.timestamp == quarter] for quarter in QUARTERS]
    for record, latest in zip(*scored, strict=True):
        assert record.target == own[record.origin + 1][wanted]
        assert latest.target == own[latest.origin + 1][-1]


def test_agents_see_each_value_as_it_stood() -> None:
    values = vintages(5)
    data = dataset_of(values)
    moments = series_as_known(data, "gdp").moments
    said = walks(data)
    for origin, value in said.items():
        assert value == data.as_of(moments[origin]).series("gdp")[-1].value
        assert value == values[origin][0].value  # a first print, which the truth is not


def test_a_late_value_is_missing_until_it_is_out() -> None:
    values = [[observation(t, float(t % 7), 30)] for t in range(N)]
    on_time = walks(dataset_of(values))
    values[36] = [observation(36, float(36 % 7), 30 + 2 * 92)]  # with that of 38, before that of 39
    late = walks(dataset_of(values))
    # Up to the origin before, nothing moves; at 36 the value of 35 is the newest.
    assert all(late[t] == on_time[t] for t in on_time if t != 36)
    assert late[36] == on_time[35]


def test_shifting_every_release_by_a_quarter_moves_what_is_known_at_the_end_of_a_period() -> None:
    values = [[observation(t, float(t % 7), 0)] for t in range(N)]
    quarter = [(period_end(end, "Q") - end).days for end in ENDS]
    shifted = [[observation(t, float(t % 7), quarter[t])] for t in range(N)]
    for at, moves in (("release", 0), ("period", 1)):
        before, after = (walks(dataset_of(v), forecast_at=at) for v in (values, shifted))
        assert after == {t: float((t - moves) % 7) for t in before}


def test_values_that_are_on_time_are_played_as_ever() -> None:
    values = [[observation(t, np.sin(t) + t % 5, 0)] for t in range(N)]
    data = dataset_of(values)
    assert series_as_known(data, "gdp", forecast_at="period").releases == ()
    assert forecasts(data) == forecasts(data, forecast_at="period")


@pytest.mark.parametrize("refit", [1, 4])
def test_the_forecast_is_that_of_the_backtest_at_its_last_origin(refit: int) -> None:
    data = dataset_of(vintages(8))
    origin = 40
    moment = series_as_known(data, "gdp").moments[origin]
    options = {"horizons": (1, 4), "refit_every": refit}
    back = WalkForwardBacktester(start=QUARTERS[origin], warmup=QUARTERS[24], **options).run(data)
    now = forecast(data.as_of(moment), warmup=origin - 24, agents="baselines", **options)["gdp"]
    assert now.made_at == moment
    for h in (1, 4):
        record = (back.cell("gdp", h).origins or ())[0]
        assert record.origin == origin
        issued = now.at(h).forecast
        assert (record.ensemble.mean, record.ensemble.variance) == (issued.mean, issued.variance)


def test_a_report_says_what_was_played() -> None:
    data = dataset_of(vintages(1))
    result = WalkForwardBacktester(**QUIET, truth="first").run(data)
    assert result.report.series["gdp"].revisions == 2 * N
    text = " ".join(result.table().split())
    assert f"at each origin: revised values gdp {2 * N}. Forecasts are scored on the first" in text


def test_an_archive_that_begins_with_many_periods_is_played_from_there() -> None:
    values = vintages(2)
    begins = ENDS[30]
    values = [
        [replace(one, available_at=max(one.available_at, begins)) for one in own[:1]]
        for own in values
    ]
    with pytest.warns(UserWarning, match="too few values that were out before 1997Q4"):
        result = WalkForwardBacktester().run(dataset_of(values))
    assert result.report.series["gdp"].first_played == 31


def test_values_that_all_came_out_at_once_can_be_forecast_from_no_origin() -> None:
    downloaded = datetime(2024, 5, 1, tzinfo=UTC)
    values = [[replace(own[0], available_at=downloaded)] for own in vintages(2)]
    with pytest.raises(DataError, match="has too few values that were out before"):
        WalkForwardBacktester().run(dataset_of(values))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"truth": "second"}, "truth must be latest, first or a number"),
        ({"truth": True}, "truth must be latest"),
        ({"settled_after": 0}, "settled_after must be a whole number >= 1"),
        ({"forecast_at": "noon"}, "forecast_at must be release or period"),
    ],
)
def test_settings_out_of_range(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WalkForwardBacktester(**wrong)


def test_a_series_is_the_same_in_another_process() -> None:
    values = [[observation(t, 0.1 * t, 30)] for t in range(5)]
    values[2].append(observation(2, 7.0, 80))
    values[3][0] = replace(values[3][0], macro_context={"rate": 2.0}, segment_values={"a": 1.0})
    data = dataset_of(values)
    for at in ("release", "period"):
        known = series_as_known(data, "gdp", forecast_at=at)
        again = pickle.loads(pickle.dumps(known))
        assert again == known
        assert again.rows[0].macro_context is known.rows[0].macro_context
        for field in fields(Observation):
            for a, b in zip(again.rows, known.rows, strict=True):
                assert type(getattr(a, field.name)) is type(getattr(b, field.name))


def test_rows_of_another_kind_keep_it_in_another_process() -> None:
    rows = [OfAnotherKind(*(getattr(one, field.name) for field in fields(one))) for one in plain()]
    known = series_as_known(dataset_of([[row] for row in rows]), "gdp")
    again = pickle.loads(pickle.dumps(known))
    assert again == known
    assert {type(row) for row in again.rows} == {OfAnotherKind}


class OfAnotherKind(Observation):
    """Observation of a source with a class of its own."""


def plain() -> list[Observation]:
    """Return a few rows."""
    return [observation(t, float(t), 30) for t in range(4)]
