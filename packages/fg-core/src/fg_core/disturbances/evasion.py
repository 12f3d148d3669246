r"""A small push away from zero, in the direction in which the series already lies.

$$d_t = \operatorname{sign}(v_t)\, c\, S I$$

where it fires (first uniform at most `disturbance_prob`), else 0, with the value $v_t$, $c$ =
`share`, $S$ = `disturbance_scale` and $I$ = `adversarial_intensity`; in world units. A value of 0
counts as positive.

Stands for: what slips past a check because each step is small and looks like more of the same:
activity that moves out of what is measured, a firm that smooths its reports upwards.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from fg_core.config import SimulationConfig

from .firing import check_number, sign, when_fired

__all__ = ["EvasionDisturbance"]


@dataclass(frozen=True)
class EvasionDisturbance:
    """Steps too small to be noticed; see the module for the formula.

    Args:
        share: c, the size of a step in disturbance scales; at least 0.

    Raises:
        ConfigError: A share below 0.

    >>> from fg_core.state import ForecastState
    >>> below = ForecastState(0, -3.0, 0.0, 0.0)
    >>> EvasionDisturbance().sample(below, [0.5], [], SimulationConfig(disturbance_prob=0.5))
    -0.2
    """

    _: KW_ONLY
    share: float = 0.2
    name: str = "evasion"
    n_uniforms: int = 1
    n_normals: int = 0

    def __post_init__(self) -> None:
        check_number("share", self.share, 0.0)

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - no normals
        """Return the disturbance of each game, in world units."""
        size = self.share * (config.disturbance_scale * config.adversarial_intensity)
        return when_fired(uniforms[0], size * sign(state.value), config)
