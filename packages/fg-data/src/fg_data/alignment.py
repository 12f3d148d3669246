"""Series of several frequencies side by side, by the last value published at each origin.

At the origin of a month, yesterday's breakeven rate is known, last month's unemployment may be,
and the accounts may be a quarter old. Each cell holds the latest figure that was out by then, the
period that it describes, when it came out, and its age. Nothing is filled in: a series that had
published nothing yet is absent from the row, and no zero ever stands for a missing figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fg_core import DataError, frozen_mapping
from fg_core.calendar import period_end
from fg_core.mappings import FrozenMapping

from .origins import OriginClock
from .readings import KnownValues, require_reading
from .vintages import KnownValue, VintageHistory

__all__ = ["AGE_SUFFIX", "AlignedCell", "AlignedRow", "AlignedTable", "align"]

AGE_SUFFIX = "_age_days"
"""Ending of the name of a column of ages, after its series."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AlignedCell:
    """The latest figure of one series at an origin.

    Args:
        value: Value in the unit of the column.
        period: First moment of the period that it describes.
        available_at: When this very figure came out, at or before the origin.
        age_days: Days from the end of that period to the origin.
    """

    value: float
    period: datetime
    available_at: datetime
    age_days: float


@dataclass(frozen=True)
class AlignedRow:
    """All series at one origin.

    Args:
        moment: Moment of the origin.
        cells: Cells by name of the series; one that had published nothing yet is absent.
    """

    moment: datetime
    cells: Mapping[str, AlignedCell]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", frozen_mapping(self.cells))

    def context(self, *, ages: bool = True) -> dict[str, float]:
        """Return the figures by series and, beside each, its age under `SERIES_age_days`.

        Returns:
            Figures in their own units, and ages in days.
        """
        found: dict[str, float] = {}
        for name, cell in self.cells.items():
            found[name] = cell.value
            if ages:
                found[name + AGE_SUFFIX] = cell.age_days
        return found


@dataclass(frozen=True)
class AlignedTable:
    """Rows by origin, rising.

    Args:
        series_ids: Columns, in the order in which they were given.
        rows: Rows, one per origin.
    """

    series_ids: tuple[str, ...]
    rows: tuple[AlignedRow, ...]

    def columns(self) -> dict[str, list[float | datetime | None]]:
        """Return the table by column: `origin`, then each series and its age; None: absent."""
        found: dict[str, list[float | datetime | None]] = {
            "origin": [row.moment for row in self.rows]
        }
        for name in self.series_ids:
            cells = [row.cells.get(name) for row in self.rows]
            found[name] = [None if cell is None else cell.value for cell in cells]
            found[name + AGE_SUFFIX] = [None if cell is None else cell.age_days for cell in cells]
        return found


def align(
    histories: Iterable[VintageHistory],
    frequency: str = "M",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    moments: Sequence[datetime] | None = None,
    readings: Mapping[str, str] | None = None,
) -> AlignedTable:
    """Return the known figures of each series at each origin.

    Args:
        histories: Histories of the series, each once.
        frequency: Frequency of the origins: one at the end of each of these periods.
        start: First period; None: the first in which something was known.
        end: Last period; None: the last that was over when the latest figure came out.
        moments: The origins themselves, rising, instead of `frequency`, `start` and `end`.
        readings: Reading of each series, by its name: a key of `READINGS`; "level" where it is not
            named.

    Returns:
        One row per origin, each figure in the unit of its reading.

    Raises:
        DataError: No series, two of one name, origins that do not rise or have no time zone, or a
            growth rate that cannot be read.
        ConfigError: An unknown frequency or reading.

    >>> from datetime import UTC
    >>> from fg_data.vintages import Print
    >>> may, july = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
    >>> history = VintageHistory("CPI", "M", "index", (Print(may, 313.2, july),))
    >>> table = align([history], moments=[datetime(2024, 6, 1, tzinfo=UTC), july])
    >>> [row.context() for row in table.rows]
    [{}, {'CPI': 313.2, 'CPI_age_days': 30.0}]
    """
    columns = tuple(histories)
    names = tuple(history.series_id for history in columns)
    if not columns or len(set(names)) != len(names):
        raise DataError(f"alignment wants series, each once; got {', '.join(names) or 'none'}")
    origins = _origins(columns, frequency, start, end) if moments is None else tuple(moments)
    for number, moment in enumerate(origins):
        if moment.tzinfo is None:
            raise DataError(f"origin {moment} has no time zone; give it one, such as datetime.UTC")
        if number and moment <= origins[number - 1]:
            raise DataError(f"origin {moment} is not after {origins[number - 1]}; sort them")
    cells: list[dict[str, AlignedCell]] = [{} for _ in origins]
    for history in columns:
        reading = (readings or {}).get(history.series_id, "level")
        for row, known in zip(cells, _latest(history, origins, reading), strict=True):
            if known is not None:
                row[history.series_id] = known
    rows = (
        AlignedRow(moment, FrozenMapping(row)) for moment, row in zip(origins, cells, strict=True)
    )
    return AlignedTable(names, tuple(rows))


def _latest(
    history: VintageHistory, origins: Sequence[datetime], reading: str
) -> list[AlignedCell | None]:
    """Return the latest figure of a series at each origin."""
    read = require_reading(reading)
    known = KnownValues(history)
    found: list[AlignedCell | None] = []
    for moment in origins:
        known.advance(moment)
        # From the latest period back: growth is absent after a period without a figure.
        figures = (read(known, period) for period in reversed(known.periods))
        latest = next((figure for figure in figures if figure is not None), None)
        found.append(None if latest is None else _cell(latest, history.frequency, moment))
    return found


def _cell(latest: KnownValue, frequency: str, moment: datetime) -> AlignedCell:
    age = (moment - period_end(latest.period, frequency)) / _DAY
    return AlignedCell(latest.value, latest.period, latest.available_at, age)


def _origins(
    histories: Sequence[VintageHistory],
    frequency: str,
    start: datetime | None,
    end: datetime | None,
) -> tuple[datetime, ...]:
    published = [one.published for history in histories for one in history.prints]
    if not published and (start is None or end is None):
        raise DataError(f"series {histories[0].series_id!r} has no prints: nothing to align")
    first = start or min(published)
    clock = OriginClock(frequency, anchor=first)  # weeks may begin on any day
    return clock.moments(start or clock.last_over(first), end or clock.last_over(max(published)))
