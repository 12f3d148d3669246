"""From a table to a dataset: the one way in for data of users, from a file or from Python."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fg_core.calendar import FREQUENCY_NAMES
from fg_core.dataset import Dataset
from fg_core.errors import ConfigError, DataError
from fg_core.garbage import paused_collection
from fg_core.name_lists import as_names
from fg_core.observation import Provenance

from .columns import Table, column_name, columns_of
from .future import future_context, future_notices
from .labels import Labels
from .layout import UNIQUE_ID
from .missing_marks import Marks
from .reader import TableReader
from .reading import Reading
from .regular import regular_rows
from .season import season_that_shows

__all__ = ["dataset_from_table"]

_LISTED = 5


def dataset_from_table(
    table: Table,
    *,
    unique_id: str = UNIQUE_ID,
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    series: str | Sequence[str] = (),
    exclude: str | Collection[str] = (),
    season_length: int | None = None,
    release_lag: int | None = None,
    source: str = "table",
    label: str = "",
    lines: Sequence[int] | None = None,
    decimal: str = "",
    date_format: str = "",
    fiscal_year_end: int | None = None,
    na: str | Iterable[object] = (),
    fill: float | None = None,
    strict: bool = False,
    provenance: Provenance | None = None,
) -> Dataset:
    """Return the series of a table, checked, with what a reader must know of them as notices.

    A long table has a row per series and period: `unique_id`, `ds` and `y`. Without a column
    `unique_id` the table is wide: each column named by `y` is a series of that name. Further:

    * Dates are years (2001), quarters (2001Q3), months (2001-07), dates (2001-07-31) or dates
      with a time, in one form, and tell the frequency: annual, quarterly, monthly, weekly,
      business-daily or daily, one for all series. A date stands for the period that it is in, as
      written, whatever its zone, but for midnights of a zone of Europe that are written in UTC
      (22:00Z, 23:00Z); a weekly one for the seven days that it begins, and a few that are off the
      usual day of the week are moved to it. A fiscal year is named after the year that it ends in,
      and known from the end of that year on; a quarter of one stands for the calendar quarter that
      it ends in.
    * Rows out of order are sorted. Rows without a value (empty, NaN, NA and the like, and those
      marked by `na`) are left out, and so are rows of totals and notes at the end. Periods without
      a row stay without, and a step ahead is a step from row to row, unless `fill` says which
      value they have. Days of the week that never occur are no gaps, and not in a season.
    * Series without a value, or with fewer than three, are left out where there are others.
    * `available_at` (a date, or a date with a time; without a zone: UTC) says when a value could
      first be known, and a period may have several rows then: its first value and revisions, of
      which the last is in the dataset's observations and the others are its earlier values.
      Without that column it is the end of the period, and `release_lag` days after it where they
      are given.
    * Other columns of numbers are macro context, published with the row that they are in. A
      column that tells the value of its own row is left out, with a notice; so are columns that
      have no numbers.
    * Rows without a value after the last one of a series may say what is known in advance
      (promotions, prices): their context is kept beside the rows (`Dataset.future_context`).
    * With a column `segment_id`, rows are segments of a series, and those with an empty one are
      its total, which is checked up to rounding, or computed where there is none.

    Notices say all of it, and warnings what was changed: rows that were filled in or left out,
    dates that were moved.

    Args:
        table: Columns by name, or a data frame (pandas, polars and the like).
        unique_id: Column of the names of series.
        ds: Column of the dates.
        y: Column of the values; in a wide table also several, as names or with commas between.
        series: Names of the series that are read; empty: all. What is wrong in others does not
            matter.
        exclude: Names of series that are left out.
        season_length: Periods in a season; None: by frequency, if a season shows in the first rows
            (`fg_core.tables.season`): 12 for months, 4 for quarters, 52 for weeks, 7
            for days, 5 for business days, 1 for years.
        release_lag: Days from the end of a period to the publication of its value.
        source: Name of the source.
        label: Name of the table in messages; empty: the name of the source.
        lines: Line of its file by row, for messages.
        decimal: Decimal sign of numbers that are texts, "." or ","; empty: told from each column.
        date_format: Form of the dates, as `datetime.strptime` has it, such as "%d/%m/%Y"; empty:
            one of the forms that are told apart without.
        fiscal_year_end: Month that a fiscal year ends in, 1 to 12, for quarters like FY2020Q1.
        na: Marks of missing values beside the usual ones, such as ("..", "-", -999), or as one
            text with commas between them.
        fill: Value of periods without a row, between the first and the last row of each series;
            0 where rows are there only when something was sold. None: they stay without.
        strict: Whether to refuse series without a value or with fewer than three rows, instead of
            leaving them out with a warning.
        provenance: Origin of the table; None: from Python. Notices are added to it.

    Returns:
        Dataset of these series, values in the unit of the table, with notices in its provenance.

    Raises:
        DataError: The table cannot be used as it is; the message says where, why and what to do.
        ConfigError: A season or a lag that is no whole number, or another setting out of its range.

    >>> data = dataset_from_table({"ds": ["2001Q1", "2001Q2", "2001Q4"], "y": ["1", "2.5", "2"]})
    >>> data.frequency, data.season_length, data[-1].timestamp.date().isoformat()
    ('Q', 4, '2001-10-01')
    >>> data.provenance.notices
    ('table: periods without a row: y 1 of 4. Nothing is filled in, and a step ahead is a step \
from row to row, longer where a period is missing.',)
    """
    for name, value, low in (("season_length", season_length, 1), ("release_lag", release_lag, 0)):
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value < low
        ):
            raise ConfigError(f"{name} must be a whole number >= {low}, got {value!r}")
    if fill is not None and not _is_finite(fill):
        raise ConfigError(f"fill must be a finite number, got {fill!r}")
    label = label or source
    unique_id, ds = column_name(unique_id, "unique_id"), column_name(ds, "ds")
    y = _value_names(y)
    labels = Labels(label, lines)
    with paused_collection():
        reader = TableReader.of(
            columns_of(table, label, {unique_id, ds, *((y,) if isinstance(y, str) else y)}),
            labels,
            Reading(decimal, Marks.of(na), date_format, fiscal_year_end),
            unique_id=unique_id,
            ds=ds,
            y=y,
            series=as_names(series),
            exclude=as_names(exclude),
        )
        found = reader.rows()
        _refuse_empty(found.empty, found.by_series, label, strict=strict)
        regular = regular_rows(found.by_series, labels, fill)
        left_out = {**dict.fromkeys(found.empty, _NO_VALUE), **regular.left_out}
        if strict and left_out:
            _refuse_empty(left_out, (), label, strict=True)
        observations, earlier, of_columns = reader.observations(
            regular.by_series,
            regular.in_their_periods(found.earlier),
            regular.frequency,
            release_lag,
            source,
        )
        future = future_context(observations, found.future, regular.frequency)
        changes = [*reader.changes(found), *regular.changes, *_left_out(left_out, label)]
        for change in changes:
            warnings.warn(change.removesuffix("."), stacklevel=2)
        season, why = season_length, ""
        if season is None:
            values = ([row.value for row in ours] for ours in regular.by_series.values())
            season, why = season_that_shows(values, regular.season_length, label)
        told = [*changes, *regular.notices, *([why] if why else []), *future_notices(future, label)]
        notices = [*reader.notices(found), *of_columns, *told]
        origin = provenance or Provenance(
            source,
            f"{len(regular.by_series)} series from a table, {FREQUENCY_NAMES[regular.frequency]}",
            _OWN,
            "",
        )
        return Dataset(
            tuple(observations),
            replace(
                origin,
                vintage=origin.vintage or reader.vintage(found, release_lag),
                notices=(*origin.notices, *notices),
            ),
            frequency=regular.frequency,
            season_length=season,
            earlier_values=tuple(earlier),
            future_context=future,
        )


_OWN = "the user's own data"
_NO_VALUE = "there is no value in it; leave the series out"


def _value_names(given: Any) -> str | list[str]:
    """Return the column of values, or the columns of a wide table."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return column_name(given, "y")
    return [column_name(one, "y") for one in given]


def _is_finite(number: object) -> bool:
    return (
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
    )


def _refuse_empty(
    empty: Collection[str] | Mapping[str, str], others: Collection[str], label: str, *, strict: bool
) -> None:
    """Refuse series that cannot be read where there are no others, or none may be left out."""
    if empty and (strict or not others):
        name = next(iter(empty))
        why = empty[name] if isinstance(empty, Mapping) else _NO_VALUE
        raise DataError(f"{label}, series {name!r}: {why}")


def _left_out(why: Mapping[str, str], label: str) -> list[str]:
    if not why:
        return []
    first, *others = why
    count = "one series was" if not others else f"{len(why)} series were"
    reason = why[first].partition(";")[0]
    more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    same = f"; the same goes for {', '.join(others[:_LISTED])}{more}" if others else ""
    return [f"{label}: {count} left out: series {first!r}: {reason}{same} (--strict refuses them)."]
