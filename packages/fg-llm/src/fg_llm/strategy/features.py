"""What a strategy may look at: a fixed, versioned table of features of a series.

Features are computed by the host from the last values that an agent sees, in units of the size of
a usual change, so that one strategy suits series of any unit and the language needs no windows.
Sums run from the oldest value to the newest, one by one: any implementation gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .operations import Arithmetic

__all__ = ["FEATURES", "FEATURES_VERSION", "PERIODS_READ", "Feature", "series_features"]

FEATURES_VERSION = 1

PERIODS_READ = 25
"""Number of values, the newest included, that features are computed from; fewer will do."""

_YEAR = 12
_RECENT = 6


@dataclass(frozen=True)
class Feature:
    """A feature of a series at one origin.

    Args:
        compute: Its value from an `Arithmetic`, the values (oldest first), the changes, and the
            size of a usual change; numbers, or arrays of many series.
        meaning: What it measures, as it is told to a model.
    """

    compute: Callable[[Arithmetic, Sequence[Any], Sequence[Any], Any], Any]
    meaning: str


def _mean_change(n: int) -> Callable[..., Any]:
    def compute(k: Arithmetic, _: Sequence[Any], changes: Sequence[Any], size: Any) -> Any:
        return _ratio(k, _mean(changes[-n:]), size)

    return compute


def _gap(k: Arithmetic, values: Sequence[Any], _: Sequence[Any], size: Any) -> Any:
    return _ratio(k, values[-1] - _mean(values[-_YEAR:]), size)


def _volatility_ratio(k: Arithmetic, _: Sequence[Any], changes: Sequence[Any], size: Any) -> Any:
    return _ratio(k, _root_mean_square(k, changes[-_RECENT:]), size)


def _rises(k: Arithmetic, _: Sequence[Any], changes: Sequence[Any], size: Any) -> Any:
    return _mean([k.where(change > 0.0, 1.0, 0.0) for change in changes[-_YEAR:]]) + 0.0 * size


def _place_in_range(k: Arithmetic, values: Sequence[Any], _: Sequence[Any], size: Any) -> Any:
    low = high = values[-_YEAR:][0]
    for value in values[-_YEAR:]:
        low, high = k.where(value < low, value, low), k.where(value > high, value, high)
    return _ratio(k, values[-1] - low, high - low) + 0.0 * size


FEATURES = {
    "change_1": Feature(_mean_change(1), "last change"),
    "change_3": Feature(_mean_change(3), "mean of the last 3 changes"),
    "change_12": Feature(_mean_change(12), "mean of the last 12 changes"),
    "gap_12": Feature(_gap, "last value minus the mean of the last 12 values"),
    "volatility_ratio": Feature(
        _volatility_ratio, "size of the last 6 changes over that of the last 24; 1 is usual"
    ),
    "rises_12": Feature(_rises, "share of rises among the last 12 changes, 0 to 1"),
    "place_12": Feature(
        _place_in_range, "place of the last value in the range of the last 12, 0 to 1"
    ),
}
"""Features by name, version 1: all but shares and ratios in units of a usual change."""


def series_features(k: Arithmetic, path: Sequence[Any]) -> tuple[dict[str, Any], Any]:
    """Return the features of a series, and the size of a usual change.

    Args:
        k: Arithmetic of the values.
        path: Values in the unit of the series, oldest first, at least one: numbers, or arrays of
            shape (game,). The last `PERIODS_READ` are used.

    Returns:
        Feature by name, without unit; and the root mean square of the changes, in the unit of the
        series. Without a change all are 0.

    >>> from fg_llm.strategy.operations import PYTHON_NUMBERS
    >>> found, size = series_features(PYTHON_NUMBERS, (1.0, 3.0, 5.0))
    >>> size, found["change_1"], found["gap_12"]
    (2.0, 1.0, 1.0)
    """
    values = path[-PERIODS_READ:]
    changes = [after - before for before, after in pairwise(values)]
    if not changes:
        nothing = values[-1] * 0.0
        return dict.fromkeys(FEATURES, nothing), nothing
    size = _root_mean_square(k, changes)
    return {
        name: feature.compute(k, values, changes, size) for name, feature in FEATURES.items()
    }, size


def _sum(numbers: Sequence[Any]) -> Any:
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total


def _mean(numbers: Sequence[Any]) -> Any:
    return _sum(numbers) / float(len(numbers))


def _root_mean_square(k: Arithmetic, numbers: Sequence[Any]) -> Any:
    return k.sqrt(_mean([number * number for number in numbers]))


def _ratio(k: Arithmetic, above: Any, below: Any) -> Any:
    return k.where(below > 0.0, above / k.where(below > 0.0, below, 1.0), 0.0)
