"""What every baseline checks at its edge, in one wording."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import StateArrays
from fg_core.errors import AgentError, ConfigError, DataError, ForecastUnavailable
from fg_core.numerical import OUT_OF_RANGE, numerical_failures
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = [
    "fitting",
    "forecast_action",
    "latest",
    "require_finite_fit",
    "require_fit",
    "require_horizon",
    "require_rows",
    "tail",
]

T = TypeVar("T")
Array = NDArray[np.float64]


def fitting(name: str) -> numerical_failures:
    """Return the context of a fit, whose numerical failures are a missing forecast."""
    return numerical_failures(f"forecaster {name!r} cannot be fitted")


def require_finite_fit(name: str, *numbers: float) -> None:
    """Raise `ForecastUnavailable` where an estimate is not finite."""
    if not all(map(math.isfinite, numbers)):
        raise ForecastUnavailable(f"forecaster {name!r} cannot be fitted: {OUT_OF_RANGE}")


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


def require_rows(name: str, window: TrainingWindow, rows: int) -> None:
    """Raise `DataError` where the window has fewer than `rows` rows."""
    if len(window) < rows:
        raise DataError(
            f"forecaster {name!r} needs at least {rows} training rows, got {len(window)}: "
            "begin later or train on a longer window"
        )


def latest(name: str, state: ForecastState, count: int) -> tuple[float, ...]:
    """Return the last `count` numbers of the path, `state.value` last.

    Raises:
        AgentError: The history is too short, or one of these numbers is not finite.
    """
    numbers = _tail(name, state, count)
    for number in numbers:
        if not math.isfinite(number):
            raise AgentError(
                f"forecaster {name!r} cannot use {number} at or before period {state.t}: "
                "state.value and state.history must be finite"
            )
    return numbers


def tail(name: str, state: StateArrays, count: int) -> tuple[Array, ...]:
    """Return the last `count` arrays of the paths, `state.value` last.

    That they are finite has been checked by the game, once for all agents.

    Raises:
        AgentError: The history is too short.
    """
    return _tail(name, state, count)


def _tail(name: str, state: Any, count: int) -> tuple[Any, ...]:
    earlier = count - 1
    if len(state.history) < earlier:
        raise AgentError(
            f"forecaster {name!r} needs {earlier} earlier values in state.history, got "
            f"{len(state.history)}: set lookback to {earlier} or more"
        )
    return (*state.history[len(state.history) - earlier :], state.value)


def forecast_action(name: str, delta: float, scale: float) -> AgentAction:
    """Return `AgentAction(name, delta, scale=scale)`; plain finite floats need no second look.

    A game makes some twenty actions a round.
    """
    plain = type(delta) is float and type(scale) is float
    if not (plain and math.isfinite(delta) and math.isfinite(scale) and scale >= 0.0):
        return AgentAction(name, delta, scale=scale)
    action = object.__new__(AgentAction)
    action.__dict__.update(actor=name, delta=delta, scale=scale, p_bad=None)
    return action
