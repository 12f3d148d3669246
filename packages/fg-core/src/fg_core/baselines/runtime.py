"""The strategy runtime that is always there: a damped local drift in plain Python."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import latest
from fg_core.batch import StateArrays
from fg_core.errors import ConfigError
from fg_core.runtime_status import RuntimeStatus
from fg_core.state import ForecastState

__all__ = ["PythonStrategyRuntime"]


@dataclass(frozen=True)
class PythonStrategyRuntime:
    r"""Expects the mean change of the visible past, shrunk towards no change.

    With the $n$ one-step changes of `state.history` and `state.value`, and $k$ = `damping`,

    $$\delta = \frac{y_t - y_{t-n}}{n + k},$$

    the mean change as if $k$ more changes of 0 had been seen: the posterior mean of a drift with
    a normal prior around 0 whose variance is $1 / k$ of the variance of a change. Nothing is
    fitted, and without history the change is 0.

    Args:
        name: Name of the runtime.
        damping: Number of changes of 0 that the prior counts for, above 0.

    Raises:
        ConfigError: `damping` is not a number above 0.

    Reference: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5 (a normal mean
    under a conjugate prior).

    >>> runtime = PythonStrategyRuntime(damping=4.0)
    >>> runtime.forecast_delta(ForecastState(0, 7.0, 0.0, 0.0, history=(1.0, 2.0)))
    1.0
    >>> runtime.forecast_delta(ForecastState(0, 7.0, 0.0, 0.0))
    0.0
    """

    name: str = "python"
    damping: float = 4.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.damping) and self.damping > 0.0):
            raise ConfigError(f"runtime {self.name!r}: damping {self.damping} given, > 0 wanted")

    def forecast_delta(self, state: ForecastState) -> float:
        """Return the change expected in one step, in the unit of the series.

        Raises:
            AgentError: A value that is not finite.
        """
        change: float = self._mean_change(latest(self.name, state, len(state.history) + 1))
        return change

    def forecast_delta_array(self, state: StateArrays) -> NDArray[np.float64]:
        """Return what `forecast_delta` returns, for many games."""
        return np.asarray(self._mean_change(state.path), dtype=np.float64)

    def status(self) -> RuntimeStatus:
        """Return who computes the answers: Python, with the rule of this class."""
        return RuntimeStatus(
            "python", platform.python_version(), model=f"damped drift, damping {self.damping:g}"
        )

    def _mean_change(self, path: Sequence[Any]) -> Any:
        return (path[-1] - path[0]) / (len(path) - 1 + self.damping)
