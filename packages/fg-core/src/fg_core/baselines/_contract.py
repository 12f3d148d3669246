"""What every baseline checks at its edge, in one wording."""

from __future__ import annotations

import math
from typing import TypeVar

from fg_core.errors import AgentError, ConfigError, DataError
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

__all__ = ["latest", "require_fit", "require_horizon", "require_rows"]

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
