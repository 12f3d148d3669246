"""Numbers of a JSON text in the form that Python gives them, where msgspec gives them another.

msgspec writes 1e-5 as 0.00001 and 1e16 as 1e16, Python as 1e-05 and as 1e+16. All other numbers are
the same. A large text has few such numbers, and numpy finds them without a look at each letter.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["with_python_exponents"]

_IN_NUMBERS = b"0123456789+-.eE"
_rest_of_number: Any = re.compile(rb"[-0-9+.eE]*").match

Letters = NDArray[np.uint8]


def with_python_exponents(text: bytes) -> bytes:
    """Return a JSON text of msgspec with its numbers as Python writes them.

    Args:
        text: JSON without spaces.

    >>> with_python_exponents(b'[0.00001,"0.00001"]')
    b'[1e-05,"0.00001"]'
    """
    letters = np.frombuffer(text, dtype=np.uint8)
    places = np.concatenate([_exponents(letters), _small(letters)])
    if not places.size:
        return text
    places = np.sort(places[~_in_string(letters, places)])
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
