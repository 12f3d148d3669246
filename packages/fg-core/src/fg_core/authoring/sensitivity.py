"""Sensitivity of a forecast to the last value: as a forecaster states it, or by a difference."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.errors import ForecastUnavailable
from fg_core.protocols import Forecaster
from fg_core.state import ForecastState

from .checks import require_horizon

__all__ = [
    "MovesWithLevel",
    "finite_difference",
    "finite_difference_array",
    "level_sensitivity",
    "level_sensitivity_array",
]

UNKNOWN = 1.0
"""A forecast that moves with the value is the cautious guess."""
RELATIVE_STEP = 2.0**-17
"""About the cube root of float spacing: rounding and curvature err about equally there."""


def finite_difference(forecaster: Forecaster, state: ForecastState, horizon: int = 1) -> float:
    r"""Return the central difference of the forecast level with respect to `state.value`.

    $$g_h = 1 + \frac{\delta_h(y + e) - \delta_h(y - e)}{2 e}$$

    with $\delta_h$ the delta of `act` and $e$ a power-of-two share of the largest number that the
    state shows, so that the result does not depend on the unit of the series.

    Args:
        forecaster: Fitted forecaster.
        state: State that it acts on.
        horizon: Number of steps ahead.

    Returns:
        The slope, a number without a unit; 1 where there is no forecast on one of the sides.

    >>> from fg_core import RandomWalk, TrainingWindow
    >>> walk = RandomWalk().fit(TrainingWindow([1.0, 2.0, 4.0]))
    >>> finite_difference(walk, ForecastState(0, 4.0, 0.0, 0.0))
    1.0
    """
    step = RELATIVE_STEP * (max(abs(number) for number in state.path) or 1.0)
    above, below = state.value + step, state.value - step
    try:
        up = forecaster.act(replace(state, value=above), horizon)
        down = forecaster.act(replace(state, value=below), horizon)
    except ForecastUnavailable:
        return UNKNOWN
    return 1.0 + (up.delta - down.delta) / (above - below)


def level_sensitivity(forecaster: Forecaster, state: ForecastState, horizon: int = 1) -> float:
    """Return the forecaster's own `sensitivity`, or the finite difference where it has none.

    Args:
        forecaster: Fitted forecaster.
        state: State that it acts on.
        horizon: Number of steps ahead.

    Returns:
        The derivative of the forecast level with respect to `state.value`, without a unit.

    >>> from fg_core import AutoRegression, TrainingWindow
    >>> ar = AutoRegression(order=1).fit(TrainingWindow([1.0, 3.0, 2.0, 2.0, 1.0, 3.0]))
    >>> state = ForecastState(0, 3.0, 0.0, 0.0)
    >>> level_sensitivity(ar, state) == ar.sensitivity(state)
    True
    """
    own = getattr(forecaster, "sensitivity", None)
    if own is None:
        return finite_difference(forecaster, state, horizon)
    return float(own(state, horizon))


def finite_difference_array(
    forecaster: Any, state: StateArrays, horizon: int = 1
) -> NDArray[np.float64]:
    """Return the finite differences of many games, as `finite_difference` does of one.

    Args:
        forecaster: Fitted forecaster with `act_array`.
        state: States that it acts on.
        horizon: Number of steps ahead.

    Returns:
        Shape (game,).
    """
    largest = reduce(np.maximum, [np.abs(numbers) for numbers in state.path])
    step = RELATIVE_STEP * np.where(largest == 0.0, 1.0, largest)
    above, below = state.value + step, state.value - step
    up = forecaster.act_array(replace(state, value=above), horizon)
    down = forecaster.act_array(replace(state, value=below), horizon)
    slope = np.asarray(1.0 + (up.delta - down.delta) / (above - below), dtype=np.float64)
    return np.where(np.isnan(slope), UNKNOWN, slope)


def level_sensitivity_array(
    forecaster: Any, state: StateArrays, horizon: int = 1
) -> NDArray[np.float64] | float:
    """Return what `level_sensitivity` returns, for many games.

    Args:
        forecaster: Fitted forecaster with `act_array`.
        state: States that it acts on.
        horizon: Number of steps ahead.

    Returns:
        Shape (game,), or one number for all games.
    """
    own = getattr(forecaster, "sensitivity_array", None)
    if own is None:
        return finite_difference_array(forecaster, state, horizon)
    found: NDArray[np.float64] | float = own(state, horizon)
    return found


class MovesWithLevel:
    """Sensitivity of 1 to the last value and of 0 to all others, at every horizon.

    A base of forecasters whose delta depends on no value of the state, such as a random walk.

    >>> from fg_core.baselines import Drift
    >>> Drift().sensitivities(ForecastState(0, 4.0, 0.0, 0.0), horizon=1, n=3)
    (1.0, 0.0, 0.0)
    """

    name: str

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:  # noqa: ARG002
        """Return 1: the forecast level moves with the last value."""
        require_horizon(self.name, horizon)
        return 1.0

    def sensitivity_array(self, state: StateArrays, horizon: int = 1) -> float:  # noqa: ARG002
        """Return 1 for all games."""
        return 1.0

    def sensitivities(
        self,
        state: ForecastState,  # noqa: ARG002
        horizon: int = 1,
        n: int = 1,
    ) -> tuple[float, ...]:
        """Return 1 for the last value, and 0 for the n - 1 before it."""
        require_horizon(self.name, horizon)
        return (1.0, *(0.0,) * (n - 1))

    def sensitivities_array(
        self, state: StateArrays, horizon: int = 1, n: int = 1
    ) -> NDArray[np.float64]:
        """Return what `sensitivities` returns, the same for all games."""
        return np.array(self.sensitivities(state, horizon, n))  # type: ignore[arg-type]
