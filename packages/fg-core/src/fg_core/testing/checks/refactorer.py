"""Conformance of refactorers: of the bias that is added to a forecast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fg_core.action import AgentAction
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import Refactorer, RevealedForecast
from fg_core.state import ForecastState
from fg_core.testing._play import HORIZONS, Promises, bind
from fg_core.testing.examples import example_states

__all__ = ["check_refactorer"]


def check_refactorer(refactorer: Refactorer) -> None:
    """Check a refactorer: its bias goes towards the mean revealed error, never past it.

    The error is target minus the forecast of the pool, which the bias is not part of.

    Args:
        refactorer: Refactorer that is checked, before it has learned anything.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import NoBias
    >>> check_refactorer(NoBias())
    """
    promises = Promises("Refactorer", refactorer)
    promises.members("bias", "update")
    promises.named()
    promises.frozen(refactorer)

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.bias, horizon) for horizon in HORIZONS]

    before = promises.replay("bias", plays(refactorer))
    promises.require(
        promises.call("bias", refactorer.bias) == refactorer.bias(1),
        "bias is for one step ahead unless told",
        f"got {refactorer.bias()}",
    )
    state = example_states()[0]
    for error in (0.5, -0.5):
        agent = refactorer
        for _ in range(300):
            outcome = _outcome(state, 1, error)
            old_answers = promises.replay("bias", plays(agent))
            new = promises.call("update", agent.update, outcome)
            promises.members("bias", "update", of=new)
            promises.unchanged("update", old_answers, plays(agent))
            agent = new
        promises.frozen(agent)
        learned = promises.number("bias", promises.pure("bias", agent.bias, 1))
        start = promises.number("bias", refactorer.bias(1))
        promises.require(
            (learned - start) * math.copysign(1.0, error) >= 0.0,
            "the bias moves towards the mean revealed error (target minus forecast)",
            f"300 errors of {error} moved it from {start} to {learned}",
        )
        promises.require(
            abs(learned) <= max(abs(error), abs(start)) * (1.0 + 1e-9),
            "the bias does not go past the mean revealed error",
            f"after 300 errors of {error} it is {learned}",
        )
    agent = refactorer
    largest = 0.0
    for i in range(5000):
        agent = agent.update(_outcome(state, 1, 0.5 if i % 2 else -0.5))
        largest = max(largest, abs(promises.number("bias", agent.bias(1))))
    promises.require(
        largest <= max(0.5, abs(refactorer.bias(1))),
        "over 5,000 errors that average 0 the bias does not drift",
        f"it reached {largest} under errors of 0.5 either way",
    )
    promises.unchanged("update", before, plays(refactorer))


def _outcome(state: ForecastState, horizon: int, error: float) -> RevealedForecast:
    forecast = ProbabilisticForecast(state.value, 0.25)
    actions = (AgentAction("north", 0.0, scale=0.5),)
    return RevealedForecast(state, horizon, actions, forecast, state.value + error)
