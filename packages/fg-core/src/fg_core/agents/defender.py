"""A defender: a defense with what it has learned from reveals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from fg_core.action import AgentAction
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.batch.handing import leaves_arrays_alone
from fg_core.defenses import InnovationGate
from fg_core.forecast import ProbabilisticForecast
from fg_core.frozen import replace_unchecked
from fg_core.protocols import Defense, OutlierAssessment, Revealed
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["DefenderAgent"]


@dataclass(frozen=True)
class DefenderAgent:
    """Plays a defense: it sees the print, what was forecast for it, and nothing of the attack.

    Args:
        defense: Rule by which it doubts.
        name: Name of the agent.
        step_scale: One-step scale of the series; set by `fit`.
        memory: State that the rule has learned; set by `fit` and `update`.

    >>> surprise = DefenderAgent().fit(TrainingWindow([1.0, 2.0, 1.5, 2.5])).act(
    ...     ForecastState(4, 32.0, 0.0, 0.0), ProbabilisticForecast(2.0, 1.0))
    >>> surprise.delta < -25.0 and surprise.p_bad > 0.9
    True
    """

    defense: Defense = field(default_factory=InnovationGate)
    name: str = "defender"
    step_scale: Any = 1.0
    memory: tuple[Any, ...] | None = None

    @property
    def leaves_arrays_alone(self) -> bool:
        """Whether its defense changes no array that it is given (`fg_core.batch.handing`)."""
        return leaves_arrays_alone(self.defense)

    def fit(self, window: TrainingWindow) -> Self:
        """Return the defender at the start of a game on this series."""
        scale = window.step_scale
        return replace(self, step_scale=scale if scale > 0.0 else 1.0, memory=self.defense.start())

    def reads_back(self, season_length: int) -> int:  # noqa: ARG002
        """Return how many earlier values it reads at most: none.

        Args:
            season_length: Periods in a season; it makes no difference.

        Returns:
            Number of values of `state.history`.
        """
        return 0

    def act(self, state: ForecastState, predictive: ProbabilisticForecast) -> AgentAction:
        """Return the doubt about `state.value`; pure."""
        memory = self.defense.start() if self.memory is None else self.memory
        found = self.defense.doubt(
            memory, state.value - predictive.mean, predictive.scale, self.step_scale
        )
        return AgentAction(
            self.name, float(found.delta), scale=float(found.scale), p_bad=float(found.p_bad)
        )

    def act_array(self, state: StateArrays, predictive: MixtureArrays) -> OutlierAssessment:
        """Return what `act` returns, for many games; defenses are elementwise."""
        memory = self.defense.start() if self.memory is None else self.memory
        return self.defense.doubt(
            memory, state.value - predictive.mean, predictive.scale, self.step_scale
        )

    def update_array(self, revealed: Revealed) -> Self:
        """Return what `update` returns, for many games."""
        if revealed.predictive is None:
            return self
        return replace_unchecked(self, memory=self._learned(revealed, revealed.predictive))

    def update(self, revealed: Revealed) -> Self:
        """Return the defender after the value behind a print is revealed."""
        if revealed.predictive is None:
            return self
        learned = self._learned(revealed, revealed.predictive)
        return replace_unchecked(self, memory=tuple([float(x) for x in learned]))

    def _learned(self, revealed: Revealed, predictive: ProbabilisticForecast) -> tuple[Any, ...]:
        memory = self.defense.start() if self.memory is None else self.memory
        return tuple(
            self.defense.learn(
                memory,
                revealed.reported - revealed.value,
                revealed.value - predictive.mean,
                predictive.scale,
                self.step_scale,
            )
        )

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one defender that stands for these, one per game; None for other defenses."""
        first = agents[0]
        if any(one.defense != first.defense or one.name != first.name for one in agents):
            return None
        memories = [one.defense.start() if one.memory is None else one.memory for one in agents]
        return replace(
            first,
            step_scale=np.array([one.step_scale for one in agents]),
            memory=tuple(np.array(numbers) for numbers in zip(*memories, strict=True)),
        )
