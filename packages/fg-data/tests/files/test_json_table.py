"""JSON in three shapes, and any bytes."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import DataError
from fg_data.files.json_table import read_json


def test_records_may_leave_names_out() -> None:
    raw = read_json(b'{"ds": 1}\n\n{"y": 2, "ds": 3}\n{"y": 4}', "t.jsonl", by_line=True)
    assert raw.columns == {"ds": [1, 3, None], "y": [None, 2, 4]}
    assert raw.lines == [1, 3, 4]


def test_one_record_a_line_is_seen_without_the_name_for_it() -> None:
    assert read_json(b'{"y": 1}\n{"y": 2}', "t.json").columns == {"y": [1, 2]}
    assert read_json(b'{"y": 1}', "t.jsonl", by_line=True).columns == {"y": [1]}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_what_pandas_writes_is_read_back(values: list[float]) -> None:
    frame = pd.DataFrame({"ds": [f"{2001 + t}" for t in range(len(values))], "y": values})
    for orient in ("records", "list"):
        data = frame.to_dict(orient=orient)  # type: ignore[call-overload]
        assert read_json(json.dumps(data).encode(), "t.json").columns["y"] == values


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_table_or_one_clear_line(data: bytes) -> None:
    for by_line in (False, True):
        said = "t.json"
        try:
            read_json(data, "t.json", by_line=by_line)
        except DataError as error:
            said = str(error)
        assert "\n" not in said
        assert said.startswith("t.json")


def test_numbers_of_any_length_are_no_crash() -> None:
    with pytest.raises(DataError, match=r"t.json: not JSON, or cut short \(Exceeds the limit"):
        read_json(b'[{"y": ' + b"9" * 5000 + b"}]", "t.json")
