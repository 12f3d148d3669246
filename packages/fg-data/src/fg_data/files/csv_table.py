"""CSV files: delimiter from the header line, UTF-8 or UTF-16, quotes, and nothing guessed beyond.

The delimiter is the sign that stands most often in the header line, outside quotes: comma,
semicolon, tab or vertical bar, in that order where two stand equally often. Where the first line is
none, it is the sign that cuts most lines, one after the other, into equally many cells. With
semicolons, decimal commas are understood.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from fg_core import DataError

from .content import encoding_of, kind_of
from .raw_table import RawTable
from .sheet_rows import SAMPLE, table_of_rows

__all__ = ["delimiter_of", "read_csv"]

_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def delimiter_of(lines: str | Sequence[str]) -> str:
    """Return the delimiter of a file.

    Args:
        lines: First lines of the file that are not empty, or its header line alone.

    Returns:
        One character.

    >>> delimiter_of('unique_id;ds;"a,b,c,d"')
    ';'
    >>> delimiter_of(["Sales, in euros, by week", "ds;y", "2001;1,5", "2002;1,7"])
    ';'
    """
    lines = [lines] if isinstance(lines, str) else lines
    outside = "".join(lines[0].split('"')[::2]) if lines else ""
    first = max(_DELIMITERS, key=outside.count)
    lengths = _cells(lines, first)
    if len(lengths) < 2 or (lengths[0] > 1 and len(set(lengths)) == 1):
        return first
    # Of signs that cut equally well, a comma is one of decimals.
    return max(_DELIMITERS, key=lambda sign: _agreement(_cells(lines, sign), sign, first))


def _cut(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []


def _cells(lines: Sequence[str], delimiter: str) -> list[int]:
    return [len(cells) for cells in _cut(lines, delimiter)]


def _agreement(lengths: Sequence[int], sign: str, first: str) -> tuple[int, bool, bool]:
    """Return how many lines in a row have equally many cells, more than one."""
    runs = (sum(1 for _ in run) for length, run in groupby(lengths) if length > 1)
    return max(runs, default=0), sign != ",", sign == first


def read_csv(data: bytes, label: str, *, encoding: str = "") -> RawTable:
    r"""Return the table of a CSV file.

    Empty lines are skipped; columns without a name are left out, with a notice, and so are lines of
    titles above the header and of notes below the data.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.
        encoding: Encoding that somebody names; empty: UTF-8, or what the byte order mark says.

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
    name = encoding_of(data, label, encoding)
    with io.TextIOWrapper(io.BytesIO(data), encoding=name, newline="") as file:
        head = list(islice((line for line in file if line.strip()), SAMPLE))
        separator = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
        delimiter = separator[1] if separator else delimiter_of(head)
        file.seek(0)
        rows = _rows(file, delimiter, label)
        if separator:
            next(rows)
        return table_of_rows(
            rows,
            label,
            decimal="," if delimiter == ";" else "",
            how=f" (delimiter {delimiter!r})",
        )


def _rows(file: Iterable[str], delimiter: str, label: str) -> Iterator[tuple[int, list[str]]]:
    """Return rows that are not empty, each with the line that it begins in."""
    reader = csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)
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
