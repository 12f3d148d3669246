"""Two vintages of FRED-MD as one table: what was known in the older one is exactly what it says."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fg_core import Dataset, dataset_from_table

SERIES = ("INDPRO", "UNRATE", "PAYEMS", "CPIAUCSL", "FEDFUNDS")
VINTAGES = {
    "2020-01": datetime(2020, 2, 1, tzinfo=UTC),
    "2020-05": datetime(2020, 6, 1, tzinfo=UTC),
}


def values_of(path: Path) -> dict[tuple[str, str], float]:
    """Return the values of a vintage by series and first day of the month, read by plain code."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sasdate"] not in ("", "Transform:")]
    found = {}
    for row in rows:
        month, day, year = row["sasdate"].split("/")
        for name in SERIES:
            if row[name]:
                found[name, f"{int(year)}-{int(month):02}-{int(day):02}"] = float(row[name])
    return found


def dataset_of(vintages: dict[datetime, dict[tuple[str, str], float]]) -> Dataset:
    """Return all values of all vintages, each known from the end of the month of its vintage."""
    table: dict[str, list[Any]] = {"unique_id": [], "ds": [], "y": [], "available_at": []}
    for known, values in vintages.items():
        for (name, day), value in values.items():
            for column, cell in zip(table, (name, day, value, known.isoformat()), strict=True):
                table[column].append(cell)
    return dataset_from_table(table)


def by_period(dataset: Dataset) -> dict[tuple[str, str], float]:
    return {(row.series_id, row.timestamp.date().isoformat()): row.value for row in dataset}


def check(older: dict[tuple[str, str], float], newer: dict[tuple[str, str], float]) -> Dataset:
    """Check what was known at either vintage, and return the dataset of both."""
    (first, second), both = VINTAGES.values(), [older, newer]
    dataset = dataset_of(dict(zip(VINTAGES.values(), both, strict=True)))
    assert by_period(dataset.as_of(first)) == older
    # What the newer one no longer tells stays as it was told.
    assert by_period(dataset.as_of(second)) == by_period(dataset) == {**older, **newer}
    revised = {period for period in older if newer.get(period, older[period]) != older[period]}
    earlier = {(row.series_id, row.timestamp.date().isoformat()) for row in dataset.earlier_values}
    assert earlier == revised
    return dataset


def test_two_vintages_of_the_real_files(data_dir: Path) -> None:
    older, newer = (values_of(data_dir / "fred-md" / f"fred-md_{name}.csv.gz") for name in VINTAGES)
    dataset = check(older, newer)
    counts = {name: sum(row.series_id == name for row in dataset.earlier_values) for name in SERIES}
    assert counts["FEDFUNDS"] == 0 < counts["INDPRO"]


def test_two_vintages_in_the_form_of_the_files(tmp_path: Path) -> None:
    header = ",".join(("sasdate", *SERIES))
    texts = {
        "2020-01": "1/1/2019,1,2,3,4,5\n2/1/2019,2,2,3,4,5\n3/1/2019,3,2.5,,4,5\n,,,,,\n",
        "2020-05": "1/1/2019,1,2,3,4,5\n2/1/2019,2.5,2,3,4,5\n3/1/2019,3,2.5,3,4,5\n"
        "4/1/2019,4,2.5,3,4,6\n",
    }
    for name, text in texts.items():
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            file.write(f"{header}\nTransform:,5,2,5,6,2\n{text}")
    dataset = check(*(values_of(tmp_path / name) for name in texts))
    assert [(row.series_id, row.value) for row in dataset.earlier_values] == [("INDPRO", 2.0)]
