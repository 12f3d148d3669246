"""Calibration around any aggregator: its spread, its intervals, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from fg_agents.conformal import NOMINAL, adapt, misses
from fg_core import (
    AgentAction,
    AgentError,
    ConfigError,
    ForecastState,
    ProbabilisticForecast,
    TrainingWindow,
    pit_score,
)
from fg_core.authoring import memory_of
from fg_core.batch import ForecastArrays, MixtureArrays, QuantileCalibration, has_array_form
from fg_core.distributions import ShapeArrays, kept_scales
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.pooling import ScaleRule, array_from_plain, array_to_plain, field_of, mixture_forecast
from fg_core.protocols import Aggregator, RevealedForecast

from .calibrated_forecast import CONFORMAL, CalibratedForecast, calibrated
from .lanes import n_lanes, rows, stacked

__all__ = ["CalibratedAggregator", "CalibratedForecast", "CalibrationMemory"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CalibrationMemory:
    """Memory of one horizon; without a lane axis where it is the same in all lanes.

    Args:
        square: Discounted sum of capped squared standardised errors of the aggregator, (...).
        count: Discounted count of its terms, (...).
        miscoverage: Adapted miscoverage, (..., nominal level).
    """

    square: Array = field(default_factory=lambda: np.zeros(()))
    count: Array = field(default_factory=lambda: np.zeros(()))
    miscoverage: Array = field(default_factory=lambda: np.array(NOMINAL))

    @property
    def lanes(self) -> int:
        """Number of lanes that it tells apart; 1: it is the same in all lanes."""
        return max(n_lanes(getattr(self, name), axes) for name, axes in _FIELDS.items())

    def take(self, lanes: NDArray[np.intp]) -> CalibrationMemory:
        """Return the memory of some lanes.

        Returns:
            Memory whose lane i is lane `lanes[i]` of this one.
        """
        found = {name: rows(getattr(self, name), axes, lanes) for name, axes in _FIELDS.items()}
        return CalibrationMemory(**found)

    @classmethod
    def stack(cls, each: Sequence[CalibrationMemory]) -> CalibrationMemory:
        """Return memories of one lane each as one.

        Returns:
            Memory with one lane per entry, in the order of `each`.
        """
        return cls(
            **{
                name: stacked([getattr(one, name) for one in each], axes)
                for name, axes in _FIELDS.items()
            }
        )


_FIELDS: Mapping[str, int] = FrozenMapping({"square": 0, "count": 0, "miscoverage": 1})
"""Fields of the memory, and how many axes each has in one lane."""


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
        inner: Aggregator that is calibrated.
        recalibrate: Whether the spread is corrected.
        conformal_rate: Rate at which intervals adapt; 0: not at all.
        spread: Constants of the recalibration.
        name: Name of the agent; empty: that of `inner`.
        memory: Memory of what was learned, by horizon.

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
        """Return an aggregator for these forecasters that has seen the training window only.

        Returns:
            Aggregator that has learned no target yet.
        """
        memory = FrozenMapping({h: CalibrationMemory() for h in horizons})
        return replace(self, inner=self.inner.start(names, window, horizons), memory=memory)

    def _memory(self, horizon: int) -> CalibrationMemory:
        return memory_of(self.name, self.memory, horizon)

    def spread_of(self, horizon: int) -> float:
        """Return the factor of distances from the mean; 1 without recalibration.

        Returns:
            Factor without a unit.
        """
        return float(self._alone(self._spread_of(self._memory(horizon))))

    def _alone(self, spread: Array) -> Array:
        """Return the spread of the one lane that there is, for what is said of one game."""
        if spread.size > 1:
            raise AgentError(
                f"aggregator {self.name!r} holds {spread.size} games: ask it by arrays"
            )
        return spread.reshape(())

    def _spread_of(self, memory: CalibrationMemory) -> Array:
        """Return g, (...)."""
        if not self.recalibrate:
            return np.ones(())
        return self.spread.factor(memory.square, memory.count)

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
            state: State that the forecasters acted on.
            actions: One action per forecaster, in the order of `start`; None for an absent one.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviation per action that is added in quadrature; empty: none.

        Returns:
            Distribution in the unit of the series.

        Raises:
            AgentError: Not started for this horizon, or no forecaster has a forecast.
        """
        memory = self._memory(horizon)
        plain = self.inner.aggregate(state, actions, horizon=horizon, inflation=inflation)
        found = plain
        parts, g = plain.components, self._alone(self._spread_of(memory))
        if parts is None:
            raise AgentError(f"aggregator {self.inner.name!r} returned a forecast of no components")
        if np.count_nonzero(g != 1.0):
            own = parts.means, parts.scales, parts.shapes
            means, scales, shapes = _drawn(*own, np.asarray(plain.mean), g)
            found = mixture_forecast(parts.weights, means, scales, parts.labels, shapes)
        adapted = tuple(memory.miscoverage.ravel().tolist()) if self.conformal_rate > 0.0 else ()
        return calibrated(found, plain, adapted)

    def aggregate_array(
        self, forecast_arrays: ForecastArrays, *, horizon: int = 1, inflation: Any = None
    ) -> MixtureArrays:
        """Return the forecasts of `aggregate`, for many games.

        Args:
            forecast_arrays: Expert forecasts of all games.
            horizon: Steps ahead, in rounds.
            inflation: Standard deviations that are added in quadrature, shape (game, forecaster);
                None: none.

        Returns:
            Mixtures of shape (game, component), in the unit of the series.

        Raises:
            AgentError: Not started for this horizon, or see the inner aggregator.
        """
        memory, inner = self._memory(horizon), cast(Any, self.inner)
        plain: MixtureArrays = inner.aggregate_array(
            forecast_arrays, horizon=horizon, inflation=inflation
        )
        lanes = max(plain.means.shape[0], memory.lanes)
        if plain.means.shape[0] < lanes:
            plain = plain.take(np.zeros(lanes, dtype=np.intp))
        found, g = plain, self._spread_of(memory)
        if np.count_nonzero(g != 1.0):
            means, scales, shapes = _drawn(plain.means, plain.scales, plain.shapes, plain.mean, g)
            if plain.present is not None:
                means = np.where(plain.present, means, 0.0)
                scales = np.where(plain.present, scales, 1.0)
            found = replace(plain, means=means, scales=scales, shapes=shapes)
        adapted = memory.miscoverage if self.conformal_rate > 0.0 else np.empty((lanes, 0))
        parameters = np.array(np.broadcast_to(adapted, (lanes, adapted.shape[-1])))
        calibration = QuantileCalibration(CONFORMAL, parameters, plain)
        return replace(found, calibration=calibration)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the aggregator after one forecast whose target is revealed.

        Returns:
            Aggregator that has learned from the target; this one is unchanged.
        """
        h, issued, y = outcome.horizon, outcome.forecast, np.asarray(outcome.target)
        memory = self._memory(h)
        if isinstance(issued, CalibratedForecast) and issued.plain is not None:
            plain, then = issued.plain, np.array(issued.miscoverage or NOMINAL)
        else:  # made by another aggregator: it is taken as it is
            plain, then = issued, memory.miscoverage
        inner = self.inner.update(replace(outcome, forecast=plain))
        pit = np.asarray(pit_score(issued, outcome.target) if self.conformal_rate > 0.0 else 0.5)
        moments = np.asarray(plain.mean), np.asarray(plain.scale)
        return self._after(inner, h, self._learned(memory, y, moments, pit, then))

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return the result of `update`, for many games.

        Args:
            outcome: Revealed forecasts with `ForecastArrays` as actions, `MixtureArrays` as
                forecast, and an array of shape (game,) as target.

        Returns:
            Aggregator with one memory per game.
        """
        h, y = outcome.horizon, np.asarray(outcome.target, dtype=np.float64)
        issued: MixtureArrays = cast(Any, outcome.forecast)
        memory, known = self._memory(h), issued.calibration
        plain, then = issued, memory.miscoverage
        if known is not None and known.rule == CONFORMAL and known.plain is not None:
            plain = known.plain
            then = known.parameters if known.adapts else np.array(NOMINAL)
        inner = cast(Any, self.inner).update_array(replace(outcome, forecast=cast(Any, plain)))
        pit = issued.pit(y) if self.conformal_rate > 0.0 else np.asarray(0.5)
        return self._after(inner, h, self._learned(memory, y, (plain.mean, plain.scale), pit, then))

    def _learned(
        self,
        memory: CalibrationMemory,
        target: Array,
        moments: tuple[Array, Array],
        pit: Array,
        then: Array,
    ) -> CalibrationMemory:
        """Return the memory after a target.

        Args:
            memory: Memory before the target.
            target: Value of the target, (...).
            moments: Mean and standard deviation before calibration, (...).
            pit: Probability that was given to values up to the target, (...).
            then: Miscoverage that the forecast was issued with, (..., nominal level).
        """
        square, count, adapted = memory.square, memory.count, memory.miscoverage
        if self.recalibrate:
            mean, scale = moments
            z = (target - mean) / np.maximum(scale, 1e-300)
            square = self.spread.discount * square + self.spread.capped(np.asarray(z))
            count = self.spread.discount * count + 1.0
        if self.conformal_rate > 0.0:
            missed = misses(pit[..., np.newaxis], then)
            adapted = adapt(adapted, missed, self.conformal_rate)
        return CalibrationMemory(np.asarray(square), np.asarray(count), adapted)

    def _after(self, inner: Any, horizon: int, learned: CalibrationMemory) -> Self:
        return replace(self, inner=inner, memory=FrozenMapping({**self.memory, horizon: learned}))

    # ----------------------------------------------------------------------------------- lanes

    @property
    def array_form(self) -> bool:
        """Whether many games can be calibrated at once: where `inner` can pool them at once."""
        return has_array_form(self.inner, "aggregate_array", "weights_array")

    def weights_array(self, horizon: int = 1) -> Any:
        """Return the weights of `weights`, for many games: shape (..., forecaster).

        Returns:
            Shares between 0 and 1 that sum to one over forecasters.
        """
        return cast(Any, self.inner).weights_array(horizon)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return an aggregator whose lanes are these, for the methods on arrays.

        Args:
            agents: Aggregators of one lane each, at least one.

        Returns:
            An aggregator that does in lane i what `agents[i]` does alone, to the last bit; None
            where settings differ, or the inner aggregators cannot be stacked.
        """
        first = agents[0]
        settings = [
            (type(one), type(one.inner), one.recalibrate, one.conformal_rate, one.spread)
            for one in agents
        ]
        if any(one != settings[0] for one in settings):
            return None
        if any(set(one.memory) != set(first.memory) for one in agents):
            return None
        if all(one is first for one in agents):
            return first
        if not hasattr(first.inner, "stack"):
            return None
        inner = first.inner.stack([one.inner for one in agents])
        if inner is None:
            return None
        memory = {
            h: CalibrationMemory.stack([one.memory[h] for one in agents]) for h in first.memory
        }
        return replace(first, inner=inner, memory=FrozenMapping(memory))

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the aggregator for some lanes; where all lanes are the same, as it is.

        Args:
            lanes: Numbers of the lanes: lane i of the result is lane `lanes[i]`.

        Returns:
            Aggregator whose lane i is lane `lanes[i]` of this one.
        """
        inner = cast(Any, self.inner).take(lanes)
        memory = {h: one.take(lanes) for h, one in self.memory.items()}
        if inner is self.inner and all(one.lanes == 1 for one in self.memory.values()):
            return self
        return replace(self, inner=inner, memory=FrozenMapping(memory))

    # ---------------------------------------------------------------------------------- saving

    def with_groups(self, groups: Mapping[str, str]) -> Self:
        """Return an aggregator whose pool knows these groups, if it wants to know any.

        Returns:
            Aggregator with the same settings.
        """
        if not hasattr(self.inner, "with_groups"):
            return self
        return replace(self, inner=self.inner.with_groups(groups))

    def weights(self, horizon: int = 1) -> Mapping[str, float]:
        """Return the inner weights of the next forecast by forecaster; they sum to one.

        Returns:
            Shares between 0 and 1, by name of the forecaster.
        """
        found: Mapping[str, float] = self.inner.weights(horizon)  # type: ignore[attr-defined]
        return found

    def saved(self) -> dict[str, Any]:
        """Return the memory as plain values that JSON can hold; see `restored`."""
        return {
            "inner": self.inner.saved(),  # type: ignore[attr-defined]
            "calibration": {
                str(h): {name: array_to_plain(getattr(memory, name)) for name in _FIELDS}
                for h, memory in self.memory.items()
            },
        }

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return an aggregator with these settings and what another had learned.

        Returns:
            Aggregator that forecasts as the one that was saved would.

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


def _drawn(
    means: Array, scales: Array, shapes: ShapeArrays | None, mean: Array, g: Array
) -> tuple[Array, Array, ShapeArrays | None]:
    """Return means, scales and shapes drawn together or apart around the mean of all.

    Masses of components that state a distribution stay where they are, so that such a component
    has the mean that is wanted, and less than the spread.

    Args:
        means: Means of the components, (..., component).
        scales: Standard deviations of the components.
        shapes: Distributions of the components, where they are not normal; None: all are.
        mean: Mean of the mixture, (...).
        g: Factor of the distances from the mean, (...); where it is 1, nothing changes.
    """
    centre, factor = mean[..., np.newaxis], g[..., np.newaxis]
    moved = np.where(factor != 1.0, centre + factor * (means - centre), means)
    if shapes is None:
        return moved, factor * scales, None
    wide = shapes.widened(np.broadcast_to(factor, shapes.stated.shape))[0]
    drawn = wide.shifted(moved - means)
    return moved, kept_scales(factor * scales, moved, drawn), drawn
