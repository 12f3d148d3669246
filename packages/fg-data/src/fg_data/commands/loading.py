"""Data that the options of a command ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from fg_core import (
    ConfigError,
    Dataset,
    ForecastGameError,
    Observation,
    PluginError,
    Provenance,
    Query,
    Registry,
    frozen_mapping,
)
from fg_core.calendar import parse_period, parse_period_end
from fg_core.console import TABLE_OPTIONS, table_texts
from fg_core.mappings import FrozenMapping
from fg_core.nearest import nearest_first
from fg_data._program import PROGRAM
from fg_data.cache import CacheStore, cache_location, is_offline
from fg_data.datasets import SOURCES_GROUP, load_dataset, open_source
from fg_data.histories import (
    CachedHistories,
    HistorySource,
    MakesUp,
    SeriesHistories,
    dataset_of,
)
from fg_data.training import TrainingSource
from fg_data.vintages import VintageHistory

__all__ = [
    "Loaded",
    "as_of_moment",
    "history_source",
    "load",
    "load_histories",
    "names_with_histories",
    "prepared",
    "source_of",
]


@dataclass(frozen=True)
class Loaded:
    """Data that a command works on.

    Args:
        datasets: One per series where the source has histories, whose series have frequencies of
            their own; else one.
        provenance: Provenance of the figures.
        histories: Whole histories by series, where the source has vintages.
        readings: Reading of each of them; of a training set, of all series of its panel.
        fetched_at: When each was asked for; empty: nothing was fetched.
        errors: Why series are missing.
    """

    datasets: tuple[Dataset, ...]
    provenance: Provenance
    histories: Mapping[str, VintageHistory] = field(default_factory=FrozenMapping)
    readings: Mapping[str, str] = field(default_factory=FrozenMapping)
    fetched_at: Mapping[str, datetime] = field(default_factory=FrozenMapping)
    errors: Mapping[str, ForecastGameError] = field(default_factory=FrozenMapping)

    def __post_init__(self) -> None:
        for name in ("histories", "readings", "fetched_at", "errors"):
            object.__setattr__(self, name, frozen_mapping(getattr(self, name)))

    def series(self) -> Iterator[tuple[Dataset, str, tuple[Observation, ...]]]:
        """Return dataset, name and rows of every series."""
        for dataset in self.datasets:
            for name in dataset.series_ids:
                yield dataset, name, dataset.series(name)


@contextmanager
def prepared(options: Mapping[str, Any]) -> Iterator[None]:
    """Have warnings told in a line, and the cache where the options say, also for plugins.

    The environment is the one way by which a source of another package learns of them; it is as
    before afterwards.

    Args:
        options: Options of the command, by name.

    Yields:
        Nothing; warnings and environment are prepared inside the block.
    """
    told = table_texts(options)
    if told and source_of(options["source"]) is not None:
        raise ConfigError(
            f"{TABLE_OPTIONS[next(iter(told))]} says what is in a file; give the file with "
            "--source, such as --source sales.csv"
        )
    wanted = {
        "FG_CACHE_DIR": options.get("cache_dir"),
        "FG_OFFLINE": "1" if options.get("offline") else None,
    }
    before = {name: os.environ.get(name) for name in wanted}
    try:
        os.environ.update({name: value for name, value in wanted.items() if value})
        with PROGRAM.telling_warnings(once=True):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def as_of_moment(options: Mapping[str, Any]) -> datetime | None:
    """Return the end of the day (or month, ...) that `--as-of` names, in UTC.

    Args:
        options: Options of the command, by name.

    Returns:
        Moment in UTC; None where the option is not given.
    """
    text = options.get("as_of")
    return None if text is None else parse_period_end(text) + timedelta(microseconds=1)


def load(options: Mapping[str, Any]) -> Loaded:
    """Return the data that the options ask for.

    Args:
        options: Options of the command, by name.

    Returns:
        Datasets with what belongs to them, in the units of the series.

    Raises:
        ForecastGameError: As the source raises; ConfigError for options that do not fit.
    """
    source = options["source"]
    made = source_of(source)
    if options["refresh"] and not isinstance(made, HistorySource | TrainingSource):
        raise ConfigError(
            f"--refresh: the source {source!r} keeps nothing that could be fetched again"
        )
    query = Query(
        tuple(options["series"]),
        None if options["start"] is None else parse_period(options["start"]),
        None if options["end"] is None else parse_period_end(options["end"]),
        seed=options["seed"],
        options={**options["options"], **table_texts(options)},
    )
    if isinstance(made, HistorySource):
        return _with_histories(made, query, options)
    if isinstance(made, TrainingSource):
        return _training(made, query, options)
    dataset = load_dataset(
        source,
        series=query.series,
        start=query.start,
        end=query.end,
        seed=query.seed,
        as_of=as_of_moment(options),
        options=query.options,
        exclude=options["exclude"],
    )
    return Loaded((dataset,), dataset.provenance)


def source_of(name: str) -> object:
    """Return the source that an option names; None: a file, or no source that there is.

    Args:
        name: Name of a source, or path of a file.

    Returns:
        Source that is installed under the name.
    """
    return open_source(name) if name in Registry(SOURCES_GROUP).names() else None


def history_source(name: str) -> HistorySource | None:
    """Return the source of this name if it has histories.

    Args:
        name: Name of a source, or path of a file.

    Returns:
        Source with histories; None where there is none.
    """
    made = source_of(name)
    return made if isinstance(made, HistorySource) else None


def names_with_histories() -> list[str]:
    """Return the names of the installed sources that have histories, sorted."""
    found = []
    for name in Registry(SOURCES_GROUP).names():
        with suppress(PluginError):  # one that does not load has none to offer
            if history_source(name) is not None:
                found.append(name)
    return found


def load_histories(source: HistorySource, options: Mapping[str, Any]) -> SeriesHistories[Any]:
    """Return whole histories of a source, through the cache.

    Args:
        source: Source that has histories.
        options: Options of the command, by name.

    Returns:
        Histories by series, and the errors of series that failed.
    """
    service = source.service
    asked = service.options(options["options"])
    adapter = source.with_seed(options["seed"]) if isinstance(source, MakesUp) else source
    wanted = tuple(options["series"]) or service.default_series
    left_out = options["exclude"]
    for name in left_out:
        if name not in wanted:
            raise ConfigError(
                f"--exclude {name}: it is not among {', '.join(nearest_first(name, wanted))}"
            )
    names = tuple(name for name in wanted if name not in left_out)
    if not names:
        raise ConfigError("--exclude leaves no series; give one more with --series")
    return CachedHistories(adapter, _store(options), service).fetch(
        names, release_lag=asked.release_lag
    )


def _store(options: Mapping[str, Any]) -> CacheStore:
    return CacheStore(
        cache_location(options["cache_dir"]).folder,
        offline=is_offline(options["offline"]),
        refresh=options["refresh"],
    )


def _with_histories(source: HistorySource, query: Query, options: Mapping[str, Any]) -> Loaded:
    fetched = load_histories(source, options)
    moment = as_of_moment(options)
    asked = source.service.options(query.options)
    datasets, errors = [], dict(fetched.errors)
    for name, history in fetched.histories.items():
        one = Query((name,), query.start, query.end, seed=query.seed)
        try:
            datasets.append(dataset_of({name: history}, one, moment, asked, fetched.provenance))
        except ForecastGameError as error:
            errors[name] = error
    if not datasets:
        raise next(iter(errors.values()))
    notices = dict.fromkeys(n for dataset in datasets for n in dataset.provenance.notices)
    return Loaded(
        tuple(datasets),
        replace(fetched.provenance, notices=tuple(notices)),
        fetched.histories,
        {},
        fetched.fetched_at,
        errors,
    )


def _training(source: TrainingSource, query: Query, options: Mapping[str, Any]) -> Loaded:
    texts = {**query.options, "refresh": "yes" if options["refresh"] else "no"}
    made = source.training_set(replace(query, options=texts))
    query = replace(query, options=options["options"])  # refreshed by now, if that was wanted
    dataset = source.fetch(query, as_of_moment(options)).without(options["exclude"])
    dated = {name: one.fetched_at for name, one in made.vintages.items()}
    return Loaded(
        (dataset,),
        dataset.provenance,
        {},
        {n: one.reading for n, one in made.vintages.items() if n not in options["exclude"]},
        {name: moment for name, moment in dated.items() if moment is not None},
    )
