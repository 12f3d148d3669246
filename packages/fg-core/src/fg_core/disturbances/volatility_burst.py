r"""Shocks of a much larger scale than the usual ones.

$$d_t = k\, S I\, z_t$$

where it fires (first uniform at most `disturbance_prob`), else 0, with $k$ = `factor`, $S$ =
`disturbance_scale`, $I$ = `adversarial_intensity` and $z_t$ standard normal; in world units.

Stands for: a crash, a pandemic quarter, the failure of a large bank.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig

from .firing import check_number, when_fired

__all__ = ["VolatilityBurstDisturbance"]


@dataclass(frozen=True)
class VolatilityBurstDisturbance:
    """Rare and violent shocks; see the module for the formula.

    Args:
        factor: k, their standard deviation in disturbance scales; at least 0.

    Raises:
        ConfigError: A factor below 0.

    >>> config = SimulationConfig(disturbance_prob=0.5)
    >>> VolatilityBurstDisturbance().sample(None, [0.5], [-2.0], config)
    -5.0
    """

    _: KW_ONLY
    factor: float = 2.5
    name: str = "volatility_burst"
    n_uniforms: int = 1
    n_normals: int = 1

    def __post_init__(self) -> None:
        check_number("factor", self.factor, 0.0)

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - this one ignores the state
        """Return the disturbance of each game, in world units."""
        size = self.factor * (config.disturbance_scale * config.adversarial_intensity)
        return when_fired(uniforms[0], size * np.asarray(normals[0]), config)
