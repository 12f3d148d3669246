"""Datasets by the name of a source, and their chronological split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fg_core import (
    ConfigError,
    DataError,
    Dataset,
    DatasetBundle,
    DataSource,
    Observation,
    Query,
    Registry,
)
from fg_core.errors import PluginLoadError
from fg_core.locations import is_location, require_file
from fg_core.name_lists import as_names, join_names

__all__ = ["FILE_SOURCE", "SOURCES_GROUP", "chronological_split", "load_dataset", "open_source"]

SOURCES_GROUP = "fg_core.sources"

FILE_SOURCE = "file"
"""Name of the source that reads the file at a path."""


def load_dataset(
    source: str = "synthetic",
    *,
    series: str | Sequence[str] = (),
    start: datetime | None = None,
    end: datetime | None = None,
    seed: int = 7,
    as_of: datetime | None = None,
    options: Mapping[str, str] | None = None,
    exclude: str | Sequence[str] = (),
    fail_on_poisoning: bool = False,
) -> Dataset:
    """Return the data of an installed source, or of a file.

    Args:
        source: Name of a plugin in the group `fg_core.sources`, or the path of a file, such as
            "sales.csv".
        series: Names of series, or one name; empty: all that the source has by default.
        start: First period, with a time zone; None: from the beginning.
        end: Last period, with a time zone; None: to the end.
        seed: For sources that make their numbers up.
        as_of: Moment by which rows must have been known; None: all that is known.
        options: Further options of the source; of a file: `ds`, `y`, `unique_id`, `na`, `fill` and
            others, as `fg_core.tables.dataset_from_table` has them (`fg_data.files.OPTIONS`).
        exclude: Names of series that are left out, or one name.
        fail_on_poisoning: Whether series that hold prints which honest data do not have are
            refused, as `fg_data.poisoning` says.

    Returns:
        Rows in the units of the source, each with the moment from which on it counts as known.

    Raises:
        UnknownPluginError: No such source; the message lists those there are.
        PluginLoadError: The plugin is not a data source.
        DataError: No such file, the source does not have what was asked for, or prints look
            poisoned and `fail_on_poisoning` is set.

    >>> len(load_dataset("us_macro", series="growth"))
    202
    """
    location = ""
    if is_location(source, Registry(SOURCES_GROUP).names()):
        location = str(require_file(source))
        source = FILE_SOURCE
    made = open_source(source)
    names, left_out = as_names(series), as_names(exclude)
    told = dict(options or {})
    if location and left_out:
        told["exclude"] = join_names(left_out)  # so that faults of these series do not matter
    query = Query(names, start, end, seed=seed, location=location, options=told)
    fetched = made.fetch(query, as_of)
    wanted = fetched if location else fetched.without(left_out)
    if fail_on_poisoning:
        from .poisoning import require_no_poisoning  # numpy, which a dataset does not need

        require_no_poisoning(wanted)
    return wanted


def open_source(name: str) -> DataSource:
    """Return an installed source.

    Args:
        name: Name of a plugin in the group `fg_core.sources`.

    Returns:
        Object that fetches datasets.

    Raises:
        UnknownPluginError: No such source; the message lists those there are.
        PluginLoadError: The plugin is not a data source.

    >>> open_source("us_macro").name
    'us_macro'
    """
    made = Registry(SOURCES_GROUP).load(name)()
    if not isinstance(made, DataSource):
        raise PluginLoadError(
            f"plugin {name!r} of {SOURCES_GROUP} makes a {type(made).__name__}, which is not a "
            "data source: it needs `name` and `fetch(query, as_of=None)`"
        )
    return made


def chronological_split(
    dataset: Dataset, *, train: float = 0.7, valid: float = 0.15
) -> DatasetBundle:
    """Cut a dataset in three at two moments that are the same for all its series.

    The moments divide the periods of the dataset, counted once each over all series, by the
    shares asked for: rows are never pooled over series and then cut. A row that was published
    only after the first row of the next part is left out, since its context could hold that
    row's value (an embargo; with monthly beside daily series, the last month or two).

    The parts have no scored or warm-up origins of their own (`evaluation_start` is None).

    Args:
        dataset: Dataset of one or more series.
        train: Share of periods in the first part, above 0.
        valid: Share in the second, above 0; the rest, above 0 too, is the third.

    Returns:
        Three datasets: training, validation and test part, in the unit of the whole.

    Raises:
        ConfigError: Shares that leave a part nothing.
        DataError: A series without a row in one of the parts.
    """
    if not (train > 0.0 and valid > 0.0 and train + valid < 1.0):
        raise ConfigError(
            f"shares must be above 0 and leave something for the test part: train {train}, "
            f"valid {valid}, test {1.0 - train - valid:.3g}"
        )
    periods = sorted({row.timestamp for row in dataset})
    first = round(train * len(periods))
    second = round((train + valid) * len(periods))
    if not 0 < first < second < len(periods):
        raise DataError(
            f"source {dataset.provenance.source!r}: {len(periods)} periods are too few to split "
            f"{train:g} / {valid:g} / {1.0 - train - valid:.3g}"
        )
    test_rows = [row for row in dataset if row.timestamp >= periods[second]]
    valid_rows = [row for row in dataset if periods[first] <= row.timestamp < periods[second]]
    train_rows = [row for row in dataset if row.timestamp < periods[first]]
    valid_rows = _known_before(valid_rows, test_rows)
    train_rows = _known_before(train_rows, valid_rows)
    parts = {"train": train_rows, "valid": valid_rows, "test": test_rows}
    for name, rows in parts.items():
        missing = [s for s in dataset.series_ids if all(row.series_id != s for row in rows)]
        if missing:
            raise DataError(
                f"source {dataset.provenance.source!r}: {name} has no row of series "
                f"{', '.join(missing)}; choose series that span the same periods, or other shares"
            )
    train_set, valid_set, test_set = (
        replace(
            dataset,
            observations=tuple(rows),
            earlier_values=_of_periods(dataset.earlier_values, rows),
            evaluation_start=None,
            warmup_start=None,
        )
        for rows in parts.values()
    )
    return DatasetBundle(train_set, valid_set, test_set, dataset.provenance)


def _of_periods(
    values: Sequence[Observation], rows: Sequence[Observation]
) -> tuple[Observation, ...]:
    """Return the values of the periods that have rows."""
    periods = {(row.series_id, row.timestamp) for row in rows}
    return tuple(row for row in values if (row.series_id, row.timestamp) in periods)


def _known_before(early: list[Observation], late: list[Observation]) -> list[Observation]:
    """Return the early rows that were published before any of the late ones was."""
    first = min((row.available_at for row in late), default=None)
    return [row for row in early if first is None or row.available_at < first]
