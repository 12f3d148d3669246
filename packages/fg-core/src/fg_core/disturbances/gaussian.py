r"""Gaussian shocks that arrive now and then.

With probability `disturbance_prob` a round has a shock from
$N(0, (\text{disturbance\_scale} \cdot \text{adversarial\_intensity})^2)$, in world units;
otherwise none. A strike, a storm, a one-off tax: rare, of either sign, unannounced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig

__all__ = ["GaussianDisturbance"]


@dataclass(frozen=True)
class GaussianDisturbance:
    """Fires if the uniform is at most the probability; see the module for the formula.

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
        fires = np.asarray(uniforms[0]) <= config.disturbance_prob
        shocks = np.where(fires, size * np.asarray(normals[0]), 0.0)
        return float(shocks) if shocks.ndim == 0 else shocks
