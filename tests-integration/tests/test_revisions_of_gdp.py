"""How GDP was revised, against a count on the body that the service sent, by plain code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fg_backtest import revisions
from fg_data import Print, VintageHistory, vintage_columns

BODY = "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"
CLIPPED = "2019-01-01"  # the last day that was asked for ends rows that went on
SINCE = "1994-01-01"
AGES = 8

Raw = list[dict[str, str]]


@pytest.fixture(scope="module")
def raw(fixtures_dir: Path) -> Raw:
    rows: Raw = json.loads((fixtures_dir / BODY).read_text())["observations"]
    return [row for row in rows if row["value"] != "."]


def moment(day: str, days: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days)


def history(raw: Raw) -> VintageHistory:
    prints = (
        Print(
            moment(row["date"]),
            float(row["value"]),
            moment(row["realtime_start"], 1),
            None if row["realtime_end"] == CLIPPED else moment(row["realtime_end"], 2),
        )
        for row in sorted(raw, key=lambda row: (row["date"], row["realtime_start"]))
    )
    return VintageHistory("GDP", "Q", "Billions of Dollars", tuple(prints))


def stood(raw: Raw, quarter: str, day: str) -> float:
    """Return the value of a quarter on a day, straight from the body."""
    (value,) = (
        float(row["value"])
        for row in raw
        if row["date"] == quarter and row["realtime_start"] <= day <= row["realtime_end"]
    )
    return value


def test_the_triangle_is_what_stood_on_the_days_of_the_next_first_prints(raw: Raw) -> None:
    found = revisions(vintage_columns([history(raw)]), ages=AGES, season_length=1)["GDP"]
    quarters = sorted({row["date"] for row in raw})
    first = {q: min(row["realtime_start"] for row in raw if row["date"] == q) for q in quarters}
    assert [one.date().isoformat() for one in found.periods] == quarters
    begin = quarters.index(SINCE)
    wanted = np.array(
        [
            [stood(raw, q, first[quarters[i + age]]) for age in range(AGES + 1)]
            for i, q in enumerate(quarters[: len(quarters) - AGES - 1])
            if i >= begin
        ]
    )
    there = found.triangle[begin : begin + len(wanted)]
    assert np.array_equal(there, wanted)
    moved = found.sizes() * found.step_scale
    assert np.allclose(moved[-len(wanted) - 1 : -1], wanted[:, AGES] - wanted[:, 0])
