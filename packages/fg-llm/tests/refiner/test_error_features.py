"""What a refining strategy sees, and what becomes of what it returns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ForecastUnavailable
from fg_core.forecast import ProbabilisticForecast
from fg_llm.refiner.error_features import (
    REFINER_FEATURES,
    moment_of,
    standard_error,
    strategy_increment,
)
from fg_llm.strategy import check_program
from fg_llm.strategy.program import MAX_FEATURES
from fg_llm.testing import constant, outcomes_with, share


def test_features_are_errors_left_by_the_correction() -> None:
    outcomes = outcomes_with([1.0] * 24 + [3.0] * 8)

    found = moment_of(outcomes).features(0.5)

    assert set(found) == set(REFINER_FEATURES)
    assert (found["error_1"], found["error_8"], found["error_32"]) == (2.5, 2.5, 1.0)
    assert (found["correction"], found["miss_8"]) == (0.5, 2.5)


def test_all_features_fit_into_one_program() -> None:
    assert len(REFINER_FEATURES) <= MAX_FEATURES


@given(st.integers(-999_999, 999_999), st.floats(-3.0, 3.0))
def test_no_increment_is_beyond_the_limit(milli: int, correction: float) -> None:
    program = check_program({"language": 1, "prog": constant(milli)}, ())

    found = strategy_increment(program, moment_of(outcomes_with([1.0])), correction)

    assert abs(found.value) <= 0.1
    assert (found.note == "clamped") == (abs(milli) > 100)


def test_a_share_of_the_mean_error_is_added() -> None:
    program = check_program({"language": 1, "prog": share("error_8", 250)}, REFINER_FEATURES)

    assert strategy_increment(program, moment_of(outcomes_with([0.75] * 8)), 0.5).value == 0.0625


def test_forecasts_without_spread_or_target_are_no_evidence() -> None:
    one = outcomes_with([1.0])[0]

    with pytest.raises(ForecastUnavailable, match="scale of 0"):
        standard_error(replace(one, forecast=ProbabilisticForecast(1.0, 0.0)))
    with pytest.raises(ForecastUnavailable, match="not finite"):
        standard_error(replace(one, target=float("nan")))
