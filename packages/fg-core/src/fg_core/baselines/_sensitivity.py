"""How far a forecast moves with the last value, for forecasters that do not say it themselves."""

from __future__ import annotations

from dataclasses import replace

from fg_core.protocols import Forecaster
from fg_core.state import ForecastState

__all__ = ["finite_difference", "level_sensitivity"]

RELATIVE_STEP = 2.0**-17
"""About the cube root of float spacing: rounding and curvature err about equally there."""


def finite_difference(forecaster: Forecaster, state: ForecastState, horizon: int = 1) -> float:
    r"""Return the central difference of the forecast level with respect to `state.value`.

    $$g_h = 1 + \frac{\delta_h(y + e) - \delta_h(y - e)}{2 e}$$

    with $\delta_h$ the delta of `act` and $e$ a power-of-two share of the largest number that the
    state shows, so that the result does not depend on the unit of the series.
    """
    step = RELATIVE_STEP * (max(abs(number) for number in state.path) or 1.0)
    above, below = state.value + step, state.value - step
    up = forecaster.act(replace(state, value=above), horizon)
    down = forecaster.act(replace(state, value=below), horizon)
    return 1.0 + (up.delta - down.delta) / (above - below)


def level_sensitivity(forecaster: Forecaster, state: ForecastState, horizon: int = 1) -> float:
    """Return the forecaster's own `sensitivity`, or the finite difference where it has none."""
    own = getattr(forecaster, "sensitivity", None)
    if own is None:
        return finite_difference(forecaster, state, horizon)
    return float(own(state, horizon))
