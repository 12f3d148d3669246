"""The adapter against workbooks that are written by hand."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from werkzeug import Response

from fg_core import DataError, SourceError
from fg_core.errors import UnknownSeriesError
from fg_data.gpr import GeopoliticalRiskAdapter
from fg_data.gpr.workbook import read_sheet

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TYPE = "application/vnd.ms-excel"
HEADER = ["month", "GPR", "GPRC_USA", "var_name", "var_label"]
MONTHLY: list[list[object]] = [
    HEADER,
    [date(2026, 9, 1), 120.5, None, "GPR", "Recent GPR (Index: 1985:2019=100)"],
    [date(2026, 7, 1), 0.0, None, "GPRC_USA", "Country GPR: Percent of articles (United States)"],
    [date(2026, 8, 1), "NaN", 3.5],
    [None, None, None, "GPRX", "A label without a column"],
]
DAILY: list[list[object]] = [
    ["DAY", "N10D", "GPRD", "GPRD_ACT", "date", "event", "var_name", "var_label"],
    [
        20261101.0,
        500.0,
        90.25,
        80.0,
        date(2026, 11, 1),
        "talks",
        "GPRD",
        "Daily GPR (1985-2019=100)",
    ],
    [20261102.0, 510.0, 95.5, None, date(2026, 11, 2)],
]


@pytest.fixture
def adapter(answering: Any, quick: Any, write_xls: Any) -> GeopoliticalRiskAdapter:
    files = {"/data_gpr_export.xls": MONTHLY, "/data_gpr_daily_recent.xls": DAILY}

    def answer(request: Any) -> Response:
        return Response(write_xls(files[request.path]), content_type=TYPE)

    answering.answer = answer
    return GeopoliticalRiskAdapter(base_url=answering.url, transport=quick, clock=lambda: NOW)


def test_both_files_in_one_call(adapter: GeopoliticalRiskAdapter, answering: Any) -> None:
    found = adapter.fetch_multi_series(("GPRD", "GPR", "GPRC_USA", "GPRT", "month", "GPRD_ACT"))
    assert [request.path for request in answering.requests] == [
        "/data_gpr_daily_recent.xls",
        "/data_gpr_export.xls",
    ]
    values = {
        name: [(f"{one.period:%m-%d}", one.value) for one in history.prints]
        for name, history in found.histories.items()
    }
    assert values == {
        "GPRD": [("11-01", 90.25), ("11-02", 95.5)],
        "GPR": [("07-01", 0.0), ("08-01", None), ("09-01", 120.5)],
        "GPRC_USA": [("08-01", 3.5)],
        "GPRD_ACT": [("11-01", 80.0)],
    }
    assert (found["GPRD"].frequency, found["GPR"].frequency) == ("D", "M")
    assert found["GPR"].prints[-1].published == datetime(2026, 10, 11, tzinfo=UTC)
    assert found["GPRD"].prints[-1].published == datetime(2026, 11, 11, tzinfo=UTC)
    assert found.metadata["GPRC_USA"].units == "Percent of articles"
    assert set(found.errors) == {"GPRT", "month"}
    assert "nearest: GPR" in str(found.errors["GPRT"])
    with pytest.raises(UnknownSeriesError, match="GPRD_ACT, GPRD_THREAT by day"):
        adapter.history("GPRD_XYZ")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["year", "GPR"], [2026.0, 1.0]], "no column 'month' or 'DAY'"),
        ([["month", "GPR", "GPR"], [date(2026, 9, 1), 1.0, 2.0]], "two columns 'GPR'"),
        ([["month", "GPR"]], "no rows below its header"),
        ([], "no rows below its header"),
        (
            [["month", "GPR"], *[[date(2026, 9, 1), 1.0]] * 2],
            "row 3: 2026-09-01 stands there twice",
        ),
        ([["month", "GPR"], [date(2026, 9, 2), 1.0]], "no first day of a month"),
        ([["month", "GPR"], ["2026M9", 1.0]], "'2026M9' is no first day of a month"),
        ([["month", "GPR"], [1e12, 1.0]], "no first day of a month"),
        ([["DAY", "GPR"], [20261301.0, 1.0]], "no day such as 20250901"),
        ([["DAY", "GPR"], ["Monday", 1.0]], "'Monday' is no day such as"),
        ([["month", "GPR"], [date(2026, 9, 1), "many"]], "row 2, GPR: 'many' is no number"),
        ([["month", "GPR"], [None, 1.0]], "row 2: figures without a month"),
    ],
)
def test_sheets_that_are_odd(write_xls: Any, rows: list[list[object]], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_sheet(write_xls(rows), ["GPR"], what="example")


def test_a_newer_workbook_is_told_by_its_first_bytes() -> None:
    with pytest.raises(SourceError, match=r"a ZIP archive .* where an old Excel workbook \(.xls\)"):
        read_sheet(b"PK\x03\x04 and more", ["GPR"], what="example")


def test_without_its_reader_it_says_what_brings_it(
    write_xls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlrd", None)
    with pytest.raises(DataError, match=r"the extra fg-data\[xls\] brings"):
        read_sheet(write_xls(MONTHLY), ["GPR"], what="example")


def test_no_row_is_lost_where_the_end_is_cut_off(write_xls: Any) -> None:
    """A file that ends early is an error, or had nothing but padding there."""
    months = [[date(2000 + n // 12, 1 + n % 12, 1), float(n)] for n in range(300)]
    sound = write_xls([["month", "GPR"], *months])
    whole = read_sheet(sound, ["GPR"], what="example").columns
    for end in range(len(sound) - 2_000, len(sound), 13):
        try:
            assert read_sheet(sound[:end], ["GPR"], what="example").columns == whole
        except SourceError as error:
            assert "damaged or cut off" in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    "n", [60, pytest.param(4_000, marks=[pytest.mark.slow, pytest.mark.timeout(300)])]
)
def test_a_damaged_workbook_is_an_error_of_ours_or_read(
    write_xls: Any, n: int, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = write_xls(MONTHLY)
    draw = random.Random(n)
    failed = 0
    for turn in range(n):
        damaged = bytearray(sound)
        if turn % 2:
            del damaged[draw.randrange(8, len(sound)) :]
        else:
            for _ in range(3):
                damaged[draw.randrange(8, len(sound) if turn % 4 else 1_200)] = draw.randrange(256)
        try:
            read_sheet(bytes(damaged), ["GPR"], what="example")
        except SourceError:
            failed += 1
    assert failed > n // 3
    assert capsys.readouterr().out == ""
