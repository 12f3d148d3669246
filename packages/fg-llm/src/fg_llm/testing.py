"""Revealed forecasts whose errors are known, and models that answer by a rule, for tests.

The validation scenarios of this package play with them, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fg_core.forecast import ProbabilisticForecast
from fg_core.revealed import RevealedForecast
from fg_core.rng import Stream
from fg_core.state import ForecastState

from .client import ChatRequest, ScriptedModel

__all__ = ["biased_outcomes", "constant", "outcomes_with", "proposing", "share"]

_LOOKBACK = 25


def outcomes_with(errors: Sequence[float], seed: int = 0) -> tuple[RevealedForecast, ...]:
    """Return revealed one-step forecasts of a random walk with these errors.

    Args:
        errors: Target minus mean, in standard deviations of the forecast.
        seed: Seed of the walk, which the errors have nothing to do with.

    >>> [one.target - one.forecast.mean for one in outcomes_with([0.5, -1.0])]
    [1.0, -2.0]
    """
    draws = Stream(seed, "walk")
    path = [0.0]
    for t in range(len(errors)):
        path.append(path[-1] + round(draws.normal(t), 3))
    found = []
    for t, error in enumerate(errors):
        state = ForecastState(t, path[t], 0.0, 0.0, history=tuple(path[max(0, t - _LOOKBACK) : t]))
        found.append(
            RevealedForecast(state, 1, (), ProbabilisticForecast(0.0, 4.0), 2.0 * float(error))
        )
    return tuple(found)


def biased_outcomes(bias: float, n: int, seed: int = 0) -> tuple[RevealedForecast, ...]:
    """Return revealed forecasts whose errors are normal with this mean and a spread of 1.

    Args:
        bias: Mean error, in standard deviations of the forecasts.
        n: Number of forecasts.
        seed: Seed of errors and series.
    """
    draws = Stream(seed, "errors")
    return outcomes_with([bias + draws.normal(t) for t in range(n)], seed)


def proposing(rule: Callable[[dict[str, Any]], object]) -> ScriptedModel:
    """Return a model whose programs follow by a rule from what it is told.

    Args:
        rule: List of nodes (or anything else) from the decoded question.
    """

    def answer(request: ChatRequest) -> str:
        told = json.loads(request.user)
        return json.dumps({"nonce": told["nonce"], "prog": rule(told)})

    return ScriptedModel(answer)


def constant(milli: int) -> list[dict[str, Any]]:
    """Return the nodes of a program that always adds the same, in thousandths."""
    return [{"op": "num", "milli": milli}]


def share(feature: str, milli: int) -> list[dict[str, Any]]:
    """Return the nodes of a program that adds a share of a feature, in thousandths."""
    return [
        {"op": "feat", "name": feature},
        {"op": "num", "milli": milli},
        {"op": "mul", "a": 0, "b": 1},
    ]
