"""Columns of tables as data frames and as files (CSV, JSON, Parquet), and what they are called."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from fg_core import ConfigError
from fg_core.artifact import write_atomically
from fg_core.frames import frame_of

__all__ = ["FORMATS", "Columns", "frame_of", "quantile_name", "table_format", "write_table"]

Columns: TypeAlias = dict[str, list[Any]]
"""Columns of one length, by name."""

FORMATS = (".csv", ".json", ".parquet")
"""Endings of the files that a table can be written to."""


def table_format(path: str | os.PathLike[str]) -> str:
    """Return the ending of a file that a table can be written to.

    Args:
        path: name of the file.

    Returns:
        Ending with its dot, in lower case.

    Raises:
        ConfigError: It has another ending, or pyarrow is missing for Parquet.

    >>> table_format("forecast.CSV")
    '.csv'
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise ConfigError(f"{path}: the name of the file must end in {', '.join(FORMATS)}")
    if ending == ".parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            raise ConfigError(
                f"{path}: Parquet needs pyarrow, which is not installed; .csv and .json need "
                "nothing"
            ) from error
    return ending


def write_table(path: str | os.PathLike[str], columns: Mapping[str, Sequence[Any]]) -> None:
    """Write a table to a file, whole or not at all.

    Args:
        path: name of the file; its ending says the format.
        columns: columns of one length; dates are written as ISO 8601, and JSON is a list of rows.

    Raises:
        ConfigError: As for `table_format`.
        OSError: The file cannot be written.
    """
    ending = table_format(path)
    rows = list(zip(*columns.values(), strict=True))
    if ending == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        buffer = io.BytesIO()
        pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), buffer)
        write_atomically(Path(path), buffer.getvalue())
    elif ending == ".json":
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        text = json.dumps(found, indent=1, default=str, allow_nan=False)
        write_atomically(Path(path), f"{text}\n".encode())
    else:
        lines = io.StringIO(newline="")
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        write_atomically(Path(path), lines.getvalue().encode())


def quantile_name(level: float) -> str:
    """Return the name of the column of a quantile.

    Args:
        level: probability in (0, 1).

    Returns:
        "q" and the probability in percent.

    >>> quantile_name(0.1), quantile_name(0.025)
    ('q10', 'q2.5')
    """
    return f"q{round(100.0 * level, 6):g}"
