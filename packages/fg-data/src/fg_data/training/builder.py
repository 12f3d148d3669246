"""Builds the training set: fetch, align, cut in three, fit the scale, keep the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fg_core import DataError, Observation, Provenance, frozen_mapping
from fg_core.calendar import FREQUENCY_NAMES, is_finer, period_start
from fg_data.cache import CacheStore, cache_location, is_offline, utc_now
from fg_data.cached_fred import CachedFred, FetchedSeries, HistoryService
from fg_data.fred import DEFAULT_SERIES, FredMacroAdapter
from fg_data.vintages import VintageHistory

from .rows import automatic_reading, dataset_frequency, training_rows
from .settings import TRAINING_SOURCE, TrainingSettings
from .training_file import TRAINING_FORMAT
from .training_set import SeriesVintage, TrainingSet, make_training_set

__all__ = ["FredTrainingDataBuilder"]

_FIRST_PRINTS = (
    "Values are first prints, and contexts hold what had been published by then; no row knows a "
    "figure that came out after it."
)


@dataclass(frozen=True)
class FredTrainingDataBuilder:
    """Makes the training set from FRED, and keeps it in `data/cache/fred_training.json`.

    Each series is a series of the dataset under its own name: levels by their annualised log
    growth within one vintage (CPIAUCSL, GDP), rates as they are (UNRATE, FEDFUNDS, T10YIE), the
    daily one by its last value in each month. GDP has a row a quarter. Beside each value stand
    the others as they were last published, with their ages; `training.rows` has the rules.

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
        release_lag: Days from the end of a period to its release, where nobody else says.
        cache_dir: Folder of the cache; None: by `cache_location`.
        offline: Use what is kept, however old; None: by FG_OFFLINE.
        refresh: Fetch even what is fresh.
        clock: Tells the present moment.
        seed: Of made-up figures.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     made = FredTrainingDataBuilder(FredMacroAdapter(api_key=""), cache_dir="none").build()
    >>> made.provenance.is_synthetic, made.dataset.series_ids == DEFAULT_SERIES
    (True, True)
    """

    adapter: HistoryService | None = None
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
        """What the training set is made of.

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
            ConfigError: A setting that cannot be, or a cache that cannot be written.
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
            return _assemble(settings, found.require_all())

        kept = store.peek(settings.key, TRAINING_FORMAT) if offline else None
        if kept is not None:
            return replace(kept.value, path=kept.path)
        if offline or not adapter.has_key:
            return make()  # of kept histories, or made up: nothing is fetched, so nothing is kept
        found = store.get(settings.key, TRAINING_FORMAT, make)
        return replace(found.value, path=found.path)


def _assemble(settings: TrainingSettings, fetched: FetchedSeries) -> TrainingSet:
    """Make rows of histories, and a training set of the rows."""
    histories = [fetched.histories[name] for name in settings.series]
    readings = {
        history.series_id: settings.readings.get(history.series_id, automatic_reading(history))
        for history in histories
    }
    frequency = dataset_frequency(histories)
    source = fetched.provenance.source
    everything = training_rows(histories, readings, frequency, source=source, ages=settings.ages)
    rows = _in_window(everything, settings, frequency)
    vintages = {
        history.series_id: _vintage(history, readings[history.series_id], rows, fetched)
        for history in histories
    }
    return make_training_set(
        rows,
        _provenance(fetched.provenance, vintages, frequency),
        vintages,
        settings,
        frequency,
        {name: _unit(one) for name, one in vintages.items()},
    )


def _in_window(
    rows: Sequence[Observation], settings: TrainingSettings, frequency: str
) -> list[Observation]:
    firsts: dict[str, datetime] = {}
    for row in rows:
        firsts.setdefault(row.series_id, row.timestamp)
    missing = [name for name in settings.series if name not in firsts]
    if missing:
        raise DataError(
            f"no value can be read off {', '.join(missing)}: it has too few figures; leave it out"
        )
    start = settings.start or max(firsts.values())
    begin = period_start(start, frequency)
    return [
        row
        for row in rows
        if row.timestamp >= begin and (settings.end is None or row.timestamp <= settings.end)
    ]


def _vintage(
    history: VintageHistory, reading: str, rows: Sequence[Observation], fetched: FetchedSeries
) -> SeriesVintage:
    published = [one.published for one in history.prints]
    before = history.assumed_before
    assumed = [
        row
        for row in rows
        if row.series_id == history.series_id and before is not None and row.available_at < before
    ]
    return SeriesVintage(
        history.frequency,
        history.units,
        reading,
        len(published),
        min(published, default=None),
        max(published, default=None),
        before,
        len(assumed),
        fetched.fetched_at.get(history.series_id),
    )


def _unit(vintage: SeriesVintage) -> str:
    if vintage.reading == "growth":
        return f"% a year, log growth of: {vintage.units}"
    return vintage.units


def _provenance(
    of: Provenance, vintages: Mapping[str, SeriesVintage], frequency: str
) -> Provenance:
    """Return the provenance of the rows: that of the figures, and what was made of them."""
    notices = [_FIRST_PRINTS]
    growing = [name for name, one in vintages.items() if one.reading == "growth"]
    if growing:
        notices.append(
            f"{', '.join(growing)}: annualised log growth, each from two levels of one vintage."
        )
    for name, one in vintages.items():
        if one.frequency == frequency:
            continue
        calendar, own = FREQUENCY_NAMES[frequency], FREQUENCY_NAMES[one.frequency]
        if is_finer(frequency, than=one.frequency):
            text = f"{own}, with rows in its own periods only: a step of it is one of these"
        else:
            text = f"{own}, by its last value in each period of the {calendar} calendar"
        notices.append(f"{name} is {text}.")
    assumed = {name: one.n_assumed_rows for name, one in vintages.items() if one.n_assumed_rows}
    if assumed:
        listed = ", ".join(f"{name} {n}" for name, n in assumed.items())
        notices.append(
            f"Rows older than the archive of vintages, with figures of its first vintage and "
            f"assumed moments of publication: {listed}."
        )
    return replace(
        of,
        source=of.source if of.is_synthetic else TRAINING_SOURCE,
        fallback_for=TRAINING_SOURCE if of.is_synthetic else of.fallback_for,
        notices=(*of.notices, *notices),
    )
