"""JSON with one meaning, or an error."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_llm.strict_json import strict_json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_what_python_writes_comes_back(value: object) -> None:
    assert strict_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', "[NaN]", "[Infinity]", '"\\ud800"', "[" * 100_000, "", "1 2", b"\xff"],
)
def test_what_has_no_one_meaning_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        strict_json(text)


def test_long_numbers_are_not_converted() -> None:
    assert strict_json("9" * 1_000_000) == math.inf
    assert strict_json("-" + "9" * 1_000_000) == -math.inf
