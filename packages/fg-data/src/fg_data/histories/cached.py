"""Histories through the cache: fetched once, by one process, and kept with their vintages.

Whole histories are kept, whatever part of them is wanted: any window, any moment in the past and
any transformation can be read off a whole history, so one fetch a day answers them all.

Without its key, a source may make numbers up. These are never kept: they are a function of the
seed, and what is not in a file cannot be taken for something else. So a key that is set later
counts at once. Without a key, but offline on purpose, real figures that were kept earlier are used.

A service that keeps no vintages answers with a snapshot, and its next answer may differ without a
mark. Each snapshot that brings something new is kept beside the histories, in the folder
`vintages`, and a history has every figure that was ever seen, from the fetch that first saw it on.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Generic

import msgspec

from fg_core import DataError, ForecastGameError
from fg_core.calendar import period_end
from fg_data.cache import (
    Cached,
    CacheKey,
    CacheStore,
    CacheWarning,
    Format,
    VintageStore,
    age_text,
    max_age_of,
)
from fg_data.snapshots import revised_note
from fg_data.vintages import Print, VintageHistory

from .series_set import DescribedT, SeriesHistories
from .service import DataService, HistoryService, NeedsKey

__all__ = [
    "CachedHistories",
    "FetchedHistory",
    "history_format",
    "history_key",
    "kept_histories",
]

_KIND = "history"
_VINTAGES = "vintages"


@dataclass(frozen=True)
class FetchedHistory(Generic[DescribedT]):
    """A history with what the service says about it.

    Args:
        history: Every print.
        metadata: Title, unit and the rest.
    """

    history: VintageHistory
    metadata: DescribedT


class _PrintRecord(msgspec.Struct, array_like=True, frozen=True):
    period: datetime
    value: float | None
    published: datetime
    superseded: datetime | None


class _HistoryRecord(msgspec.Struct, Generic[DescribedT], forbid_unknown_fields=True, frozen=True):
    series_id: str
    frequency: str
    units: str
    assumed_before: datetime | None
    notes: tuple[str, ...]
    metadata: DescribedT
    prints: tuple[_PrintRecord, ...]


def _to_record(fetched: FetchedHistory[DescribedT]) -> _HistoryRecord[DescribedT]:
    history = fetched.history
    prints = (_PrintRecord(p.period, p.value, p.published, p.superseded) for p in history.prints)
    return _HistoryRecord(
        history.series_id,
        history.frequency,
        history.units,
        history.assumed_before,
        history.notes,
        fetched.metadata,
        tuple(prints),
    )


def _from_record(record: _HistoryRecord[DescribedT]) -> FetchedHistory[DescribedT]:
    prints = tuple(Print(p.period, p.value, p.published, p.superseded) for p in record.prints)
    if not prints:
        raise DataError("it has no figures")
    history = VintageHistory(
        record.series_id,
        record.frequency,
        record.units,
        prints,
        record.assumed_before,
        record.notes,
    )
    return FetchedHistory(history, record.metadata)


@lru_cache(maxsize=64)
def history_format(metadata: type[DescribedT]) -> Format[FetchedHistory[DescribedT]]:
    """Return the format in which a history is kept.

    Args:
        metadata: Type of what the service says about a series.

    Returns:
        Format that a `CacheStore` reads and writes.

    >>> from .series_set import SeriesDescription
    >>> history_format(SeriesDescription).name
    'forecast-game-vintages'
    """
    return Format(
        "forecast-game-vintages",
        1,
        _HistoryRecord[metadata],  # type: ignore[valid-type]
        _to_record,
        _from_record,
        # Made-up histories never get here; the source's set says whether it is made up.
        is_synthetic=lambda _: False,
        max_age=lambda fetched: max_age_of(fetched.history.frequency),
        series=lambda fetched: (fetched.history.series_id,),
    )


def history_key(source: str, series_id: str, release_lag: int | None = None) -> CacheKey:
    """Return the name of a whole history in the cache.

    Args:
        source: Name of the source.
        series_id: Name of the series.
        release_lag: The caller's own, which decides dates that are not on record.

    Returns:
        Key of the file.

    >>> history_key("mine", "GDP").path.name.startswith("history-GDP-")
    True
    """
    own = "" if release_lag is None else f"release_lag {release_lag}"
    return CacheKey(source, (series_id,), _KIND, transformation=own)


def kept_histories(
    service: DataService[DescribedT], store: CacheStore
) -> dict[str, Cached[FetchedHistory[DescribedT]]]:
    """Return the histories of a service that are kept, however old, by name of the series.

    Those that were fetched with a release lag of the caller's own are left out, and so are damaged
    ones.

    Args:
        service: The service, which is not asked.
        store: The cache.

    Returns:
        Histories with the moments of their fetch.
    """
    found = {}
    for kept in store.peek_all(service.name, _KIND, history_format(service.metadata)):
        name = kept.value.history.series_id
        if kept.path == store.path(history_key(service.name, name)):
            found[name] = kept
    return found


@dataclass(frozen=True)
class CachedHistories(Generic[DescribedT]):
    """Asks a service through a cache.

    Args:
        adapter: Adapter that asks the service.
        store: The cache, with its clock, and whether to refresh or stay offline.
        service: Fixed facts about the service.
    """

    adapter: HistoryService[DescribedT]
    store: CacheStore
    service: DataService[DescribedT]

    def fetch(
        self, series: Sequence[str], *, release_lag: int | None = None
    ) -> SeriesHistories[DescribedT]:
        """Return whole histories: kept ones that are fresh, and the others from the service.

        Where the adapter makes figures up for want of a key, they are made up, with its warning,
        unless offline is asked for and real ones are kept.

        Args:
            series: Names, each counting once.
            release_lag: Days from the end of a period to its release, where neither the archive
                nor the table of release lags says when a figure was published.

        Returns:
            Histories and metadata by series, and the error of each series that failed.

        Raises:
            DataError: No series; or offline, with a key, and some are not kept.
            ConfigError: The cache cannot be read.
        """
        service, how = self.service, history_format(self.service.metadata)
        names = tuple(dict.fromkeys(series))
        if not names:
            raise DataError(
                f"name at least one series of {service.title}, such as {service.default_series[0]}"
            )
        if not isinstance(self.adapter, NeedsKey) or self.adapter.has_key:
            return self._real(names, release_lag)
        keys = {name: history_key(service.name, name, release_lag) for name in names}
        kept = [name for name, key in keys.items() if self.store.peek(key, how)]
        if self.store.offline and len(kept) == len(names):
            return self._real(names, release_lag)
        if kept and self.store.offline:
            warnings.warn(
                f"offline, {service.key_variable} is not set, and of {', '.join(names)} only "
                f"{', '.join(kept)} are in the cache at {self.store.folder}: all are made up",
                CacheWarning,
                stacklevel=2,
            )
        elif kept:
            warnings.warn(
                f"{service.key_variable} is not set, but real figures of {', '.join(kept)} are in "
                f"the cache at {self.store.folder}: offline (--offline, or FG_OFFLINE=1) they are "
                "used",
                CacheWarning,
                stacklevel=2,
            )
        return self.adapter.fetch_multi_series(names, release_lag=release_lag)

    def _real(self, names: Sequence[str], release_lag: int | None) -> SeriesHistories[DescribedT]:
        service, how = self.service, history_format(self.service.metadata)
        store = replace(self.store, secrets=self._secrets)
        keys = {name: history_key(service.name, name, release_lag) for name in names}
        ask = partial(self._ask, release_lag=release_lag)
        found, errors = store.get_many(keys, how, ask)
        histories = {name: one.value.history for name, one in found.items()}
        metadata = {name: one.value.metadata for name, one in found.items()}
        fetched_at = {name: one.fetched_at for name, one in found.items()}
        outages = {name: one.outage for name, one in found.items() if one.outage}
        oldest = min(fetched_at.values(), default=store.clock())
        provenance = service.provenance(histories, metadata, oldest.date())
        late = tuple(
            f"{name} could not be refreshed ({why}): its figures were fetched "
            f"{age_text(store.clock() - fetched_at[name])} ago."
            for name, why in outages.items()
        )
        return SeriesHistories(
            histories,
            metadata,
            errors,
            replace(provenance, notices=(*provenance.notices, *late)),
            fetched_at,
            outages,
        )

    def _ask(
        self, names: Sequence[str], *, release_lag: int | None
    ) -> Mapping[str, FetchedHistory[DescribedT] | ForecastGameError]:
        asked_at = self.store.clock()
        answer = self.adapter.fetch_multi_series(names, release_lag=release_lag)
        if answer.provenance.is_synthetic:
            raise DataError(
                f"the adapter of {self.service.title} made figures up though it has a key: "
                "nothing was kept"
            )
        found: dict[str, FetchedHistory[DescribedT] | ForecastGameError] = dict(answer.errors)
        keeps = self.service.keeps_vintages
        for name, history in answer.histories.items():
            if history.series_id != name or not history.prints:
                found[name] = DataError(
                    f"{self.service.title}: {name} was asked for, and {len(history.prints)} "
                    f"figures of {history.series_id} came"
                )
                continue
            try:
                whole = (
                    history
                    if keeps
                    else self._seen(
                        history, asked_at, getattr(answer.metadata[name], "edition", "")
                    )
                )
            except ForecastGameError as error:
                found[name] = error
            else:
                found[name] = FetchedHistory(whole, answer.metadata[name])
        return found

    def _seen(self, snapshot: VintageHistory, asked_at: datetime, label: str) -> VintageHistory:
        """Keep a snapshot as a vintage, and return all that was seen; the lock is held."""
        vintages = VintageStore(self.store.folder / _VINTAGES, self.service.name)
        standing = [one for one in snapshot.prints if one.superseded is None]
        try:
            vintages.add(
                snapshot.series_id,
                {one.period: one.value for one in standing},
                asked_at,
                frequency=snapshot.frequency,
                units=snapshot.units,
                label=label,
                origin=self.service.address(self.service.base_url),
            )
        except OSError as error:
            warnings.warn(
                f"the vintages at {vintages.folder} cannot be written: {error.strerror}; figures "
                f"of {snapshot.series_id} are those of today alone",
                CacheWarning,
                stacklevel=2,
            )
            return snapshot
        history = vintages.history(
            snapshot.series_id, available_at=_assumed_release(snapshot, asked_at)
        )
        # The record may be older than this answer, so its own note goes before that of the answer.
        today = revised_note(len(snapshot.prints), snapshot.assumed_before or asked_at)
        own = tuple(note for note in snapshot.notes if note not in today)
        return replace(history, notes=(*own, *history.notes))

    def _secrets(self) -> tuple[str, ...]:
        variable = self.service.key_variable
        of_environment = os.environ.get(variable) if variable else None
        known = (getattr(self.adapter, "api_key", None), of_environment)
        return tuple(secret for secret in known if isinstance(secret, str) and secret)


def _assumed_release(
    snapshot: VintageHistory, asked_at: datetime
) -> Callable[[datetime], datetime]:
    """Return when figures of before the first fetch are assumed to have come out.

    Of periods that the snapshot does not have any more, it does not say; they have its lag, where
    it has one, so that what is taken back later was known no later for that.
    """
    standing = [one for one in snapshot.prints if one.superseded is None]
    assumed = {one.period: one.published for one in standing}
    frequency = snapshot.frequency
    lags = {
        one.published - period_end(one.period, frequency)
        for one in standing
        if one.published < asked_at
    }
    lag = lags.pop() if len(lags) == 1 else None

    def released(period: datetime) -> datetime:
        known = assumed.get(period)
        if known is not None:
            return known
        return asked_at if lag is None else period_end(period, frequency) + lag

    return released
