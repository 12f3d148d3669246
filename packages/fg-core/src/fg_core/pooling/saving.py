"""Arrays as plain lists that JSON can hold, and back, to the last bit.

Numbers are written with as many digits as it takes to read back the same number (`repr`);
infinities and NaN, which JSON does not know, as the texts "inf", "-inf" and "nan".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import DataError

__all__ = ["array_from_plain", "array_to_plain", "field_of"]

Array = NDArray[np.float64]
_SPECIAL = frozenset({"inf", "-inf", "nan"})


def array_to_plain(array: Array) -> dict[str, Any]:
    """Return an array as shape and numbers.

    Args:
        array: Floats of any shape.

    Returns:
        "shape", a list of lengths, and "values", a flat list in row-major order; numbers that JSON
        does not have are texts: "nan", "inf" and "-inf".

    >>> array_to_plain(np.array([[0.1, -np.inf]]))
    {'shape': [1, 2], 'values': [0.1, '-inf']}
    """
    flat = np.ascontiguousarray(array, dtype=np.float64).ravel().tolist()
    values = [value if math.isfinite(value) else repr(value) for value in flat]
    return {"shape": list(np.shape(array)), "values": values}


def array_from_plain(name: str, plain: object) -> Array:
    """Return the array that `array_to_plain` was given.

    Args:
        name: Name of the array, for the message.
        plain: Shape and values, as they were read.

    Returns:
        Floats of the shape that was saved, equal to the last bit.

    Raises:
        DataError: It is no array.

    >>> array_from_plain("evidence", {"shape": [1, 2], "values": [0.1, "-inf"]})
    array([[ 0.1, -inf]])
    """
    if not isinstance(plain, Mapping) or set(plain) != {"shape", "values"}:
        raise DataError(f"{name}: an array is wanted, as shape and values, got {_short(plain)}")
    shape, values = plain["shape"], plain["values"]
    if not (isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)):
        raise DataError(f"{name}: {_short(shape)} is no shape")
    if not (isinstance(values, list) and len(values) == math.prod(shape)):
        raise DataError(f"{name}: {math.prod(shape)} values are wanted, for the shape {shape}")
    for value in values:
        if type(value) not in (float, int) and not (isinstance(value, str) and value in _SPECIAL):
            raise DataError(f"{name}: {_short(value)} is no number")
    return np.array([float(value) for value in values], dtype=np.float64).reshape(shape)


def field_of(plain: object, name: str) -> Any:
    """Return an entry of what was saved.

    Args:
        plain: Saved pool or a part of it, as it was read.
        name: Name of the entry.

    Returns:
        Value of the entry, unchecked.

    Raises:
        DataError: There is no such entry.

    >>> field_of({"names": ["a"]}, "names")
    ['a']
    """
    if not isinstance(plain, Mapping) or name not in plain:
        raise DataError(f"this is no saved pool: {name!r} is missing in {_short(plain)}")
    return plain[name]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
