"""Stated sensitivities of a forecaster to the last values, against finite differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fg_core.state import ForecastState
from fg_core.testing._play import Promises

__all__ = ["judge_sensitivities", "judge_sensitivity"]


def judge_sensitivity(promises: Promises, agent: Any, state: ForecastState, horizon: int) -> None:
    """Compare the derivative with respect to the last value with a finite difference."""
    given = promises.number(
        "sensitivity", promises.pure("sensitivity", agent.sensitivity, state, horizon)
    )
    step = 1e-4 * max(1.0, abs(state.value))

    def level(value: float) -> float:
        return value + float(agent.act(replace(state, value=value), horizon).delta)

    slope = (level(state.value + step) - level(state.value - step)) / (2.0 * step)
    promises.require(
        abs(given - slope) <= 1e-3 * (1.0 + abs(slope)),
        "sensitivity is the derivative of the forecast level with respect to state.value",
        f"at t = {state.t}, horizon {horizon} it says {given}, a finite difference {slope}",
    )


def judge_sensitivities(promises: Promises, agent: Any, state: ForecastState, horizon: int) -> None:
    """Compare the derivatives with respect to the last values with finite differences."""
    n = min(3, len(state.history) + 1)
    given = promises.pure("sensitivities", agent.sensitivities, state, horizon, n)
    promises.require(
        isinstance(given, tuple) and len(given) == n,
        "sensitivities are a tuple with a number for each value",
        f"asked for {n} it returned {given!r}",
    )
    fewer = promises.pure("sensitivities", agent.sensitivities, state, horizon, 1)
    promises.require(
        given[:1] == fewer,
        "the first sensitivities do not depend on how many are asked for",
        f"asked for one it returned {fewer!r}, for {n} of them {given!r}",
    )
    step = 1e-4 * max(1.0, *map(abs, state.path))

    def level(k: int, size: float) -> float:
        path = list(state.path)
        path[-1 - k] += size
        moved = replace(state, value=path[-1], history=tuple(path[:-1]))
        return moved.value + float(agent.act(moved, horizon).delta)

    for k, number in enumerate(given):
        promises.number("sensitivities", number)
        slope = (level(k, step) - level(k, -step)) / (2.0 * step)
        promises.require(
            abs(number - slope) <= 1e-3 * (1.0 + abs(slope)),
            "sensitivities are the derivatives of the forecast level with respect to the last "
            "values, newest first",
            f"at t = {state.t}, horizon {horizon} number {k} is {number}, a finite difference "
            f"{slope}",
        )
