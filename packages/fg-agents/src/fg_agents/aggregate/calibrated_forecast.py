"""Forecasts whose quantiles are adapted, one by one and in many games."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_agents.conformal import adapted_levels
from fg_core import ProbabilisticForecast

__all__ = ["CONFORMAL", "CalibratedForecast", "ConformalRule", "calibrated"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CalibratedForecast(ProbabilisticForecast):
    """A forecast that knows how it was calibrated.

    Args:
        plain: Forecast before it was calibrated; None: it was not changed.
        miscoverage: Adapted miscoverage of its intervals, one for each of `conformal.NOMINAL`;
            empty: quantiles are those of the distribution.
    """

    plain: ProbabilisticForecast | None = None
    miscoverage: tuple[float, ...] = ()

    def quantile(self, levels: float | Sequence[float]) -> Array:
        """Return the quantiles at `levels`, shape (level,), in the unit of the series.

        Returns:
            One quantile per level, in the order of `levels`.
        """
        if not self.miscoverage:
            return super().quantile(levels)
        wanted = adapted_levels(np.atleast_1d(levels), np.array(self.miscoverage))
        return super().quantile(wanted.tolist())

    @property
    def calibration(self) -> tuple[ConformalRule, tuple[float, ...]]:
        """By which rule and parameters quantiles are adapted, for games that are played at once."""
        return CONFORMAL, self.miscoverage

    def calibrating(self, other: ProbabilisticForecast) -> ProbabilisticForecast:
        """Return another forecast with the quantiles adapted as those of this one are.

        Returns:
            Forecast with the distribution of `other`.
        """
        return calibrated(other, self.plain, self.miscoverage) if self.miscoverage else other


def calibrated(
    forecast: ProbabilisticForecast,
    plain: ProbabilisticForecast | None,
    miscoverage: tuple[float, ...],
) -> CalibratedForecast:
    """Return a forecast that knows how it was calibrated, unchecked.

    Args:
        forecast: Forecast with the distribution.
        plain: Forecast before it was calibrated; None: it was not changed.
        miscoverage: Adapted miscoverage of its intervals; empty: quantiles are not adapted.

    Returns:
        Forecast in the unit of `forecast`.
    """
    found = object.__new__(CalibratedForecast)
    found.__dict__.update(
        mean=forecast.mean,
        variance=forecast.variance,
        components=forecast.components,
        plain=plain,
        miscoverage=miscoverage,
    )
    return found


@dataclass(frozen=True)
class ConformalRule:
    """Adapted intervals in many games; parameters are miscoverages, one of each nominal level."""

    def levels(self, levels: Array, parameters: Array) -> Array:
        """Return the levels of the mixtures at which quantiles are read off, (..., level).

        Returns:
            Probabilities in [0, 1].
        """
        return adapted_levels(levels, parameters)

    def forecast(
        self, made: ProbabilisticForecast, plain: ProbabilisticForecast | None, parameters: Array
    ) -> ProbabilisticForecast:
        """Return the forecast of one game as its aggregator would have made it.

        Returns:
            Forecast in the unit of `made`.
        """
        return calibrated(made, plain, tuple(parameters.tolist()))


CONFORMAL = ConformalRule()
