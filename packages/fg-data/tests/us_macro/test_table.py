from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest
from statsmodels.datasets import macrodata

from fg_core import DataError, Query
from fg_data.us_macro import UsMacroSource, load_table, parse_table
from fg_data.us_macro import table as table_module

PACKAGED = files("fg_data.us_macro").joinpath("us_macro.csv").read_bytes()
LINES = PACKAGED.decode().splitlines()


def test_every_number_is_that_of_statsmodels() -> None:
    theirs = macrodata.load_pandas().data
    ours = load_table()
    assert [q.year for q in ours.quarters] == theirs["year"].astype(int).tolist()
    assert [(q.month + 2) // 3 for q in ours.quarters] == theirs["quarter"].astype(int).tolist()
    assert list(ours.columns) == [c for c in theirs.columns if c not in ("year", "quarter")]
    for name, values in ours.columns.items():
        np.testing.assert_array_equal(np.array(values), theirs[name].to_numpy())


def test_span() -> None:
    quarters = load_table().quarters
    assert len(quarters) == 203
    assert quarters[0] == datetime(1959, 1, 1, tzinfo=UTC)
    assert quarters[-1] == datetime(2009, 7, 1, tzinfo=UTC)


def test_the_provenance_beside_the_file_names_its_hash_and_its_vintage() -> None:
    provenance = files("fg_data.us_macro").joinpath("PROVENANCE.txt").read_text("utf-8")
    assert hashlib.sha256(PACKAGED).hexdigest() in provenance
    for fact in ("Skipper Seabold", "Federal Reserve Bank of", "Bureau of Labor Statistics",
                 "December 15, 2009", "Public domain", "One revised vintage"):  # fmt: skip
        assert fact in provenance


@pytest.mark.parametrize("damage", [b"", PACKAGED[:-1], PACKAGED.replace(b"2.34", b"2.35", 1)])
def test_a_damaged_file_is_one_clear_line(damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "_packaged_bytes", lambda: damage)
    with pytest.raises(DataError) as caught:
        UsMacroSource().fetch(Query())
    message = str(caught.value)
    assert message.startswith("us_macro.csv in the installed package is damaged")
    assert message.endswith("install fg-data again")
    assert "\n" not in message


def test_a_missing_file_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "FILE_NAME", "gone.csv")
    with pytest.raises(DataError, match=r"^gone.csv is missing .*; install fg-data again$"):
        load_table()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"line 1: the header is not year,quarter,realgdp,"),
        (["year,quarter"], r"line 1: the header is not"),
        ([LINES[0], LINES[1].replace("2710.349", "x")], r"line 2: could not convert"),
        ([LINES[0], LINES[1].replace("2710.349", "nan")], r"line 2: expected 14 finite numbers"),
        ([LINES[0], LINES[1] + ",1"], r"line 2: expected 14 finite numbers"),
        ([LINES[0], LINES[1].replace("1959,1", "1959,5")], r"line 2: month must be in 1..12"),
        ([LINES[0], LINES[1], LINES[3]], r"line 3: quarter 1959-07-01 does not follow 1959-01-01"),
        ([LINES[0], "", LINES[1]], r"line 2: not enough values"),
        ([LINES[0]], r"line 2: there are no rows below the header"),
    ],
)
def test_what_is_not_such_a_table_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_table("\n".join(lines))
