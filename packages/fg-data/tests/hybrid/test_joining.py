from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.hybrid.joining import MIN_REAL, extended, stressed

FLOATS = st.floats(-5.0, 5.0)
PASTS = st.lists(st.floats(1.0, 9.0), min_size=MIN_REAL, max_size=40).filter(
    lambda values: max(values) - min(values) > 0.1
)
PATHS = st.lists(FLOATS, min_size=2, max_size=30)
WEIGHTS = st.floats(0.0, 3.0)
HALF_LIVES = st.floats(0.5, 50.0)


def moments(values: list[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


@given(PASTS, PATHS, WEIGHTS, HALF_LIVES)
def test_the_formula_term_by_term(
    past: list[float], path: list[float], weight: float, half_life: float
) -> None:
    found = extended(past, path, weight=weight, half_life=half_life, is_level=False)
    mean, sd = moments(past)
    assert len(found) == len(path) - 1
    for k, value in enumerate(found, start=1):
        fade = 0.5 ** (k / half_life)
        added = path[k] - fade * path[0]
        expected = mean + fade * (past[-1] - mean) + weight * sd * added
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(PASTS, PATHS, HALF_LIVES)
def test_without_weight_history_fades_to_its_mean_and_stress_is_none(
    past: list[float], path: list[float], half_life: float
) -> None:
    found = extended(past, path, weight=0.0, half_life=half_life, is_level=False)
    mean, _ = moments(past)
    distances = [abs(value - mean) for value in (past[-1], *found)]
    assert all(b <= a + 1e-9 for a, b in pairwise(distances))
    real = [3.0 + k for k in range(len(path) - 1)]
    for is_level in (False, True):
        same = stressed(past, real, path, weight=0.0, half_life=half_life, is_level=is_level)
        assert same == pytest.approx(real, rel=1e-12)


@given(PASTS, PATHS, WEIGHTS, HALF_LIVES)
def test_stress_is_the_same_addition_on_top_of_what_happened(
    past: list[float], path: list[float], weight: float, half_life: float
) -> None:
    real = [2.0 * k for k in range(len(path) - 1)]
    found = stressed(past, real, path, weight=weight, half_life=half_life, is_level=False)
    whole = extended(past, path, weight=weight, half_life=half_life, is_level=False)
    none = extended(past, path, weight=0.0, half_life=half_life, is_level=False)
    for k in range(len(real)):
        assert found[k] - real[k] == pytest.approx(whole[k] - none[k], abs=1e-7)


@given(PASTS, FLOATS, WEIGHTS)
def test_wherever_a_path_begins_it_is_joined_at_the_last_value(
    past: list[float], begins: float, weight: float
) -> None:
    """With a long memory, a path that stays where it begins leaves the series where it was."""
    settings = {"weight": weight, "half_life": 1e7, "is_level": False}
    found = extended(past, [begins] * 4, **settings)  # type: ignore[arg-type]
    assert found == pytest.approx([past[-1]] * 3, abs=1e-4)


@given(PASTS, PATHS, WEIGHTS, HALF_LIVES)
def test_a_level_is_extended_in_its_growth(
    past: list[float], path: list[float], weight: float, half_life: float
) -> None:
    levels = extended(past, path, weight=weight, half_life=half_life, is_level=True)
    logs = [math.log(b / a) for a, b in pairwise(past)]
    growth = extended(logs, path, weight=weight, half_life=half_life, is_level=False)
    before = past[-1]
    for level, rate in zip(levels, growth, strict=True):
        assert level > 0.0
        assert math.log(level / before) == pytest.approx(rate, abs=1e-7)
        before = level


def test_too_few_real_values_and_levels_that_have_no_growth() -> None:
    settings = {"weight": 1.0, "half_life": 4.0}
    with pytest.raises(DataError, match="5 real values before the join are too few"):
        extended([1.0, 2.0] * 2 + [1.0], [0.0, 1.0], **settings, is_level=False)
    with pytest.raises(DataError, match="must be positive to have growth, got -2"):
        extended([1.0, -2.0] * 20, [0.0, 1.0], **settings, is_level=True)
