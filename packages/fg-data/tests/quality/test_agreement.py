"""Two sources agree within a tolerance, or they do not, and it is said why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import ConfigError, DataError, Observation
from fg_core.calendar import next_period
from fg_data.quality import Agreement, compare_series


def monthly(seed: int = 1, n: int = 60) -> list[Observation]:
    rng = np.random.default_rng(seed)
    rows, period, value = [], datetime(2010, 1, 1, tzinfo=UTC), 5.0
    for _ in range(n):
        value += 0.2 * float(rng.standard_normal())
        rows.append(Observation(period, value + 20.0, {}, period + timedelta(days=40), "x", "a"))
        period = next_period(period, "M")
    return rows


def quarterly(rows: list[Observation], factor: float = 1.0) -> list[Observation]:
    return [
        replace(rows[k], value=factor * (rows[k].value + rows[k + 1].value + rows[k + 2].value) / 3)
        for k in range(0, len(rows) - 2, 3)
    ]


def compared(a, b, **how) -> Agreement:
    return compare_series(a, b, **{"frequencies": ("M", "Q"), "tolerance": 0.001, **how})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.floats(1e-3, 1e3), st.integers(0, 19), st.floats(0.01, 0.5))
def test_units_and_frequency_do_not_matter_and_one_wrong_value_does(
    seed: int, factor: float, at: int, error: float
) -> None:
    rows = monthly(seed)
    other = quarterly(rows, factor)
    for stated in (1.0 / factor, None):
        found = compared(rows, other, factor=stated)
        assert found.agrees
        assert found.factor == pytest.approx(1.0 / factor)
    other[at] = replace(other[at], value=other[at].value * (1.0 + error))
    found = compared(rows, other, factor=None)
    assert (found.agrees, found.n_apart, found.worst_period) == (False, 1, other[at].timestamp)
    assert compared(rows, other, factor=None, allowed_share=0.05).agrees


def test_a_wrong_unit_is_told_by_its_ratio() -> None:
    rows = monthly()
    found = compared(rows, quarterly(rows, 12.0))
    assert not found.agrees
    assert "20 of 20 shared periods" in str(found)
    assert "the median ratio of the two is 0.0833333: another unit or base" in str(found)


@pytest.mark.parametrize("moved", [1, -1])
def test_a_lag_is_no_agreement_however_wide_the_tolerance(moved: int) -> None:
    rows = monthly()
    shifted = [replace(rows[k], value=rows[k + moved].value) for k in range(1, len(rows) - 1)]
    found = compared(rows, shifted, frequencies=("M", "M"), tolerance=1.0)
    assert (found.agrees, found.lag, found.n_apart) == (False, moved, 0)
    where = "later" if moved > 0 else "earlier"
    assert f"better with the second moved one period {where}" in str(found)


def test_what_cannot_be_compared_is_refused() -> None:
    rows = monthly()
    with pytest.raises(DataError, match="only 4 periods are in both"):
        compared(rows[:12], quarterly(rows))
    zero = [replace(row, value=0.0) for row in quarterly(rows)]
    with pytest.raises(DataError, match="has no ratio"):
        compared(rows, zero, factor=None)
    for wrong in ({"tolerance": 0.0}, {"factor": -1.0}, {"allowed_share": 1.0}, {"method": "mean"}):
        with pytest.raises(ConfigError):
            compared(rows, quarterly(rows), **wrong)
