# ruff: noqa: ARG002 - a fake ignores most of what its protocol hands it
"""Agents that do one obvious thing each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays, StateArrays
from fg_core.components import Components
from fg_core.errors import AgentError
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import OutlierAssessment, RevealedForecast
from fg_core.rng import Draws
from fg_core.state import ForecastState
from fg_core.transcendental import hypot
from fg_core.window import TrainingWindow

__all__ = [
    "ConstantForecaster",
    "DrawingDefender",
    "DrawingForecaster",
    "NoBias",
    "PlainAggregator",
    "SilentDefender",
]


@dataclass(frozen=True)
class ConstantForecaster:
    """Expects the same change a step, always.

    Args:
        delta: Change a step, in the unit of the series.
        scale: Standard deviation one step ahead, growing with the root of the horizon; or None.
        name: Name of the agent.

    >>> ConstantForecaster(0.5, 1.0).act(ForecastState(0, 3.0, 0.0, 0.0), 4)
    AgentAction(actor='constant', delta=2.0, scale=2.0, p_bad=None)
    """

    delta: float = 0.0
    scale: float | None = None
    name: str = "constant"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return `horizon` times the change."""
        scale = None if self.scale is None else self.scale * float(np.sqrt(horizon))
        return AgentAction(self.name, self.delta * horizon, scale=scale)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 1: the forecast level moves with the last value."""
        return 1.0


@dataclass(frozen=True)
class DrawingForecaster:
    """Expects a change drawn at random, another one per horizon; none where it has no draws.

    Args:
        size: Standard deviation of the change, in the unit of the series.
        scale: Standard deviation that it states one step ahead, growing with the root of the
            horizon.
        name: Name of the agent.
        draws: Random numbers of this round; set by `with_draws`.

    >>> state = ForecastState(0, 3.0, 0.0, 0.0)
    >>> DrawingForecaster().act(state).delta
    0.0
    >>> from fg_core.testing.examples import example_draws
    >>> bound = DrawingForecaster(0.5).with_draws(example_draws())
    >>> bound.act(state, 2).delta == 0.5 * example_draws().normal(2)
    True
    """

    size: float = 1.0
    scale: float = 1.0
    name: str = "drawing"
    draws: Draws | None = field(default=None, repr=False)

    def with_draws(self, draws: Draws) -> Self:
        """Return the forecaster with its random numbers of a round."""
        return replace(self, draws=draws)

    def _delta_and_scale(self, horizon: int) -> tuple[Any, float]:
        delta = 0.0 if self.draws is None else self.size * self.draws.normal(horizon)
        return delta, self.scale * float(np.sqrt(horizon))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the change."""
        delta, scale = self._delta_and_scale(horizon)
        return AgentAction(self.name, delta, scale=scale)

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games."""
        return ActionArrays(*self._delta_and_scale(horizon))

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return 1: the forecast level moves with the last value."""
        return 1.0

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:
        """Return 1, for many games."""
        return 1.0


@dataclass(frozen=True)
class DrawingDefender:
    """Doubts prints at random, half of each; none where it has no draws.

    Args:
        probability: Probability that it doubts a print.
        name: Name of the agent.
        draws: Random numbers of this round; set by `with_draws`.

    >>> expected = ProbabilisticForecast(0.0, 1.0)
    >>> DrawingDefender(1.0).act(ForecastState(0, 9.0, 0.0, 0.0), expected).p_bad
    0.0
    >>> from fg_core.testing.examples import example_draws
    >>> bound = DrawingDefender(1.0).with_draws(example_draws())
    >>> bound.act(ForecastState(0, 9.0, 0.0, 0.0), expected).delta
    -9.0
    """

    probability: float = 0.3
    name: str = "drawing_defender"
    draws: Draws | None = field(default=None, repr=False)

    def with_draws(self, draws: Draws) -> Self:
        """Return the defender with its random numbers of a round."""
        return replace(self, draws=draws)

    def _doubt(self, value: Any, predictive: Any) -> OutlierAssessment:
        doubts: Any = False
        if self.draws is not None:
            doubts = np.asarray(self.draws.uniform()) <= self.probability
        return OutlierAssessment(
            np.where(doubts, predictive.mean - value, 0.0),
            np.where(doubts, 0.5, 0.0),
            np.where(doubts, predictive.scale, 0.0),
        )

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return the doubt."""
        found = self._doubt(state.value, predictive)
        return AgentAction(
            self.name, float(found.delta), scale=float(found.scale), p_bad=float(found.p_bad)
        )

    def act_array(self, state: StateArrays, predictive: Any) -> OutlierAssessment:
        """Return what `act` returns, for many games."""
        return self._doubt(state.value, predictive)


@dataclass(frozen=True)
class SilentDefender:
    """Doubts nothing.

    >>> SilentDefender().act(ForecastState(0, 9.0, 0.0, 0.0), ProbabilisticForecast(0.0, 1.0)).p_bad
    0.0
    """

    name: str = "silent"

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return no doubt."""
        return AgentAction(self.name, 0.0, scale=0.0, p_bad=0.0)


@dataclass(frozen=True)
class PlainAggregator:
    """Gives every forecaster that is there the same weight, and learns nothing.

    One without a scale gets the standard deviation of one-step changes in the training window,
    growing with the root of the horizon (1 without a window).

    >>> state = ForecastState(0, 3.0, 0.0, 0.0)
    >>> said = [AgentAction("a", 1.0, scale=1.0), AgentAction("b", -1.0, scale=1.0)]
    >>> forecast = PlainAggregator().aggregate(state, said)
    >>> forecast.mean, forecast.variance
    (3.0, 2.0)
    """

    name: str = "plain"
    step_scale: float = 1.0
    names: tuple[str, ...] = ()

    def start(
        self,
        names: Sequence[str],
        window: TrainingWindow,
        horizons: Sequence[int],
    ) -> Self:
        """Return the pool of these forecasters."""
        return replace(self, names=tuple(names), step_scale=window.step_scale or 1.0)

    def aggregate(
        self,
        state: ForecastState,
        actions: Sequence[AgentAction | None],
        *,
        horizon: int = 1,
        inflation: Sequence[float] = (),
    ) -> ProbabilisticForecast:
        """Return the mixture of those who have a forecast.

        Raises:
            AgentError: No forecaster has a forecast.
        """
        extra = list(inflation) or [0.0] * len(actions)
        present = [(a, e) for a, e in zip(actions, extra, strict=True) if a is not None]
        if not present:
            raise AgentError(f"no forecaster has a forecast at t = {state.t}")
        usual = self.step_scale * float(np.sqrt(horizon))
        scales = np.array([a.scale or usual for a, _ in present])
        return ProbabilisticForecast.from_components(
            Components(
                np.full(len(present), 1.0 / len(present)),
                np.array([state.value + a.delta for a, _ in present]),
                hypot(scales, np.array([e for _, e in present])),
                tuple(a.actor for a, _ in present),
            )
        )

    def update(self, outcome: RevealedForecast) -> Self:
        """Return itself: it learns nothing."""
        return self


@dataclass(frozen=True)
class NoBias:
    """A refactorer that leaves forecasts alone.

    >>> NoBias().bias()
    0.0
    """

    name: str = "no_bias"

    def bias(self, horizon: int = 1) -> float:
        """Return 0."""
        return 0.0

    def update(self, outcome: RevealedForecast) -> Self:
        """Return itself: it learns nothing."""
        return self
