"""From a table to a dataset: the one way in for data of users, from a file or from Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from fg_core.calendar import (
    FREQUENCY_NAMES,
    MIN_ROWS,
    SEASON_LENGTHS,
    infer_frequency,
    missing_periods,
)
from fg_core.errors import ConfigError, DataError
from fg_core.observation import Dataset, Provenance

from .columns import Table, columns_of
from .future import future_context, future_notices
from .labels import Labels, listed
from .layout import UNIQUE_ID
from .reader import TableReader
from .series import Row

__all__ = ["dataset_from_table"]


def dataset_from_table(
    table: Table,
    *,
    unique_id: str = UNIQUE_ID,
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    series: str | Sequence[str] = (),
    season_length: int | None = None,
    release_lag: int | None = None,
    source: str = "table",
    label: str = "",
    lines: Sequence[int] | None = None,
    decimal: str = ".",
    date_format: str = "",
    provenance: Provenance | None = None,
) -> Dataset:
    """Return the series of a table, checked, with what a reader must know of them as notices.

    A long table has a row per series and period: `unique_id`, `ds` and `y`. Without a column
    `unique_id` the table is wide: each column named by `y` is a series of that name. Further:

    * Dates are years (2001), quarters (2001Q3), months (2001-07), dates (2001-07-31) or dates
      with a time, in one form, and tell the frequency: annual, quarterly, monthly, weekly,
      business-daily or daily, one for all series. A date stands for the period that it is in, as
      written, whatever its zone; a weekly one for the seven days that it begins.
    * Rows out of order are sorted. Rows without a value (empty, NaN, NA and the like) are left
      out. Periods without a row stay without: nothing is filled in, and a step ahead is a step
      from row to row. Notices count all three.
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
      its total, which is checked, or computed where there is none.

    Args:
        table: Columns by name, or a data frame (pandas, polars and the like).
        unique_id: Column of the names of series.
        ds: Column of the dates.
        y: Column of the values; in a wide table also several, as names or with commas between.
        series: Names of the series that are read; empty: all. What is wrong in others does not
            matter.
        season_length: Periods in a season; None: 12 for months, 4 for quarters, 52 for weeks, 7
            for days, 5 for business days, 1 for years.
        release_lag: Days from the end of a period to the publication of its value.
        source: Name of the source.
        label: Name of the table in messages; empty: the name of the source.
        lines: Line of its file by row, for messages.
        decimal: Decimal sign of numbers that are texts; see `numbers_of` for ",".
        date_format: Form of the dates, as `datetime.strptime` has it, such as "%d/%m/%Y"; empty:
            one of the forms that are told apart without.
        provenance: Origin of the table; None: from Python. Notices are added to it.

    Returns:
        Dataset of these series, values in the unit of the table, with notices in its provenance.

    Raises:
        DataError: The table cannot be used as it is; the message says where, why and what to do.
        ConfigError: A season or a lag that is no whole number.

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
    label = label or source
    wanted = {unique_id, ds, *((y,) if isinstance(y, str) else y)}
    reader = TableReader.of(
        columns_of(table, label, wanted),
        Labels(label, lines),
        decimal,
        unique_id=unique_id,
        ds=ds,
        y=y,
        series=(series,) if isinstance(series, str) else tuple(series),
        date_format=date_format,
    )
    found = reader.rows()
    frequency = _frequency(found.by_series, label)
    observations, earlier, notices = reader.observations(found, frequency, release_lag, source)
    gaps = _gaps(found.by_series, frequency, label)
    future = future_context(observations, found.future, frequency)
    told = future_notices(future, label)
    origin = provenance or Provenance(
        source,
        f"{len(found.by_series)} series from a table, {FREQUENCY_NAMES[frequency]}",
        _OWN,
        "",
    )
    vintage = origin.vintage or reader.vintage(found, release_lag)
    return Dataset(
        tuple(observations),
        replace(origin, vintage=vintage, notices=(*origin.notices, *notices, *gaps, *told)),
        frequency=frequency,
        season_length=SEASON_LENGTHS[frequency] if season_length is None else season_length,
        earlier_values=tuple(earlier),
        future_context=future,
    )


_OWN = "the user's own data"


def _frequency(rows: Mapping[str, Sequence[Row]], label: str) -> str:
    """Return the frequency of all series.

    Raises:
        DataError: A series is too short or irregular, or series have different frequencies.
    """
    by_frequency: dict[str, list[str]] = {}
    known: dict[tuple[date, ...], str] = {}  # series of a panel share their dates
    for name, ours in rows.items():
        where = f"{label}, series {name!r}"
        if len(ours) < MIN_ROWS:
            raise DataError(
                f"{where}: {_counted(len(ours), 'row')}, and its frequency shows from {MIN_ROWS} "
                "on (a backtest wants more than 20); give more rows, or leave the series out"
            )
        days = tuple([row.moment.date() for row in ours])
        frequency = known.get(days, "")
        if not frequency:
            try:
                frequency = known[days] = infer_frequency(days)
            except ValueError as error:
                raise DataError(f"{where}: {error}") from None
        by_frequency.setdefault(frequency, []).append(name)
    if len(by_frequency) > 1:
        kinds = "; ".join(f"{FREQUENCY_NAMES[f]}: {listed(n)}" for f, n in by_frequency.items())
        raise DataError(
            f"{label}: series of different frequencies ({kinds}); choose those of one with series "
            "(--series)"
        )
    return next(iter(by_frequency))


def _gaps(rows: Mapping[str, Sequence[Row]], frequency: str, label: str) -> Iterable[str]:
    absent = {}
    for name, ours in rows.items():
        n = missing_periods([row.moment.date() for row in ours], frequency)
        if n:
            absent[name] = f"{n} of {n + len(ours)}"
    if absent:
        yield (
            f"{label}: periods without a row: {listed(absent)}. Nothing is filled in, and a step "
            "ahead is a step from row to row, longer where a period is missing."
        )


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
