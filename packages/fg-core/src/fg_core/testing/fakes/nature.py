# ruff: noqa: ARG002 - a fake ignores most of what its protocol hands it
"""Nature and its rules, as simple as can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.protocols import (
    OutlierAssessment,
)
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["HalfwayDefense", "LineWorld", "StepDisturbance"]


@dataclass(frozen=True)
class StepDisturbance:
    """Fires with the configured probability, always by the same amount.

    >>> config = SimulationConfig(disturbance_prob=0.5, adversarial_intensity=2.0)
    >>> StepDisturbance(1.5).sample(None, [[0.4, 0.6]], [], config)
    array([3., 0.])
    """

    size: float = 1.0
    name: str = "step"
    n_uniforms: int = 1
    n_normals: int = 0

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:
        """Return size x intensity where the uniform is at most the probability, else 0."""
        fires = np.asarray(uniforms[0]) <= config.disturbance_prob
        return np.where(fires, self.size * config.adversarial_intensity, 0.0)


@dataclass(frozen=True)
class HalfwayDefense:
    """Would move every print half-way to its predictive mean; remembers the last revision.

    >>> HalfwayDefense().doubt((0.0,), 2.0, 1.0, 1.0).delta
    -1.0
    """

    name: str = "halfway"

    def start(self) -> tuple[Any, ...]:
        """Return the memory before any reveal."""
        return (0.0,)

    def doubt(
        self,
        memory: tuple[Any, ...],
        displacement: Any,
        scale: Any,
        step_scale: Any,
    ) -> OutlierAssessment:
        """Return the doubt; surer, the farther off the print is."""
        surprise = displacement * displacement
        return OutlierAssessment(
            -0.5 * displacement, surprise / (surprise + scale * scale), 1.0 * scale
        )

    def learn(
        self,
        memory: tuple[Any, ...],
        revision: Any,
        surprise: Any,
        scale: Any,
        step_scale: Any,
    ) -> tuple[Any, ...]:
        """Return the last revision."""
        return (1.0 * revision,)


@dataclass(frozen=True)
class LineWorld:
    """A series that rises by the same amount each period, and remembers every disturbance.

    Args:
        slope: Rise a period.
        noise_std: Standard deviation of the noise, in the unit of the series.
        length: Rounds that can be played from period 12 on; None: any number.
        withheld: Names of withheld context columns, as in the protocol.

    >>> world = LineWorld(0.4)
    >>> state = ForecastState(12, 1.0, 0.0, 0.0)
    >>> world.advance(state, noise=0.0, disturbance=0.5, persistence=1.0).value
    1.9
    """

    slope: float = 0.0
    noise_std: float = 0.0
    length: int | None = None
    withheld: frozenset[str] = field(default=frozenset())

    def initial_state(self) -> ForecastState:
        """Return the state of period 12, with the 12 values before it."""
        return ForecastState(
            12, 12 * self.slope, 0.0, 0.0, history=tuple(t * self.slope for t in range(12))
        )

    def training(self, initial: ForecastState) -> TrainingWindow:
        """Return the history of `initial`, or the line before it."""
        path = initial.history or [initial.value - k * self.slope for k in range(12, 0, -1)]
        return TrainingWindow(np.array(path), initial.t - 1)

    def rounds(self, initial: ForecastState) -> int | None:
        """Return how many rounds are left."""
        return None if self.length is None else max(0, 12 + self.length - initial.t)

    def unit(self, step_scale: float) -> float:
        """Return 1: disturbances are in the unit of the series."""
        return 1.0

    def advance(
        self,
        state: ForecastState,
        *,
        noise: float,
        disturbance: float,
        persistence: float,
    ) -> ForecastState:
        """Return the next state."""
        return replace(
            state,
            t=state.t + 1,
            value=state.value + self.slope + self.noise_std * noise + disturbance,
            hidden_shift=disturbance,
            history=(*state.history[1:], state.value) if state.history else (),
        )
