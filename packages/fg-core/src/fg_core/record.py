"""Record of a game: one entry per round, and every scored forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from typing import Any

from .action import AgentAction, AgentMessage
from .checkpoint import Checkpoint
from .config import SimulationConfig
from .errors import ConfigError
from .forecast import ConfidenceInterval, ProbabilisticForecast
from .frozen import frozen_mapping
from .state import ForecastState

__all__ = [
    "GameOutputs",
    "IssuedForecast",
    "PrintAssessment",
    "ScoredForecast",
    "StepResult",
    "TrajectoryEntry",
]


@dataclass(frozen=True)
class PrintAssessment:
    """Assessment of the print that a forecast starts from, by the defenders together.

    Args:
        expected: Forecast of the print from revealed values alone, which defenders compare it with.
        correction: How far they would move the print, in the unit of the series.
        scale: Standard deviation of the value that they would put in its place, in the same unit.
        replaced: Forecast that would have been issued were the print bad for certain.
    """

    expected: ProbabilisticForecast
    correction: float
    scale: float
    replaced: ProbabilisticForecast


@dataclass(frozen=True)
class IssuedForecast:
    """A forecast as it was issued, with all that went into it.

    Args:
        origin: Number of the period it was made in.
        horizon: Horizon in rounds; the forecast is for period `origin + horizon`.
        forecast: Pooled predictive distribution.
        actions: Action of each forecaster with the print used, in registry order; None for one that
            had no forecast.
        base: Print that the forecasters' deltas start from.
        p_bad: Defenders' combined probability that the print was bad.
        undefended: Forecast that would have been issued without defenders.
        unavailable: Why a forecaster had no forecast, by name.
        assessment: Assessment of the print, where it was asked for; not compared.
    """

    origin: int
    horizon: int
    forecast: ProbabilisticForecast
    actions: tuple[AgentAction | None, ...]
    base: float
    p_bad: float
    undefended: ProbabilisticForecast
    _: KW_ONLY
    unavailable: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())
    assessment: PrintAssessment | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ScoredForecast:
    """An issued forecast whose target period has come.

    Args:
        issued: Forecast as it was issued.
        target: True value of period `issued.origin + issued.horizon`.
        crps: Continuous ranked probability score of the forecast, in the unit of the series.
        error: `target` minus the forecast's mean.
    """

    issued: IssuedForecast
    target: float
    crps: float
    error: float


@dataclass(frozen=True)
class StepResult:
    """One round.

    Args:
        next_state: World's state after the round.
        actions: Adversaries, defenders, forecasters, in that order; forecasters' for the first
            horizon.
        reward_breakdown: "team" and "adversaries", which sum to zero up to the cost of attack: the
            score of the first horizon's forecast that fell due in this round, 0 where none did.
            Where agents are credited, an entry per agent: for that forecast, or, where values are
            revealed later than they are scored (`reveal_lag` above the first horizon), for the
            forecast whose origin is revealed in this round. No entry: nothing was credited.
        forecast: Mean of the forecast for the first horizon.
        target: World's value after the round.
        messages: Remarks.
        probabilistic: That forecast.
        observation: State that all agents but the adversaries saw.
        issued: Forecasts of this round, one per horizon.
        scored: Forecasts that fell due in this round.
        disturbance: Disturbance by nature, in the unit of the series.
        attack: Change that the adversaries added to the value, in the unit of the series.
    """

    next_state: ForecastState
    actions: tuple[AgentAction, ...]
    reward_breakdown: Mapping[str, float]
    forecast: float
    target: float
    messages: tuple[AgentMessage, ...]
    probabilistic: ProbabilisticForecast
    _: KW_ONLY
    observation: ForecastState
    issued: tuple[IssuedForecast, ...]
    scored: tuple[ScoredForecast, ...]
    disturbance: float
    attack: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "reward_breakdown", frozen_mapping(self.reward_breakdown))

    @property
    def confidence(self) -> ConfidenceInterval:
        """Central 80 % interval of the forecast for the first horizon."""
        return self.probabilistic.interval()


@dataclass(frozen=True)
class TrajectoryEntry:
    """One round in short: what a reader, a learner or a language model is shown of it.

    Args:
        round_idx: Number of the round, from 0.
        state: World's state at the start of the round, without its history.
        actions: Actions of the agents, as in `StepResult`.
        messages: Messages of the agents, as in `StepResult`.
        reward_breakdown: Parts of the reward, as in `StepResult`.
        forecast: Mean of the forecast for the first horizon.
        target: World's value after the round.
        variance: Variance of that forecast.
        disturbance: Disturbance by nature, in the unit of the series.
    """

    round_idx: int
    state: ForecastState
    actions: tuple[AgentAction, ...]
    messages: tuple[AgentMessage, ...]
    reward_breakdown: Mapping[str, float]
    forecast: float
    target: float
    _: KW_ONLY
    variance: float = 0.0
    disturbance: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "reward_breakdown", frozen_mapping(self.reward_breakdown))
        object.__setattr__(self, "actions", tuple(self.actions))
        object.__setattr__(self, "messages", tuple(self.messages))

    @property
    def reward(self) -> float:
        """The team's reward of the round."""
        return self.reward_breakdown["team"]


@dataclass(frozen=True)
class GameOutputs:
    """Record of a whole game.

    Args:
        steps: Rounds in full, oldest first.
        trajectories: Rounds in short, oldest first.
        convergence: Rounds played, whether a limit cut the game, and what was counted on the way.
        config: Settings of the game.
        seed: Seed of the game.
        step_scale: One-step scale that budgets and defenses were measured in.
        weights: Last confirmed weights of the aggregator by forecaster, per horizon, if it has any.
        continuation: Checkpoint where the game stopped: `ForecastGame.run(..., resume=it)` plays
            on.

    A game that was resumed has the steps since then; its counts are those of the whole game.
    """

    steps: tuple[StepResult, ...]
    trajectories: tuple[TrajectoryEntry, ...]
    convergence: Mapping[str, Any]
    _: KW_ONLY
    config: SimulationConfig
    seed: int
    step_scale: float
    weights: Mapping[int, Mapping[str, float]] = field(default_factory=lambda: frozen_mapping())
    continuation: Checkpoint | None = field(default=None, compare=False, repr=False)

    def joined(self, later: GameOutputs) -> GameOutputs:
        """Return this part of a game and the one that was resumed from its end as one.

        It equals the record of the game played in one go, to the last bit.

        Args:
            later: Outputs that `ForecastGame.run(..., resume=self.continuation)` returned.

        Returns:
            Record of all rounds.

        Raises:
            ConfigError: The other part does not begin where this one ends.
        """
        ends = self.convergence["rounds_executed"]
        begins = later.convergence["rounds_executed"] - len(later.steps)
        # The first state of a part stands in its trajectory, without its history.
        last = replace(self.steps[-1].next_state, history=()) if self.steps else None
        first = later.trajectories[0].state if later.steps else None
        if begins != ends or self.seed != later.seed or (last and first and last != first):
            raise ConfigError(
                f"these are no two parts of one game: the first ends after {ends} rounds (seed "
                f"{self.seed}), the second begins after {begins} (seed {later.seed}); join what "
                "run(..., resume=first.continuation) returned"
            )
        return replace(
            later,
            steps=(*self.steps, *later.steps),
            trajectories=(*self.trajectories, *later.trajectories),
        )

    @cached_property
    def scored(self) -> tuple[ScoredForecast, ...]:
        """Every scored forecast of the game, in the order of their targets."""
        return tuple(item for step in self.steps for item in step.scored)

    def _first_horizon(self) -> tuple[ScoredForecast, ...]:
        first = self.config.horizons[0]
        return tuple(item for item in self.scored if item.issued.horizon == first)

    @property
    def forecasts(self) -> tuple[float, ...]:
        """Means of the scored forecasts of the first horizon."""
        return tuple(item.issued.forecast.mean for item in self._first_horizon())

    @property
    def targets(self) -> tuple[float, ...]:
        """The true values that `forecasts` were for."""
        return tuple(item.target for item in self._first_horizon())

    @property
    def confidence(self) -> tuple[ConfidenceInterval, ...]:
        """Central 80 % intervals of `forecasts`."""
        return tuple(item.issued.forecast.interval() for item in self._first_horizon())

    @cached_property
    def trajectory_logs(self) -> tuple[Mapping[str, Any], ...]:
        """The trajectory as mappings of plain values, one per round."""
        return tuple(
            frozen_mapping(
                {
                    "round_idx": entry.round_idx,
                    "state": entry.state,
                    "actions": entry.actions,
                    "forecast": entry.forecast,
                    "target": entry.target,
                    "reward": entry.reward,
                    "disturbance": entry.disturbance,
                    "messages": entry.messages,
                }
            )
            for entry in self.trajectories
        )
