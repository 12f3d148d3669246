"""Means and standard deviations of the training part, for learners that want one size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fg_core import DataError, Dataset, frozen_mapping
from fg_core.mappings import FrozenMapping
from fg_core.nearest import nearest_first

__all__ = ["Scale", "Scaling", "fit_scaling"]


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of one column.

    Args:
        mean: Mean in the unit of the column.
        sd: Standard deviation, above 0.
    """

    mean: float
    sd: float

    def scaled(self, value: float) -> float:
        """Return the number of standard deviations of a value above the mean.

        Returns:
            Number of standard deviations.
        """
        return (value - self.mean) / self.sd

    def unscaled(self, score: float) -> float:
        """Return the value that a score stands for.

        Returns:
            Value in the unit of the series.
        """
        return self.mean + self.sd * score


@dataclass(frozen=True)
class Scaling:
    """The scale of each series and of each column of the context.

    Args:
        series: Scale of the values, by name of the series.
        context: Scale of the context, by name of the column.
    """

    series: Mapping[str, Scale]
    context: Mapping[str, Scale]

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", frozen_mapping(self.series))
        object.__setattr__(self, "context", frozen_mapping(self.context))

    def of(self, series_id: str) -> Scale:
        """Return the scale of a series.

        Returns:
            Mean and standard deviation in the unit of the series.

        Raises:
            DataError: It is not in the training part.
        """
        if series_id not in self.series:
            known = ", ".join(nearest_first(series_id, self.series))
            raise DataError(f"no scale was fitted for series {series_id!r}; there are {known}")
        return self.series[series_id]

    def scaled_context(self, context: Mapping[str, float]) -> dict[str, float]:
        """Return a context in standard deviations, without columns that the fit never saw.

        Returns:
            Numbers of standard deviations, by column.

        >>> scaling = Scaling({}, {"UNRATE": Scale(5.0, 2.0)})
        >>> scaling.scaled_context({"UNRATE": 9.0, "new": 1.0})
        {'UNRATE': 2.0}
        """
        return {
            name: self.context[name].scaled(value)
            for name, value in context.items()
            if name in self.context
        }


def fit_scaling(train: Dataset) -> Scaling:
    """Return means and standard deviations (n - 1) over the rows of a dataset and nothing else.

    A column that does not move, or has one row, has the standard deviation 1.

    Args:
        train: The training part.

    Returns:
        Means and standard deviations by series and by column, in their units.
    """
    series = {name: _scale([row.value for row in train.series(name)]) for name in train.series_ids}
    columns: dict[str, list[float]] = {}
    for row in train:
        for name, value in row.macro_context.items():
            columns.setdefault(name, []).append(value)
    context = {name: _scale(columns[name]) for name in sorted(columns)}
    return Scaling(FrozenMapping(series), FrozenMapping(context))


def _scale(values: Sequence[float]) -> Scale:
    mean = math.fsum(values) / len(values)
    power = math.fsum(_squares(values, mean))
    sd = math.sqrt(power / (len(values) - 1)) if len(values) > 1 else 0.0
    return Scale(mean, sd if sd > 0.0 else 1.0)


def _squares(values: Iterable[float], mean: float) -> Iterable[float]:
    return ((value - mean) ** 2 for value in values)
