"""Lists of names as one text, with commas between them, as in a line of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

__all__ = ["as_names", "join_names", "split_names"]


def as_names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return names that are given as one, as several, or not at all.

    Args:
        given: One name, or several; None: none.

    Returns:
        The names in their order.

    >>> as_names("a,b"), as_names(["a", "b"]), as_names(None)
    (('a,b',), ('a', 'b'), ())
    """
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def split_names(text: str) -> list[str]:
    """Return the names in a text; one that has a comma itself stands in double quotes.

    Args:
        text: Names with commas between them.

    Returns:
        Names in their order, without blanks around them; an empty one where there is none.

    >>> split_names('"Smith, John", unemp')
    ['Smith, John', 'unemp']
    """
    rows = csv.reader([text], skipinitialspace=True)
    return [name.strip() for row in rows for name in row or [""]]


def join_names(names: Iterable[str]) -> str:
    """Return names as one text; `split_names` reads it back.

    Args:
        names: Names.

    Returns:
        Names with commas between them.

    >>> join_names(["Smith, John", "unemp"])
    '"Smith, John",unemp'
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(list(names))
    return out.getvalue()
