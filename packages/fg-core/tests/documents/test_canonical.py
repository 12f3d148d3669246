"""The quick way to canonical JSON gives the bytes of the plain one."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fg_core.documents import canonical, canonical_records


class Claim(msgspec.Struct):
    mean: float
    scale: float | None


_texts = st.text(max_size=8) | st.sampled_from(
    ["1e5", ",1e-7,", "[0.00001]", '\\"1e5,', "\\", '"', "\\\\", ":1e16,", "é\u2028"]
)
_tiny_and_huge = st.builds(
    lambda digits, power: digits * 10.0**power, st.floats(-10.0, 10.0), st.integers(-12, 24)
)
_numbers = st.floats(allow_nan=False, allow_infinity=False) | _tiny_and_huge
_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**64 - 1) | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=20,
)


@given(_values)
@example([1e-5, 1.5e-5, 9.999e-5, 0.0001, -1e-7, 1e16, -1.5e17, 5e-324, -0.0, 123456789.0])
@example({'a\\"1e5,': "\\", "x,1e-7,": ['\\\\"', 1e-7, "0.00001"]})
@example(1e-7)
@example("1e-7")
def test_the_quick_way_gives_the_same_bytes(value: Any) -> None:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical_records(value) == canonical(value) == text


@given(_texts, _numbers, st.none() | _numbers)
def test_records_are_their_plain_values(name: str, mean: float, scale: float | None) -> None:
    records = {name: Claim(mean, scale), "z": (Claim(1e-9, None),)}
    assert canonical_records(records) == canonical(msgspec.to_builtins(records))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_an_error(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": number})
