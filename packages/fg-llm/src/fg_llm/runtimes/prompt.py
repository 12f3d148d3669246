"""The runtime of a written strategy: the evaluator in Python, for one game or for many."""

from __future__ import annotations

import math
import platform
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fg_core.authoring import latest
from fg_core.batch import StateArrays
from fg_core.errors import ConfigError
from fg_core.runtime_status import RuntimeStatus
from fg_core.state import ForecastState
from fg_llm.strategy.canonical import strategy_hash
from fg_llm.strategy.evaluation import ARRAYS, evaluate, evaluate_arrays
from fg_llm.strategy.features import FEATURES, PERIODS_READ, series_features
from fg_llm.strategy.operations import PYTHON_NUMBERS
from fg_llm.strategy.program import Program, check_program

__all__ = ["DAMPED_TREND", "PromptStrategyRuntime"]

DAMPED_TREND = check_program(
    {
        "language": 1,
        "prog": [
            {"op": "feat", "name": "change_12"},
            {"op": "num", "milli": 750},
            {"op": "mul", "a": 0, "b": 1},
        ],
    },
    FEATURES,
)
"""Three quarters of the mean of the last twelve changes: 12 changes seen, 4 of 0 before them."""


@dataclass(frozen=True)
class PromptStrategyRuntime:
    r"""Expects what a program of the strategy language computes from features of the series.

    With the program's result $p$ and the size $s$ of a usual change (both from the last
    `PERIODS_READ` values), and $l$ = `limit`,

    $$\delta = s \, \max(-l, \min(l, p)).$$

    Args:
        program: Checked program over `FEATURES`.
        limit: Largest expected change, in usual changes; finite, above 0.
        name: Name of the runtime.

    Raises:
        ConfigError: `limit` is out of its range.
        StrategyError: The program reads a feature that is not in `FEATURES`.

    >>> runtime = PromptStrategyRuntime()
    >>> runtime.forecast_delta(ForecastState(0, 7.0, 0.0, 0.0, history=(3.0, 5.0)))
    1.5
    """

    program: Program = field(default=DAMPED_TREND)
    limit: float = 3.0
    name: str = "prompt"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit) and self.limit > 0.0):
            raise ConfigError(f"runtime {self.name!r}: limit must be finite and above 0")
        check_program(self.program.to_wire(), FEATURES)

    def forecast_delta(self, state: ForecastState) -> float:
        """Return the change expected in one step, in the unit of the series.

        Raises:
            AgentError: A value that is not finite.
        """
        n = min(len(state.history) + 1, PERIODS_READ)
        features, size = series_features(PYTHON_NUMBERS, latest(self.name, state, n))
        return max(-self.limit, min(self.limit, evaluate(self.program, features))) * float(size)

    def forecast_delta_array(self, state: StateArrays) -> NDArray[np.float64]:
        """Return what `forecast_delta` returns, for many games."""
        with np.errstate(over="ignore", invalid="ignore"):  # the language holds what overflows
            features, size = series_features(ARRAYS, state.path)
            found = evaluate_arrays(self.program, features)
            delta: NDArray[np.float64] = np.clip(found, -self.limit, self.limit) * size
        return delta

    def status(self) -> RuntimeStatus:
        """Return who computes the answers: the evaluator in Python, and the strategy's name."""
        return RuntimeStatus(
            "python",
            platform.python_version(),
            model=f"strategy {strategy_hash(self.program)[:12]}",
        )
