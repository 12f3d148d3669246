"""Sensitivities of forecasters whose forecast level moves with the last value alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.state import ForecastState

from ._contract import require_horizon

__all__ = ["MovesWithLevel"]


class MovesWithLevel:
    """Sensitivity of 1 to the last value and of 0 to all others, at every horizon."""

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
