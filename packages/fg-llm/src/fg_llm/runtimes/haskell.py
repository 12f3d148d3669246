"""The runtime whose answers Haskell computes, with Python as a visible substitute."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.batch import StateArrays
from fg_core.runtime_status import RuntimeStatus, StrategyAnswer
from fg_core.state import ForecastState
from fg_llm.haskell import BridgeError, HaskellSession
from fg_llm.strategy.evaluation import evaluate_arrays
from fg_llm.strategy.program import Program

from .prompt import DAMPED_TREND, PromptStrategyRuntime, strategy_name

__all__ = ["HaskellRLMRuntime"]


@dataclass(frozen=True)
class HaskellRLMRuntime:
    """Plays a program of the strategy language that `haskell-rlm` evaluates.

    Both implementations give the same bits, so where the Haskell program is missing or fails, the
    evaluator in Python answers: a warning says so once, and `status` and every `answer` name it
    and the reason.

    Args:
        program: Checked program over `FEATURES`.
        limit: Largest expected change, in usual changes; finite, above 0.
        name: Name of the runtime.
        session: Conversation with the program; copies of the runtime share it.

    Raises:
        ConfigError: `limit` is out of its range.
        StrategyError: The program reads a feature that is not in `FEATURES`.
    """

    program: Program = field(default=DAMPED_TREND)
    limit: float = 3.0
    name: str = "haskell"
    session: HaskellSession = field(default_factory=HaskellSession, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_in_python", PromptStrategyRuntime(self.program, self.limit, self.name)
        )

    def forecast_delta(self, state: ForecastState) -> float:
        """Return the change expected in one step, in the unit of the series.

        Raises:
            AgentError: A value that is not finite.
        """
        return self.answer(state).delta

    def answer(self, state: ForecastState) -> StrategyAnswer:
        """Return the change expected in one step, and what computed it."""
        features, size = self._python.features(state)
        columns = {name: np.array([number]) for name, number in features.items()}
        found, status = self._evaluated(columns)
        return StrategyAnswer(float(self._python.in_unit(float(found[0]), size)), status)

    def forecast_delta_array(self, state: StateArrays) -> NDArray[np.float64]:
        """Return what `forecast_delta` returns, for many games."""
        features, size = self._python.features_array(state)
        return np.asarray(self._python.in_unit(self._evaluated(features)[0], size))

    def status(self) -> RuntimeStatus:
        """Return who would compute the next answer; this may start the program."""
        try:
            return self._haskell(self.session.version())
        except BridgeError as error:
            return self._fallback(error)

    def close(self) -> None:
        """End the Haskell process. May be called twice."""
        self.session.close()

    @property
    def _python(self) -> PromptStrategyRuntime:
        found: PromptStrategyRuntime = self.__dict__["_in_python"]
        return found

    def _evaluated(self, features: Any) -> tuple[NDArray[np.float64], RuntimeStatus]:
        try:
            found = self.session.evaluate(self.program, features)
            return found, self._haskell(self.session.known_version)
        except BridgeError as error:
            status = self._fallback(error)
            warnings.warn(f"runtime {self.name!r}: {status}", RuntimeWarning, stacklevel=4)
            return evaluate_arrays(self.program, features), status

    def _haskell(self, version: str) -> RuntimeStatus:
        return RuntimeStatus("haskell", version, model=strategy_name(self.program))

    def _fallback(self, error: BridgeError) -> RuntimeStatus:
        return self._python.standing_in("haskell", str(error))
