"""Observations: values as they were known."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings

from fg_core.errors import DataError
from fg_core.observation import Observation
from fg_core.testing.strategies import observations

quiet = settings(derandomize=True, database=None, deadline=None)

START = datetime(2001, 1, 1, tzinfo=UTC)


def row(t: int = 0, series: str = "infl", **changes: Any) -> Observation:
    start = START + timedelta(days=91 * t)
    base = Observation(start, 1.0 + t, {"unemp": 5.0}, start + timedelta(days=30), series, "test")
    return replace(base, **changes)


@quiet
@given(observations())
def test_observations_are_values(found: Observation) -> None:
    assert pickle.loads(pickle.dumps(found)) == found
    assert hash(replace(found)) == hash(found)
    assert found.available_at >= found.timestamp
    assert found.timestamp.tzinfo is not None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(
        DataError, match=r"series 'infl' of 'test' at 2001-01-01: value .* leave missing rows out"
    ):
        row(value=value)


@pytest.mark.parametrize("name", ["timestamp", "available_at"])
def test_a_moment_without_a_time_zone_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=f"series 'infl' of 'test': {name} .* has no time zone"):
        row(**{name: datetime(2001, 1, 1)})  # noqa: DTZ001 - that is what is tested


def test_a_value_known_before_its_period_is_refused() -> None:
    with pytest.raises(DataError, match="before the period began"):
        row(available_at=START - timedelta(microseconds=1))
    assert row(available_at=START).available_at == START


def test_moments_are_compared_across_time_zones() -> None:
    tokyo = timezone(timedelta(hours=9))
    with pytest.raises(DataError, match="before the period began"):
        # 2001-01-01 08:00 in Tokyo is still the last day of 2000 in Greenwich.
        row(available_at=datetime(2001, 1, 1, 8, tzinfo=tokyo))


def test_mappings_are_read_only() -> None:
    found = row(segment_values={"a": 1.0})
    for mapping in (found.macro_context, found.segment_values):
        with pytest.raises(TypeError):
            mapping["a"] = 2.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"value": "3"}, "value is '3'"),
        ({"timestamp": "2001-01-01"}, "must be a datetime"),
        ({"macro_context": {"gdp": float("nan")}}, "context 'gdp' is nan"),
        ({"segment_values": {"west": float("inf")}}, "segment 'west' is inf"),
    ],
)
def test_rows_hold_numbers_and_moments(bad: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(row(0), **bad)
