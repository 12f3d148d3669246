"""The game's own aggregator: a pool of Gaussians whose weights and scales are learned online.

Each forecaster claims a Gaussian; its scale is multiplied by what its own past errors say
(`fg_core.pooling.scale`), its weight follows from what it has predicted (`fg_core.pooling.
weights`), and the forecast is the mixture. Weights and scales are kept per horizon and learn only
from forecasts whose target is revealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.errors import AgentError, ConfigError
from fg_core.forecast import Components, ProbabilisticForecast
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import RevealedForecast
from fg_core.scoring import crps_gaussian, log_score_gaussian, log_score_student_t
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from . import weights as rules
from .scale import ScaleRule, discounted_add

__all__ = ["PoolAggregator", "PoolMemory", "PoolMode"]

Array = NDArray[np.float64]
PoolMode = Literal["bayesian", "equal", "rank", "reward_proportional"]
_MODES: tuple[PoolMode, ...] = ("bayesian", "equal", "rank", "reward_proportional")


@dataclass(frozen=True, eq=False)
class PoolMemory:
    """What a pool has learned for one horizon; arrays of shape (forecaster,).

    Args:
        log_weights: Log posterior weights.
        squares: Discounted sum of capped squared standardised errors.
        n_squares: Discounted count behind `squares`.
        errors: Discounted sum of squared errors.
        n_errors: Discounted count behind `errors`.
        losses: Discounted sum of CRPS.
        n_losses: Discounted count behind `losses`.
        start_scale: Root mean square of changes over the horizon in the training window.
    """

    log_weights: Array
    squares: Array
    n_squares: Array
    errors: Array
    n_errors: Array
    losses: Array
    n_losses: Array
    start_scale: float


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

    # ------------------------------------------------------------------------------ beginning

    def start(self, names: Sequence[str], window: TrainingWindow, horizons: Sequence[int]) -> Self:
        """Return a pool for these forecasters that has seen nothing but the training window."""
        if not names:
            raise ConfigError("a pool needs at least one forecaster")
        k = len(names)
        zeros = np.zeros(k)
        memory = {
            h: PoolMemory(
                np.full(k, -np.log(k)),
                zeros,
                zeros,
                zeros,
                zeros,
                zeros,
                zeros,
                _change_scale(window, h),
            )
            for h in horizons
        }
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
        memory = self._memory(horizon)
        if len(actions) != len(self.names):
            raise AgentError(
                f"aggregator {self.name!r} was started for {len(self.names)} forecasters, "
                f"got {len(actions)} actions"
            )
        means = np.array([np.nan if a is None else state.value + a.delta for a in actions])
        claimed = np.array(
            [np.nan if a is None or a.scale is None else a.scale for a in actions],
            dtype=np.float64,
        )
        prior = self.scale.prior
        seen = np.sqrt((prior * memory.start_scale**2 + memory.errors) / (prior + memory.n_errors))
        believed = claimed
        if self.rescale:
            believed = claimed * self.scale.factor(memory.squares, memory.n_squares)
        believed = np.where(np.isnan(claimed), seen, believed)
        # A claim of exactly no uncertainty is no density; the smallest step there is stands in.
        smallest = np.maximum(np.abs(means) * 1e-12, 1e-300)
        believed = np.where(np.isnan(means), np.nan, np.maximum(believed, smallest))
        return means, claimed, believed

    def weights(self, horizon: int = 1) -> FrozenMapping[str, float]:
        """Return the weights of the next forecast by forecaster; they sum to one."""
        everyone = np.ones(len(self.names), dtype=np.bool_)
        found = self._weights(self._memory(horizon), everyone)
        return FrozenMapping(dict(zip(self.names, found.tolist(), strict=True)))

    def _weights(self, memory: PoolMemory, present: NDArray[np.bool_]) -> Array:
        if self.mode == "equal":
            return rules.equal_weights(present)
        if self.mode == "bayesian":
            logs = rules.forget(memory.log_weights, self.alpha, self.floor)
        else:
            loss = np.where(
                memory.n_losses > 0.0, memory.losses / np.maximum(memory.n_losses, 1e-300), np.nan
            )
            if self.mode == "rank":
                logs = np.log(rules.rank_weights(loss))
            else:
                level = loss[~np.isnan(loss)]
                typical = float(np.mean(level)) if level.size else 0.0
                logs = np.log(rules.reward_weights(-loss, max(typical, 1e-300)))
        # In logarithms, so that the forecasters present share everything even if they had next
        # to nothing before the others left.
        found = rules.normalise(logs, present)
        return (1.0 - self.shrinkage) * found + self.shrinkage * rules.equal_weights(present)

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
        weights = self._weights(self._memory(horizon), present)
        if len(inflation):
            scales = np.sqrt(scales * scales + np.square(np.asarray(inflation, dtype=np.float64)))
        labels = tuple(name for name, here in zip(self.names, present, strict=True) if here)
        return ProbabilisticForecast.from_components(
            Components(weights[present], means[present], scales[present], labels)
        )

    # -------------------------------------------------------------------------------- learning

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the pool after one forecast whose target is revealed."""
        h = outcome.horizon
        memory = self._memory(h)
        means, claimed, believed = self.claims(outcome.state, outcome.actions, h)
        believed = self._issued_scales(outcome, believed)
        known = ~np.isnan(means)
        error = outcome.target - means
        # Where nobody forecast there is no density; 1 stands in and NaN is put back below.
        safe_mean = np.where(known, means, 0.0)
        safe_scale = np.where(known, believed, 1.0)
        if self.likelihood == "gaussian":
            score = log_score_gaussian(safe_mean, safe_scale, outcome.target)
        else:
            dof = self.degrees_of_freedom
            width = safe_scale * np.sqrt((dof - 2.0) / dof)
            score = log_score_student_t(safe_mean, width, dof, outcome.target)
        log_likelihood = np.where(known, -np.asarray(score), np.nan)
        loss = np.where(known, crps_gaussian(safe_mean, safe_scale, outcome.target), np.nan)

        prior = rules.forget(memory.log_weights, self.alpha, self.floor)
        z = error / np.where(claimed > 0.0, claimed, np.nan)
        squares = discounted_add(
            memory.squares, memory.n_squares, self.scale.capped(z), self.scale.discount
        )
        errors = discounted_add(memory.errors, memory.n_errors, error * error, self.scale.discount)
        losses = discounted_add(memory.losses, memory.n_losses, loss, self.loss_discount)
        new = PoolMemory(
            rules.bayes_weights(prior, log_likelihood),
            *squares,
            *errors,
            *losses,
            memory.start_scale,
        )
        return replace(self, memory=FrozenMapping({**self.memory, h: new}))

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
