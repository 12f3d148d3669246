"""Conformance of data sources: what was known at a moment, and only that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fg_core.dataset import Dataset
from fg_core.errors import ForecastGameError
from fg_core.observation import Observation
from fg_core.protocols import DataSource, Query
from fg_core.testing._play import Promises, fingerprint

__all__ = ["check_data_source"]

_MOMENTS = 6

Key = tuple[str, datetime]


def check_data_source(source: DataSource, query: Query | None = None) -> None:
    """Check a data source: what it says was known at a moment really was, and only that.

    Rows of an earlier moment are in every later one, unchanged unless they were revised in
    between; no row was available later than the moment asked about; a query for one series or
    for some periods gives just those; an unknown series is an error of ours.

    Args:
        source: Data source that is checked.
        query: Query that it is asked; None: whatever the source delivers by default.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.examples import example_dataset
    >>> from fg_core.testing.fakes import FixedSource
    >>> check_data_source(FixedSource(example_dataset()))
    """
    promises = Promises("DataSource", source)
    promises.members("fetch")
    promises.named()
    query = Query() if query is None else query
    everything = promises.pure("fetch", source.fetch, query)
    _judge_dataset(promises, everything)
    known = sorted({row.available_at for row in everything})
    moments = [known[i * (len(known) - 1) // (_MOMENTS - 1)] for i in range(_MOMENTS)]
    earlier: dict[Key, Observation] = {}
    asked = moments[0]
    for moment in dict.fromkeys(moments):
        now = _judge_moment(promises, source, query, everything, moment)
        for key, row in earlier.items():
            _judge_kept(promises, key, row, now.get(key), asked)
        earlier, asked = now, moment
    last = _by_period(everything)
    for key, row in earlier.items():
        _judge_kept(promises, key, row, last.get(key), asked)
    before = known[0] - timedelta(microseconds=1)
    try:
        found = source.fetch(query, before)
    except ForecastGameError:
        pass
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(
            "a moment before anything was known is an error of ours",
            f"it raised {type(error).__name__}: {error}",
            error,
        )
    else:
        late = [row for row in found if row.available_at > before]
        promises.require(
            not late, "no row was available later than as_of", f"as of {before} it gave {late[:1]}"
        )
    _judge_queries(promises, source, query, everything)


def _by_period(rows: Dataset) -> dict[Key, Observation]:
    return {(row.series_id, row.timestamp): row for row in rows}


def _judge_dataset(promises: Promises, found: Any) -> None:
    promises.require(isinstance(found, Dataset), "fetch returns a Dataset", f"got {found!r}")
    promises.require(
        bool(found.provenance.source), "the provenance names its source", f"{found.provenance}"
    )
    promises.require(len(found) > 0, "there are rows, or fetch raises", "the dataset is empty")
    last: dict[str, datetime] = {}
    for row in found:
        before = last.get(row.series_id)
        promises.require(
            before is None or before < row.timestamp,
            "rows of a series come in the order of their periods, each once",
            f"series {row.series_id!r}: {row.timestamp} after {before}",
        )
        last[row.series_id] = row.timestamp


def _judge_moment(
    promises: Promises, source: DataSource, query: Query, everything: Dataset, moment: datetime
) -> dict[Key, Observation]:
    found = promises.pure("fetch", source.fetch, query, moment)
    _judge_dataset(promises, found)
    for row in found:
        promises.require(
            row.available_at <= moment,
            "no row was available later than as_of",
            f"as of {moment} it gave {row.series_id!r} for {row.timestamp.date()}, "
            f"available at {row.available_at}",
        )
    now = _by_period(found)
    for key, row in _by_period(everything).items():
        promises.require(
            row.available_at > moment or fingerprint(now.get(key)) == fingerprint(row),
            "what was known at as_of is there, as it was known",
            f"as of {moment}, {row.series_id!r} for {row.timestamp.date()} (available at "
            f"{row.available_at}) is {'other' if key in now else 'missing'}",
        )
    return now


def _judge_kept(
    promises: Promises, key: Key, row: Observation, later: Observation | None, asked: datetime
) -> None:
    where = f"{key[0]!r} for {key[1].date()}, known as of {asked},"
    if later is None:
        promises.broken("what was known stays known", f"{where} is gone at a later moment")
    promises.require(
        fingerprint(later) == fingerprint(row) or later.available_at > asked,
        "what was known stays as it was, unless a revision that came later replaced it",
        f"{where} has changed without a later available_at",
    )


def _judge_queries(
    promises: Promises, source: DataSource, query: Query, everything: Dataset
) -> None:
    name = everything.series_ids[-1]
    wanted = replace(query, series=(name,))
    one = promises.pure("fetch", source.fetch, wanted)
    expected = [(row.timestamp, row.value) for row in everything.series(name)]
    promises.require(
        one.series_ids == (name,)
        and fingerprint([(row.timestamp, row.value) for row in one]) == fingerprint(expected),
        "a query for one series gives that series and no other",
        f"asked for {name!r} it gave {', '.join(one.series_ids)}, {len(one)} rows of "
        f"{len(expected)}",
    )
    start, end = expected[len(expected) // 3][0], expected[2 * len(expected) // 3][0]
    part = promises.pure(
        "fetch", source.fetch, replace(query, series=(name,), start=start, end=end)
    )
    promises.require(
        [row.timestamp for row in part] == [t for t, _ in expected if start <= t <= end],
        "a query for some periods gives just those, first and last included",
        f"asked for {start.date()} to {end.date()} it gave {part[0].timestamp.date()} to "
        f"{part[-1].timestamp.date()}",
    )
    unknown = "no such series, ever"
    promise = "an unknown series is an error of ours"
    try:
        found = source.fetch(replace(query, series=(unknown,), start=None, end=None))
    except ForecastGameError:
        return
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    promises.broken(promise, f"it gave {found!r}"[:300])
