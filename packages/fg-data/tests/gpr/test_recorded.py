"""The recorded old workbook, served as it was sent, against another reader and derived values."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fg_data.gpr import GPR_NOTICE, GeopoliticalRiskAdapter

XLS = "gpr/data_gpr_export_2025-09_trimmed.xls"
DERIVED = "gpr/gpr_monthly_1984-10_2025-09.csv"
NOW = datetime(2025, 10, 20, tzinfo=UTC)


@pytest.fixture
def adapter(recorded: Any, httpserver: Any, quick: Any) -> GeopoliticalRiskAdapter:
    recorded.serve(httpserver, "/data_gpr_export.xls", XLS)
    url = httpserver.url_for("/")
    return GeopoliticalRiskAdapter(base_url=url, transport=quick, clock=lambda: NOW)


def test_every_cell_is_the_one_that_another_reader_finds(
    recorded: Any, adapter: GeopoliticalRiskAdapter
) -> None:
    calamine = pytest.importorskip("python_calamine")
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(recorded.body(XLS)))
    header, *rows = book.get_sheet_by_name("Sheet1").to_python()
    labels = {row[-2]: row[-1] for row in rows if row[-2]}
    names = tuple(name for name in header if name not in ("month", "var_name", "var_label"))
    found = adapter.fetch_multi_series(names).require_all()
    assert len(found.histories) == 112
    for name in names:
        cells = {row[0]: row[header.index(name)] for row in rows}
        due = {month: value for month, value in cells.items() if value != ""}
        history = found[name]
        read = {p.period.date(): p.value for p in history.prints if p.value is not None}
        assert read == due, name
        assert history.frequency == "M"
        assert found.metadata[name].title == labels[name]
        assert history.units, name
    # Months that the index of the last decades does not reach are not there, and not zero.
    assert min(one.period.date() for one in found["GPR"].prints) == date(1985, 1, 1)
    assert min(one.period.date() for one in found["GPRH"].prints) == date(1900, 1, 1)
    assert found["GPR"].units == "Index, 1985 to 2019 = 100"
    assert found["GPRH"].units == "Index, 1900 to 2019 = 100"
    assert found["GPRC_USA"].units == "Percent of articles"
    assert found["N10"].units == "Articles"
    assert GPR_NOTICE in found.provenance.notices
    assert found["GPR"].prints[-1].published == datetime(2025, 10, 11, tzinfo=UTC)


def test_values_are_those_that_were_derived(
    recorded: Any, adapter: GeopoliticalRiskAdapter
) -> None:
    rows = list(csv.DictReader(io.StringIO(recorded.body(DERIVED).decode())))
    names = [name for name in rows[0] if name != "month"]
    found = adapter.fetch_multi_series(names).require_all()
    n_cells = 0
    for name in names:
        due = {row["month"]: float(row[name]) for row in rows if row[name]}
        read = {f"{p.period:%Y-%m-%d}": p.value for p in found[name].prints}
        both = due.keys() & read.keys()  # the recording has some years of these
        n_cells += len(both)
        assert {month: read[month] for month in both} == {month: due[month] for month in both}
    assert n_cells > 450
