"""Reveals of a round: the value of a period, and the target of a forecast."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from .action import AgentAction
from .forecast import ProbabilisticForecast
from .state import ForecastState

__all__ = ["Revealed", "RevealedForecast"]


@dataclass(frozen=True)
class Revealed:
    """Reveal to an agent: the value of one period becomes known to it.

    Args:
        state: State of that period with its revealed value.
        reported: Value as it was first seen.
        predictive: Distribution of that print, forecast from earlier revealed values.
        reward: Team's reward for the forecast of this value; None where there was none. In a
            world with vintages it is that of the settled value, since the one that forecasts are
            scored on may not be known to any agent yet.
        own_reward: This agent's own reward for that forecast, its entry of the reward breakdown
            (see `StepResult`); None where nothing was booked for it, or agents are not credited.
        settled: Whether the value is settled. Where it is not, it was revised: the value may
            move again, and `state` holds it as it stands. Only adversaries and defenders that
            have `learns_from_revisions` are told of such values.
        origin: Origin at which the value became known, or was revised; None: not told.
    """

    state: ForecastState
    reported: float
    predictive: ProbabilisticForecast | None = None
    _: KW_ONLY
    reward: float | None = None
    own_reward: float | None = None
    settled: bool = True
    origin: int | None = None

    @property
    def t(self) -> int:
        """Number of the period."""
        return self.state.t

    @property
    def value(self) -> float:
        """The revealed value."""
        return self.state.value


@dataclass(frozen=True)
class RevealedForecast:
    """A forecast recomputed from revealed values at its origin, and the value it was for.

    Args:
        state: State at the origin.
        horizon: Horizon of the forecast, in rounds.
        actions: Actions, one per forecaster, in registry order; None for one that had no forecast.
        forecast: Forecast that the aggregator made of them.
        target: Value of period `state.t + horizon`.
    """

    state: ForecastState
    horizon: int
    actions: tuple[AgentAction | None, ...]
    forecast: ProbabilisticForecast
    target: float
