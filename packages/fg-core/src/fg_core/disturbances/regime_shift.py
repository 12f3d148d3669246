r"""A break that can only come at regular dates, up or down with even odds.

$$d_t = \pm c\, I \quad \text{at } t = n, 2n, 3n, \dots$$

where it fires (first uniform at most `disturbance_prob`), else 0; $+$ where the second uniform is
at least 1/2, with $n$ = `every`, $c$ = `size` and $I$ = `adversarial_intensity`; in world units.
Both must hold: the date and the draw. So with probability $p$ there are $p / n$ breaks a round,
and exactly one every $n$ rounds where `disturbance_prob` is 1. `disturbance_scale` plays no part.

Stands for: a change of policy at a scheduled meeting, a new contract year, an election: the date
is in the calendar, whether and whither is not.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError

from .firing import check_number, when_fired

__all__ = ["RegimeShiftDisturbance"]


@dataclass(frozen=True)
class RegimeShiftDisturbance:
    """Breaks at scheduled dates; see the module for the formula.

    Args:
        size: c, in world units at intensity 1; at least 0.
        every: n, periods from one date to the next; at least 1.

    Raises:
        ConfigError: A constant is outside its range.

    >>> from fg_core.state import ForecastState
    >>> config = SimulationConfig(disturbance_prob=1.0)
    >>> [RegimeShiftDisturbance().sample(ForecastState(t, 1.0, 0.0, 0.0), [0.5, 0.2], [], config)
    ...     for t in (0, 11, 12)]
    [0.0, 0.0, -0.8]
    """

    _: KW_ONLY
    size: float = 0.8
    every: int = 12
    name: str = "regime_shift"
    n_uniforms: int = 2
    n_normals: int = 0

    def __post_init__(self) -> None:
        check_number("size", self.size, 0.0)
        if isinstance(self.every, bool) or not isinstance(self.every, int) or self.every < 1:
            raise ConfigError(f"every must be a whole number >= 1, got {self.every!r}")

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - no normals
        """Return the disturbance of each game, in world units."""
        t = np.asarray(state.t)
        due = (t > 0) & (t % self.every == 0)
        size = self.size * config.adversarial_intensity
        jump = np.where(np.asarray(uniforms[1]) >= 0.5, size, -size)
        return when_fired(uniforms[0], np.where(due, jump, 0.0), config)
