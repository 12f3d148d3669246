"""The file `us_macro.csv`, verified and read; PROVENANCE.txt beside it tells where it is from."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from fg_core import DataError, frozen_mapping
from fg_core.calendar import next_period

__all__ = ["COLUMNS", "FILE_NAME", "FILE_SHA256", "MacroTable", "load_table", "parse_table"]

FILE_NAME = "us_macro.csv"
FILE_SHA256 = "d93c0d3a7a77ef83c3af14e46032bb1d02ae3a512b22ab94159a8ca226fcf708"

COLUMNS = (
    "realgdp",
    "realcons",
    "realinv",
    "realgovt",
    "realdpi",
    "cpi",
    "m1",
    "tbilrate",
    "unemp",
    "pop",
    "infl",
    "realint",
)
"""Columns of the file after `year` and `quarter`, in its order."""


@dataclass(frozen=True)
class MacroTable:
    """The numbers of the file as they are in it, placeholders included.

    Args:
        quarters: First moment of each quarter (UTC), without gaps.
        columns: One value per quarter, by column.
    """

    quarters: tuple[datetime, ...]
    columns: Mapping[str, tuple[float, ...]]


def load_table() -> MacroTable:
    """Read the file that is in the package.

    Raises:
        DataError: The file is missing or not the one that was packaged.
    """
    return parse_table(_verified(_packaged_bytes()).decode("ascii"))


def _packaged_bytes() -> bytes:
    try:
        return files(__package__).joinpath(FILE_NAME).read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{FILE_NAME} is missing from the installed package; install fg-data again"
        ) from None


def _verified(raw: bytes) -> bytes:
    found = hashlib.sha256(raw).hexdigest()
    if found != FILE_SHA256:
        raise DataError(
            f"{FILE_NAME} in the installed package is damaged or was edited: its SHA-256 is "
            f"{found[:12]}..., expected {FILE_SHA256[:12]}...; install fg-data again"
        )
    return raw


def parse_table(text: str) -> MacroTable:
    """Read a table in the layout of the file.

    Args:
        text: Text of the file.

    Returns:
        One value per quarter and column, in the units of the file.

    Raises:
        DataError: Another header, a cell that is not a finite number, no rows, or quarters that do
            not follow each other; the message names the line.
    """
    lines = list(csv.reader(text.splitlines()))
    header = ["year", "quarter", *COLUMNS]
    if not lines or lines[0] != header:
        raise DataError(f"{FILE_NAME}, line 1: the header is not {','.join(header)}")
    quarters: list[datetime] = []
    rows: list[list[float]] = []
    for number, cells in enumerate(lines[1:], start=2):
        try:
            year, quarter, *values = [float(cell) for cell in cells]
            start = datetime(int(year), 3 * int(quarter) - 2, 1, tzinfo=UTC)
        except ValueError as error:
            raise DataError(f"{FILE_NAME}, line {number}: {error}") from None
        if len(values) != len(COLUMNS) or not all(map(math.isfinite, values)):
            raise DataError(
                f"{FILE_NAME}, line {number}: expected {len(header)} finite numbers, got {cells}"
            )
        if quarters and start != next_period(quarters[-1], "Q"):
            raise DataError(
                f"{FILE_NAME}, line {number}: quarter {start.date()} does not follow "
                f"{quarters[-1].date()}"
            )
        quarters.append(start)
        rows.append(values)
    if not rows:
        raise DataError(f"{FILE_NAME}, line 2: there are no rows below the header")
    by_column = zip(COLUMNS, zip(*rows, strict=True), strict=True)
    return MacroTable(tuple(quarters), frozen_mapping(dict(by_column)))
