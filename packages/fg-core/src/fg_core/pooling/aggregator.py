"""The game's own aggregator: a pool of Gaussians whose weights and scales are learned online.

Each forecaster claims a Gaussian; its scale is multiplied by what its own past errors say
(`fg_core.pooling.scale`), its weight follows from what it has predicted (`fg_core.pooling.
weights`), and the forecast is the mixture. Weights and scales are kept per horizon and learn only
from forecasts whose target is revealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self, cast

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import MixtureArrays, Panel
from fg_core.errors import AgentError, ConfigError
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import RevealedForecast
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .forecast import mixture_forecast
from .memory import PoolMemory, PoolMode, PoolRule, inflated
from .scale import ScaleRule

__all__ = ["PoolAggregator"]

Array = NDArray[np.float64]
_MODES: tuple[PoolMode, ...] = ("bayesian", "equal", "rank", "reward_proportional")


@dataclass(frozen=True)
class PoolAggregator:
    """Pools forecasters into a Gaussian mixture.

    Args:
        mode: "bayesian" (posterior weights with forgetting), "equal", "rank" (one over the rank
            of the discounted mean CRPS) or "reward_proportional" (exp of the discounted mean
            reward over its scale; the reward is minus the CRPS).
        alpha: Forgetting factor of Bayesian weights in (0, 1]; 1 is plain model averaging.
        floor: Floor of Bayesian weights; each is at least floor / (K (1 + floor)).
        likelihood: "gaussian", or "student_t", which a single outlier cannot decide.
        degrees_of_freedom: Of the Student likelihood, above 2.
        shrinkage: Share of equal weights mixed into learned ones, in [0, 1].
        rescale: Whether a forecaster's own scale is corrected by its past errors.
        scale: Constants of that correction.
        loss_discount: Discount of the mean CRPS behind the rank and reward modes.
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
        checks = (
            ("alpha", 0.0 < self.alpha <= 1.0, "(0, 1]"),
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
        return PoolRule(
            self.mode,
            self.alpha,
            self.floor,
            self.likelihood,
            self.degrees_of_freedom,
            self.shrinkage,
            self.rescale,
            self.scale,
            self.loss_discount,
        )

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return a pool for these forecasters that has seen nothing but the training window."""
        if not names:
            raise ConfigError("a pool needs at least one forecaster")
        memory = {h: PoolMemory.empty(len(names), _change_scale(window, h)) for h in horizons}
        return replace(self, names=tuple(names), memory=FrozenMapping(memory))

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
        means, _, scales = self.claims(state, actions, horizon)
        present = ~np.isnan(means)
        if not present.any():
            raise AgentError(f"no forecaster has a forecast at t = {state.t}, horizon {horizon}")
        weights = self._rule.weights(self._memory(horizon), present)
        if len(inflation):
            scales = inflated(scales, np.asarray(inflation, dtype=np.float64))
        if present.all():
            return mixture_forecast(weights, means, scales, self.names)
        labels = tuple(name for name, here in zip(self.names, present, strict=True) if here)
        return mixture_forecast(weights[present], means[present], scales[present], labels)

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
        if weights.shape != means.shape:  # nothing learned yet: one row serves all games
            weights = np.broadcast_to(weights, means.shape)
        if inflation is not None:
            scales = inflated(scales, inflation)
        if panel.is_full:
            return MixtureArrays(weights, means, scales, self.names)
        here = panel.present
        return MixtureArrays(
            np.where(here, weights, 0.0),
            np.where(here, means, 0.0),
            np.where(here, scales, 1.0),
            self.names,
            here,
        )

    def weights_array(self, horizon: int = 1) -> Array:
        """Return what `weights` returns, for many games: shape (..., forecaster)."""
        everyone = np.ones(len(self.names), dtype=np.bool_)
        return self._rule.weights(self._memory(horizon), everyone)

    # -------------------------------------------------------------------------------- learning

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return what `update` returns, for many games.

        Args:
            outcome: With a `Panel` as actions, `MixtureArrays` as forecast, and an array of
                shape (game,) as target.
        """
        h, arrays = outcome.horizon, cast(Any, outcome)
        target = np.asarray(outcome.target)[..., np.newaxis]
        panel, scales = arrays.actions, arrays.forecast.scales
        with np.errstate(over="ignore"):
            new = self._rule.learned(self._memory(h), panel.means, panel.claimed, scales, target)
        return self._remembering(h, new)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pool after one forecast whose target is revealed."""
        h = outcome.horizon
        memory = self._memory(h)
        means, claimed = self._said(outcome.state, outcome.actions)
        parts = outcome.forecast.components
        if parts is not None and parts.labels == self.names:
            scales = parts.scales
        else:
            believed = self._rule.believed(memory, means, claimed)
            scales = self._issued_scales(outcome, believed)
        target = np.asarray(outcome.target, dtype=np.float64)
        with np.errstate(over="ignore"):
            new = self._rule.learned(memory, means, claimed, scales, target)
        return self._remembering(h, new)

    def _remembering(self, horizon: int, memory: PoolMemory) -> Self:
        """Return this pool with another memory; its constants need no second check."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__["memory"] = FrozenMapping({**self.memory, horizon: memory})
        return new

    def _issued_scales(self, outcome: RevealedForecast, now: Array) -> Array:
        """Return the scales of the forecast when it was made.

        A forecast four steps ahead was made with what was known then; judging it by today's
        scales would let the weights learn from a claim that nobody made.
        """
        parts = outcome.forecast.components
        if parts is None or not set(parts.labels) <= set(self.names):
            return now
        made = now.copy()
        for label, scale in zip(parts.labels, parts.scales, strict=True):
            made[self.names.index(label)] = scale
        return made


def _change_scale(window: TrainingWindow, horizon: int) -> float:
    values = window.values
    if values.size <= horizon:
        return max(window.step_scale, 1e-300)
    changes = values[horizon:] - values[:-horizon]
    return max(float(np.sqrt(np.mean(changes * changes))), 1e-300)
