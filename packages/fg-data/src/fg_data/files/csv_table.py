"""CSV files: delimiter from the header line, UTF-8 or UTF-16, quotes, and nothing guessed beyond.

The delimiter is the sign that stands most often in the header line, outside quotes: comma,
semicolon or tab, in that order where two stand equally often. With semicolons, decimal commas are
understood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from fg_core import DataError

from .content import MAX_ROWS, encoding_of, kind_of
from .raw_table import RawTable, check_extent, check_names

__all__ = ["delimiter_of", "read_csv"]

_DELIMITERS = (",", ";", "\t")
_REMEMBERED = 100_000


def delimiter_of(header: str) -> str:
    """Return the delimiter of a header line.

    Args:
        header: First line of the file.

    Returns:
        One character.

    >>> delimiter_of('unique_id;ds;"a,b,c,d"')
    ';'
    """
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def read_csv(data: bytes, label: str) -> RawTable:
    r"""Return the table of a CSV file.

    Empty lines are skipped; columns without a name are left out, with a notice.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.

    Returns:
        Columns of texts by name, all of the same length.

    Raises:
        DataError: It is something else, in another encoding, or a row has another number of cells
            than the header; the message names the line.

    >>> read_csv(b"ds;y\n2001;1,5\n", "t.csv").columns
    {'ds': ['2001'], 'y': ['1,5']}
    """
    kind = kind_of(data)
    if kind:
        raise DataError(f"{label} is not CSV but {kind}; save it as CSV, or name it what it is")
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding_of(data, label), newline="") as file:
        header = next((line for line in file if line.strip()), "")
        file.seek(0)
        delimiter = delimiter_of(header)
        rows = _rows(file, delimiter, label)
        at, names = next(rows, (0, []))
        if not names:
            raise DataError(f"{label}: there is no header line, with the names of the columns")
        names = [name.strip() for name in names]
        check_names(names, f"{label}, line {at}")
        columns: list[list[str]] = [[] for _ in names]
        lines: list[int] = []
        seen: dict[str, str] = {}
        for line, cells in rows:
            if len(cells) != len(names):
                raise DataError(
                    f"{label}, line {line}: {len(cells)} cells, and the header has {len(names)} "
                    f"(delimiter {delimiter!r})"
                )
            if len(lines) == MAX_ROWS:
                check_extent(MAX_ROWS + 1, len(names), label)
            lines.append(line)
            for column, cell in zip(columns, cells, strict=True):
                # Names and dates repeat in a long table; one text each is enough.
                if len(seen) < _REMEMBERED:
                    column.append(seen.setdefault(cell, cell))
                else:
                    column.append(seen.get(cell, cell))
    check_extent(len(lines), len(names), label)
    unnamed = names.count("")
    found = {name: cells for name, cells in zip(names, columns, strict=True) if name}
    notices = (f"{label}: columns without a name were left out: {unnamed}.",) if unnamed else ()
    return RawTable(found, lines, "," if delimiter == ";" else ".", notices)


def _rows(file: Iterable[str], delimiter: str, label: str) -> Iterator[tuple[int, list[str]]]:
    """Return rows that are not empty, each with the line that it begins in."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{label}, line {line}: {error}; check the quotes in it, each begun is to be ended"
            ) from None
        if any(map(str.strip, cells)):
            yield line, cells
        line = reader.line_num + 1
