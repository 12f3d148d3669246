"""What a refining strategy may look at: the features of a series, and those of revealed forecasts.

A strategy that refines returns what to add to the correction in force. Beside the features of the
series (`fg_llm.strategy.FEATURES`) it reads errors of revealed forecasts, all in standard
deviations of those forecasts, after the correction in force. Sums run from the oldest to the
newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fg_core.errors import ForecastUnavailable
from fg_core.frozen import frozen_mapping
from fg_core.revealed import RevealedForecast
from fg_llm.answers import Adjustment, clamp_adjustment
from fg_llm.strategy.evaluation import evaluate
from fg_llm.strategy.features import FEATURES, PERIODS_READ, series_features
from fg_llm.strategy.operations import PYTHON_NUMBERS
from fg_llm.strategy.program import Program

__all__ = [
    "ERROR_FEATURES",
    "REFINER_FEATURES",
    "Moment",
    "moment_of",
    "standard_error",
    "strategy_increment",
]

_SHORT, _LONG = 8, 32

ERROR_FEATURES = frozen_mapping(
    {
        "correction": "correction in force",
        "error_1": "last error after the correction",
        "error_8": "mean of the last 8 errors after the correction",
        "error_32": "mean of the last 32 errors after the correction",
        "miss_8": "mean absolute value of the last 8 errors after the correction",
    }
)
"""Features of revealed forecasts by name, and what each measures, in standard deviations."""

REFINER_FEATURES = frozen_mapping(
    {**{name: feature.meaning for name, feature in FEATURES.items()}, **ERROR_FEATURES}
)
"""All that a refining strategy may read, version 1: name and meaning, as it is told to a model."""


@dataclass(frozen=True)
class Moment:
    """What is known when a strategy is asked; the correction in force comes on top.

    Args:
        series: Features of the series at the origin of the latest revealed forecast.
        errors: Latest errors before any correction, oldest first, in standard deviations.
        scale: Median standard deviation of the forecasts that are kept, in the unit of the series.
    """

    series: dict[str, float]
    errors: tuple[float, ...]
    scale: float

    def features(self, correction: float) -> dict[str, float]:
        """Return every feature by name under a correction in standard deviations."""
        left = [error - correction for error in self.errors]
        short = left[-_SHORT:]
        return {
            **self.series,
            "correction": correction,
            "error_1": left[-1],
            "error_8": _mean(short),
            "error_32": _mean(left),
            "miss_8": _mean([abs(error) for error in short]),
        }


def moment_of(outcomes: Sequence[RevealedForecast]) -> Moment:
    """Return what a strategy sees after revealed forecasts.

    Args:
        outcomes: Revealed forecasts without any correction, oldest first; at least one.

    Returns:
        Features of the last state, the latest errors, and the median scale of all.

    Raises:
        ForecastUnavailable: A forecast has no spread to measure errors by.
    """
    last = outcomes[-1].state
    values = (*last.history, last.value)[-PERIODS_READ:]
    return Moment(
        series_features(PYTHON_NUMBERS, values)[0],
        tuple(standard_error(one) for one in outcomes[-_LONG:]),
        float(np.median([one.forecast.scale for one in outcomes])),
    )


def standard_error(outcome: RevealedForecast) -> float:
    """Return the error of a forecast (target minus mean) in its standard deviations.

    Raises:
        ForecastUnavailable: It has no spread, or the target is not finite.
    """
    if not outcome.forecast.scale > 0.0:
        raise ForecastUnavailable("a forecast has a scale of 0")
    if not np.isfinite(outcome.target):
        raise ForecastUnavailable("a target is not finite")
    return float((outcome.target - outcome.forecast.mean) / outcome.forecast.scale)


def strategy_increment(program: Program, moment: Moment, correction: float) -> Adjustment:
    """Return what a strategy adds to the correction in force.

    Args:
        program: Checked program over `REFINER_FEATURES`.
        moment: What is known.
        correction: Correction in force, in standard deviations of the forecasts.

    Returns:
        Increment in the same unit, clamped by `clamp_adjustment`.
    """
    return clamp_adjustment(evaluate(program, moment.features(correction)))


def _mean(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers)
