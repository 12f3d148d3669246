"""Parts of a source with histories: series asked for side by side, and rows of a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fg_core import Dataset, ForecastGameError, Provenance, Query
from fg_core.errors import SourceKeyError
from fg_data.cache import CacheStore, cache_location, is_offline
from fg_data.http import map_concurrently
from fg_data.vintages import VintageHistory

from .cached import CachedHistories
from .dataset import dataset_of
from .options import HistoryOptions
from .series_set import DescribedT, SeriesHistories
from .service import DataService, HistorySource, MakesUp
from .span import moment_of

__all__ = ["dataset_of_query", "fetch_dataset", "gather_histories"]


def gather_histories(
    names: Sequence[str],
    ask: Callable[[str], tuple[VintageHistory, DescribedT]],
    provenance: Callable[[Mapping[str, VintageHistory], Mapping[str, DescribedT]], Provenance],
    *,
    max_workers: int,
) -> SeriesHistories[DescribedT]:
    """Return the histories of several series, asked for side by side.

    A series that fails does not spoil the others: its error is in the answer.

    Args:
        names: Names of the series, each once.
        ask: Function from a name to its history and what the service says about it.
        provenance: Function from both, by name, to the provenance of the figures.
        max_workers: Series that are asked for at a time, 1 or more.

    Returns:
        The set, in the order of the names.

    Raises:
        SourceKeyError: The service does not accept the key, which no series would survive.
    """

    def one(name: str) -> tuple[VintageHistory, DescribedT] | ForecastGameError:
        try:
            return ask(name)
        except ForecastGameError as error:
            return error

    results = dict(zip(names, map_concurrently(one, names, max_workers), strict=True))
    errors = {n: r for n, r in results.items() if isinstance(r, ForecastGameError)}
    for error in errors.values():
        if isinstance(error, SourceKeyError):
            raise error
    found = {n: r for n, r in results.items() if not isinstance(r, ForecastGameError)}
    histories = {name: history for name, (history, _) in found.items()}
    metadata = {name: about for name, (_, about) in found.items()}
    return SeriesHistories(histories, metadata, errors, provenance(histories, metadata))


def dataset_of_query(
    service: DataService[Any],
    found: SeriesHistories[Any],
    query: Query,
    as_of: datetime | None,
    options: HistoryOptions,
) -> Dataset:
    """Return the rows of a query from the histories of its series.

    Series that are asked for by name are brought to the lowest of their frequencies, or to that of
    the options. Without names, those of the service's `row_frequency` have rows, and the others
    stand in their context.

    Args:
        service: The service.
        found: Whole histories: growth needs periods before the first one, and a context the latest.
        query: Query that is answered.
        as_of: Moment by which figures must have been known; None: all.
        options: Options of the query.

    Returns:
        Rows in the units that the options ask for.

    Raises:
        ForecastGameError: As `dataset_of`, and the error of the first series that failed.
    """
    histories = found.require_all().histories
    others: tuple[str, ...] = ()
    if not query.series and options.frequency is None and service.row_frequency:
        others = tuple(n for n, h in histories.items() if h.frequency != service.row_frequency)
    return dataset_of(histories, query, as_of, options, found.provenance, context_only=others)


def fetch_dataset(
    source: HistorySource, query: Query | str, as_of: date | datetime | None = None
) -> Dataset:
    """Return the rows of a query, through the cache: the `fetch` of a source with histories.

    The cache is the one that `cache_location` names, and with `FG_OFFLINE` set the service is not
    asked. Kept are whole histories, so that one fetch answers queries of any part of them.

    Args:
        source: The source.
        query: Series, first and last period, seed of made-up figures, and options (`HistoryOptions`
            describes them); or the name of one series.
        as_of: Moment by which figures must have been known; a date stands for its end. None: all.

    Returns:
        Rows, by default of first prints with the moments of their publication.

    Raises:
        ForecastGameError: Of the first series that failed; ConfigError for an unknown option;
            DataError: offline, and a series is not kept.
    """
    if isinstance(query, str):
        query = Query((query,))
    service = source.service
    options = service.options(query.options)
    moment = moment_of(as_of)
    names = service.names(query.series or service.default_series)
    adapter = source.with_seed(query.seed) if isinstance(source, MakesUp) else source
    store = CacheStore(cache_location().folder, offline=is_offline())
    found = CachedHistories(adapter, store, service).fetch(names, release_lag=options.release_lag)
    return dataset_of_query(service, found, query, moment, options)
