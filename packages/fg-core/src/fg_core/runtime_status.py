"""Status of a strategy runtime: the backend that answers, its version, and what it stands in for.

A runtime may have a substitute for a backend that is missing or fails. That never happens in
silence: every answer carries the status of the backend that computed it.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from .errors import ConfigError

__all__ = ["RuntimeStatus", "StrategyAnswer", "answer_of", "status_of"]


@dataclass(frozen=True)
class RuntimeStatus:
    """Backend that computes the answers of a runtime.

    Args:
        backend: Name of what computes them: `python`, `haskell`, `ollama`.
        version: Version of the backend; empty where it is not known.
        model: Name of the model or strategy that the backend runs; empty where it has only one.
        fallback_for: Name of the backend that was asked for, where this one stands in for it.
        fallback_reason: Why it stands in.

    Raises:
        ConfigError: No backend, or only one of the two fields on the fallback.

    >>> RuntimeStatus("python", "0.2.0").is_fallback
    False
    >>> str(RuntimeStatus("python", fallback_for="haskell", fallback_reason="cabal is missing"))
    'python instead of haskell: cabal is missing'
    """

    backend: str
    version: str = ""
    _: KW_ONLY
    model: str = ""
    fallback_for: str = ""
    fallback_reason: str = ""

    def __post_init__(self) -> None:
        if not self.backend:
            raise ConfigError("the status of a runtime names its backend")
        if bool(self.fallback_for) != bool(self.fallback_reason):
            raise ConfigError(
                "a fallback names the backend that was asked for and the reason, got "
                f"fallback_for = {self.fallback_for!r} and reason {self.fallback_reason!r}"
            )

    @property
    def is_fallback(self) -> bool:
        """Whether this backend stands in for the one that was asked for."""
        return bool(self.fallback_for)

    def __str__(self) -> str:
        words = [self.backend, self.version, f"({self.model})" if self.model else ""]
        who = " ".join(word for word in words if word)
        if not self.is_fallback:
            return who
        return f"{who} instead of {self.fallback_for}: {self.fallback_reason}"


@dataclass(frozen=True)
class StrategyAnswer:
    """Change that a strategy expects, and the backend that computed it.

    Args:
        delta: Change expected in one step, in the unit of the series.
        given_by: Who computed it.
    """

    delta: float
    given_by: RuntimeStatus


def status_of(runtime: Any) -> RuntimeStatus:
    """Return the status of a runtime; one without `status` is its own backend.

    Args:
        runtime: Strategy runtime.

    Returns:
        Backend of the runtime, and whether it stands in for another.

    >>> from fg_core.baselines import PythonStrategyRuntime
    >>> status_of(PythonStrategyRuntime()).backend
    'python'
    """
    if hasattr(runtime, "status"):
        found: RuntimeStatus = runtime.status()
        return found
    return RuntimeStatus(str(runtime.name))


def answer_of(runtime: Any, state: Any) -> StrategyAnswer:
    """Return the answer of a runtime for a state; see `fg_core.protocols.StrategyRuntime`.

    A runtime without `answer` has one backend, so its status holds for every answer.

    Args:
        runtime: Strategy runtime.
        state: State to act on.

    Returns:
        Expected change, in the unit of the series, with the status that it was computed under.

    Raises:
        ForecastGameError: As `forecast_delta` of the runtime.

    >>> from fg_core.baselines import PythonStrategyRuntime
    >>> from fg_core.state import ForecastState
    >>> answer_of(PythonStrategyRuntime(), ForecastState(0, 7.0, 0.0, 0.0, history=(2.0,))).delta
    1.0
    """
    if hasattr(runtime, "answer"):
        found: StrategyAnswer = runtime.answer(state)
        return found
    return StrategyAnswer(runtime.forecast_delta(state), status_of(runtime))
