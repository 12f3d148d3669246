"""The check of worlds passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fg_core.state import ForecastState
from fg_core.testing import LineWorld, check_world
from fg_core.testing.mutants import NotFrozen, counted, refused
from fg_core.window import TrainingWindow


def world(**methods: Callable[..., Any]) -> Any:
    return dataclass(frozen=True)(type("Mutant", (LineWorld,), dict(methods)))(0.4, length=15)


def moving(**changes: Callable[[ForecastState, ForecastState], Any]) -> Any:
    def advance(self: Any, state: ForecastState, **move: float) -> ForecastState:
        after = LineWorld.advance(self, state, **move)
        return replace(after, **{k: f(state, after) for k, f in changes.items()})

    return world(advance=advance)


def test_good_worlds_pass() -> None:
    check_world(LineWorld(0.4, 0.1), LineWorld(0.4).initial_state())
    check_world(LineWorld(length=5), LineWorld().initial_state())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (moving(t=lambda s, a: s.t), "moves on by one period"),
        (moving(value=lambda s, a: float("nan")), "value is finite"),
        (moving(exogenous=lambda s, a: float("inf")), "exogenous is finite"),
        (moving(displacement=lambda s, a: None), "displacement is a number"),
        (moving(value=counted(lambda k, s, a: a.value + k)), "advance is pure"),
        (moving(history=lambda s, a: s.history), "a history ends with the value"),
        (moving(segment_values=lambda s, a: {"a": 1.0}), "segments add up"),
        (world(advance=lambda *_, **__: None), "returns a ForecastState"),
        (world(rounds=lambda *_: 5), "rounds counts down"),
        (world(rounds=lambda *_: -1), "rounds is a whole number"),
        (world(rounds=lambda *_: 2.0), "rounds is a whole number"),
        (world(unit=lambda *_: -1.0), "unit lies in"),
        (world(unit=lambda *_: float("nan")), "unit is finite"),
        (world(training=lambda *_: [1.0]), "training returns a TrainingWindow"),
        (
            # Its last row is the initial state itself: a fit would see the first print.
            world(training=lambda _, s: TrainingWindow(np.array([*s.history, s.value]), s.t)),
            "training is the period before the initial state",
        ),
        (replace(LineWorld(), withheld={"gdp"}), "withheld is a frozenset"),
        (NotFrozen(), "it has withheld"),
    ],
)
def test_a_broken_world_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_world(broken, LineWorld(0.4).initial_state()), promise)


def test_a_world_may_not_change_the_state_it_leaves() -> None:
    def advance(self: Any, state: ForecastState, **move: float) -> ForecastState:
        object.__setattr__(state, "value", state.value + 1.0)
        return LineWorld.advance(self, state, **move)

    refused(
        lambda: check_world(world(advance=advance), LineWorld(0.4).initial_state()),
        "advance leaves its arguments as they were",
    )
