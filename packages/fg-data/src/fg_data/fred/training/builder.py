"""Builds the training set: fetch, align, cut in three, fit the scale, keep the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fg_core import frozen_mapping
from fg_data.cache import CacheStore, cache_location, is_offline, utc_now
from fg_data.fred.adapter import FredMacroAdapter
from fg_data.fred.cached import CachedFred
from fg_data.fred.metadata import SeriesMetadata
from fg_data.fred.service import DEFAULT_SERIES
from fg_data.histories import HistoryService, NeedsKey
from fg_data.training import TRAINING_FORMAT, TrainingSet, TrainingSettings, assemble

from .settings import TRAINING_SOURCE, training_key

__all__ = ["FredTrainingDataBuilder"]


@dataclass(frozen=True)
class FredTrainingDataBuilder:
    """Builder of the training set from FRED, which is kept in `data/cache/fred_training.json`.

    Each series is a series of the dataset under its own name: levels by their annualised log growth
    within one vintage (CPIAUCSL, GDP), rates as they are (UNRATE, FEDFUNDS, T10YIE), the daily one
    by its last value in each month. GDP has a row per quarter. Beside each value stand the others
    as they were last published, with their ages; `fg_data.training.rows` has the rules.

    Without FRED_API_KEY the figures are made up, with a warning and a mark in the provenance, and
    nothing is kept.

    Args:
        adapter: The service; None: `FredMacroAdapter`.
        series: Names; by default CPIAUCSL, GDP, UNRATE, FEDFUNDS and T10YIE.
        start: First period; None: the first that every series has a value of.
        end: Last period; None: the last.
        readings: "level" or "growth" by series, where the rule is not what is wanted.
        ages: Whether the ages of the context stand beside it, as `SERIES_age_days`.
        train: Share of periods in the training part.
        valid: Share in the validation part.
        release_lag: Days from the end of a period to its release, where neither the service nor the
            table says.
        cache_dir: Folder of the cache; None: by `cache_location`.
        offline: Use what is kept, however old; None: by FG_OFFLINE.
        refresh: Fetch even what is fresh.
        clock: Function that returns the present moment.
        seed: Seed of made-up figures.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     made = FredTrainingDataBuilder(FredMacroAdapter(api_key=""), cache_dir="none").build()
    >>> made.provenance.is_synthetic, made.dataset.series_ids == DEFAULT_SERIES
    (True, True)
    """

    adapter: HistoryService[SeriesMetadata] | None = None
    _: KW_ONLY
    series: Sequence[str] = DEFAULT_SERIES
    start: datetime | None = None
    end: datetime | None = None
    readings: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    ages: bool = True
    train: float = 0.7
    valid: float = 0.15
    release_lag: int | None = None
    cache_dir: str | Path | None = None
    offline: bool | None = None
    refresh: bool = False
    clock: Callable[[], datetime] = utc_now
    seed: int = 7

    @property
    def settings(self) -> TrainingSettings:
        """Settings of the training set.

        Raises:
            ConfigError: A setting that cannot be.
        """
        return TrainingSettings(
            tuple(self.series),
            self.start,
            self.end,
            self.readings,
            self.ages,
            self.train,
            self.valid,
            self.release_lag,
        )

    def build(self) -> TrainingSet:
        """Return the training set: the kept one if it is fresh, else a new one, which is kept.

        Raises:
            ConfigError: A setting that cannot be, or a cache that cannot be read.
            DataError: Too few rows, or offline with nothing kept.
            SourceError: The service refuses, or is down and nothing is kept.
        """
        settings = self.settings
        adapter = FredMacroAdapter(seed=self.seed) if self.adapter is None else self.adapter
        offline = is_offline() if self.offline is None else self.offline
        store = CacheStore(
            cache_location(self.cache_dir).folder,
            clock=self.clock,
            offline=offline,
            refresh=self.refresh,
        )
        fred = CachedFred(adapter, store)

        def make() -> TrainingSet:
            found = fred.fetch(settings.series, release_lag=settings.release_lag)
            return assemble(settings, found, source=TRAINING_SOURCE)

        key = training_key(settings)
        kept = store.peek(key, TRAINING_FORMAT) if offline else None
        if kept is not None:
            return replace(kept.value, path=kept.path)
        if offline or (isinstance(adapter, NeedsKey) and not adapter.has_key):
            return make()  # of kept histories, or made up: nothing is fetched, so nothing is kept
        found = store.get(key, TRAINING_FORMAT, make)
        return replace(found.value, path=found.path)
