"""The game's own aggregator: a pool whose weights and scales are learned online.

Each forecaster states a normal, or states a distribution (`fg_core.pooling.stated`); its scale is
multiplied by what its own past errors say (`fg_core.pooling.scale`), its weight follows from what
it has predicted (`fg_core.pooling.rules`), and the forecast is the mixture. Weights and scales are
kept per horizon and learn only from forecasts whose target is revealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self, Unpack, cast

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.authoring import means_and_scales, memory_of, no_forecast
from fg_core.batch import ForecastArrays, MixtureArrays
from fg_core.batch.handing import leaves_arrays_alone
from fg_core.distributions import ShapeArrays
from fg_core.errors import ConfigError
from fg_core.forecast import ProbabilisticForecast, mixture_forecast
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.mappings import with_item
from fg_core.protocols import RevealedForecast
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .by_name import RuleOptions, as_rule, chosen_rule
from .issued import as_issued
from .lanes import lane_of, stack_memories, take_lanes
from .log_pool import inflated_product
from .rules import BayesWeights, WeightRule
from .saving import field_of
from .scale import ScaleRule, change_scale
from .state import PoolSettings, PoolState, inflated
from .stated import check_means, pooled_shapes, shapes_of

__all__ = ["PoolAggregator"]

Array = NDArray[np.float64]
_POOL = "pool"
"""Label of the one component of a logarithmic pool."""


@dataclass(frozen=True, init=False)
class PoolAggregator:
    """Pools forecasters into a mixture of what they state, normals or distributions.

    Args:
        rule: Rule of the weights, one of `fg_core.pooling.rules` or of one's own, or the name of
            one of `RULES`; None: `BayesWeights()`, posterior weights with forgetting.
        shrinkage: Share of the prior weights mixed into learned ones, in [0, 1].
        rescale: Whether a forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        combination: "linear" (the mixture) or "logarithmic" (one normal, by the product of the
            densities; a stated scale is then judged by what is believed when its target comes, and
            a stated distribution counts as the normal of its mean and variance).
        groups: Group of each forecaster, by name; one that is not named is a group of its own.
            Every group has the same prior weight, shared equally within. Empty: all have the same.
        name: Name of the agent.
        names: Names of the forecasters; set by `start`.
        memory: State that was learned, by horizon; set by `start` and `update`.
        options: Rule and its settings as keywords, as fg-core 0.1 had them (`mode="rank"`,
            `alpha`, `alphas`, `floor`, `likelihood`, `degrees_of_freedom`, `loss_discount`); they
            become a rule at once, and go in fg-core 0.3.

    Raises:
        ConfigError: A constant is outside its range, or there is no rule of that name.

    >>> from fg_core.pooling import Likelihood
    >>> from fg_core.pooling.rules import BayesWeights
    >>> pool = PoolAggregator(BayesWeights(alpha=0.95, likelihood=Likelihood("student_t")))
    >>> pool == PoolAggregator(mode="bayesian", alpha=0.95, likelihood="student_t")
    True
    """

    rule: WeightRule = field(default_factory=BayesWeights)
    shrinkage: float = 0.2
    rescale: bool = True
    scale: ScaleRule = field(default_factory=ScaleRule)
    combination: Literal["linear", "logarithmic"] = "linear"
    groups: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    name: str = "pool"
    names: tuple[str, ...] = ()
    memory: Mapping[int, PoolState] = field(default_factory=lambda: frozen_mapping(), compare=False)

    # The generated one, and `options`: a subclass that is a dataclass has the generated one.
    def __init__(
        self,
        rule: WeightRule | str | None = None,
        *,
        shrinkage: float = 0.2,
        rescale: bool = True,
        scale: ScaleRule | None = None,
        combination: Literal["linear", "logarithmic"] = "linear",
        groups: Mapping[str, str] | None = None,
        name: str | None = None,
        names: Sequence[str] = (),
        memory: Mapping[int, PoolState] | None = None,
        **options: Unpack[RuleOptions],
    ) -> None:
        self.__dict__.update(
            rule=chosen_rule(type(self).__name__, rule, options, {"mode": "bayesian"}),
            shrinkage=shrinkage,
            rescale=rescale,
            scale=ScaleRule() if scale is None else scale,
            combination=combination,
            groups=groups or {},
            name=type(self).name if name is None else name,
            names=names,
            memory=frozen_mapping() if memory is None else memory,
        )
        self.__post_init__()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", as_rule(self.rule))
        object.__setattr__(self, "groups", frozen_mapping(self.groups))
        object.__setattr__(self, "names", tuple(self.names))
        if self.combination not in ("linear", "logarithmic"):
            raise ConfigError(
                f"combination must be linear or logarithmic, got {self.combination!r}"
            )
        if not 0.0 <= self.shrinkage <= 1.0:
            raise ConfigError(f"shrinkage must be in [0, 1], got {self.shrinkage!r}")

    @property
    def leaves_arrays_alone(self) -> bool:
        """Whether its rule changes no array that it is given (`fg_core.batch.handing`)."""
        return leaves_arrays_alone(self.rule)

    @cached_property
    def _settings(self) -> PoolSettings:
        own = [self.groups.get(name, f"\0{name}") for name in self.names] if self.groups else []
        numbers = {group: number for number, group in enumerate(dict.fromkeys(own))}
        groups = tuple(numbers[group] for group in own)
        return PoolSettings(self.rule, self.shrinkage, self.rescale, self.scale, groups)

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return a pool for these forecasters that has seen nothing but the training window.

        Args:
            names: Names of the forecasters.
            window: Training window, whose usual change over a horizon is the first scale.
            horizons: Horizons of the forecasts, in rounds.

        Returns:
            Pool with prior weights.
        """
        if not names:
            raise ConfigError("a pool needs at least one forecaster")
        pool = replace(self, names=tuple(names))
        memory = {
            h: PoolState.empty(pool._settings, len(names), change_scale(window, h))
            for h in horizons
        }
        return replace(pool, memory=FrozenMapping(memory))

    def _memory(self, horizon: int) -> PoolState:
        return memory_of(self.name, self.memory, horizon)

    # ------------------------------------------------------------------------------- claiming

    def expert_forecasts(
        self, state: ForecastState, actions: Sequence[AgentAction | None], horizon: int
    ) -> tuple[Array, Array, Array]:
        """Return means, the scales that were stated and the scales that the pool believes.

        Args:
            state: State that the forecasters acted on.
            actions: Actions, one per forecaster, in the order of `names`; None for an absent one.
            horizon: Horizon of the forecasts, in rounds.

        Returns:
            Means, stated scales and believed scales, shape (forecaster,) each, in the unit of the
            series; NaN for a forecaster without a forecast, and for the stated scale of one that
            gave no scale (the pool then believes its past errors).
        """
        means, stated_scales = means_and_scales(self.name, self.names, state, actions)
        return (
            means,
            stated_scales,
            self._settings.believed(self._memory(horizon), means, stated_scales),
        )

    def weights(self, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the weights of the next forecast by forecaster.

        Args:
            horizon: Horizon of the forecast, in rounds.

        Returns:
            Weights by name of the forecaster, sum 1.
        """
        everyone = np.ones(len(self.names), dtype=np.bool_)
        found = self._settings.weights(self._memory(horizon), everyone)
        return FrozenMapping(dict(zip(self.names, found.tolist(), strict=True)))

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most: none.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return 0

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the mixture of the forecasters that have a forecast.

        Args:
            state: State that the forecasters acted on.
            actions: Actions, one per forecaster, in the order of `names`; None for an absent one.
            horizon: Horizon of the forecasts, in rounds.
            inflation: Standard deviation to add in quadrature, per action, in the unit of the
                series; empty: none.

        Returns:
            Mixture with a component per forecaster that has a forecast, in the unit of the series.

        Raises:
            AgentError: No forecaster has a forecast, or the pool was not started for this horizon.
        """
        means, stated_scales, scales = self.expert_forecasts(state, actions, horizon)
        present = ~np.isnan(means)
        n_present = np.count_nonzero(present)
        if n_present == 0:
            raise no_forecast(state.t, horizon)
        whole = n_present == present.size
        weights = self._settings.weights(self._memory(horizon), None if whole else present)
        if self.combination == "logarithmic":
            wider = np.asarray(inflation, dtype=np.float64)[present] if len(inflation) else None
            mean, scale = inflated_product(weights[present], means[present], scales[present], wider)
            return mixture_forecast(np.ones(1), mean[np.newaxis], scale[np.newaxis], (_POOL,))
        added = np.asarray(inflation, dtype=np.float64) if len(inflation) else None
        shapes = shapes_of(actions)
        if shapes is not None:
            check_means(self.names, means, shapes)
            scales, shapes = pooled_shapes(shapes, means, stated_scales, scales, added)
        elif added is not None:
            scales = inflated(scales, added)
        if whole:
            return mixture_forecast(weights, means, scales, self.names, shapes)
        if shapes is not None:
            shapes = shapes.take(np.flatnonzero(present))
        labels = tuple(name for name, here in zip(self.names, present, strict=True) if here)
        return mixture_forecast(weights[present], means[present], scales[present], labels, shapes)

    def aggregate_array(
        self, forecast_arrays: ForecastArrays, *, horizon: int = 1, inflation: Array | None = None
    ) -> MixtureArrays:
        """Return what `aggregate` returns, for many games.

        Args:
            forecast_arrays: Expert forecasts, shape (game, forecaster).
            horizon: Horizon of the forecasts, in rounds.
            inflation: Standard deviations to add in quadrature, shape (game, forecaster), in the
                unit of the series; None: none.

        Returns:
            Mixtures of shape (game, component), in the unit of the series.
        """
        memory = self._memory(horizon)
        means, scales = (
            forecast_arrays.means,
            self._settings.believed(memory, forecast_arrays.means, forecast_arrays.stated_scales),
        )
        present = None if forecast_arrays.is_full else forecast_arrays.present
        weights = self._settings.weights(memory, present)
        if weights.shape != means.shape:  # one row serves all games
            weights = np.broadcast_to(weights, means.shape)
        if self.combination == "logarithmic":
            here = forecast_arrays.present
            known = (np.where(here, means, 0.0), np.where(here, scales, 1.0))
            mean, scale = inflated_product(weights, *known, inflation)
            one = (np.ones((*mean.shape, 1)), mean[..., np.newaxis], scale[..., np.newaxis])
            return MixtureArrays(*one, (_POOL,))
        shapes = forecast_arrays.shapes
        if shapes is not None:
            check_means(self.names, means, shapes)
            scales, shapes = pooled_shapes(
                shapes, means, forecast_arrays.stated_scales, scales, inflation
            )
        elif inflation is not None:
            scales = inflated(scales, inflation)
        if forecast_arrays.is_full:
            return MixtureArrays.unsealed(weights, means, scales, self.names, shapes=shapes)
        here = forecast_arrays.present
        return MixtureArrays.unsealed(
            np.where(here, weights, 0.0),
            np.where(here, means, 0.0),
            np.where(here, scales, 1.0),
            self.names,
            here,
            shapes=shapes,
        )

    def weights_array(self, horizon: int = 1) -> Array:
        """Return what `weights` returns, for many games.

        Args:
            horizon: Horizon of the forecast, in rounds.

        Returns:
            Weights of the forecasters, shape (..., forecaster), sum 1.
        """
        everyone = np.ones(len(self.names), dtype=np.bool_)
        return self._settings.weights(self._memory(horizon), everyone)

    # ------------------------------------------------------------------------------------ lanes

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one pool whose array form does in each lane what the lane's pool does alone.

        Args:
            agents: Started pools, one per lane.

        Returns:
            None where their settings, forecasters or horizons differ, one was not started, or has
            several lanes itself.
        """
        first = agents[0] if agents else None
        if first is None or all(agent is first for agent in agents):
            return first
        horizons = first.memory.keys()
        if not horizons or any(
            type(agent) is not type(first) or agent != first or agent.memory.keys() != horizons
            for agent in agents
        ):
            return None
        memory: dict[int, PoolState] = {}
        for h in horizons:
            found = stack_memories(first._settings, [agent.memory[h] for agent in agents])
            if found is None:
                return None
            memory[h] = found
        return first._with_memory(memory)

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the pool of these lanes: lane i of it is lane `lanes[i]` of this one.

        A pool of one lane serves any number of them, and is returned as it is.

        Args:
            lanes: Numbers of the lanes, shape (new lane,); a number may occur several times.

        Returns:
            Pool of `len(lanes)` lanes, or of the single one.
        """
        memory = {h: take_lanes(self._settings, known, lanes) for h, known in self.memory.items()}
        if all(memory[h] is known for h, known in self.memory.items()):
            return self
        return self._with_memory(memory)

    def lane(self, index: int) -> Self:
        """Return the pool of one lane, for the methods that are about one game.

        Args:
            index: Number of the lane.

        Returns:
            Pool whose arrays have no axis of lanes.
        """
        memory = {h: lane_of(self._settings, known, index) for h, known in self.memory.items()}
        return self._with_memory(memory)

    # -------------------------------------------------------------------------------- learning

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return what `update` returns, for many games.

        Args:
            outcome: Revealed forecast with `ForecastArrays` as actions, `MixtureArrays` as
                forecast, and an array of shape (game,) as target, in the unit of the series.

        Returns:
            Pool of as many lanes as there are games.
        """
        return self._updated_array(outcome, 1)

    def _updated_array(self, outcome: RevealedForecast, n_series: int) -> Self:
        h, arrays = outcome.horizon, cast(Any, outcome)
        memory = self._memory(h)
        target = np.asarray(outcome.target)[..., np.newaxis]
        forecast_arrays, scales, weights = (
            arrays.actions,
            arrays.forecast.scales,
            arrays.forecast.weights,
        )
        shapes = arrays.forecast.shapes
        if self.combination == "logarithmic":
            scales, weights = (
                self._settings.believed(
                    memory, forecast_arrays.means, forecast_arrays.stated_scales
                ),
                None,
            )
        with np.errstate(over="ignore"):
            new = self._settings.learned(
                memory,
                forecast_arrays.means,
                forecast_arrays.stated_scales,
                scales,
                target,
                weights,
                shapes,
                n_series,
            )
        return self._remembering(h, new)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pool after one forecast whose target is revealed.

        Args:
            outcome: Revealed forecast, its target in the unit of the series.

        Returns:
            Pool with what it has learned from the outcome.
        """
        h = outcome.horizon
        with np.errstate(over="ignore"):
            new = self._settings.learned(self._memory(h), *self._judged(outcome))
        return self._remembering(h, new)

    def _judged(
        self, outcome: RevealedForecast
    ) -> tuple[Array, Array, Array, Array, Array | None, ShapeArrays | None]:
        """Return what `PoolSettings.learned` is told of a forecast, after the memory."""
        memory = self._memory(outcome.horizon)
        means, stated_scales = means_and_scales(
            self.name, self.names, outcome.state, outcome.actions
        )
        parts = outcome.forecast.components
        weights: Array | None = None
        if parts is not None and parts.labels == self.names:
            scales, weights, shapes = parts.scales, parts.weights, parts.shapes
        else:
            believed = self._settings.believed(memory, means, stated_scales)
            shapes = shapes_of(outcome.actions) if self.combination == "linear" else None
            if shapes is not None:
                believed, shapes = pooled_shapes(shapes, means, stated_scales, believed, None)
            scales, weights, shapes = as_issued(self.names, parts, believed, shapes)
        target = np.asarray(outcome.target, dtype=np.float64)
        return means, stated_scales, scales, target, weights, shapes

    def _remembering(self, horizon: int, memory: PoolState) -> Self:
        """Return this pool with another memory of one horizon."""
        return self._with_memory(with_item(self.memory, horizon, memory))

    def _with_memory(self, memory: Mapping[int, PoolState]) -> Self:
        """Return this pool with another memory; its constants need no second check."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["memory"] = frozen_mapping(memory)
        return new

    # ---------------------------------------------------------------------------------- saving

    def saved(self) -> dict[str, Any]:
        """Return what was learned as plain values that JSON can hold; see `restored`."""
        return {
            "names": list(self.names),
            "memory": {str(h): memory.to_plain() for h, memory in self.memory.items()},
        }

    def restored(self, saved: Mapping[str, Any]) -> Self:
        """Return a pool with these settings and what another had learned, to the last bit.

        Args:
            saved: State as `saved` returned it, perhaps read from JSON. Settings are no part of it.

        Returns:
            Pool that goes on where the other was saved.

        Raises:
            DataError: It is nothing of that kind, or of a pool with another rule for weights.
        """
        names = tuple(str(name) for name in field_of(saved, "names"))
        pool = replace(self, names=names)
        memory = {
            int(h): PoolState.from_plain(pool._settings, len(names), plain)
            for h, plain in field_of(saved, "memory").items()
        }
        return replace(pool, memory=FrozenMapping(memory))
