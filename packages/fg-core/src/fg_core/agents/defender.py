"""A defender: a defense with what it has learned from reveals."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from fg_core.action import AgentAction
from fg_core.defenses import InnovationGate
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import Defense, Revealed
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["DefenderAgent"]


@dataclass(frozen=True)
class DefenderAgent:
    """Plays a defense: it sees the print, what was forecast for it, and nothing of the attack.

    Args:
        defense: The rule.
        name: Name of the agent.
        step_scale: The one-step scale of the series; set by `fit`.
        memory: What the rule has learned; set by `fit` and `update`.

    >>> surprise = DefenderAgent().fit(TrainingWindow([1.0, 2.0, 1.5, 2.5])).act(
    ...     ForecastState(4, 32.0, 0.0, 0.0), ProbabilisticForecast(2.0, 1.0))
    >>> surprise.delta < -25.0 and surprise.p_bad > 0.9
    True
    """

    defense: Defense = field(default_factory=InnovationGate)
    name: str = "defender"
    step_scale: float = 1.0
    memory: tuple[Any, ...] | None = None

    def fit(self, window: TrainingWindow) -> Self:
        """Return the defender at the start of a game on this series."""
        scale = window.step_scale
        return replace(self, step_scale=scale if scale > 0.0 else 1.0, memory=self.defense.start())

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return the doubt about `state.value`; pure."""
        memory = self.defense.start() if self.memory is None else self.memory
        found = self.defense.doubt(
            memory, state.value - predictive.mean, predictive.scale, self.step_scale
        )
        return AgentAction(
            self.name, float(found.delta), scale=float(found.scale), p_bad=float(found.p_bad)
        )

    def update(self, revealed: Revealed) -> Self:
        """Return the defender after the value behind a print is revealed."""
        if revealed.predictive is None:
            return self
        memory = self.defense.start() if self.memory is None else self.memory
        learned = self.defense.learn(
            memory,
            revealed.printed - revealed.value,
            revealed.value - revealed.predictive.mean,
            revealed.predictive.scale,
            self.step_scale,
        )
        return replace(self, memory=tuple(float(x) for x in learned))
