"""A training set: rows cut in three, their scale, and which vintages they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fg_core import DataError, Dataset, DatasetBundle, Observation, Provenance, frozen_mapping
from fg_data.datasets import chronological_split
from fg_data.leaks import find_leaks

from .scaling import Scaling, fit_scaling
from .settings import TrainingSettings

__all__ = ["SeriesVintage", "TrainingSet", "make_training_set"]


@dataclass(frozen=True)
class SeriesVintage:
    """Vintage of a series that a training set was made from.

    Args:
        frequency: Frequency of the series at the service.
        units: Unit of its figures there.
        reading: Reading of the series: "level" or "growth".
        n_prints: Figures on record, revisions included.
        first: When the first of them came out; None: there are none.
        last: When the last of them came out.
        assumed_before: Moments of publication before this one are assumed; None: none is.
        n_assumed_rows: Number of rows with an assumed moment of publication.
        fetched_at: When the service was asked; None: the figures are made up.
    """

    frequency: str
    units: str
    reading: str
    n_prints: int
    first: datetime | None
    last: datetime | None
    assumed_before: datetime | None
    n_assumed_rows: int
    fetched_at: datetime | None


@dataclass(frozen=True)
class TrainingSet:
    """Rows of several series that see nothing that came out after them, cut in three, with scale.

    Args:
        dataset: All rows, in the order of `settings.series`.
        bundle: The same rows cut in three by time; rows that would tell an earlier part of a later
            one are in none of them.
        scaling: Means and standard deviations of `bundle.train`, and of nothing else.
        vintages: Vintages by name of the series.
        settings: Settings that the set was made with.
        path: Path of its file; None: made-up figures, which are not kept.
    """

    dataset: Dataset
    bundle: DatasetBundle
    scaling: Scaling
    vintages: Mapping[str, SeriesVintage]
    settings: TrainingSettings
    path: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "vintages", frozen_mapping(self.vintages))

    @property
    def provenance(self) -> Provenance:
        """Provenance of the figures, with every notice that they need."""
        return self.dataset.provenance

    @property
    def fetched_at(self) -> datetime | None:
        """Moment at which the oldest of the figures was asked for; None: they are made up."""
        known = [one.fetched_at for one in self.vintages.values() if one.fetched_at is not None]
        return min(known, default=None)


def make_training_set(
    rows: Sequence[Observation],
    provenance: Provenance,
    vintages: Mapping[str, SeriesVintage],
    settings: TrainingSettings,
    frequency: str,
    units: Mapping[str, str],
) -> TrainingSet:
    """Cut rows in three and fit their scale.

    Args:
        rows: Rows of all series, those of `settings.start` to `settings.end`.
        provenance: Provenance with all notices.
        vintages: Vintages by name of the series.
        settings: Settings that the rows were made with.
        frequency: Frequency of the dataset.
        units: Units by name of the series.

    Returns:
        Three parts in the units of the readings, with the scaling of the first.

    Raises:
        DataError: No rows, a part that would have none of a series, or a split that leaks.
    """
    if not rows:
        raise DataError(
            f"no rows of {', '.join(settings.series)} in the window asked for; ask for a longer one"
        )
    dataset = Dataset(tuple(rows), provenance, frequency=frequency, units=units)
    bundle = chronological_split(dataset, train=settings.train, valid=settings.valid)
    leaks = find_leaks(bundle)
    if leaks:
        raise DataError(f"the split leaks: {leaks[0]}; choose other shares, or another window")
    return TrainingSet(dataset, bundle, fit_scaling(bundle.train), vintages, settings)
