"""Coded checks: what each finds, what it lets pass, and how often it is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest import BacktestResult, forecast
from fg_backtest.checks import (
    DOUBTED,
    Check,
    beaten_by_one,
    binomial_p_value,
    coverage_broken,
    few_moves,
    few_origins,
    found_only,
    in_short,
    print_doubted,
    revised_only,
    worse_than_walk,
)
from fg_backtest.report import without_origins
from fg_core import DataError
from fg_core.defenses import InnovationGate
from fg_core.scoring import compare_scores

AT = ("sales", 1, "M")


def test_codes_are_stable_and_found_ones_are_told_in_one_sentence() -> None:
    worse, better = compare_scores(np.arange(40) % 3 + 1.0, np.zeros(40)), ("ar", 1.0)
    lead = compare_scores(np.zeros(40), np.arange(40) % 3 + 1.0)
    found = {
        "FG101": worse_than_walk(worse, 4.0, *AT),
        "FG102": coverage_broken(40, 0.5, *AT),
        "FG103": revised_only("one revised vintage (2009)", "us_macro"),
        "FG104": print_doubted(0.3, 0.05, "sales", {}),
        "FG105": beaten_by_one(better[0], lead, 2.0, 0.01, True, *AT),
        "FG106": few_origins(19, *AT),
        "FG107": few_moves([0.0] * 60 + [9.0] * 9, "sales"),
    }
    for code, one in found.items():
        assert (one.code, one.outcome) == (code, "found")
        assert one.text.endswith(".")
        assert str(one).startswith(f"{code} ")
    assert [one.code for one in found_only(found.values())][:3] == ["FG101", "FG102", "FG104"]
    lines = in_short(list(found.values()), 5)
    assert lines[0].startswith("FG101 sales: Worse than the random walk 1 month ahead: the CRPS")
    assert lines[-1].startswith("2 more checks found something: 1 of FG106")


def test_a_print_is_doubted_from_the_gates_own_first_doubt_on() -> None:
    assert InnovationGate().prior == DOUBTED


def test_what_cannot_be_told_is_not_applicable_and_what_is_well_passes() -> None:
    few = compare_scores([1.0, 2.0], [0.0, 0.5])
    even = compare_scores(np.arange(40) % 2, (np.arange(40) + 1) % 2)
    nothing = compare_scores([], [])
    outcomes = [
        worse_than_walk(few, 1.0, *AT),
        coverage_broken(3, 1.0, "sales", 4, "M"),
        coverage_broken(0, math.nan, *AT),
        revised_only("", "file"),
        beaten_by_one("", nothing, math.nan, 1.0, False, *AT),
        few_moves([1.0, 2.0, 4.0], "sales"),
    ]
    assert {one.outcome for one in outcomes} == {"not applicable"}
    well = [
        worse_than_walk(even, 1.0, *AT),
        coverage_broken(40, 0.8, *AT),
        revised_only("first prints", "fred"),
        print_doubted(0.049, 0.05, "sales", {}),
        beaten_by_one("ar", even, 1.0, 1.0, False, *AT),
        few_origins(20, *AT),
        few_moves(np.cumsum(np.random.default_rng(1).standard_normal(70)), "sales"),
    ]
    assert {one.outcome for one in well} == {"passed"}


@given(st.integers(1, 80), st.floats(0.05, 0.95))
def test_the_binomial_p_value_is_valid(n: int, p: float) -> None:
    values = [binomial_p_value(k, n, p) for k in range(n + 1)]
    chance = [math.comb(n, k) * p**k * (1.0 - p) ** (n - k) for k in range(n + 1)]
    assert max(values) == pytest.approx(1.0)
    for limit in (0.01, 0.1, 0.5):
        found = sum(c for c, value in zip(chance, values, strict=True) if value <= limit)
        assert found <= limit + 1e-9


def test_usual_changes_are_seldom_dominated_by_three() -> None:
    rng = np.random.default_rng(2)
    found = [few_moves(np.cumsum(rng.standard_normal(61)), "a").outcome for _ in range(400)]
    assert found.count("found") <= 2
    assert found.count("not applicable") == 0


def test_overlapping_forecasts_count_less() -> None:
    apart, overlapping = (coverage_broken(40, 0.6, "a", h, "M") for h in (1, 4))
    assert apart.figures["p_value"] < 0.01 < overlapping.figures["p_value"]


def test_a_backtest_has_the_checks_of_each_series_and_horizon(played: BacktestResult) -> None:
    found = played.checks()
    assert [one.code for one in found[:5]] == ["FG103", "FG101", "FG102", "FG105", "FG106"]
    assert {(one.series, one.horizon) for one in found[1:]} == {
        (name, h) for name in ("a", "b") for h in (1, 4)
    }
    coverage = next(one for one in found if one.code == "FG102")
    assert coverage.figures["coverage"] == pytest.approx(
        played.metrics("a", 1)["ensemble"].coverage_80
    )
    with pytest.raises(DataError, match="without --summary-only"):
        BacktestResult(without_origins(played.report)).checks()


def test_forecasts_have_them_too_and_the_table_tells_what_was_found() -> None:
    weeks = [f"2020-W{t + 1:02}" for t in range(30)]
    values = [2.0 + t % 5 for t in range(30)]
    found = forecast({"ds": weeks, "y": [*values[:-1], 99.0]}, agents="baselines", season_length=1)
    by_code: dict[str, list[Check]] = {}
    for one in found.checks():
        by_code.setdefault(one.code, []).append(one)
    assert len(by_code["FG102"]) == len(found.horizons)
    assert by_code["FG104"][0].outcome == "found"
    assert by_code["FG106"][0].outcome == "found"
    calm = forecast({"ds": weeks, "y": values}, agents="baselines", season_length=1)
    assert calm.checks()[1].outcome == "passed"


def test_intervals_of_outcomes_that_repeat_may_hold_more_and_not_less() -> None:
    at = ("a", 1, "W")
    assert coverage_broken(40, 1.0, *at).outcome == "found"
    assert coverage_broken(40, 1.0, *at, ties=0.5).outcome == "passed"
    assert coverage_broken(40, 0.4, *at, ties=0.5).outcome == "found"
