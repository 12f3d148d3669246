from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import SourceError
from fg_data.http import decode_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=9), VALUES))
def test_what_json_writes_is_read(value: dict[str, Any]) -> None:
    assert decode_json(json.dumps(value).encode(), dict[str, Any], what="x") == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the answer is not JSON: Expecting value at line 1, column 1"),
        (b'{"a": 1', "cut off"),
        (b'{"a": [1, 2', "cut off"),
        (b"{'a': 1}", "is not JSON"),
        (b'{"a": 1} and more', "is not JSON: Extra data"),
        (b"<html><body>Sign in</body></html>", "a web page or XML, not JSON"),
        (b'\n<?xml version="1.0"?><error/>', "a web page or XML, not JSON"),
        (b'{"a": "\xff"}', r"is not UTF-8 \(byte 7 of 10\)"),
        ('{"a": 1}'.encode("utf-16"), "is not UTF-8"),
        (b'{"a": NaN}', "has NaN for a number"),
        (b'{"a": -Infinity}', "has -Infinity for a number"),
        (b'{"a": 1e999}', "has 1e999 for a number, which is out of range"),
        (b'{"a": 1, "a": 1}', "has the key 'a' twice"),
        (b'{"a": 1, "x": [{"b": 1, "c": 2, "b": 3}]}', "has the key 'b' twice"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "nested too deep, or a number of thousands of digits"),
        (b'{"b": 1}', "is not laid out as documented"),
        (b'{"a": "1"}', "is not laid out as documented"),
        (b"[1]", "is not laid out as documented"),
        (b"null", "is not laid out as documented"),
    ],
)
def test_everything_else_is_one_clear_line(body: bytes, said: str) -> None:
    import msgspec

    schema = msgspec.defstruct("Schema", [("a", int)])
    with pytest.raises(SourceError, match=said) as caught:
        decode_json(body, schema, what="FRED x")
    assert str(caught.value).startswith("FRED x: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_an_error_of_ours(body: bytes) -> None:
    try:
        found = decode_json(body, dict[str, int], what="x")
    except SourceError:
        return
    assert isinstance(found, dict)
