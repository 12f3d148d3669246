"""Calibration around any aggregator: its spread, its intervals, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_agents.conformal import NOMINAL, adapt, adapted_levels, misses
from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    ForecastState,
    ProbabilisticForecast,
    RevealedForecast,
    ScaleRule,
    TrainingWindow,
    pit_score,
)
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.pooling import array_from_plain, array_to_plain, field_of, mixture_forecast
from fg_core.protocols import Aggregator

__all__ = ["CalibratedAggregator", "CalibratedForecast", "CalibrationMemory"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CalibratedForecast(ProbabilisticForecast):
    """A forecast that knows how it was calibrated.

    Args:
        plain: What it was before.
        miscoverage: Adapted miscoverage of its intervals, one for each of `conformal.NOMINAL`;
            empty: quantiles are those of the distribution.
    """

    plain: ProbabilisticForecast | None = None
    miscoverage: tuple[float, ...] = ()

    def quantile(self, levels: float | Sequence[float]) -> Array:
        """Return the quantiles at `levels`, shape (level,), in the unit of the series."""
        if not self.miscoverage:
            return super().quantile(levels)
        wanted = adapted_levels(np.atleast_1d(levels), np.array(self.miscoverage))
        return super().quantile(wanted.tolist())

    def calibrating(self, other: ProbabilisticForecast) -> ProbabilisticForecast:
        """Return another forecast with the quantiles adapted as those of this one are."""
        return _calibrated(other, self.plain, self.miscoverage) if self.miscoverage else other


def _calibrated(
    forecast: ProbabilisticForecast,
    plain: ProbabilisticForecast | None,
    miscoverage: tuple[float, ...],
) -> CalibratedForecast:
    found = object.__new__(CalibratedForecast)
    found.__dict__.update(
        mean=forecast.mean,
        variance=forecast.variance,
        components=forecast.components,
        plain=plain,
        miscoverage=miscoverage,
    )
    return found


@dataclass(frozen=True, eq=False)
class CalibrationMemory:
    """What was learned for one horizon.

    Args:
        square: Discounted sum of capped squared standardised errors of the aggregator.
        count: Its discounted count.
        miscoverage: Adapted miscoverage, one a nominal level.
    """

    square: Array = field(default_factory=lambda: np.zeros(()))
    count: Array = field(default_factory=lambda: np.zeros(()))
    miscoverage: Array = field(default_factory=lambda: np.array(NOMINAL))


@dataclass(frozen=True, kw_only=True)
class CalibratedAggregator:
    r"""An aggregator whose spread and intervals learn from its own past forecasts.

    *Recalibration* multiplies the distance of everything from the mean by g,
    $g^2 = (a_0 + \sum_k d^k \min(z_k^2, c)) / (a_0 + \sum_k d^k)$ with the standardised errors z of
    the aggregator's own forecasts: mean as it was, variance times $g^2$. It changes the density,
    and so its scores. A linear pool of calibrated forecasters is too wide (Gneiting & Ranjan 2013,
    EJS 7, doi:10.1214/13-EJS823), and whatever is wrong with all forecasters is wrong with their
    pool.

    *Adaptive conformal intervals* (`fg_agents.conformal`) change quantiles and intervals alone.

    Args:
        inner: What is calibrated.
        recalibrate: Whether the spread is corrected.
        conformal_rate: How fast intervals adapt; 0: not at all.
        spread: Constants of the recalibration.
        name: Name of the agent; empty: that of `inner`.
        memory: What was learned, by horizon.

    Raises:
        ConfigError: The rate is negative or above 1.

    >>> from fg_core import PoolAggregator, TrainingWindow
    >>> agent = CalibratedAggregator(inner=PoolAggregator(), recalibrate=True)
    >>> agent.start(("a",), TrainingWindow([1.0, 2.0, 4.0]), (1,)).spread_of(1)
    1.0
    """

    inner: Aggregator
    recalibrate: bool = False
    conformal_rate: float = 0.0
    spread: ScaleRule = field(
        default_factory=lambda: ScaleRule(discount=0.97, prior=8.0, lowest=0.6, highest=1.6)
    )
    name: str = ""
    memory: Mapping[int, CalibrationMemory] = field(
        default_factory=lambda: frozen_mapping(), compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.conformal_rate <= 1.0:
            raise ConfigError(f"conformal_rate must be in [0, 1], got {self.conformal_rate!r}")
        if not self.name:
            object.__setattr__(self, "name", self.inner.name)

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return an aggregator for these forecasters that has seen the training window only."""
        memory = FrozenMapping({h: CalibrationMemory() for h in horizons})
        return replace(self, inner=self.inner.start(names, window, horizons), memory=memory)

    def _memory(self, horizon: int) -> CalibrationMemory:
        if horizon not in self.memory:
            raise AgentError(
                f"aggregator {self.name!r} was not started for horizon {horizon}; it knows "
                f"{sorted(self.memory)}"
            )
        return self.memory[horizon]

    def spread_of(self, horizon: int) -> float:
        """Return by what distances from the mean are multiplied; 1 without recalibration."""
        memory = self._memory(horizon)
        if not self.recalibrate:
            return 1.0
        return float(self.spread.factor(memory.square, memory.count))

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the calibrated forecast.

        Args:
            state: What the forecasters acted on.
            actions: One a forecaster, in the order of `start`; None for an absent one.
            horizon: In rounds.
            inflation: Per action, a standard deviation to add in quadrature; empty: none.

        Raises:
            AgentError: Not started for this horizon, or nobody has a forecast.
        """
        memory = self._memory(horizon)
        plain = self.inner.aggregate(state, actions, horizon=horizon, inflation=inflation)
        found = plain
        parts, g = plain.components, self.spread_of(horizon)
        if parts is None:
            raise AgentError(f"aggregator {self.inner.name!r} returned a forecast of no components")
        if g != 1.0:
            means = plain.mean + g * (parts.means - plain.mean)
            found = mixture_forecast(parts.weights, means, g * parts.scales, parts.labels)
        adapted = tuple(memory.miscoverage.tolist()) if self.conformal_rate > 0.0 else ()
        return _calibrated(found, plain, adapted)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the aggregator after one forecast whose target is revealed."""
        h, issued = outcome.horizon, outcome.forecast
        memory = self._memory(h)
        if isinstance(issued, CalibratedForecast) and issued.plain is not None:
            plain, then = issued.plain, np.array(issued.miscoverage or NOMINAL)
        else:  # made by somebody else: it is taken as it is
            plain, then = issued, memory.miscoverage
        inner = self.inner.update(replace(outcome, forecast=plain))
        square, count, adapted = memory.square, memory.count, memory.miscoverage
        if self.recalibrate:
            z = (outcome.target - plain.mean) / max(plain.scale, 1e-300)
            square = self.spread.discount * square + self.spread.capped(np.asarray(z))
            count = self.spread.discount * count + 1.0
        if self.conformal_rate > 0.0:
            missed = misses(float(pit_score(issued, outcome.target)), then)
            adapted = adapt(adapted, missed, self.conformal_rate)
        learned = CalibrationMemory(np.asarray(square), np.asarray(count), adapted)
        return replace(self, inner=inner, memory=FrozenMapping({**self.memory, h: learned}))

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return an aggregator whose pool knows these groups, if it wants to know any."""
        if not hasattr(self.inner, "with_groups"):
            return self
        return replace(self, inner=self.inner.with_groups(groups))

    def weights(self, horizon: int = 1) -> Mapping[str, float]:
        """Return the inner weights of the next forecast by forecaster; they sum to one."""
        found: Mapping[str, float] = self.inner.weights(horizon)  # type: ignore[attr-defined]
        return found

    def saved(self) -> dict[str, Any]:
        """Return what was learned as plain values that JSON can hold; see `restored`."""
        return {
            "inner": self.inner.saved(),  # type: ignore[attr-defined]
            "calibration": {
                str(h): {name: array_to_plain(getattr(memory, name)) for name in _FIELDS}
                for h, memory in self.memory.items()
            },
        }

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return an aggregator with these settings and what another had learned.

        Raises:
            DataError: It is nothing that `saved` returned.
        """
        memory = {
            int(h): CalibrationMemory(
                **{name: array_from_plain(name, field_of(plain, name)) for name in _FIELDS}
            )
            for h, plain in field_of(saved, "calibration").items()
        }
        inner = self.inner.restored(field_of(saved, "inner"))  # type: ignore[attr-defined]
        return replace(self, inner=inner, memory=FrozenMapping(memory))


_FIELDS = ("square", "count", "miscoverage")
