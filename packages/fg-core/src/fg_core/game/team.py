"""The learners of a game as one frozen value, and how they are asked, fitted and taught.

A `Team` is either *confirmed* (it has learned from revealed values only, and is kept) or
*provisional* (it has also seen prints, and is thrown away after the round).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from fg_core.action import AgentAction
from fg_core.errors import AgentError, ForecastGameError, ForecastUnavailable
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import FrozenMapping, frozen_mapping
from fg_core.protocols import (
    Adversary,
    Aggregator,
    Defender,
    Forecaster,
    Refactorer,
    Revealed,
    RevealedForecast,
)
from fg_core.reasons import in_short
from fg_core.registry import AgentRegistry
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["Claim", "Team", "ask", "call", "sensitivity"]


def call(agent: Any, what: str, *args: Any, **kwargs: Any) -> Any:
    """Call a method of an agent; a failure becomes an `AgentError` that names the agent.

    Our own errors pass as they are: their message is clear already.
    """
    try:
        return getattr(agent, what)(*args, **kwargs)
    except ForecastGameError:
        raise
    except Exception as error:
        raise AgentError(
            f"agent {agent.name!r} failed in {what}(): {type(error).__name__}: {error}"
        ) from error


def _optional(agent: Any, what: str, *args: Any) -> Any:
    return call(agent, what, *args) if hasattr(agent, what) else agent


@dataclass(frozen=True)
class Claim:
    """What the forecasters and the aggregator say from one state, for one horizon.

    Args:
        state: What they acted on.
        horizon: In rounds.
        actions: One a forecaster; None for one that has no forecast.
        forecast: What the aggregator made of them.
        unavailable: Why, by name of a forecaster that has none.
    """

    state: ForecastState
    horizon: int
    actions: tuple[AgentAction | None, ...]
    forecast: ProbabilisticForecast
    unavailable: Mapping[str, str] = field(default_factory=lambda: frozen_mapping())


@dataclass(frozen=True)
class Team:
    """Forecasters, aggregator, defenders, adversaries and refactorer with all they know."""

    forecasters: tuple[Forecaster, ...]
    aggregator: Aggregator
    defenders: tuple[Defender, ...]
    adversaries: tuple[Adversary, ...]
    refactorer: Refactorer | None

    @classmethod
    def assemble(
        cls, registry: AgentRegistry, window: TrainingWindow, horizons: Sequence[int]
    ) -> Self:
        """Return the agents of `registry` fitted on what is revealed before the game."""
        aggregator = call(registry.aggregator, "start", registry.names, window, horizons)
        return cls(
            tuple(_optional(agent, "fit", window) for agent in registry.forecasters),
            aggregator,
            tuple(_optional(agent, "fit", window) for agent in registry.defenders),
            tuple(_optional(agent, "fit", window) for agent in registry.adversaries),
            registry.refactorer,
        )

    def refitted(self, window: TrainingWindow, ready: Self | None = None) -> Self:
        """Return the team with its forecasters fitted anew.

        Args:
            window: What the fits may see.
            ready: A team fitted on the very same window. Its forecasters are taken where a fit
                depends on nothing else, that is where they do not also learn by `update`.
        """
        fitted = tuple(
            _optional(agent, "fit", window) if made is None or hasattr(agent, "update") else made
            for agent, made in zip(
                self.forecasters,
                (None,) * len(self.forecasters) if ready is None else ready.forecasters,
                strict=True,
            )
        )
        return replace(self, forecasters=fitted)

    def taught(self, revealed: Revealed) -> Self:
        """Return the team after a period's value became known to every agent."""
        return type(self)(
            tuple(_optional(a, "update", revealed) for a in self.forecasters),
            self.aggregator,
            tuple(_optional(a, "update", revealed) for a in self.defenders),
            tuple(_optional(a, "update", revealed) for a in self.adversaries),
            self.refactorer,
        )

    @property
    def watches(self) -> bool:
        """Whether a forecaster learns anything from being shown a print."""
        return any(hasattr(agent, "update") for agent in self.forecasters)

    def shown(self, revealed: Revealed) -> Self:
        """Return the team after its forecasters saw a print; defenders learn from reveals only."""
        seen = tuple(_optional(agent, "update", revealed) for agent in self.forecasters)
        return replace(self, forecasters=seen)

    def judged(self, outcomes: Sequence[RevealedForecast]) -> Self:
        """Return the team after the aggregator and the refactorer learned from `outcomes`."""
        if not outcomes:
            return self
        aggregator, refactorer = self.aggregator, self.refactorer
        for outcome in outcomes:
            aggregator = call(aggregator, "update", outcome)
            if refactorer is not None:
                refactorer = call(refactorer, "update", outcome)
        return type(self)(
            self.forecasters, aggregator, self.defenders, self.adversaries, refactorer
        )

    def claims_as(self, other: Team) -> bool:
        """Whether forecasters and aggregator are those of another team, the very objects."""
        pairs = zip(self.forecasters, other.forecasters, strict=True)
        return self.aggregator is other.aggregator and all(a is b for a, b in pairs)

    def bias(self, horizon: int) -> float:
        """Return the refactorer's correction for a horizon."""
        return 0.0 if self.refactorer is None else float(self.refactorer.bias(horizon))

    def claim(self, state: ForecastState, horizon: int, *, doubt_scale: float = 0.0) -> Claim:
        """Ask every forecaster, and pool what they say.

        Args:
            state: What they act on.
            horizon: In rounds.
            doubt_scale: Standard deviation of `state.value` itself, which the forecasts inherit
                through their sensitivity to it.
        """
        said = [ask(agent, state, horizon) for agent in self.forecasters]
        actions = tuple([None if isinstance(one, str) else one for one in said])
        inflation: tuple[float, ...] = ()
        if doubt_scale > 0.0:
            inflation = tuple(
                [
                    0.0
                    if action is None
                    else abs(sensitivity(agent, state, horizon, doubt_scale)) * doubt_scale
                    for agent, action in zip(self.forecasters, actions, strict=True)
                ]
            )
        forecast = call(
            self.aggregator, "aggregate", state, actions, horizon=horizon, inflation=inflation
        )
        if not any(isinstance(one, str) for one in said):
            return Claim(state, horizon, actions, forecast)
        unavailable = {
            agent.name: why
            for agent, why in zip(self.forecasters, said, strict=True)
            if isinstance(why, str)
        }
        return Claim(state, horizon, actions, forecast, FrozenMapping(unavailable))


def ask(agent: Forecaster, state: ForecastState, horizon: int) -> AgentAction | str:
    """Return what a forecaster says, or why it says nothing."""
    try:
        action = call(agent, "act", state, horizon)
    except ForecastUnavailable as reason:
        return in_short(str(reason))
    if not isinstance(action, AgentAction):
        raise AgentError(
            f"agent {agent.name!r} returned a {type(action).__name__}: an AgentAction is wanted"
        )
    return action


def sensitivity(agent: Forecaster, state: ForecastState, horizon: int, step: float) -> float:
    """Return d(forecast of the level) / d(last value)."""
    if hasattr(agent, "sensitivity"):
        return float(call(agent, "sensitivity", state, horizon))
    low, high = (
        ask(agent, replace(state, value=state.value + side * step), horizon) for side in (-1.0, 1.0)
    )
    if isinstance(low, str) or isinstance(high, str):
        return 1.0  # it cannot say; a forecast that moves with the value is the cautious guess
    return 1.0 + (high.delta - low.delta) / (2.0 * step)
