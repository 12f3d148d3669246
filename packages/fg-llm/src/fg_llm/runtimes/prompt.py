"""The runtime of a written strategy: the evaluator in Python, for one game or for many."""

from __future__ import annotations

import math
import platform
from dataclasses import dataclass, field, replace
from typing import Any

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

__all__ = ["DAMPED_TREND", "PromptStrategyRuntime", "strategy_name"]

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
        features, size = self.features(state)
        return float(self.in_unit(evaluate(self.program, features), size))

    def forecast_delta_array(self, state: StateArrays) -> NDArray[np.float64]:
        """Return what `forecast_delta` returns, for many games."""
        features, size = self.features_array(state)
        delta: NDArray[np.float64] = self.in_unit(evaluate_arrays(self.program, features), size)
        return delta

    def features(self, state: ForecastState) -> tuple[dict[str, float], float]:
        """Return features by name, and the size of a usual change in the unit of the series.

        Raises:
            AgentError: A value that is not finite.
        """
        n = min(len(state.history) + 1, PERIODS_READ)
        return series_features(PYTHON_NUMBERS, latest(self.name, state, n))

    def features_array(self, state: StateArrays) -> tuple[dict[str, NDArray[np.float64]], Any]:
        """Return what `features` returns, for many games."""
        with np.errstate(over="ignore", invalid="ignore"):  # the language holds what overflows
            return series_features(ARRAYS, np.broadcast_arrays(*state.path))

    def in_unit(self, result: Any, size: Any) -> Any:
        """Return the change that results of the program stand for.

        Args:
            result: Result of the program, or results as an array.
            size: Size of a usual change, in the unit of the series, of the same shape.
        """
        return np.clip(result, -self.limit, self.limit) * size

    def status(self) -> RuntimeStatus:
        """Return who computes the answers: the evaluator in Python, and the strategy's name."""
        return RuntimeStatus(
            "python",
            platform.python_version(),
            model=strategy_name(self.program),
        )

    def standing_in(self, backend: str, reason: str) -> RuntimeStatus:
        """Return the status of this runtime where it answers instead of another backend.

        Args:
            backend: Name of the backend that was asked for.
            reason: Why it does not answer.
        """
        return replace(self.status(), fallback_for=backend, fallback_reason=reason)


def strategy_name(program: Program) -> str:
    """Return the short name of a strategy: the first twelve digits of its hash."""
    return f"strategy {strategy_hash(program)[:12]}"
