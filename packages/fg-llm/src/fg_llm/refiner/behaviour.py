"""What strategies do in fixed probe states: two that do the same are one, however they are written.

Probe states are drawn once from a counter-based generator, over the ranges that features have, with
the state in which all is 0 first. Actions are the increments that would be played.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import frozen_mapping
from fg_core.rng import Stream
from fg_llm.answers import clamp_adjustment
from fg_llm.strategy.evaluation import evaluate
from fg_llm.strategy.program import Program

from .error_features import REFINER_FEATURES

__all__ = ["N_PROBES", "actions", "distance"]

N_PROBES = 48

_RANGES = frozen_mapping(
    {
        "rises_12": (0.0, 1.0),
        "place_12": (0.0, 1.0),
        "volatility_ratio": (0.0, 2.0),
        "miss_8": (0.0, 2.0),
    }
)
_ELSE = (-1.0, 1.0)


@cache
def _probes() -> tuple[dict[str, float], ...]:
    draws = Stream(1, "probe-states")
    names = sorted(REFINER_FEATURES)
    found = [dict.fromkeys(names, 0.0)]
    for i in range(1, N_PROBES):
        row = {}
        for k, name in enumerate(names):
            low, high = _RANGES.get(name, _ELSE)
            row[name] = low + (high - low) * draws.uniform(i, k)
        found.append(row)
    return tuple(found)


def actions(program: Program) -> tuple[float, ...]:
    """Return the increments that a strategy would play in the probe states, `N_PROBES` of them."""
    return tuple(clamp_adjustment(evaluate(program, row)).value for row in _probes())


def distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the mean absolute difference of the actions of two strategies."""
    apart: NDArray[np.float64] = np.abs(np.subtract(one, other))
    return float(apart.mean())
