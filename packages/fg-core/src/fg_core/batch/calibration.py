"""Quantiles that are adapted by what was missed before, in many games at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.forecast import ProbabilisticForecast

__all__ = ["CalibrationRule", "QuantileCalibration"]

Array = NDArray[np.float64]


class CalibrationRule(Protocol):
    """Rule by which an aggregator adapts quantiles; has no memory of its own."""

    def levels(self, levels: Array, parameters: Array) -> Array:
        """Return at which levels of a mixture its adapted quantiles are read off.

        Elementwise over the games.

        Args:
            levels: Levels that are asked for, shape (level,).
            parameters: Parameters that were learned, shape (..., parameter).

        Returns:
            Shape (..., level), never decreasing where `levels` do not.
        """

    def forecast(
        self,
        made: ProbabilisticForecast,
        plain: ProbabilisticForecast | None,
        parameters: Array,
    ) -> ProbabilisticForecast:
        """Return the forecast of one game with its quantiles adapted.

        Args:
            made: Distribution of the forecast.
            plain: Forecast that it was made from, for the aggregator to learn from.
            parameters: Parameters that were learned, shape (parameter,); empty: no quantile is
                adapted.
        """


@dataclass(frozen=True, eq=False)
class QuantileCalibration:
    """Adaptation of the quantiles of many forecasts.

    Args:
        rule: Rule by which levels are adapted.
        parameters: Parameters that were learned, shape (..., parameter), leading axes as those of
            the forecasts; a row with NaN leaves the quantiles of its forecast as they are. No
            parameter at all (a last axis of length 0): no quantile is adapted.
        plain: Forecasts that the aggregator learns from, `MixtureArrays`; None: those that have
            this calibration.
    """

    rule: CalibrationRule
    parameters: Array
    plain: Any = None

    @classmethod
    def of(cls, forecasts: Sequence[ProbabilisticForecast]) -> QuantileCalibration | None:
        """Return how the quantiles of single forecasts are adapted; None where none of them is.

        Args:
            forecasts: Forecasts, one per game; one whose quantiles are adapted says how by
                `calibration`, a rule and its parameters.
        """
        said = [getattr(one, "calibration", None) for one in forecasts]
        known = next((one for one in said if one is not None and len(one[1])), None)
        if known is None:
            return None
        rule, parameters = known
        rows = np.full((len(said), len(parameters)), np.nan)
        for i, one in enumerate(said):
            if one is not None and one[0] == rule and len(one[1]):
                rows[i] = one[1]
        return cls(rule, rows)

    @property
    def adapts(self) -> bool:
        """Whether quantiles are adapted."""
        return bool(self.parameters.shape[-1])

    def levels(self, levels: ArrayLike) -> Array:
        """Return the levels of the mixtures at which the quantiles are read off.

        Args:
            levels: Levels that are asked for, shape (level,).

        Returns:
            Levels of the mixtures, shape (..., level), in [0, 1].
        """
        wanted = np.asarray(levels, dtype=np.float64)
        if not self.adapts:
            return wanted
        unknown = np.logical_or.reduce(np.isnan(self.parameters), axis=-1)[..., np.newaxis]
        if not unknown.any():
            return self.rule.levels(wanted, self.parameters)
        adapted = self.rule.levels(wanted, np.where(unknown, 0.5, self.parameters))
        return np.where(unknown, wanted, adapted)

    def take(self, lanes: NDArray[np.intp]) -> QuantileCalibration:
        """Return the calibration of some games.

        Args:
            lanes: Rows of the games, in any order, also more than once.

        Returns:
            Calibration of these games, in their order.
        """
        plain = None if self.plain is None else self.plain.take(lanes)
        return replace(self, parameters=self.parameters[lanes], plain=plain)

    def forecast(self, game: int, made: ProbabilisticForecast) -> ProbabilisticForecast:
        """Return the forecast of one game with its quantiles adapted.

        Args:
            game: Row of the game.
            made: Distribution of the forecast.

        Returns:
            Forecast of the same distribution, in the unit of the series.
        """
        plain = None if self.plain is None else self.plain.each[game]
        own = self.parameters[game]
        unknown = int(np.count_nonzero(np.isnan(own))) > 0
        return self.rule.forecast(made, plain, own[:0] if unknown else own)
