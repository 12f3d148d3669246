"""Real vintages of GDP, as ALFRED sent them: rows against a count on the raw body."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fg_core import Dataset, Provenance
from fg_data.alignment import align
from fg_data.leaks import find_early_use
from fg_data.training.rows import own_values, training_rows
from fg_data.vintages import Print, VintageHistory

BODY = "alfred/series_observations_GDP_realtime_1776_to_2019-01-01.json"
CLIPPED = "2019-01-01"  # the last day that was asked for ends rows that went on


@pytest.fixture(scope="module")
def raw(fixtures_dir: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((fixtures_dir / BODY).read_text())["observations"]
    assert len(rows) == 2902
    return rows


def moment(day: str, days: int = 0) -> datetime:
    at = date.fromisoformat(day) + timedelta(days=days)
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


@pytest.fixture(scope="module")
def gdp(raw: list[dict[str, str]]) -> VintageHistory:
    prints = (
        Print(
            moment(row["date"]),
            None if row["value"] == "." else float(row["value"]),
            moment(row["realtime_start"], 1),
            None if row["realtime_end"] == CLIPPED else moment(row["realtime_end"], 2),
        )
        for row in sorted(raw, key=lambda row: (row["date"], row["realtime_start"]))
    )
    return VintageHistory("GDP", "Q", "Billions of Dollars", tuple(prints))


def known_on(raw: list[dict[str, str]], day: str) -> dict[str, float]:
    """Figures that held on a day, straight from the body."""
    return {
        row["date"]: float(row["value"])
        for row in raw
        if row["realtime_start"] <= day <= row["realtime_end"] and row["value"] != "."
    }


def test_growth_is_that_of_the_vintage_of_its_day(
    raw: list[dict[str, str]], gdp: VintageHistory
) -> None:
    rows = {known.period: known for known in own_values(gdp, "growth", "Q")}
    published = {}
    for row in sorted(raw, key=lambda row: row["realtime_start"], reverse=True):
        if row["value"] != ".":
            published[row["date"]] = row["realtime_start"]
    recent = sorted(day for day in published if day >= "1992-01-01")
    assert len(recent) == 107
    for day in recent:
        vintage = known_on(raw, published[day])
        before = max(other for other in vintage if other < day)
        expected = 400 * math.log(vintage[day] / vintage[before])
        known = rows[moment(day)]
        assert known.value == pytest.approx(expected, rel=1e-9)
        assert known.available_at == moment(published[day], 1)


def test_growth_across_vintages_would_be_another_number(
    raw: list[dict[str, str]], gdp: VintageHistory
) -> None:
    """In July 2013 research and development became investment: 3 % more, and no growth."""
    firsts = {known.period: known.value for known in gdp.first_prints()}
    second, first = moment("2013-04-01"), moment("2013-01-01")
    across = 400 * math.log(firsts[second] / firsts[first])
    rows = {known.period: known.value for known in own_values(gdp, "growth", "Q")}
    assert across > 15.0
    assert 0.0 < rows[second] < 5.0


def test_at_each_months_origin_the_quarter_that_was_out(
    raw: list[dict[str, str]], gdp: VintageHistory
) -> None:
    table = align([gdp], "M", start=moment("2013-08-01"), end=moment("2014-06-01"))
    for row in table.rows:
        vintage = known_on(raw, (row.moment - timedelta(days=1)).date().isoformat())
        last = max(vintage)
        cell = row.cells["GDP"]
        assert (cell.value, cell.period) == (vintage[last], moment(last))
    # The shutdown of 2013: at the end of October the third quarter was not out, as it usually is.
    by_origin = {row.moment: row.cells["GDP"] for row in table.rows}
    assert by_origin[moment("2013-11-01")].period == moment("2013-04-01")
    assert by_origin[moment("2013-12-01")].period == moment("2013-07-01")
    assert by_origin[moment("2013-11-01")].age_days == 123.0


def test_no_row_of_real_vintages_uses_anything_early(gdp: VintageHistory) -> None:
    rows = training_rows([gdp], {"GDP": "growth"}, "Q", source="fred")
    data = Dataset(rows, Provenance("fred", "", "", ""), frequency="Q")
    assert len(data) > 280
    assert find_early_use(data, [gdp], {"GDP": "growth"}) == ()
