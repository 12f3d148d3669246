"""Array forms of the fixed agents whose scalar rules are elementwise already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from fg_core.agents import DefenderAgent, RefactoringAgent
from fg_core.batch import StateArrays
from fg_core.protocols import Revealed, RevealedForecast, Suspicion

__all__ = ["with_array_form"]


@dataclass(frozen=True)
class _Defender:
    """A `DefenderAgent` whose memory holds arrays of games; defenses are elementwise."""

    agent: DefenderAgent
    memory: tuple[Any, ...]

    @property
    def name(self) -> str:
        return self.agent.name

    def act_array(self, state: StateArrays, predictive: Any) -> Suspicion:
        return self.agent.defense.doubt(
            self.memory,
            state.value - predictive.mean,
            predictive.scale,
            self.agent.step_scale,
        )

    def update_array(self, revealed: Revealed) -> Self:
        if revealed.predictive is None:
            return self
        learned = self.agent.defense.learn(
            self.memory,
            revealed.printed - revealed.value,
            revealed.value - revealed.predictive.mean,
            revealed.predictive.scale,
            self.agent.step_scale,
        )
        return type(self)(self.agent, tuple(learned))


@dataclass(frozen=True)
class _Refactorer:
    """A `RefactoringAgent` whose biases are arrays of games; its rule is elementwise."""

    agent: RefactoringAgent

    @property
    def name(self) -> str:
        return self.agent.name

    def bias(self, horizon: int = 1) -> Any:
        return self.agent.bias(horizon)

    def update_array(self, outcome: RevealedForecast) -> Self:
        return replace(self, agent=self.agent.update(outcome))


def with_array_form(agent: Any) -> Any:
    """Return the agent, or something that stands in for it and has an array form."""
    if type(agent) is DefenderAgent and not hasattr(agent, "act_array"):
        memory = agent.defense.start() if agent.memory is None else agent.memory
        return _Defender(agent, memory)
    if type(agent) is RefactoringAgent and not hasattr(agent, "update_array"):
        return _Refactorer(agent)
    return agent
