"""A JSON body from outside, read by a schema and nothing else.

The usual readers let pass what a schema cannot see afterwards: of two equal keys the last one wins,
and NaN or 1e999 become numbers. Here they are errors.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn, TypeVar

import msgspec

from fg_core import SourceError

__all__ = ["decode_json"]

T = TypeVar("T")


def decode_json(body: bytes, schema: type[T], *, what: str) -> T:
    """Return a body as a value of a type that `msgspec` knows.

    Args:
        body: Bytes of the body.
        schema: Type of the value; fields that it does not name are ignored.
        what: Name of the body's origin in messages.

    Returns:
        Value of the type `schema`.

    Raises:
        SourceError: Not UTF-8, not JSON, a key twice, a number that is not finite, or not as the
            schema says; the message says where.

    >>> decode_json(b'{"count": 2}', dict[str, int], what="example")
    {'count': 2}
    >>> decode_json(b'{"count": 2, "count": 3}', dict[str, int], what="example")
    Traceback (most recent call last):
    ...
    fg_core.errors.SourceError: example: the answer has the key 'count' twice in one place
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{what}: the answer is not UTF-8 (byte {error.start} of {len(body)})"
        ) from None
    if text.lstrip()[:1] == "<":
        raise SourceError(
            f"{what}: the answer is a web page or XML, not JSON; check the base address, and "
            "whether a proxy or a sign-in page is in between"
        )
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        cut = " (cut off?)" if error.pos >= len(text.rstrip()) - 1 else ""
        raise SourceError(
            f"{what}: the answer is not JSON: {error.msg} at line {error.lineno}, column "
            f"{error.colno}{cut}"
        ) from None
    except _RefusedError as error:
        raise SourceError(f"{what}: the answer {error}") from None
    except (RecursionError, ValueError):
        raise SourceError(
            f"{what}: the answer is JSON that nobody reads (nested too deep, or a number of "
            "thousands of digits)"
        ) from None
    try:
        return msgspec.convert(value, schema)
    except msgspec.ValidationError as error:
        raise SourceError(f"{what}: the answer is not laid out as documented: {error}") from None


class _RefusedError(Exception):
    """JSON that is read, but not needed."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _RefusedError(f"has the key {twice[:60]!r} twice in one place")
    return found


def _refuse(constant: str) -> NoReturn:
    raise _RefusedError(f"has {constant} for a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _RefusedError(f"has {digits[:40]} for a number, which is out of range")
    return number
