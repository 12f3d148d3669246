"""Canonical JSON: one text for equal values, so that a checksum means something.

Keys are sorted, there are no spaces, characters beyond ASCII stand as they are, and floats have the
shortest form that reads back the same, as Python writes it: what
`json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` returns.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["canonical", "canonical_records"]

_ENCODER = msgspec.json.Encoder(order="sorted")
_IN_NUMBERS = b"0123456789+-.eE"
_rest_of_number: Any = re.compile(rb"[-0-9+.eE]*").match


def canonical(value: Any) -> bytes:
    """Return plain values as canonical JSON.

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
        value: records of msgspec, or values as JSON has them; numbers are finite, since one that
            is not would become null.

    >>> canonical_records({"b": [1e-05, 1e16, 0.25], "a": "1e16"})
    b'{"a":"1e16","b":[1e-05,1e+16,0.25]}'
    """
    text = _ENCODER.encode(value)
    letters = np.frombuffer(text, dtype=np.uint8)
    places = np.concatenate([_exponents(letters), _small(letters)])
    if not places.size:
        return text
    places = np.sort(places[~_in_string(letters, places)])
    # msgspec writes 1e-5 as 0.00001 and 1e16 as 1e16, Python as 1e-05 and as 1e+16.
    found: list[bytes] = []
    end = 0
    for place in places.tolist():
        if place < end:
            continue
        before = text[end:place].rstrip(_IN_NUMBERS)
        begin = end + len(before)
        end = _rest_of_number(text, place).end()
        found += before, repr(float(text[begin:end])).encode()
    return b"".join([*found, text[end:]])


Letters = NDArray[np.uint8]


def _is_digit(letters: Letters) -> NDArray[np.bool_]:
    return (letters >= ord("0")) & (letters <= ord("9"))


def _exponents(letters: Letters) -> NDArray[np.intp]:
    """Return the places of an e between a digit and a digit or a sign."""
    at = np.flatnonzero(letters[1:-1] == ord("e")) + 1
    at = at[_is_digit(letters[at - 1])]
    following = letters[at + 1]
    found: NDArray[np.intp] = at[_is_digit(following) | (following == ord("-"))]
    return found


def _small(letters: Letters) -> NDArray[np.intp]:
    """Return the places of the point of 0.0000, with which a number below 1e-4 begins."""
    at = np.flatnonzero(letters[1:-4] == ord(".")) + 1
    zeros = [letters[at + shift] == ord("0") for shift in (-1, 1, 2, 3, 4)]
    found: NDArray[np.intp] = at[np.logical_and.reduce(zeros)]
    return found


def _in_string(letters: Letters, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which places are inside of a string: behind an odd number of quotes."""
    quotes = np.flatnonzero(letters == ord('"'))
    escaped = np.flatnonzero(letters[quotes[1:] - 1] == ord("\\")) + 1
    ends = np.ones(quotes.size, dtype=np.bool_)
    for number in escaped.tolist():
        at = int(quotes[number]) - 1
        slashes = 0
        while letters[at - slashes] == ord("\\"):
            slashes += 1
        ends[number] = slashes % 2 == 0
    behind: NDArray[np.bool_] = np.searchsorted(quotes[ends], places) % 2 == 1
    return behind
