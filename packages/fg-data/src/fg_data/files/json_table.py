"""JSON files: a list of records, columns by name, or a record a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from fg_core import DataError

from .content import MAX_ROWS, encoding_of, kind_of
from .raw_table import RawTable, check_extent

__all__ = ["read_json"]

_SHAPES = (
    'a list of records [{"ds": ..., "y": ...}, ...], columns {"ds": [...], "y": [...]}, or a '
    "record a line"
)


class _RepeatedNameError(ValueError):
    """A record has a name twice."""


def read_json(data: bytes, label: str, *, by_line: bool = False) -> RawTable:
    """Return the table of a JSON file.

    A record may leave names out, whose cells are then empty.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.
        by_line: Whether it is JSON lines; a file that has further records below its first is
            taken for that anyway.

    Returns:
        Columns of JSON values by name, all of the same length.

    Raises:
        DataError: It is something else, damaged, or of another shape.

    >>> read_json(b'[{"ds": 2001, "y": 1}, {"ds": 2002}]', "t.json").columns
    {'ds': [2001, 2002], 'y': [1, None]}
    """
    kind = kind_of(data)
    if kind and kind != "JSON":
        raise DataError(f"{label} is not JSON but {kind}; name it what it is")
    encoding = encoding_of(data, label)
    if by_line:
        return _from_lines(data, encoding, label)
    text = data.decode(encoding)
    try:
        values = _parsed(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text.lstrip().startswith("{"):
            return _from_lines(data, encoding, label)
        raise _damaged(error, f"{label}, line {error.lineno}") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(error, label) from None
    if isinstance(values, dict):
        return _from_columns(values, label)
    if not isinstance(values, list):
        raise DataError(f"{label} holds no table: {_SHAPES} is wanted")
    return _from_records(((None, value) for value in values), label)


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {name.strip(): value for name, value in pairs}
    if len(found) < len(pairs):
        names = [name.strip() for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RepeatedNameError(f"{twice!r} is in one record twice")
    return found


def _damaged(error: Exception, where: str) -> DataError:
    if isinstance(error, RecursionError):
        return DataError(f"{where}: nested too deeply; {_SHAPES} is wanted")
    if isinstance(error, _RepeatedNameError):
        return DataError(f"{where}: {error}")
    what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return DataError(f"{where}: not JSON, or cut short ({what})")


def _from_lines(data: bytes, encoding: str, label: str) -> RawTable:
    def records() -> Iterator[tuple[int | None, Any]]:
        with io.TextIOWrapper(io.BytesIO(data), encoding=encoding) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        value = _parsed(line)
                    except (ValueError, RecursionError) as error:
                        raise _damaged(error, f"{label}, line {number}") from None
                    yield number, value

    return _from_records(records(), label)


def _from_columns(values: dict[str, Any], label: str) -> RawTable:
    for name, cells in values.items():
        if not isinstance(cells, list):
            raise DataError(
                f"{label}: {name!r} is no list of cells; {_SHAPES} is wanted (pandas: "
                "to_json(orient='records', date_format='iso'))"
            )
        check_extent(len(cells), len(values), label)
    return RawTable(values)


def _from_records(records: Iterator[tuple[int | None, Any]], label: str) -> RawTable:
    columns: dict[str, list[Any]] = {}
    lines: list[int] = []
    n = 0
    for line, record in records:
        where = f"{label}, row {n + 1}" if line is None else f"{label}, line {line}"
        if not isinstance(record, dict):
            raise DataError(f"{where}: no record of names and values; {_SHAPES} is wanted")
        if n == MAX_ROWS:
            check_extent(n + 1, len(columns), label)
        for name, value in record.items():
            cells = columns.setdefault(name, [])
            cells.extend([None] * (n - len(cells)))
            cells.append(value)
        n += 1
        check_extent(n, len(columns), label)
        if line is not None:
            lines.append(line)
    for cells in columns.values():
        cells.extend([None] * (n - len(cells)))
    if not columns:
        raise DataError(f"{label}: there are no records in it")
    return RawTable(columns, lines or None)
