"""Conformance of strategy runtimes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fg_core.protocols import RuntimeStatus, StrategyAnswer, StrategyRuntime
from fg_core.state import ForecastState
from fg_core.testing._play import Promises, bind, fingerprint
from fg_core.testing.examples import example_states

__all__ = ["check_strategy_runtime"]


def check_strategy_runtime(
    runtime: StrategyRuntime, *, states: Sequence[ForecastState] | None = None
) -> None:
    """Check a runtime: a pure and finite change for every state, and who computed it.

    Where it has `status`, `answer` or `close`: the status names a backend, an answer is the change
    that `forecast_delta` returns, and `close` may be called twice (it is called at the end).

    Args:
        runtime: Runtime that is checked.
        states: States that it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import ConstantRuntime
    >>> check_strategy_runtime(ConstantRuntime(0.4))
    """
    promises = Promises("StrategyRuntime", runtime)
    promises.members("forecast_delta")
    promises.named()
    states = example_states() if states is None else tuple(states)
    promises.replay("forecast_delta", [bind(runtime.forecast_delta, state) for state in states])
    for state in states:
        promises.number(
            "forecast_delta", promises.pure("forecast_delta", runtime.forecast_delta, state)
        )
    optional: Any = runtime
    if hasattr(runtime, "status"):
        found = promises.call("status", optional.status)
        promises.require(
            isinstance(found, RuntimeStatus), "status is a RuntimeStatus", f"got {found!r}"
        )
    for state in states if hasattr(runtime, "answer") else ():
        answer = promises.pure("answer", optional.answer, state)
        promises.require(
            isinstance(answer, StrategyAnswer) and isinstance(answer.given_by, RuntimeStatus),
            "answer is a StrategyAnswer that says who gave it",
            f"got {answer!r}",
        )
        promises.require(
            fingerprint(answer.delta) == fingerprint(runtime.forecast_delta(state)),
            "answer is the change that forecast_delta returns",
            f"at t = {state.t} it is {answer.delta!r}",
        )
    if hasattr(runtime, "close"):
        promises.call("close", optional.close)
        promises.call("a second close", optional.close)
