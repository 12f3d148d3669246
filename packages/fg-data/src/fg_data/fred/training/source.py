"""The source `fred_training`: the training set as a dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from fg_core import ConfigError, Dataset, Query
from fg_core.nearest import nearest_first
from fg_data.fred.metadata import SeriesMetadata
from fg_data.fred.service import DEFAULT_SERIES, FRED
from fg_data.histories import DataService
from fg_data.selection import chosen_series, known_rows
from fg_data.training import TrainingSet

from .builder import FredTrainingDataBuilder
from .settings import TRAINING_SOURCE

__all__ = ["OPTIONS", "FredTrainingSource"]

OPTIONS = ("ages", "cache_dir", "offline", "reading", "refresh", "release_lag")
"""Options of a query that the source knows."""

_YES_OR_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class FredTrainingSource:
    """Rows of the training set that `FredTrainingDataBuilder` builds, all parts together.

    Options of a query: `reading` ("level" or "growth" for all series), `ages`, `offline` and
    `refresh` (yes or no), `cache_dir`, and `release_lag` in days.
    """

    service: ClassVar[DataService[SeriesMetadata]] = FRED

    @property
    def name(self) -> str:
        """Name of the source."""
        return TRAINING_SOURCE

    def fetch(self, query: Query, as_of: datetime | None = None) -> Dataset:
        """Return the rows asked for, as far as they were known by `as_of`.

        A row never changes once it is known, so those known by a moment are all that has to be
        asked for.

        Args:
            query: Series (empty: the five default ones; others join them, and all are context of
                each other), first and last period (a first one before all series have values is
                obeyed too), the seed of made-up figures, and options.
            as_of: A moment with a time zone; None: everything.

        Returns:
            Rows in the units of the readings.

        Raises:
            ConfigError: An unknown option, or a setting that cannot be.
            DataError: No rows, or too few for a split.
            SourceError: The service refuses, or is down and nothing is kept.
        """
        dataset = self.training_set(query).dataset
        wanted = chosen_series(query, dataset.series_ids, DEFAULT_SERIES, source=self.name)
        rows = [row for name in wanted for row in dataset.series(name)]
        return replace(
            dataset,
            observations=known_rows(rows, query, as_of, source=self.name),
            units={name: dataset.units[name] for name in wanted},
        )

    def training_set(self, query: Query) -> TrainingSet:
        """Return the training set that a query asks for, with its split, scaling and vintages.

        Args:
            query: Query, as for `fetch`.

        Returns:
            Rows in the units of the readings, cut in three, and their scaling.

        Raises:
            ForecastGameError: As `fetch`.
        """
        unknown = [name for name in query.options if name not in OPTIONS]
        if unknown:
            raise ConfigError(
                f"the source {TRAINING_SOURCE!r} has no option {unknown[0]!r}; it has (nearest "
                f"first) {', '.join(nearest_first(unknown[0], OPTIONS))}"
            )
        panel = tuple(dict.fromkeys((*DEFAULT_SERIES, *query.series)))
        reading = query.options.get("reading")
        builder = FredTrainingDataBuilder(
            series=panel,
            readings={} if reading is None else dict.fromkeys(panel, reading),
            ages=_yes(query, "ages", default=True),
            release_lag=_days(query, "release_lag"),
            cache_dir=query.options.get("cache_dir"),
            offline=_yes(query, "offline", default=False) or None,
            refresh=_yes(query, "refresh", default=False),
            seed=query.seed,
        )
        made = builder.build()
        if query.start is None or query.start >= min(row.timestamp for row in made.dataset):
            return made
        return replace(builder, start=query.start, refresh=False).build()


def _yes(query: Query, name: str, *, default: bool) -> bool:
    text = query.options.get(name)
    if text is None:
        return default
    found = _YES_OR_NO.get(text.strip().lower())
    if found is None:
        raise ConfigError(f"option {name} is yes or no, got {text!r}")
    return found


def _days(query: Query, name: str) -> int | None:
    text = query.options.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise ConfigError(f"option {name} is a whole number of days, got {text!r}")
    return int(text)
