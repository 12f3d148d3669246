"""What every agent here checks at its edge, in one wording."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentError, ConfigError, ForecastState
from fg_core.protocols import Forecaster

__all__ = [
    "Array",
    "binary_unit",
    "latest",
    "level_sensitivity",
    "require_fit",
    "require_horizon",
]

Array = NDArray[np.float64]
T = TypeVar("T")


def require_fit(name: str, fitted: T | None) -> T:
    """Return `fitted`, or raise `AgentError` where `fit` was never called."""
    if fitted is None:
        raise AgentError(
            f"forecaster {name!r} is not fitted: call fit(window) and use what it returns"
        )
    return fitted


def require_horizon(name: str, horizon: int) -> None:
    """Raise `ConfigError` for a horizon below 1."""
    if horizon < 1:
        raise ConfigError(f"forecaster {name!r} was asked for horizon {horizon}: 1 or more wanted")


def latest(name: str, state: ForecastState, count: int) -> tuple[float, ...]:
    """Return the last `count` numbers of the path, `state.value` last.

    Raises:
        AgentError: The history is too short, or one of these numbers is not finite.
    """
    earlier = count - 1
    if len(state.history) < earlier:
        raise AgentError(
            f"forecaster {name!r} needs {earlier} earlier values in state.history, got "
            f"{len(state.history)}: set lookback to {earlier} or more"
        )
    numbers = (*state.history[len(state.history) - earlier :], state.value)
    for number in numbers:
        if not math.isfinite(number):
            raise AgentError(
                f"forecaster {name!r} cannot use {number} at or before period {state.t}: "
                "state.value and state.history must be finite"
            )
    return numbers


def binary_unit(values: Array) -> float:
    """Return the smallest power of two above every |value|; 1 for zeros or no values.

    Dividing by it is exact: a series and the same series in a unit that is a power of two larger
    or smaller go through the same arithmetic, bit for bit.

    Raises:
        OverflowError: That power is beyond the range of floats.

    >>> binary_unit(np.array([0.75, -5.0]))
    8.0
    """
    largest = float(np.max(np.abs(values), initial=0.0))
    if not math.isfinite(largest):
        raise OverflowError(f"no power of two is above {largest}")
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


def level_sensitivity(forecaster: Forecaster, state: ForecastState, horizon: int) -> float:
    """Return a forecaster's own `sensitivity`, or a central difference where it has none.

    The step is a power-of-two share of the largest number that the state shows, so the result
    does not depend on the unit of the series.
    """
    own = getattr(forecaster, "sensitivity", None)
    if own is not None:
        return float(own(state, horizon))
    step = 2.0**-17 * (max(abs(number) for number in state.path) or 1.0)
    above, below = state.value + step, state.value - step
    up = forecaster.act(replace(state, value=above), horizon)
    down = forecaster.act(replace(state, value=below), horizon)
    return 1.0 + (up.delta - down.delta) / (above - below)
