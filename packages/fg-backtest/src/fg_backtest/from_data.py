"""From data in whatever form to a backtest, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from fg_core import ConfigError, Dataset, dataset_from_table
from fg_core.tables import Table

from .result import BacktestResult
from .schedule import default_horizons
from .walk_forward import Progress, WalkForwardBacktester

__all__ = ["Data", "backtest", "prepared"]

Data: TypeAlias = Dataset | Table
"""What a backtest is made from: a dataset, or a table (a data frame, or columns by name)."""

_COLUMNS = {"unique_id": "unique_id", "ds": "ds", "y": "y"}


def prepared(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    unique_id: str = "unique_id",
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    season_length: int | None = None,
) -> Dataset:
    """Return a dataset as it is, but for its season, or that of a table.

    Args:
        data: A dataset; or a table, as `fg_core.dataset_from_table` wants it.
        series: Those wanted of a table, so that what is wrong in others does not matter.
        unique_id: Column of a table.
        ds: Column of a table.
        y: Column or columns of a table.
        season_length: Periods in a season; None: that of the dataset, or by frequency.

    Raises:
        DataError: The table cannot be used as it is.
        ConfigError: Columns were named and there is no table, or a season is below 1.

    >>> prepared({"day": ["2001", "2002", "2004"], "y": [1, 2, 4]}, ds="day").frequency
    'Y'
    """
    if not isinstance(data, Dataset):
        return dataset_from_table(
            data,
            unique_id=unique_id,
            ds=ds,
            y=y,
            series=series or (),
            season_length=season_length,
        )
    given = {"unique_id": unique_id, "ds": ds, "y": y}
    named = [name for name, value in given.items() if value != _COLUMNS[name]]
    if named:
        raise ConfigError(
            f"{named[0]} names a column of a table, and the data are a Dataset; leave it out"
        )
    if season_length is None:
        return data
    if isinstance(season_length, bool) or not isinstance(season_length, int) or season_length < 1:
        raise ConfigError(f"season_length must be a whole number >= 1, got {season_length!r}")
    return replace(data, season_length=season_length)


def backtest(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    unique_id: str = "unique_id",
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    season_length: int | None = None,
    progress: Progress | None = None,
    summary_only: bool = False,
    **settings: Any,
) -> BacktestResult:
    """Play and score each series of a dataset, a data frame or a mapping of columns.

    It is what the command `fg-backtest` does: `WalkForwardBacktester(**settings).run(dataset)`,
    with the horizons of `default_horizons` where `settings` name none.

    Args:
        data: A dataset; or a table in the long format (`unique_id`, `ds`, `y`) or in the wide
            one, as `fg_core.dataset_from_table` reads it.
        series: Names of those to play, or one name; None: all.
        unique_id: Column of a table with the names of series.
        ds: Column of a table with the dates.
        y: Column of a table with the values; in a wide table also several.
        season_length: Periods in a season; None: that of the dataset, or by frequency.
        progress: Called before each block of series and at the end.
        summary_only: Whether to leave the forecasts of each origin out of the report.
        **settings: See `WalkForwardBacktester`.

    Raises:
        DataError: A table that cannot be used as it is, an unknown series, or one that is too
            short for what is asked or does not move.
        ConfigError: A setting outside its range.

    >>> months = [f"{2001 + t // 12}-{t % 12 + 1:02}" for t in range(60)]
    >>> table = {"month": months, "sales": [t % 12 + t % 5 for t in range(60)]}
    >>> result = backtest(table, ds="month", y="sales")
    >>> result.report.provenance.season_length, list(result.report.series["sales"].horizons)
    (12, ['1', '3'])
    """
    dataset = prepared(data, series, unique_id=unique_id, ds=ds, y=y, season_length=season_length)
    settings.setdefault("horizons", default_horizons(dataset.frequency))
    backtester = WalkForwardBacktester(**settings)
    return backtester.run(dataset, series, progress, summary_only=summary_only)
