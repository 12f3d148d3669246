r"""A shift of fixed size, always upwards.

$$d_t = c\, I$$

where it fires (first uniform at most `disturbance_prob`), else 0, with $c$ = `size` and $I$ =
`adversarial_intensity`; in world units. `disturbance_scale` plays no part.

Stands for: a rise in value added tax, a new minimum wage, an index that is rebased: forecasters
know the size, but not the date.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from fg_core.config import SimulationConfig

from .firing import check_number, when_fired

__all__ = ["ShiftDisturbance"]


@dataclass(frozen=True)
class ShiftDisturbance:
    """A one-sided step; see the module for the formula.

    Args:
        size: c, in world units at intensity 1; at least 0.

    Raises:
        ConfigError: A size below 0.

    >>> config = SimulationConfig(disturbance_prob=0.5, adversarial_intensity=2.0)
    >>> ShiftDisturbance().sample(None, [0.5], [], config)
    0.7
    """

    _: KW_ONLY
    size: float = 0.35
    name: str = "shift"
    n_uniforms: int = 1
    n_normals: int = 0

    def __post_init__(self) -> None:
        check_number("size", self.size, 0.0)

    def sample(self, state: Any, uniforms: Any, normals: Any, config: SimulationConfig) -> Any:  # noqa: ARG002 - neither state nor normals
        """Return the disturbance of each game, in world units."""
        return when_fired(uniforms[0], self.size * config.adversarial_intensity, config)
