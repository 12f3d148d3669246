"""The file of a training set in the cache.

Its content, under the format `forecast-game-training` (version 1) with a checksum over it:

    settings     what it was made with
    provenance   source, licence, vintage, notices
    frequency    of the rows
    series       by name: unit, vintage, and rows [period, value, available_at, context]
    split        by part: first and last period, number of rows
    scaling      by series and by column of the context: [mean, standard deviation], from train

Rows say everything; split and scaling are for other readers, and are checked against the rows when
the file is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from fg_core import DataError, Dataset, DatasetBundle, Observation
from fg_data.cache import Format, max_age_of
from fg_data.cache.provenance_record import ProvenanceRecord, provenance_of, record_of

from .scaling import Scaling
from .settings import TrainingSettings
from .training_set import SeriesVintage, TrainingSet, make_training_set

__all__ = ["TRAINING_FORMAT"]


class _Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    series: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    readings: dict[str, str]
    ages: bool
    train: float
    valid: float
    release_lag: int | None


class _Row(msgspec.Struct, array_like=True, frozen=True):
    period: datetime
    value: float
    available_at: datetime
    context: dict[str, float]


class _Series(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    unit: str
    source: str
    vintage: SeriesVintage
    rows: tuple[_Row, ...]


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    first: datetime
    last: datetime
    rows: int


class _Scaling(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    series: dict[str, tuple[float, float]]
    context: dict[str, tuple[float, float]]


class _Training(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    settings: _Settings
    provenance: ProvenanceRecord
    frequency: str
    series: dict[str, _Series]
    split: dict[str, _Part]
    scaling: _Scaling


def _to_record(made: TrainingSet) -> _Training:
    dataset, settings = made.dataset, made.settings
    return _Training(
        _Settings(
            settings.series,
            settings.start,
            settings.end,
            dict(settings.readings),
            settings.ages,
            settings.train,
            settings.valid,
            settings.release_lag,
        ),
        record_of(made.provenance),
        dataset.frequency,
        {name: _series(dataset, name, made.vintages[name]) for name in settings.series},
        _split(made.bundle),
        _scaling(made.scaling),
    )


def _series(dataset: Dataset, name: str, vintage: SeriesVintage) -> _Series:
    rows = dataset.series(name)
    return _Series(
        dataset.units[name],
        rows[0].source,
        vintage,
        tuple(
            _Row(row.timestamp, row.value, row.available_at, dict(row.macro_context))
            for row in rows
        ),
    )


def _split(bundle: DatasetBundle) -> dict[str, _Part]:
    parts = {"train": bundle.train, "valid": bundle.valid, "test": bundle.test}
    return {
        name: _Part(
            min(row.timestamp for row in part), max(row.timestamp for row in part), len(part)
        )
        for name, part in parts.items()
    }


def _scaling(scaling: Scaling) -> _Scaling:
    return _Scaling(
        {name: (one.mean, one.sd) for name, one in scaling.series.items()},
        {name: (one.mean, one.sd) for name, one in scaling.context.items()},
    )


def _from_record(record: _Training) -> TrainingSet:
    kept = record.settings
    settings = TrainingSettings(**msgspec.structs.asdict(kept))
    if tuple(record.series) != settings.series:
        raise DataError("its series are not those that its settings name")
    rows = [
        Observation(row.period, row.value, row.context, row.available_at, name, one.source)
        for name, one in record.series.items()
        for row in one.rows
    ]
    made = make_training_set(
        rows,
        provenance_of(record.provenance),
        {name: one.vintage for name, one in record.series.items()},
        settings,
        record.frequency,
        {name: one.unit for name, one in record.series.items()},
    )
    if _split(made.bundle) != record.split or _scaling(made.scaling) != record.scaling:
        raise DataError("its split and scaling are not those of its rows")
    return made


def _max_age(made: TrainingSet) -> timedelta:
    return max_age_of(*(one.frequency for one in made.vintages.values()))


TRAINING_FORMAT: Format[TrainingSet] = Format(
    "forecast-game-training",
    1,
    _Training,
    _to_record,
    _from_record,
    is_synthetic=lambda made: made.provenance.is_synthetic,
    max_age=_max_age,
    made_of=lambda made: made.fetched_at,
)
"""Format in which a training set is kept."""
