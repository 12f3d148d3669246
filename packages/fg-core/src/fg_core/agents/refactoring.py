"""The refactorer: it moves a bias towards the mean revealed error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.frozen import FrozenMapping, frozen_mapping, replace_unchecked
from fg_core.mappings import with_item
from fg_core.protocols import RevealedForecast

__all__ = ["RefactoringAgent"]


@dataclass(frozen=True)
class RefactoringAgent:
    """Adds to every forecast the exponentially weighted mean of the pool's revealed errors.

    An error is target minus forecast *before* the bias, so the bias settles where the errors
    average, instead of chasing its own corrections: with unbiased forecasts it stays within a
    few hundredths of their error's standard deviation for ever.

    Args:
        name: Name of the agent.
        step_size: Share of the way to the latest error, in [0, 1].
        biases: Bias per horizon, in the unit of the series; in a batch numbers, or arrays of shape
            (lane,).

    >>> agent = RefactoringAgent(step_size=0.5)
    >>> agent.revise(2.0)
    1.0
    """

    name: str = "refactor"
    step_size: float = 0.02
    biases: Mapping[int, float] = field(default_factory=lambda: frozen_mapping())

    def __post_init__(self) -> None:
        if not 0.0 <= self.step_size <= 1.0:
            raise ConfigError(f"step_size must be in [0, 1], got {self.step_size!r}")
        object.__setattr__(self, "biases", frozen_mapping(self.biases))

    def revise(self, latest_error: float, bias: float = 0.0) -> float:
        """Return the step that one error (target minus uncorrected forecast) asks for."""
        return self.step_size * (latest_error - bias)

    def bias(self, horizon: int = 1) -> float:
        """Return what is added to forecasts of this horizon."""
        return self.biases.get(horizon, 0.0)

    def update(self, outcome: RevealedForecast) -> Self:
        """Return the refactorer after one forecast whose target is revealed."""
        h = outcome.horizon
        now = self.bias(h)
        step = self.revise(outcome.target - outcome.forecast.mean, now)
        return replace_unchecked(self, biases=with_item(self.biases, h, now + step))

    # ------------------------------------------------------------------------- many games at once

    def update_array(self, outcome: RevealedForecast) -> Self:
        """Return what `update` returns, for many games: the rule is elementwise."""
        return self.update(outcome)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one refactorer whose biases are, lane by lane, those of these.

        Args:
            agents: Refactorers, one per lane.

        Returns:
            None where their settings differ.
        """
        if not agents:
            return None
        first = agents[0]
        if all(agent is first for agent in agents):
            return first  # the same in all lanes
        settings = {**vars(first), "biases": None}
        if any(
            type(agent) is not type(first) or {**vars(agent), "biases": None} != settings
            for agent in agents
        ):
            return None
        horizons = sorted({h for agent in agents for h in agent.biases})
        biases: dict[int, Any] = {
            h: np.array([agent.bias(h) for agent in agents], dtype=np.float64) for h in horizons
        }
        return replace(first, biases=FrozenMapping(biases))

    def take(self, lanes: NDArray[np.intp]) -> Self:
        """Return the refactorer of these lanes: lane i of it is lane `lanes[i]` of this one.

        Args:
            lanes: Numbers of lanes; a bias that is the same in all of them stays as it is.
        """
        if not any(np.size(bias) > 1 for bias in self.biases.values()):
            return self
        biases: dict[int, Any] = {
            h: np.asarray(bias)[lanes] if np.size(bias) > 1 else bias
            for h, bias in self.biases.items()
        }
        return replace(self, biases=FrozenMapping(biases))
