"""A table on its way to observations: cells read, rows by series, dates of release, context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import count, repeat
from typing import Any, Self

from fg_core.calendar import period_end, period_start
from fg_core.errors import ConfigError, DataError
from fg_core.frozen import frozen_mapping
from fg_core.observation import Observation

from .cells import Numbers, has_numbers, is_absent, name_of, numbers_of
from .context import determining_columns
from .dates import Dates, dates_of, moments_of
from .footers import footer_rows
from .joined_dates import joined_dates
from .labels import Column, Labels, shown
from .layout import Layout, Y, chosen, series_names
from .reading import Reading
from .reading_notices import context_notices, reading_changes, reading_notices
from .series import Entry, Row, RowsOfSeries, SeriesRows, later_rows, rows_of
from .turned import turned

__all__ = ["TableReader"]


@dataclass(frozen=True)
class TableReader:
    """The columns of a table and what they mean.

    Args:
        columns: Cells by name, those of the wanted series.
        layout: Columns of the table by purpose.
        labels: Names of the rows.
        reading: How cells are read.
        names: Name of the series by row; None: series are named after columns.
        wanted: Series asked for.
        dates: Dates by row.
        dropped: Rows at the end that are totals or notes, in words; empty: there are none.
        shape: How a table of another shape was read, in words; empty: it had this one.
    """

    columns: Mapping[str, Sequence[Any]]
    layout: Layout
    labels: Labels
    reading: Reading
    names: Sequence[str] | None
    wanted: tuple[str, ...]
    dates: Dates
    dropped: str = ""
    shape: str = ""

    @classmethod
    def of(
        cls,
        columns: dict[str, list[Any]],
        labels: Labels,
        reading: Reading,
        *,
        unique_id: str,
        ds: str,
        y: str | Sequence[str],
        series: Sequence[str],
        exclude: Sequence[str] = (),
    ) -> Self:
        """Find the columns, keep the rows of the series asked for, and read their dates.

        Raises:
            DataError: A column or a series is not there, or a date is none.
        """
        shape = ""
        dates_in_parts = None if ds in columns else joined_dates(columns, ds)
        if dates_in_parts is not None:
            used = [name.strip() for name in ds.split(",")]
            columns = {name: cells for name, cells in columns.items() if name not in used}
            columns[ds] = dates_in_parts
        elif y == Y:
            other = turned(columns, labels, unique_id=unique_id, ds=ds, y=Y)
            if other is not None:
                columns, labels, shape = other.columns, other.labels, other.notice
        dropped = ""
        footers = footer_rows(columns, ds)
        if footers:
            first = next(
                str(cells[footers[0]])
                for cells in columns.values()
                if not is_absent(cells[footers[0]])
            )
            dropped = f"{labels.row(footers[0])} {shown(first)}"
            dropped += f" and {len(footers) - 1} more" if len(footers) > 1 else ""
            kept = [at for at in range(len(next(iter(columns.values())))) if at not in set(footers)]
            columns, labels = _rows_at(columns, kept), labels.keep(kept)
        layout = Layout.of(
            columns, unique_id=unique_id, ds=ds, y=y, label=labels.table, na=reading.na
        )
        names = series_names(columns, layout, labels)
        known = layout.y if names is None else tuple(dict.fromkeys(names))
        wanted = chosen(series, known, labels.table, exclude)
        if names is not None and len(wanted) < len(known):
            only = set(wanted)
            kept = [at for at, name in enumerate(names) if name in only]
            columns, labels = _rows_at(columns, kept), labels.keep(kept)
            names = [names[at] for at in kept]
        dates = dates_of(
            Column(layout.ds, columns[layout.ds], labels),
            reading.date_format,
            fiscal_year_end=reading.fiscal_year_end,
        )
        return cls(columns, layout, labels, reading, names, wanted, dates, dropped, shape)

    def _column(self, name: str) -> Column:
        return Column(name, self.columns[name], self.labels)

    def _numbers(self, name: str) -> Numbers:
        return numbers_of(self._column(name), self.reading.decimal, self.reading.na)

    def rows(self) -> SeriesRows:
        """Return the rows of each series.

        Raises:
            DataError: A value is no finite number, or the rows of a series contradict each other.
        """
        entries: dict[str, list[Entry]] = {name: [] for name in self.wanted}
        moments, segments = self.dates.moments, self._segments()
        known = self.released or repeat(None)
        read_as = []
        for column in self.wanted if self.names is None else self.layout.y:
            numbers = self._numbers(column)
            values = numbers.values
            read_as += [numbers.read_as] if numbers.read_as else []
            names = repeat(column, len(values)) if self.names is None else self.names
            for name, entry in zip(
                names, map(Entry, moments, count(), values, segments, known), strict=True
            ):
                entries[name].append(entry)
        empty = [n for n, ours in entries.items() if all(one.value is None for one in ours)]
        found: dict[str, RowsOfSeries] = {}
        future: dict[str, Mapping[datetime, Mapping[str, float]]] = {}
        for name in self.wanted:
            ours = entries.pop(name)
            if name in empty:
                continue
            found[name] = rows_of(name, ours, self.labels)
            if found[name].missing and self.layout.others:
                last = found[name].rows[-1].moment
                told = self._future(later_rows(name, ours, last, self.labels))
                if told:
                    future[name] = told
        missing = {name: one.missing - len(future.get(name, ())) for name, one in found.items()}
        return SeriesRows(
            {name: one.rows for name, one in found.items()},
            {name: one.earlier for name, one in found.items() if one.earlier},
            {name: n for name, n in missing.items() if n},
            [name for name, one in found.items() if one.was_sorted],
            empty,
            read_as,
            future,
        )

    @cached_property
    def released(self) -> Sequence[datetime] | None:
        """Moments that the values became known, by row; None: the table does not say.

        Rows without a value, such as those of periods to come, need none and may have any.
        """
        if not self.layout.available_at:
            return None
        column = self._column(self.layout.available_at)
        given = [cell for cell in column.cells if not is_absent(cell)]
        values = [self.columns[name] for name in self.layout.y]
        cells = [
            given[0]
            if given and is_absent(cell) and all(is_absent(y[at]) for y in values)
            else cell
            for at, cell in enumerate(column.cells)
        ]
        return moments_of(replace(column, cells=cells))

    def _future(self, rows: Sequence[Row]) -> Mapping[datetime, Mapping[str, float]]:
        """Return the contexts of rows without a value, by date, as far as they have any."""
        context = self._context()[0] if rows else {}
        told = {row.moment: self._beside(row, context) for row in rows}
        return {moment: beside for moment, beside in told.items() if beside}

    def _segments(self) -> Sequence[str]:
        if not self.layout.segment_id:
            return ("",) * len(self.dates.moments)
        return [name_of(cell) for cell in self.columns[self.layout.segment_id]]

    def notices(self, rows: SeriesRows) -> list[str]:
        """Return how columns, dates and rows were read, in words."""
        return reading_notices(self.labels.table, self.layout, self.dates, rows, self.shape)

    def changes(self, rows: SeriesRows) -> list[str]:
        """Return what was changed on reading, in words."""
        return reading_changes(self.labels.table, self.dates, rows, self.dropped)

    def vintage(self, rows: SeriesRows, release_lag: int | None) -> str:
        """Return which vintage it is, and how it is known when a value came out."""
        if self.layout.available_at:
            known = f"dates of release from the column {self.layout.available_at!r}"
        else:
            days = f"{release_lag} days after " if release_lag else ""
            known = f"a value counts as known {days or 'at '}the end of its period"
        if rows.earlier:
            return f"as given, with the values that were revised; {known}"
        return f"as given, one value a period; {known}"

    def observations(
        self,
        rows: Mapping[str, Sequence[Row]],
        earlier: Mapping[str, Sequence[Row]],
        frequency: str,
        release_lag: int | None,
        source: str,
    ) -> tuple[list[Observation], list[Observation], list[str]]:
        """Return rows as observations, earlier values, and notices of the columns beside them.

        Raises:
            DataError: A context that is no finite number, or a value known before its period.
            ConfigError: A release lag beside dates of release.
        """
        if self.layout.available_at and release_lag is not None:
            raise ConfigError(
                f"{self.labels.table} has a column {self.layout.available_at!r}, and a release "
                "lag was given too; leave one of them out"
            )
        context, unused = self._context()
        made: list[Observation] = []
        replaced: list[Observation] = []
        telling: dict[str, list[str]] = {}
        dated = self._dates_known(frequency, release_lag or 0)
        for name, ours in rows.items():
            every = (*ours, *earlier.get(name, ()))
            contexts = self._contexts(name, ours, every[len(ours) :], context, telling)
            found = [
                Observation(start, row.value, beside, known, name, source, "", row.segments)
                for row, beside, (start, known) in zip(
                    every, contexts, map(dated, every), strict=True
                )
            ]
            made += found[: len(ours)]
            replaced += found[len(ours) :]
        return made, replaced, context_notices(self.labels.table, unused, telling)

    def _contexts(
        self,
        name: str,
        rows: Sequence[Row],
        earlier: Sequence[Row],
        context: Mapping[str, Sequence[float | None]],
        telling: dict[str, list[str]],
    ) -> Iterable[Mapping[str, float]]:
        """Return the context of each row, without columns that tell the value of their own row.

        Args:
            name: Of the series.
            rows: Its rows.
            earlier: Rows with values that those took the place of.
            context: Columns of numbers.
            telling: Names of series by such a column, to which this one is added.
        """
        if not context:
            return repeat(frozen_mapping(), len(rows) + len(earlier))
        contexts = [self._beside(row, context) for row in (*rows, *earlier)]
        left_out = determining_columns([row.value for row in rows], contexts[: len(rows)])
        for column in left_out:
            telling.setdefault(column, []).append(name)
        return [
            {k: number for k, number in beside.items() if k not in left_out} for beside in contexts
        ]

    def _dates_known(
        self, frequency: str, release_lag: int
    ) -> Callable[[Row], tuple[datetime, datetime]]:
        """Return what gives the first moment of a row's period, and when its value was known.

        Series of a panel share their dates, which are looked at once.
        """
        known: dict[tuple[datetime, ...], tuple[datetime, datetime]] = {}
        moments, offsets = self.dates.moments, self.dates.offsets
        alike = self.released is None and all(offset is None for offset in offsets)

        def dated(row: Row) -> tuple[datetime, datetime]:
            key = row.moment, *[moments[at] for at in row.positions]
            found = known.get(key) if alike else None
            if found is None:
                start = period_start(row.moment, frequency).replace(tzinfo=UTC)
                found = known[key] = start, self._known(row, start, frequency, release_lag)
            return found

        return dated

    def _known(
        self,
        row: Row,
        start: datetime,
        frequency: str,
        release_lag: int,
    ) -> datetime:
        """Return when the value of a row could first be known."""
        released = self.released
        if released is not None and row.positions:
            late = max(row.positions, key=released.__getitem__)
            if released[late] < start:
                raise DataError(
                    f"{self.labels.at(late, self.layout.available_at)}: known at "
                    f"{released[late].isoformat()}, before its period began "
                    f"({start.date()}); mend one of the dates"
                )
            return released[late]
        try:
            if not row.positions:  # filled in
                return _released(start, frequency, release_lag)
            if frequency == "W":  # one that is dated a day late is known a day late
                written = max(self.dates.moments[at] for at in row.positions)
                start = max(start, period_start(written, frequency).replace(tzinfo=UTC))
            end = _released(start, frequency, release_lag)
            offset = self.dates.offsets[row.positions[0]]
            return end if offset is None else end - offset
        except OverflowError:
            raise DataError(
                f"{self.labels.at(row.positions[0], self.layout.ds)}: the end of the period, or "
                "its release, is after the end of the calendar"
            ) from None

    def _context(self) -> tuple[dict[str, list[float | None]], list[str]]:
        """Return the columns of numbers, and the names of the others."""
        found, unused = {}, []
        for name in self.layout.others:
            column = self._column(name)
            if has_numbers(column, self.reading.na):
                found[name] = self._numbers(name).values
            else:
                unused.append(name)
        return found, unused

    def _beside(self, row: Row, context: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
        """Return the context of a row: that of the total, else what all its segments agree on."""
        if not row.positions:  # filled in
            return {}
        found = {}
        for name, numbers in context.items():
            values = {numbers[at] for at in row.positions[: 1 if row.has_total else None]}
            if len(values) > 1:
                raise DataError(
                    f"{self.labels.at(row.positions[0], name)}: segments of one period have "
                    "different values; put context into a row of the total (an empty segment_id), "
                    "or leave the column out"
                )
            value = values.pop()
            if value is not None:
                found[name] = value
        return found


def _rows_at(columns: Mapping[str, list[Any]], kept: Sequence[int]) -> dict[str, list[Any]]:
    return {name: [cells[at] for at in kept] for name, cells in columns.items()}


@lru_cache(maxsize=4096)
def _released(start: datetime, frequency: str, release_lag: int) -> datetime:
    """Return the end of a period, and some days more; one object for all series of a panel."""
    return period_end(start, frequency) + timedelta(days=release_lag)
