"""JSON read strictly: one meaning, or a ValueError."""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["strict_json"]

_LONGEST_NUMBER = 40


def strict_json(text: str | bytes) -> Any:
    """Return the value that a text holds.

    A key twice means two things to two readers, NaN is no number, and a lone surrogate is no
    text: all are refused. A whole number of more than 40 characters is read as an infinity, since
    its digits would take longer to convert than they are worth; who wants a number checks that it
    is finite.

    Args:
        text: One JSON value, as text or as UTF-8.

    Returns:
        The value, of Python's own types.

    Raises:
        ValueError: It is no such JSON, or nested too deeply.

    >>> strict_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    try:
        found = json.loads(
            text.decode("utf-8") if isinstance(text, bytes) else text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_whole_number,
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def _whole_number(digits: str) -> float:
    if len(digits) <= _LONGEST_NUMBER:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(_: str) -> Any:
    raise ValueError("no number")
