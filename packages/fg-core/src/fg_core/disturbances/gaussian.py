r"""Gaussian shocks that arrive now and then.

$$d_t = S I\, z_t$$

where it fires (first uniform at most `disturbance_prob`), else 0, with $S$ =
`disturbance_scale`, $I$ = `adversarial_intensity` and $z_t$ standard normal; in world units.

Stands for: a strike, a storm, a one-off tax. Rare, of either sign, unannounced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig

from .firing import when_fired

__all__ = ["GaussianDisturbance"]


@dataclass(frozen=True)
class GaussianDisturbance:
    """The default disturbance; see the module for the formula.

    >>> config = SimulationConfig(disturbance_prob=0.5, disturbance_scale=2.0)
    >>> GaussianDisturbance().sample(None, [0.5], [1.5], config)
    3.0
    """

    name: str = "gaussian"
    n_uniforms: int = 1
    n_normals: int = 1

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - this one ignores the state
        """Return the disturbance of each game, in world units."""
        size = config.disturbance_scale * config.adversarial_intensity
        return when_fired(uniforms[0], size * np.asarray(normals[0]), config)
