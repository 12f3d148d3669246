"""When a disturbance fires, and how its constants are checked: common to all of them.

A disturbance fires in a round where its first uniform is at most `disturbance_prob`, and never
where that probability is 0, whatever the uniform. Where it does not fire it is exactly 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.errors import ConfigError

__all__ = ["check_number", "sign", "when_fired"]


def when_fired(uniform: Any, size: Any, config: SimulationConfig) -> Any:
    """Return `size` where the disturbance fires and 0 elsewhere, elementwise.

    Args:
        uniform: Numbers in (0, 1), a number or of shape (game,).
        size: Size of the disturbance where it fires, in world units.
        config: `disturbance_prob` is the probability.

    Returns:
        A float for numbers, an array for arrays; never a negative zero.

    >>> when_fired(np.array([0.1, 0.3]), 2.0, SimulationConfig(disturbance_prob=0.2))
    array([2., 0.])
    """
    probability = config.disturbance_prob
    threshold = probability if probability > 0.0 else -1.0
    if isinstance(uniform, float):  # one game: the same rule, several times faster
        return float(size) + 0.0 if uniform <= threshold else 0.0
    found = np.where(np.asarray(uniform) <= threshold, size, 0.0) + 0.0
    return float(found) if found.ndim == 0 else found


def sign(numbers: Any) -> Any:
    """Return 1 for numbers from 0 on and -1 below: a push always has a direction.

    Args:
        numbers: Number, or array of any shape.

    Returns:
        Signs, of the same shape.

    >>> sign(np.array([-2.0, 0.0, -0.0, 3.0]))
    array([-1.,  1.,  1.,  1.])
    """
    return np.copysign(1.0, np.asarray(numbers, dtype=np.float64) + 0.0)


def check_number(name: str, number: float, low: float, *, above: bool = False) -> None:
    """Raise `ConfigError` unless `number` is finite and at least (or above) `low`.

    >>> check_number("size", 0.35, 0.0)
    """
    holds = isinstance(number, int | float) and not isinstance(number, bool)
    if not (holds and math.isfinite(number) and (number > low if above else number >= low)):
        rule = f"{'>' if above else '>='} {low:g}"
        raise ConfigError(f"{name} must be a finite number {rule}, got {number!r}")
