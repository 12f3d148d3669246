"""The game's own aggregator: a pool whose weights and scales are learned online.

Each forecaster claims a normal, or states a distribution (`fg_core.pooling.stated`); its scale is
multiplied by what its own past errors say (`fg_core.pooling.scale`), its weight follows from what
it has predicted (`fg_core.pooling.rules`), and the forecast is the mixture. Weights and scales are
kept per horizon and learn only from forecasts whose target is revealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import MixtureArrays, Panel
from fg_core.distributions import ShapeArrays
from fg_core.errors import AgentError, ConfigError
from fg_core.forecast import ProbabilisticForecast, mixture_forecast
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import RevealedForecast
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .lanes import lane_of, stack_memories, take_lanes
from .likelihood import Likelihood
from .log_pool import inflated_product
from .memory import PoolMemory, PoolRule, inflated
from .rules import (
    BayesRule,
    CrpsLearningRule,
    EqualRule,
    ForgettingGridRule,
    LogScoreRule,
    LossRule,
    WeightRule,
)
from .saving import field_of
from .scale import ScaleRule
from .stated import check_means, pooled_shapes, shapes_of

__all__ = ["PoolAggregator", "PoolMode"]

Array = NDArray[np.float64]
PoolMode = Literal[
    "bayesian",
    "forgetting_grid",
    "equal",
    "rank",
    "reward_proportional",
    "bates_granger",
    "crps_learning",
    "log_score",
]
_MODES: tuple[PoolMode, ...] = get_args(PoolMode)
_POOL = "pool"
"""Label of the one component of a logarithmic pool."""


@dataclass(frozen=True)
class PoolAggregator:
    """Pools forecasters into a mixture of what they state, normals or distributions.

    Args:
        mode: "bayesian" (posterior weights with forgetting), "forgetting_grid" (the same for
            several forgetting factors, mixed by how well each has predicted), "equal", "rank" (one
            over the rank of the discounted mean CRPS), "reward_proportional" (exp of the discounted
            mean reward over its scale; the reward is minus the CRPS), "bates_granger" (one over the
            discounted mean squared error), "crps_learning" (Bernstein online aggregation) or
            "log_score" (the weights that have maximised the log score of the mixture).
        alpha: Forgetting factor of Bayesian weights in (0, 1]; 1 is plain model averaging.
        alphas: Forgetting factors of "forgetting_grid".
        floor: Floor of Bayesian weights; each is at least floor / (1 + floor) of its prior.
        likelihood: "gaussian", or "student_t", which a single outlier cannot decide.
        degrees_of_freedom: Of the Student likelihood, above 2.
        shrinkage: Share of the prior weights mixed into learned ones, in [0, 1].
        rescale: Whether a forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        loss_discount: Discount of what the modes by rank, reward, squared error, CRPS learning and
            log score remember.
        combination: "linear" (the mixture) or "logarithmic" (one normal, by the product of the
            densities; a claim is then judged by the scale that is believed when its target comes,
            and a stated distribution counts as the normal of its mean and variance).
        groups: Group of each forecaster, by name; one that is not named is a group of its own.
            Every group has the same prior weight, shared equally within. Empty: all have the same.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.
    """

    mode: PoolMode = "bayesian"
    alpha: float = 0.99
    floor: float = 0.001
    likelihood: Literal["gaussian", "student_t"] = "gaussian"
    degrees_of_freedom: float = 5.0
    shrinkage: float = 0.2
    rescale: bool = True
    scale: ScaleRule = field(default_factory=ScaleRule)
    loss_discount: float = 0.95
    alphas: tuple[float, ...] = (0.9, 0.95, 0.98, 1.0)
    combination: Literal["linear", "logarithmic"] = "linear"
    groups: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    name: str = "pool"
    names: tuple[str, ...] = ()
    memory: Mapping[int, PoolMemory] = field(
        default_factory=lambda: frozen_mapping(), compare=False
    )

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise ConfigError(f"pool mode must be one of {', '.join(_MODES)}, got {self.mode!r}")
        if self.likelihood not in ("gaussian", "student_t"):
            raise ConfigError(f"likelihood must be gaussian or student_t, got {self.likelihood!r}")
        if self.combination not in ("linear", "logarithmic"):
            raise ConfigError(
                f"combination must be linear or logarithmic, got {self.combination!r}"
            )
        object.__setattr__(self, "alphas", tuple(self.alphas))
        object.__setattr__(self, "groups", frozen_mapping(self.groups))
        checks = (
            ("alpha", 0.0 < self.alpha <= 1.0, "(0, 1]"),
            ("alphas", self.alphas and all(0.0 < a <= 1.0 for a in self.alphas), "(0, 1]"),
            ("floor", self.floor >= 0.0, "[0, inf)"),
            ("degrees_of_freedom", self.degrees_of_freedom > 2.0, "(2, inf)"),
            ("shrinkage", 0.0 <= self.shrinkage <= 1.0, "[0, 1]"),
            ("loss_discount", 0.0 < self.loss_discount <= 1.0, "(0, 1]"),
        )
        for name, holds, wanted in checks:
            if not holds:
                raise ConfigError(f"{name} must be in {wanted}, got {getattr(self, name)!r}")

    @cached_property
    def _rule(self) -> PoolRule:
        numbers: dict[str, int] = {}
        for name in self.names if self.groups else ():
            numbers.setdefault(self.groups.get(name, f"\0{name}"), len(numbers))
        return PoolRule(
            self._weighing(),
            self.shrinkage,
            self.rescale,
            self.scale,
            tuple(numbers[self.groups.get(name, f"\0{name}")] for name in self.names)
            if numbers
            else (),
        )

    def _weighing(self) -> WeightRule:
        likelihood = Likelihood(self.likelihood, self.degrees_of_freedom)
        if self.mode == "bayesian":
            return BayesRule(self.alpha, self.floor, likelihood)
        if self.mode == "forgetting_grid":
            return ForgettingGridRule(self.alphas, self.floor, likelihood)
        if self.mode == "equal":
            return EqualRule()
        if self.mode == "crps_learning":
            return CrpsLearningRule(self.loss_discount)
        if self.mode == "log_score":
            return LogScoreRule(likelihood, self.loss_discount)
        return LossRule(self.mode, self.loss_discount)

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return a pool for these forecasters that has seen nothing but the training window."""
        if not names:
            raise ConfigError("a pool needs at least one forecaster")
        pool = replace(self, names=tuple(names))
        memory = {
            h: PoolMemory.empty(pool._rule, len(names), _change_scale(window, h)) for h in horizons
        }
        return replace(pool, memory=FrozenMapping(memory))

    def _memory(self, horizon: int) -> PoolMemory:
        try:
            return self.memory[horizon]
        except KeyError:
            raise AgentError(
                f"aggregator {self.name!r} was not started for horizon {horizon}; it knows "
                f"{sorted(self.memory)}"
            ) from None

    # ------------------------------------------------------------------------------- claiming

    def claims(
        self, state: ForecastState, actions: Sequence[AgentAction | None], horizon: int
    ) -> tuple[Array, Array, Array]:
        """Return means, the scales that were claimed and the scales that the pool believes.

        Each has shape (forecaster,); NaN for a forecaster without a forecast, and for the claim
        of one that gave no scale (the pool then believes its past errors).
        """
        means, claimed = self._said(state, actions)
        return means, claimed, self._rule.believed(self._memory(horizon), means, claimed)

    def _said(
        self, state: ForecastState, actions: Sequence[AgentAction | None]
    ) -> tuple[Array, Array]:
        if len(actions) != len(self.names):
            raise AgentError(
                f"aggregator {self.name!r} was started for {len(self.names)} forecasters, "
                f"got {len(actions)} actions"
            )
        means = [np.nan if a is None else state.value + a.delta for a in actions]
        claimed = [np.nan if a is None or a.scale is None else a.scale for a in actions]
        return np.array(means, dtype=np.float64), np.array(claimed, dtype=np.float64)

    def weights(self, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one."""
        everyone = np.ones(len(self.names), dtype=np.bool_)
        found = self._rule.weights(self._memory(horizon), everyone)
        return FrozenMapping(dict(zip(self.names, found.tolist(), strict=True)))

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
            state: What the forecasters acted on.
            actions: One a forecaster, in the order of `names`; None for an absent one.
            horizon: In rounds.
            inflation: Per action, a standard deviation to add in quadrature; empty: none.

        Raises:
            AgentError: Nobody has a forecast, or the pool was not started for this horizon.
        """
        means, claimed, scales = self.claims(state, actions, horizon)
        present = ~np.isnan(means)
        if not present.any():
            raise AgentError(f"no forecaster has a forecast at t = {state.t}, horizon {horizon}")
        weights = self._rule.weights(self._memory(horizon), present)
        if self.combination == "logarithmic":
            wider = np.asarray(inflation, dtype=np.float64)[present] if len(inflation) else None
            mean, scale = inflated_product(weights[present], means[present], scales[present], wider)
            return mixture_forecast(np.ones(1), mean[np.newaxis], scale[np.newaxis], (_POOL,))
        added = np.asarray(inflation, dtype=np.float64) if len(inflation) else None
        shapes = shapes_of(actions)
        if shapes is not None:
            check_means(self.names, means, shapes)
            scales, shapes = pooled_shapes(shapes, means, claimed, scales, added)
        elif added is not None:
            scales = inflated(scales, added)
        if present.all():
            return mixture_forecast(weights, means, scales, self.names, shapes)
        if shapes is not None:
            shapes = shapes.take(np.flatnonzero(present))
        labels = tuple(name for name, here in zip(self.names, present, strict=True) if here)
        return mixture_forecast(weights[present], means[present], scales[present], labels, shapes)

    def aggregate_array(
        self, panel: Panel, *, horizon: int = 1, inflation: Array | None = None
    ) -> MixtureArrays:
        """Return what `aggregate` returns, for many games.

        Args:
            panel: What the forecasters say.
            horizon: In rounds.
            inflation: Shape (game, forecaster); None: none.
        """
        memory = self._memory(horizon)
        means, scales = panel.means, self._rule.believed(memory, panel.means, panel.claimed)
        weights = self._rule.weights(memory, panel.present)
        if weights.shape != means.shape:  # one row serves all games
            weights = np.broadcast_to(weights, means.shape)
        if self.combination == "logarithmic":
            here = panel.present
            known = (np.where(here, means, 0.0), np.where(here, scales, 1.0))
            mean, scale = inflated_product(weights, *known, inflation)
            one = (np.ones((*mean.shape, 1)), mean[..., np.newaxis], scale[..., np.newaxis])
            return MixtureArrays(*one, (_POOL,))
        shapes = panel.shapes
        if shapes is not None:
            check_means(self.names, means, shapes)
            scales, shapes = pooled_shapes(shapes, means, panel.claimed, scales, inflation)
        elif inflation is not None:
            scales = inflated(scales, inflation)
        if panel.is_full:
            return MixtureArrays(weights, means, scales, self.names, shapes=shapes)
        here = panel.present
        return MixtureArrays(
            np.where(here, weights, 0.0),
            np.where(here, means, 0.0),
            np.where(here, scales, 1.0),
            self.names,
            here,
            shapes=shapes,
        )

    def weights_array(self, horizon: int = 1) -> Array:
        """Return what `weights` returns, for many games: shape (..., forecaster)."""
        everyone = np.ones(len(self.names), dtype=np.bool_)
        return self._rule.weights(self._memory(horizon), everyone)

    # ------------------------------------------------------------------------------------ lanes

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one pool whose array form does in each lane what the lane's pool does alone.

        Args:
            agents: One per lane, started.

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
        memory: dict[int, PoolMemory] = {}
        for h in horizons:
            found = stack_memories(first._rule, [agent.memory[h] for agent in agents])
            if found is None:
                return None
            memory[h] = found
        return first._with_memory(memory)

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the pool of these lanes: lane i of it is lane `lanes[i]` of this one.

        A pool of one lane serves any number of them, and is returned as it is.

        Args:
            lanes: Numbers of lanes; one may be wanted several times.
        """
        memory = {h: take_lanes(self._rule, known, lanes) for h, known in self.memory.items()}
        if all(memory[h] is known for h, known in self.memory.items()):
            return self
        return self._with_memory(memory)

    def lane(self, index: int) -> Self:
        """Return the pool of one lane, for the methods that are about one game."""
        memory = {h: lane_of(self._rule, known, index) for h, known in self.memory.items()}
        return self._with_memory(memory)

    # -------------------------------------------------------------------------------- learning

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return what `update` returns, for many games.

        Args:
            outcome: With a `Panel` as actions, `MixtureArrays` as forecast, and an array of
                shape (game,) as target.
        """
        return self._updated_array(outcome, 1)

    def _updated_array(self, outcome: RevealedForecast, n_series: int) -> Self:
        h, arrays = outcome.horizon, cast(Any, outcome)
        memory = self._memory(h)
        target = np.asarray(outcome.target)[..., np.newaxis]
        panel, scales, weights = arrays.actions, arrays.forecast.scales, arrays.forecast.weights
        shapes = arrays.forecast.shapes
        if self.combination == "logarithmic":
            scales, weights = self._rule.believed(memory, panel.means, panel.claimed), None
        with np.errstate(over="ignore"):
            new = self._rule.learned(
                memory, panel.means, panel.claimed, scales, target, weights, shapes, n_series
            )
        return self._remembering(h, new)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pool after one forecast whose target is revealed."""
        h = outcome.horizon
        with np.errstate(over="ignore"):
            new = self._rule.learned(self._memory(h), *self._judged(outcome))
        return self._remembering(h, new)

    def _judged(
        self, outcome: RevealedForecast
    ) -> tuple[Array, Array, Array, Array, Array | None, ShapeArrays | None]:
        """Return what `PoolRule.learned` is told of a forecast, after the memory."""
        memory = self._memory(outcome.horizon)
        means, claimed = self._said(outcome.state, outcome.actions)
        parts = outcome.forecast.components
        weights: Array | None = None
        if parts is not None and parts.labels == self.names:
            scales, weights, shapes = parts.scales, parts.weights, parts.shapes
        else:
            believed = self._rule.believed(memory, means, claimed)
            shapes = shapes_of(outcome.actions) if self.combination == "linear" else None
            if shapes is not None:
                believed, shapes = pooled_shapes(shapes, means, claimed, believed, None)
            scales, weights, shapes = self._as_issued(outcome, believed, shapes)
        target = np.asarray(outcome.target, dtype=np.float64)
        return means, claimed, scales, target, weights, shapes

    def _remembering(self, horizon: int, memory: PoolMemory) -> Self:
        """Return this pool with another memory of one horizon."""
        return self._with_memory({**self.memory, horizon: memory})

    def _with_memory(self, memory: Mapping[int, PoolMemory]) -> Self:
        """Return this pool with another memory; its constants need no second check."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["memory"] = FrozenMapping(memory)
        return new

    def _as_issued(
        self, outcome: RevealedForecast, now: Array, shapes: ShapeArrays | None
    ) -> tuple[Array, Array | None, ShapeArrays | None]:
        """Return scales, weights and distributions of the forecast when it was made.

        A forecast four steps ahead was made with what was known then; judging it by today's
        scales would let the weights learn from a claim that nobody made.
        """
        parts = outcome.forecast.components
        if parts is None or not set(parts.labels) <= set(self.names):
            return now, None, shapes
        made, weights = now.copy(), np.zeros_like(now)
        at = np.array([self.names.index(label) for label in parts.labels], dtype=np.intp)
        made[at], weights[at] = parts.scales, parts.weights
        then = None if parts.shapes is None else parts.shapes.spread(at, len(self.names))
        return made, weights, then

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
            saved: What `saved` returned, perhaps read from JSON. Settings are no part of it.

        Raises:
            DataError: It is nothing of that kind, or of a pool with another rule for weights.
        """
        names = tuple(str(name) for name in field_of(saved, "names"))
        pool = replace(self, names=names)
        memory = {
            int(h): PoolMemory.from_plain(pool._rule, len(names), plain)
            for h, plain in field_of(saved, "memory").items()
        }
        return replace(pool, memory=FrozenMapping(memory))


def _change_scale(window: TrainingWindow, horizon: int) -> float:
    values = window.values
    if values.size <= horizon:
        return max(window.step_scale, 1e-300)
    changes = values[horizon:] - values[:-horizon]
    return max(float(np.sqrt(np.mean(changes * changes))), 1e-300)
