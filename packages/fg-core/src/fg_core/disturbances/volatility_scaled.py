r"""Shocks that are as large as the last one was: unrest breeds unrest.

$$d_t = S I\, \sigma_t z_t, \qquad
\sigma_t = \min\big(\max(f, |s_t| + |x_t|),\, g\big)$$

where it fires (first uniform at most `disturbance_prob`), else 0, with the hidden shift $s_t$ (the
disturbance that led to this state), exogenous pressure $x_t$, $f$ = `floor`, $g$ = `ceiling`, $S$
= `disturbance_scale`, $I$ = `adversarial_intensity` and $z_t$ standard normal; in world units.

Without the ceiling the series would explode where $S I$ is above about 1.3 at probability 1 (about
5 at probability 1/2), because each shock is then larger than the last in the long run. In calmer
games the ceiling is out of reach.

Stands for: clustered volatility, as in prices of energy and of assets: calm for long, then one
large move after the other.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError

from .firing import check_number, when_fired

__all__ = ["VolatilityScaledDisturbance"]


@dataclass(frozen=True)
class VolatilityScaledDisturbance:
    """Self-exciting shocks; see the module for the formula.

    Args:
        floor: f, the volatility after a calm round; above 0.
        ceiling: g, the largest volatility; at least the floor.

    Raises:
        ConfigError: A floor of 0 or less, or a ceiling below it.

    >>> from fg_core.state import ForecastState
    >>> shaken = ForecastState(0, 5.0, 0.25, -1.75)
    >>> config = SimulationConfig(disturbance_prob=1.0)
    >>> VolatilityScaledDisturbance().sample(shaken, [0.5], [1.5], config)
    3.0
    """

    _: KW_ONLY
    floor: float = 0.05
    ceiling: float = 10.0
    name: str = "volatility_scaled"
    n_uniforms: int = 1
    n_normals: int = 1

    def __post_init__(self) -> None:
        check_number("floor", self.floor, 0.0, above=True)
        check_number("ceiling", self.ceiling, 0.0, above=True)
        if self.ceiling < self.floor:
            raise ConfigError(
                f"ceiling must be at least the floor of {self.floor}, got {self.ceiling}"
            )

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:
        """Return the disturbance of each game, in world units."""
        unrest = np.abs(state.hidden_shift) + np.abs(state.exogenous)
        volatility = np.minimum(np.maximum(self.floor, unrest), self.ceiling)
        size = (config.disturbance_scale * config.adversarial_intensity) * volatility
        return when_fired(uniforms[0], size * np.asarray(normals[0]), config)
