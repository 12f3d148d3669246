"""Datasets from what a user has: a table, a name of a source or file, options of a command."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from fg_core import (
    ConfigError,
    Dataset,
    DataSource,
    PluginError,
    Query,
    Registry,
)
from fg_core.console import TABLE_OPTIONS, Program, table_texts
from fg_core.errors import PluginLoadError
from fg_core.locations import is_location, require_file
from fg_core.name_lists import as_names, join_names
from fg_core.plugins import INSTALL_HINT
from fg_core.tables.columns import Table

from .future import with_known_ahead

__all__ = ["SOURCES", "Data", "dataset_of_command", "fetch_dataset", "prepared", "still_asked"]

SOURCES = "fg_core.sources"
"""Entry-point group of data sources."""

_FILE = "file"
_WANTED = "fred_training"
_KEY = "FRED_API_KEY"

Data: TypeAlias = Dataset | Table | str
"""Data that are played: a dataset, a table (a data frame, or columns by name), or a source's
name."""

_DEFAULTS = {
    "unique_id": "unique_id",
    "ds": "ds",
    "y": "y",
    "date_format": "",
    "na": (),
    "fill": None,
}


def prepared(
    data: Data,
    series: str | Sequence[str] | None = None,
    *,
    unique_id: str = "unique_id",
    ds: str = "ds",
    y: str | Sequence[str] = "y",
    date_format: str = "",
    na: str | Sequence[object] = (),
    fill: float | None = None,
    exclude: str | Sequence[str] = (),
    strict: bool = False,
    season_length: int | None = None,
    future: str | Sequence[str] = (),
) -> Dataset:
    """Return a dataset as it is, but for its season and what is known in advance, or a table's.

    Args:
        data: A dataset; a table, as `fg_core.dataset_from_table` wants it; or the name of a source
            or a file (`fg-backtest --list` names sources).
        series: Names of the series of a table that are read, so that faults of others do not
            matter.
        unique_id: Column of a table.
        ds: Column of a table.
        y: Column or columns of a table.
        date_format: Form of the dates of a table, such as "%d/%m/%Y"; empty: told from the dates.
        na: Marks of missing values of a table beside the usual ones, such as ("..", "-").
        fill: Value of periods of a table without a row; None: they stay without.
        exclude: Names of series that are left out, or one name.
        strict: Whether to refuse series of a table that are too short to tell their frequency.
        season_length: Periods in a season; None: that of the dataset, or by frequency.
        future: Names of context columns that are known in advance, or one name.

    Returns:
        The dataset, with the season that was asked for; values keep their unit.

    Raises:
        DataError: The table cannot be used as it is, or has no such context column.
        ConfigError: Columns were named and there is no table, or a season is below 1.

    >>> prepared({"day": ["2001", "2002", "2004"], "y": [1, 2, 4]}, ds="day").frequency
    'Y'
    """
    told: dict[str, Any] = {
        "unique_id": unique_id,
        "ds": ds,
        "y": y,
        "date_format": date_format,
        "na": na,
    }
    given = {name: one for name, one in {**told, "fill": fill}.items() if one != _DEFAULTS[name]}
    wanted, left_out = as_names(series), as_names(exclude)
    if isinstance(data, str):
        columns = {name: _text(one) for name, one in given.items()}
        fetched = fetch_dataset(data, wanted, columns=columns, exclude=left_out, strict=strict)
        return prepared(fetched, season_length=season_length, future=future)
    if not isinstance(data, Dataset):
        from fg_core import (
            dataset_from_table,
        )  # with the reader of tables, which sources do without

        dataset = dataset_from_table(
            data,
            series=wanted,
            exclude=left_out,
            season_length=season_length,
            strict=strict,
            **given,
        )
        return with_known_ahead(dataset, future)
    if given:
        raise ConfigError(
            f"{next(iter(given))} says what is in a table, and the data are a Dataset; leave it out"
        )
    data = with_known_ahead(data.without(left_out), future)
    if season_length is None:
        return data
    if isinstance(season_length, bool) or not isinstance(season_length, int) or season_length < 1:
        raise ConfigError(f"season_length must be a whole number >= 1, got {season_length!r}")
    return replace(data, season_length=season_length)


def still_asked(
    series: str | Sequence[str] | None,
    dataset: Dataset,
    exclude: str | Sequence[str] = (),
    *,
    read: bool = True,
) -> tuple[str, ...] | None:
    """Return the series that were asked for, without those that were left out on reading.

    Args:
        series: Names that were asked for, or one name; None: all.
        dataset: The data.
        exclude: Names that are left out, or one name.
        read: Whether the data were read for these series, so that what is not there was left out;
            else it is a mistake, which is told when they are played.

    Returns:
        Names in the order asked for; None: all that there are.
    """
    if series is None:
        return None
    left_out = as_names(exclude)
    wanted = [name for name in as_names(series) if name not in left_out]
    there = [name for name in wanted if name in dataset.series_ids]
    return tuple(there if read else wanted)


def _text(given: object) -> str:
    """Return an argument as the option of a query."""
    if isinstance(given, str):
        return given
    return join_names(map(str, given)) if isinstance(given, Sequence) else str(given)


def fetch_dataset(
    name: str,
    series: Sequence[str] = (),
    *,
    seed: int = 7,
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    exclude: Sequence[str] = (),
    strict: bool = False,
) -> Dataset:
    """Fetch the data of a source, or read those of a file.

    Args:
        name: name of a source that is installed, or of a file (.csv, .json, .parquet).
        series: names of the series; empty: those that the source has by default.
        seed: seed of synthetic data.
        columns: what is in a file, as `fg_core.console.TABLE_OPTIONS` names it: its columns by
            what they hold (`ds`, `y`, `unique_id`), and how its cells are read.
        options: further options of the source, by name.
        exclude: names of series that are left out.
        strict: whether to refuse series of a file that are too short to tell their frequency.

    Returns:
        The rows of the series, each with the moment from which on it counts as known.

    Raises:
        ConfigError: Columns are named and the data are no file.
        PluginError: No source is installed, none has this name, or it is not a source.
        DataError: The data cannot be used.
        SourceError: The source failed.
    """
    registry = Registry(SOURCES)
    location = ""
    if is_location(name, registry.names()):
        name, location = _FILE, str(require_file(name))
    columns = dict(columns or {})
    if columns and not location:
        raise ConfigError(
            f"{TABLE_OPTIONS[next(iter(columns))]} says what is in a file; give the file with "
            "--source, such as --source sales.csv"
        )
    if not registry.names():
        raise PluginError(f"no data source is installed: fg-data has some; {INSTALL_HINT}")
    made = registry.load(name)()
    if not isinstance(made, DataSource):
        raise PluginLoadError(
            f"plugin {name!r} of {SOURCES} makes a {type(made).__name__}, which is not a data "
            "source: it needs `name` and `fetch(query, as_of=None)`"
        )
    told = {**(options or {}), **columns}
    if location:
        told |= {"exclude": join_names(exclude)} if exclude else {}
        told |= {"strict": "yes"} if strict else {}
    fetched = made.fetch(Query(tuple(series), seed=seed, location=location, options=told))
    return fetched if location else fetched.without(exclude)


def dataset_of_command(options: Mapping[str, Any], program: Program) -> Dataset:
    """Return the data that a command was asked for, or those of FRED, or of its stand-in.

    Args:
        options: options of the command, as `command_options.data_options` names them.
        program: the command, which tells of a stand-in.

    Returns:
        The rows of the series that the options name.

    Raises:
        ConfigError: As for `fetch_dataset`.
        PluginError: As for `fetch_dataset`.
        DataError: As for `fetch_dataset`.
        SourceError: As for `fetch_dataset`.
    """
    name = options["source"]
    with warnings.catch_warnings():
        if name is None:  # told below, with what to do about it
            warnings.filterwarnings("ignore", message=f"{_KEY} is not set: these numbers")
        dataset = fetch_dataset(
            name or _WANTED,
            options["series"],
            seed=options["seed"],
            columns=table_texts(options),
            options=_source_options(options),
            exclude=options["exclude"],
            strict=options["strict"],
        )
    if name is None and dataset.provenance.is_synthetic:
        program.tell(
            f"warning: no {_KEY}: using the synthetic proxy; real data at hand: --source us_macro, "
            "or a file of yours (--source sales.csv)"
        )
        provenance = replace(dataset.provenance, fallback_for=_WANTED)
        dataset = replace(dataset, provenance=provenance)
    return dataset


def _source_options(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what a source is told, with all vintages where they are asked for.

    Raises:
        ConfigError: Vintages are asked of a file.
    """
    told = dict(options["source_options"])
    name = options["source"]
    is_file = name is not None and is_location(name, Registry(SOURCES).names())
    if options["vintages"] and is_file:
        raise ConfigError(
            "--vintages asks a source for every value that it published, and a file has those that "
            "are in it: rows of one period with a column available_at; leave the option out"
        )
    if options["vintages"] or (options.get("compare_vintages") and not is_file):
        told.setdefault("vintage", "all")
    return told
