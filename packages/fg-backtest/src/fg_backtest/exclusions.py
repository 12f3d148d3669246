"""Exclusions: prints that were found to be bad, written down as a property of the data.

An exclusion names a series, a period, the value that was reported for it, a reason and the date of
the decision. It is kept in a small CSV file beside the table, and whatever reads the table reads it
too. An excluded print counts as missing, and a missing value is a missing row, as everywhere:
nothing is put in its place, and a step ahead is a step from row to row. It counts from the decision
on: forecasts are made without it, and so are those of a backtest at origins that were known after
the day of the decision, while origins before it saw the print (`fg_backtest.decided_later`). It is
never an outcome that forecasts are scored against.

A row whose value is not the excluded one has been revised since; it is kept, and that is said.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from fg_core import DataError, Dataset, Provenance
from fg_core.artifact import write_atomically
from fg_core.calendar import parse_period, period_label

__all__ = [
    "ExcludedRows",
    "Exclusion",
    "Exclusions",
    "add_exclusions",
    "excluded_rows",
    "exclusions_of",
    "read_exclusions",
]

_LISTED = 3


@dataclass(frozen=True, order=True)
class Exclusion:
    """One print that was found to be bad.

    Args:
        unique_id: name of the series.
        ds: first day of the period.
        value: value that was reported, in the unit of the series.
        reason: reason in words.
        decided: day of the decision; the print counts as missing from the day after it.
    """

    unique_id: str
    ds: date
    value: float
    reason: str
    decided: date


Exclusions: TypeAlias = Sequence[Exclusion] | str | os.PathLike[str]
"""Exclusions, or the name of the file that holds them."""

_COLUMNS = tuple(item.name for item in fields(Exclusion))


def exclusions_of(given: Exclusions | None) -> tuple[Exclusion, ...]:
    """Return exclusions that are given as such, or by the name of their file.

    Args:
        given: exclusions, or the name of a file; None: none.

    Returns:
        The exclusions, in their order.

    Raises:
        DataError: As for `read_exclusions`.
    """
    if given is None:
        return ()
    if isinstance(given, str | os.PathLike):
        return read_exclusions(given)
    return tuple(given)


def read_exclusions(path: str | os.PathLike[str]) -> tuple[Exclusion, ...]:
    """Read a file of exclusions.

    Args:
        path: name of a CSV file with the columns unique_id, ds, value, reason and decided; `ds` is
            a period (2009Q3, 2009-07, 2009-07-01), `decided` a date.

    Returns:
        The exclusions, in the order of the file.

    Raises:
        DataError: The file cannot be read, lacks a column, or has a row that is no exclusion, or
            a series and period twice.
    """
    where = f"exclusions {Path(path).name}"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{where}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{where}: cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(
            f"{where}: no column {', '.join(missing)}; the columns are {', '.join(_COLUMNS)}"
        )
    found = [_exclusion(row, f"{where}, line {reader.line_num}") for row in reader]
    seen: set[tuple[str, date]] = set()
    for one in found:
        if (one.unique_id, one.ds) in seen:
            raise DataError(f"{where}: {one.unique_id!r} {one.ds} is there twice")
        seen.add((one.unique_id, one.ds))
    return tuple(found)


def _exclusion(row: Mapping[str, str | None], where: str) -> Exclusion:
    texts = {name: (row[name] or "").strip() for name in _COLUMNS}
    try:
        value = float(texts["value"])
        period = parse_period(texts["ds"]).date()
        decided = date.fromisoformat(texts["decided"])
    except (ValueError, DataError) as error:
        raise DataError(
            f"{where}: {error}; a row is a series, a period such as 2009-07-01, the value that was "
            "reported, a reason, and the date of the decision"
        ) from None
    if not texts["unique_id"] or not math.isfinite(value):
        raise DataError(f"{where}: a series and a finite value are needed, got {texts}")
    return Exclusion(texts["unique_id"], period, value, texts["reason"], decided)


def add_exclusions(path: str | os.PathLike[str], new: Iterable[Exclusion]) -> int:
    """Add exclusions to a file, which is made if it is missing, and written whole or not at all.

    Args:
        path: name of the CSV file.
        new: exclusions; one of a series and period that is there already takes its place where the
            value is another one, and is left out where it is the same.

    Returns:
        Number of exclusions that were written and are new.

    Raises:
        DataError: The file is there and is not one of exclusions.
        OSError: The file cannot be written.
    """
    known = read_exclusions(path) if Path(path).exists() else ()
    by_print = {(one.unique_id, one.ds): one for one in known}
    added = [
        one
        for one in new
        if (old := by_print.get((one.unique_id, one.ds))) is None or old.value != one.value
    ]
    if not added:
        return 0
    by_print |= {(one.unique_id, one.ds): one for one in added}
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(astuple(one) for one in by_print.values())
    write_atomically(path, lines.getvalue().encode())
    return len(added)


@dataclass(frozen=True)
class ExcludedRows:
    """Rows of a dataset that are excluded.

    Args:
        rows: per series, the numbers of the rows that are excluded, each with the day of the
            decision.
        replayed: exclusions of these rows.
        notices: remarks for a reader: what was excluded, and what was not and why.
    """

    rows: Mapping[str, Mapping[int, date]]
    replayed: tuple[Exclusion, ...]
    notices: tuple[str, ...]

    def without(self, dataset: Dataset) -> Dataset:
        """Return the dataset as it is known after all decisions, without the rows.

        Args:
            dataset: dataset in which they were found.

        Returns:
            Dataset without these rows, with its provenance as `told` returns it.

        Raises:
            DataError: No row is left.
        """
        if not self.rows:
            return self.told(dataset)
        gone = {
            (name, dataset.series(name)[i].timestamp)
            for name, rows in self.rows.items()
            for i in rows
        }
        kept, earlier = (
            tuple(row for row in some if (row.series_id, row.timestamp) not in gone)
            for some in (dataset.observations, dataset.earlier_values)
        )
        return replace(
            self.told(dataset),
            observations=kept,
            earlier_values=earlier,
            future_context=self._future_context(dataset),
        )

    def _future_context(self, dataset: Dataset) -> Mapping[str, Mapping[datetime, Any]]:
        """Return what is known in advance, also of periods at the end that are excluded."""
        found = {name: dict(by_period) for name, by_period in dataset.future_context.items()}
        for name, excluded in self.rows.items() if dataset.known_ahead else ():
            rows = dataset.series(name)
            end = len(rows)
            while end > 0 and end - 1 in excluded:
                end -= 1
                row = rows[end]
                known = {c: x for c, x in row.macro_context.items() if c in dataset.known_ahead}
                found.setdefault(name, {})[row.timestamp] = known
        return found

    def told(self, dataset: Dataset) -> Dataset:
        """Return the dataset with what was excluded in its provenance.

        Args:
            dataset: dataset in which rows were found.

        Returns:
            The same rows; `details` of the provenance has the number of exclusions and the SHA-256
            of them, as hexadecimal.
        """
        of: Provenance = dataset.provenance
        details = dict(of.details)
        if self.replayed:
            details |= {
                "exclusions": len(self.replayed),
                "exclusions_sha256": _hash(self.replayed),
            }
        of = replace(of, details=details, notices=(*of.notices, *self.notices))
        return replace(dataset, provenance=of)


def _hash(exclusions: Iterable[Exclusion]) -> str:
    rows = [
        [one.unique_id, one.ds.isoformat(), one.value.hex(), one.reason, one.decided.isoformat()]
        for one in sorted(exclusions)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def excluded_rows(dataset: Dataset, exclusions: Iterable[Exclusion]) -> ExcludedRows:
    """Find the rows of a dataset that are excluded.

    Args:
        dataset: dataset with all of its rows.
        exclusions: prints that were found to be bad.

    Returns:
        The rows whose series, period and value are those of an exclusion.
    """
    rows: dict[str, dict[int, date]] = {}
    replayed, revised, absent, elsewhere = [], [], [], []
    for one in exclusions:
        if one.unique_id not in dataset.series_ids:
            elsewhere.append(one.unique_id)
            continue
        ours = dataset.series(one.unique_id)
        at = next((i for i, row in enumerate(ours) if row.timestamp.date() == one.ds), None)
        if at is None:
            absent.append(f"{one.unique_id} {one.ds}")
            continue
        label = f"{one.unique_id} {period_label(ours[at].timestamp, dataset.frequency)}"
        if ours[at].value != one.value:
            revised.append(f"{label} ({one.value:g} was excluded, the value is {ours[at].value:g})")
            continue
        rows.setdefault(one.unique_id, {})[at] = one.decided
        replayed.append((label, one))
    notices = []
    if replayed:
        texts = [f"{label} ({one.value:g}, decided {one.decided})" for label, one in replayed]
        notices.append(
            f"Excluded as bad: {_listed(texts)}; missing from the day after the decision on, and "
            "the outcome of no forecast."
        )
    if revised:
        notices.append(f"Not excluded, since revised: {_listed(revised)}.")
    if absent:
        notices.append(f"Exclusions of periods that are not in the data: {_listed(absent)}.")
    if elsewhere:
        names = _listed(list(dict.fromkeys(elsewhere)))
        notices.append(f"Exclusions of series that are not in the data: {names}.")
    return ExcludedRows(rows, tuple(one for _, one in replayed), tuple(notices))


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more
