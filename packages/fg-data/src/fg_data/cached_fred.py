"""FRED's histories through the cache: fetched once, by one process, and kept with their vintages.

Whole histories are kept, whatever part of them is wanted: any window, any moment in the past and
any transformation can be read off a whole history, so one fetch a day answers them all.

Without a key, the adapter makes numbers up. These are never kept: they are a function of the seed,
and what is not in a file cannot be taken for something else. So a key that is set later counts at
once. Without a key, but offline on purpose, real figures that were kept earlier are used.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec

from fg_core import DataError, ForecastGameError, FrozenMapping, Provenance, frozen_mapping

from .cache import CacheKey, CacheStore, CacheWarning, Format, age_text, max_age_of
from .fred.metadata import SeriesMetadata
from .fred.provenance import SOURCE_NAME, provenance_of
from .fred.refusals import KEY_VARIABLE
from .fred.series_set import FredSeriesSet
from .vintages import Print, VintageHistory

__all__ = [
    "HISTORY_FORMAT",
    "CachedFred",
    "FetchedHistory",
    "FetchedSeries",
    "HistoryService",
    "history_key",
]


class HistoryService(Protocol):
    """What is asked of `FredMacroAdapter`."""

    @property
    def has_key(self) -> bool: ...  # noqa: D102
    def fetch_multi_series(  # noqa: D102
        self, series: Sequence[str], *, release_lag: int | None = None
    ) -> FredSeriesSet: ...


@dataclass(frozen=True)
class FetchedHistory:
    """A history with what the service says about it.

    Args:
        history: Every print.
        metadata: Title, unit and the rest.
    """

    history: VintageHistory
    metadata: SeriesMetadata


class _PrintRecord(msgspec.Struct, array_like=True, frozen=True):
    period: datetime
    value: float | None
    published: datetime
    superseded: datetime | None


class _HistoryRecord(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    series_id: str
    frequency: str
    units: str
    assumed_before: datetime | None
    notes: tuple[str, ...]
    metadata: SeriesMetadata
    prints: tuple[_PrintRecord, ...]


def _to_record(fetched: FetchedHistory) -> _HistoryRecord:
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


def _from_record(record: _HistoryRecord) -> FetchedHistory:
    prints = (Print(p.period, p.value, p.published, p.superseded) for p in record.prints)
    history = VintageHistory(
        record.series_id,
        record.frequency,
        record.units,
        tuple(prints),
        record.assumed_before,
        record.notes,
    )
    return FetchedHistory(history, record.metadata)


HISTORY_FORMAT: Format[FetchedHistory] = Format(
    "forecast-game-vintages",
    1,
    _HistoryRecord,
    _to_record,
    _from_record,
    # Made-up histories never get here; the adapter's set says whether it is made up.
    is_synthetic=lambda _: False,
    max_age=lambda fetched: max_age_of(fetched.history.frequency),
)
"""How a history of FRED is kept."""


def history_key(series_id: str, release_lag: int | None = None) -> CacheKey:
    """Return the name of a whole history in the cache.

    Args:
        series_id: Name of the series.
        release_lag: The caller's own, which decides dates that nobody else knows.

    >>> history_key("GDP").path.name.startswith("history-GDP-")
    True
    """
    own = "" if release_lag is None else f"release_lag {release_lag}"
    return CacheKey(SOURCE_NAME, (series_id,), "history", transformation=own)


@dataclass(frozen=True)
class FetchedSeries:
    """Histories of several series, and how old they are.

    Args:
        histories: By name, in the order in which they were asked for; without those that failed.
        metadata: What the service says about each.
        errors: Why the others are not there, by name.
        provenance: Of the histories.
        fetched_at: When each was asked for at the service; empty if they are made up.
        outages: Of each that is older than it should be, why.
    """

    histories: Mapping[str, VintageHistory]
    metadata: Mapping[str, SeriesMetadata]
    errors: Mapping[str, ForecastGameError]
    provenance: Provenance
    fetched_at: Mapping[str, datetime]
    outages: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("histories", "metadata", "errors", "fetched_at", "outages"):
            object.__setattr__(self, name, frozen_mapping(getattr(self, name)))

    @property
    def is_synthetic(self) -> bool:
        """Whether the numbers are made up."""
        return self.provenance.is_synthetic

    def require_all(self) -> FetchedSeries:
        """Return the set if every series came.

        Raises:
            ForecastGameError: The reason of the first one that did not.
        """
        for error in self.errors.values():
            raise error
        return self


@dataclass(frozen=True)
class CachedFred:
    """Asks FRED through a cache.

    Args:
        adapter: The service, such as `FredMacroAdapter()`.
        store: The cache, with its clock, and whether to refresh or stay offline.
    """

    adapter: HistoryService
    store: CacheStore

    def fetch(self, series: Sequence[str], *, release_lag: int | None = None) -> FetchedSeries:
        """Return whole histories: kept ones that are fresh, and the others from the service.

        Without a key they are made up, with the adapter's warning, unless offline is asked for
        and real ones are kept.

        Args:
            series: Names, each counting once.
            release_lag: Days from the end of a period to its release, where neither the archive
                nor the table of release lags says when a figure was published.

        Raises:
            DataError: No series; or offline, with a key, and some are not kept.
            ConfigError: The cache cannot be written or locked.
        """
        names = tuple(dict.fromkeys(series))
        if not names:
            raise DataError("name at least one series of FRED, such as CPIAUCSL")
        if self.adapter.has_key:
            return self._real(names, release_lag)
        keys = {name: history_key(name, release_lag) for name in names}
        kept = [name for name, key in keys.items() if self.store.peek(key, HISTORY_FORMAT)]
        if self.store.offline and len(kept) == len(names):
            return self._real(names, release_lag)
        if kept and not self.store.offline:
            warnings.warn(
                f"{KEY_VARIABLE} is not set, but real figures of {', '.join(kept)} are in the "
                f"cache at {self.store.folder}: offline (--offline, or FG_OFFLINE=1) they are used",
                CacheWarning,
                stacklevel=2,
            )
        made_up = self.adapter.fetch_multi_series(names, release_lag=release_lag)
        return FetchedSeries(
            made_up.histories,
            made_up.metadata,
            made_up.errors,
            made_up.provenance,
            FrozenMapping(),
            FrozenMapping(),
        )

    def _real(self, names: Sequence[str], release_lag: int | None) -> FetchedSeries:
        store = replace(self.store, secrets=self._secrets)
        keys = {name: history_key(name, release_lag) for name in names}
        ask = partial(self._ask, release_lag=release_lag)
        found, errors = store.get_many(keys, HISTORY_FORMAT, ask)
        histories = {name: one.value.history for name, one in found.items()}
        metadata = {name: one.value.metadata for name, one in found.items()}
        fetched_at = {name: one.fetched_at for name, one in found.items()}
        outages = {name: one.outage for name, one in found.items() if one.outage}
        oldest = min(fetched_at.values(), default=store.clock())
        provenance = provenance_of(histories, metadata, oldest.date())
        late = tuple(
            f"{name} could not be refreshed ({why}): its figures were fetched "
            f"{age_text(store.clock() - fetched_at[name])} ago."
            for name, why in outages.items()
        )
        return FetchedSeries(
            histories,
            metadata,
            errors,
            replace(provenance, notices=(*provenance.notices, *late)),
            fetched_at,
            outages,
        )

    def _ask(
        self, names: Sequence[str], *, release_lag: int | None
    ) -> Mapping[str, FetchedHistory | ForecastGameError]:
        answer = self.adapter.fetch_multi_series(names, release_lag=release_lag)
        if answer.provenance.is_synthetic:
            raise DataError(
                "the adapter of FRED made figures up though it has a key: nothing was kept"
            )
        found: dict[str, FetchedHistory | ForecastGameError] = dict(answer.errors)
        for name, history in answer.histories.items():
            found[name] = FetchedHistory(history, answer.metadata[name])
        return found

    def _secrets(self) -> tuple[str, ...]:
        known = (getattr(self.adapter, "api_key", None), os.environ.get(KEY_VARIABLE))
        return tuple(secret for secret in known if isinstance(secret, str) and secret)
