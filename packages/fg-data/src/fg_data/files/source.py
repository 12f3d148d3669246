"""The source `file`: a user's own series, read from a file that the user names."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fg_core import ConfigError, DataError, Dataset, Provenance, Query
from fg_core import dataset_from_table as from_table
from fg_core.calendar import FREQUENCY_NAMES
from fg_core.locations import FILE_SUFFIXES, require_file
from fg_core.name_lists import split_names
from fg_core.nearest import nearest_first
from fg_data.selection import known_rows

from .content import read_bounded
from .csv_table import read_csv
from .excel_table import read_excel
from .gzipped import SUFFIX as GZ
from .gzipped import unzipped
from .json_table import read_json
from .parquet_table import read_parquet
from .raw_table import RawTable

__all__ = ["OPTIONS", "SOURCE_NAME", "FileSource"]

SOURCE_NAME = "file"

OPTIONS = (
    *("date_format", "decimal", "ds", "encoding", "exclude", "fill", "fiscal_year_end", "na"),
    *("release_lag", "season_length", "sheet", "strict", "unique_id", "y"),
)
"""Options of a query that the source knows: `encoding` of a text, `sheet` of a workbook; of the
others see `fg_core.tables.dataset_from_table`."""

_NUMBERS = ("fiscal_year_end", "release_lag", "season_length")
_OF_FILE = ("encoding", "sheet")
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class FileSource:
    r"""Reads a table from the file at `Query.location`: .csv, .tsv, .json, .jsonl, .parquet, .xlsx.

    Texts may be compressed (.csv.gz).

    The table is long (`unique_id`, `ds`, `y`) or wide, as `fg_core.tables.dataset_from_table`
    describes it; `Query.options` name its columns and settle its season and release lag. A file
    of more than 200 MB, a million rows or twenty million cells is refused.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "sales.csv"
    ...     _ = path.write_text("month,sales\n2024-01,3\n2024-02,5\n2024-03,4\n")
    ...     options = {"ds": "month", "y": "sales"}
    ...     data = FileSource().fetch(Query(location=str(path), options=options))
    >>> data.series_ids, data.frequency, data[-1].value
    (('sales',), 'M', 4.0)
    """

    @property
    def name(self) -> str:
        """Name of the source."""
        return SOURCE_NAME

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the series of a file, as far as they were known by `as_of`.

        Args:
            query: The location of the file, series (empty: all), first and last period, and
                options; the seed is not used.
            as_of: A moment with a time zone; None: everything in the file.

        Returns:
            Rows in the unit of the file.

        Raises:
            DataError: No file, or one that cannot be used as it is.
            ConfigError: An unknown option, or one that is no number where one is wanted.
        """
        if not query.location:
            raise DataError(
                "the source 'file' wants to know which: give the path of a file as the source, or "
                "as the location of a query"
            )
        options = _options(query)
        of_file = {name: options.pop(name) for name in _OF_FILE if name in options}
        path = require_file(query.location)
        read, is_zipped = _reader(path, of_file)
        label = path.name
        data = read_bounded(path, label)
        raw = read(unzipped(data, label) if is_zipped else data, label, **of_file)
        for change in raw.changes:
            warnings.warn(change.removesuffix("."), stacklevel=2)
        n_rows = max((len(cells) for cells in raw.columns.values()), default=0)
        checksum = hashlib.sha256(data).hexdigest()
        dataset = from_table(
            raw.columns,
            series=query.series,
            source=SOURCE_NAME,
            label=label,
            lines=raw.lines,
            provenance=Provenance(
                SOURCE_NAME,
                f"{label}, {n_rows:,} rows",
                "the user's own data",
                "",
                notices=(*raw.notices, *raw.changes),
                details={
                    "file": label,
                    "bytes": len(data),
                    "sha256": checksum,
                    "rows": n_rows,
                },
            ),
            **{"decimal": raw.decimal, **options},
        )
        return _cut(dataset, query, as_of)


def _cut(dataset: Dataset, query: Query, as_of: datetime | None) -> Dataset:
    of = dataset.provenance
    every = (*dataset.observations, *dataset.earlier_values)
    known_rows(every, query, as_of, source=of.source)  # refuses what leaves nothing
    if as_of is not None:
        dataset = dataset.as_of(as_of)
    rows = known_rows(dataset.observations, query, None, source=of.source)
    periods = {(row.series_id, row.timestamp) for row in rows}
    n_series = len(dataset.series_ids)
    what = f"{n_series} series" if n_series > 1 else "one series"
    return replace(
        dataset,
        observations=rows,
        earlier_values=tuple(
            row for row in dataset.earlier_values if (row.series_id, row.timestamp) in periods
        ),
        provenance=replace(
            of, description=f"{of.description}, {what}, {FREQUENCY_NAMES[dataset.frequency]}"
        ),
    )


def _options(query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in query.options.items():
        if name not in OPTIONS:
            raise ConfigError(
                f"the source 'file' has no option {name!r}; it has (nearest first) "
                f"{', '.join(nearest_first(name, OPTIONS))}"
            )
        if name in _NUMBERS:
            if not (text.isascii() and text.isdigit() and len(text) <= 9):
                raise ConfigError(f"option {name} must be a whole number, got {text!r}")
            found[name] = int(text)
        elif name == "fill":
            found[name] = _number(text)
        elif name == "strict":
            if text not in _YES_NO:
                raise ConfigError(f"option strict must be yes or no, got {text!r}")
            found[name] = _YES_NO[text]
        elif name in ("exclude", "na"):
            found[name] = split_names(text)
        else:
            found[name] = text
    return found


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"option fill must be a number, got {text!r}")
    return number


def _reader(path: Path, of_file: Mapping[str, str]) -> tuple[Callable[..., RawTable], bool]:
    """Return what reads a file of this name, and whether it is compressed."""
    name = path.name.lower()
    is_zipped = name.endswith(GZ)
    suffix = Path(name.removesuffix(GZ)).suffix
    if suffix not in _READERS or (is_zipped and suffix in _PACKED):
        raise DataError(
            f"{path.name}: files that are read end with {', '.join(FILE_SUFFIXES)}; save it as one "
            "of them"
        )
    for option in of_file:
        if option not in _TAKEN.get(suffix, ()):
            raise ConfigError(f"option {option} says nothing about a {suffix} file; leave it out")
    return _READERS[suffix], is_zipped


_READERS: Mapping[str, Callable[..., RawTable]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".json": read_json,
    ".jsonl": partial(read_json, by_line=True),
    ".parquet": read_parquet,
    ".xlsx": read_excel,
}
_PACKED = (".parquet", ".xlsx")
_TAKEN = {".csv": ("encoding",), ".tsv": ("encoding",), ".xlsx": ("sheet",)}
