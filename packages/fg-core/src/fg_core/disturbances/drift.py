r"""A push in one direction that grows as time goes by.

$$d_t = \operatorname{sign}(x_t)\, \min\big(r (t + 1),\, g\big)\, I$$

where it fires (first uniform at most `disturbance_prob`), else 0, with exogenous pressure $x_t$,
$r$ = `rate`, $g$ = `ceiling` and $I$ = `adversarial_intensity`; in world units. A pressure of 0
counts as positive. `disturbance_scale` plays no part.

The period $t$ is counted from the beginning of the series, and a game may begin late in it; the
ceiling keeps such a game playable. In one that begins at $t = 0$ it is first met in round 99 (at
the default rate).

Stands for: a slow structural change: an ageing population, a sensor that goes out of true,
inflation expectations that come loose. It feeds `exogenous`, so it keeps its direction.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig

from .firing import check_number, sign, when_fired

__all__ = ["DriftDisturbance"]


@dataclass(frozen=True)
class DriftDisturbance:
    """A slow and growing push; see the module for the formula.

    Args:
        rate: r, growth per period in world units at intensity 1; at least 0.
        ceiling: g, the largest push in world units at intensity 1; at least 0.

    Raises:
        ConfigError: A constant below 0.

    >>> from fg_core.state import ForecastState
    >>> pressed = ForecastState(49, 1.0, -0.2, 0.0)
    >>> DriftDisturbance().sample(pressed, [0.5], [], SimulationConfig(disturbance_prob=1.0))
    -1.5
    """

    _: KW_ONLY
    rate: float = 0.03
    ceiling: float = 3.0
    name: str = "drift"
    n_uniforms: int = 1
    n_normals: int = 0

    def __post_init__(self) -> None:
        check_number("rate", self.rate, 0.0)
        check_number("ceiling", self.ceiling, 0.0)

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - no normals
        """Return the disturbance of each game, in world units."""
        push = np.minimum(self.rate * (state.t + 1.0), self.ceiling)
        size = push * config.adversarial_intensity
        return when_fired(uniforms[0], size * sign(state.exogenous), config)
