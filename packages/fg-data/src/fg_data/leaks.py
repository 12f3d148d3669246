"""Leaks: rows by which an earlier part of a split knows something of a later one.

A part of a split must be over before the next one begins, in both senses of time: no period of it
is as late as the first period of the next, and no row of it came out as late as the first row of
the next. Equal moments count: a row of the same period, or published at the same moment, is not
before. And within a part no row may use a figure before its publication, which takes the vintages
to find out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Literal

from fg_core import Dataset, DatasetBundle, Observation
from fg_core.calendar import is_finer, period_end

from .alignment import align
from .readings import KnownValues, require_reading
from .vintages import VintageHistory

__all__ = ["Kind", "Leak", "Parts", "find_early_rows", "find_early_use", "find_leaks"]

Kind = Literal["period", "publication", "value", "context", "early"]
"""Kind of leak of a row; see `Leak`."""

Parts = Mapping[str, Sequence[Observation]]
"""Rows of each part of a split, by its name, from the earliest part to the latest."""


@dataclass(frozen=True)
class Leak:
    """Rows of one series that hold what was not known in their part, or at their moment.

    Args:
        kind: "period": a period that is not before the later part; "publication": a row that came
            out no earlier than the later part begins; "value" or "context": a figure that was not
            out at the moment of its row; "early": a row known before its period was over.
        series_id: Name of the series.
        part: Name of the part that the rows are in.
        later: The part that they reach into; empty for a leak inside one part.
        n_rows: Number of rows.
        first: First of the rows, in words.
    """

    kind: Kind
    series_id: str
    part: str
    later: str
    n_rows: int
    first: str

    def __str__(self) -> str:
        where = f"{self.part} into {self.later}" if self.later else self.part
        rows = f"{self.n_rows} row{'s' if self.n_rows > 1 else ''}"
        return f"{self.kind} leak of series {self.series_id!r}, {where}: {rows}, first {self.first}"


def find_leaks(parts: DatasetBundle | Parts, *, across_series: bool = True) -> tuple[Leak, ...]:
    """Return the rows of earlier parts that reach into later ones; none: the split is clean.

    Args:
        parts: A bundle, or the rows of each part by its name, the earliest part first.
        across_series: Whether a row leaks too if it reaches behind the first row of *another*
            series of the later part, of which it could be the context.

    Returns:
        One entry per kind, series and pair of parts.

    >>> from datetime import UTC
    >>> march = datetime(2024, 3, 1, tzinfo=UTC)
    >>> row = Observation(march, 1.0, {}, datetime(2024, 4, 1, tzinfo=UTC), "x", "test")
    >>> [leak.kind for leak in find_leaks({"train": [row], "test": [row]})]
    ['period', 'publication']
    """
    if isinstance(parts, DatasetBundle):
        parts = {"train": parts.train, "valid": parts.valid, "test": parts.test}
    found: list[Leak] = []
    for (early_name, early), (late_name, late) in combinations(parts.items(), 2):
        late_rows = _by_series(late)
        for name, rows in _by_series(early).items():
            against = late if across_series else late_rows.get(name, [])
            if not against:
                continue
            begins = min(row.timestamp for row in against)
            out = min(row.available_at for row in against)
            in_later_periods = (row for row in rows if row.timestamp >= begins)
            out_too_late = (row for row in rows if row.available_at >= out)
            found += _leaks("period", in_later_periods, early_name, late_name)
            found += _leaks("publication", out_too_late, early_name, late_name)
    return tuple(found)


def find_early_use(
    dataset: Dataset,
    histories: Iterable[VintageHistory],
    readings: Mapping[str, str],
    *,
    part: str = "data",
) -> tuple[Leak, ...]:
    """Return the rows that use a figure before its publication.

    The value of a row must be what could be read off the vintage of its `available_at`, and every
    column of its context the latest figure published by then, or its age. A series or column
    without vintages counts as a leak as well, since its publication is not on record.

    Args:
        dataset: The rows.
        histories: The vintages of every series and column.
        readings: Reading of each series, by its name; its level where it is not named.
        part: Name of the rows in the answer.

    Returns:
        One entry per kind and series.
    """
    by_name = {history.series_id: history for history in histories}
    moments = sorted({row.available_at for row in dataset})
    table = align(by_name.values(), moments=moments, readings=readings)
    contexts = {row.moment: row.context() for row in table.rows}
    bad_values: list[Observation] = []
    for name in dataset.series_ids:
        rows = dataset.series(name)
        if name in by_name:
            reading = readings.get(name, "level")
            bad_values += _unreadable(rows, by_name[name], reading, dataset.frequency)
        else:
            bad_values += rows
    bad_contexts = [
        row
        for row in dataset
        if any(contexts[row.available_at].get(k) != v for k, v in row.macro_context.items())
    ]
    return (*_leaks("value", bad_values, part), *_leaks("context", bad_contexts, part))


def find_early_rows(dataset: Dataset, *, part: str = "data") -> tuple[Leak, ...]:
    """Return the rows that claim to have been known before their period was over.

    Args:
        dataset: The rows.
        part: Name of the rows in the answer.

    Returns:
        One entry per series.

    >>> from datetime import UTC
    >>> from fg_core import Provenance
    >>> march = datetime(2024, 3, 1, tzinfo=UTC)
    >>> rows = (Observation(march, 1.0, {}, march, "x", "test"),)
    >>> print(find_early_rows(Dataset(rows, Provenance("test", "made up", "none", "none")))[0])
    early leak of series 'x', data: 1 row, first 2024-03-01 (known from 2024-03-01 00:00 UTC)
    """
    frequency = dataset.frequency
    early = [row for row in dataset if row.available_at < period_end(row.timestamp, frequency)]
    return _leaks("early", early, part)


def _unreadable(
    rows: Sequence[Observation], history: VintageHistory, reading: str, frequency: str
) -> list[Observation]:
    """Return the rows whose value could not be read off the vintage of their moment."""
    read = require_reading(reading)
    known = KnownValues(history)
    finer = is_finer(history.frequency, than=frequency)
    found = []
    for row in sorted(rows, key=lambda row: row.available_at):
        known.advance(row.available_at)
        period: datetime | None = row.timestamp
        if finer:  # the last of its periods that was out, once a later one was
            after = bisect_left(known.periods, period_end(row.timestamp, frequency))
            over = after < len(known.periods)
            period = known.periods[after - 1] if after and over else None
        figure = None if period is None or period < row.timestamp else read(known, period)
        if figure is None or figure.value != row.value:
            found.append(row)
    return found


def _by_series(rows: Iterable[Observation]) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for row in rows:
        found.setdefault(row.series_id, []).append(row)
    return found


def _leaks(kind: Kind, rows: Iterable[Observation], part: str, later: str = "") -> tuple[Leak, ...]:
    """Return one leak per series."""
    found = []
    for name, ours in _by_series(rows).items():
        first = min(ours, key=lambda row: row.timestamp)
        known = f"{first.available_at:%Y-%m-%d %H:%M} UTC"
        text = f"{first.timestamp.date()} (known from {known})"
        found.append(Leak(kind, name, part, later, len(ours), text))
    return tuple(found)
