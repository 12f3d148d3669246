"""Conformance of worlds."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from fg_core.protocols import World
from fg_core.state import ForecastState
from fg_core.testing._play import Promises
from fg_core.window import TrainingWindow

__all__ = ["check_world"]


def check_world(world: World, initial: ForecastState, *, rounds: int = 20) -> None:
    """Check a world from one initial state on.

    `training` ends in the period before `initial`; `advance` is pure, moves on by one period,
    stays finite, and puts the value that it left at the end of the history, if it keeps one;
    `rounds` counts down. What a state says is known in advance comes true.

    Args:
        world: World that is checked.
        initial: State that a game may begin in.
        rounds: Largest number of rounds that are played.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import LineWorld
    >>> check_world(LineWorld(0.4), LineWorld(0.4).initial_state())
    """
    promises = Promises("World", world)
    promises.members("withheld", "training", "rounds", "unit", "advance")
    withheld: Any = world.withheld
    promises.require(
        isinstance(withheld, frozenset) and all(isinstance(name, str) for name in withheld),
        "withheld is a frozenset of column names",
        f"got {withheld!r}",
    )
    window = promises.pure("training", world.training, initial)
    promises.require(
        isinstance(window, TrainingWindow), "training returns a TrainingWindow", f"got {window!r}"
    )
    promises.require(
        window.end_t == initial.t - 1,
        "the last row of training is the period before the initial state",
        f"it is period {window.end_t}, the initial state is period {initial.t}",
    )
    promises.number("unit", promises.pure("unit", world.unit, 0.7), low=0.0)
    state = initial
    for i in range(rounds):
        left = promises.pure("rounds", world.rounds, state)
        promises.require(
            left is None or (type(left) is int and left >= 0),
            "rounds is a whole number >= 0, or None",
            f"got {left!r}",
        )
        if left == 0:
            break
        move = {
            "noise": (-1.0) ** i * 0.8,
            "disturbance": 1.5 if i % 5 == 3 else 0.0,
            "persistence": 0.9,
        }
        after = promises.pure("advance", world.advance, state, **move)
        _judge_move(promises, state, after)
        _judge_known_ahead(promises, state, after)
        if left is not None:
            promises.require(
                world.rounds(after) == left - 1,
                "rounds counts down by one a round",
                f"{left} before and {world.rounds(after)!r} after",
            )
        state = after


def _judge_known_ahead(promises: Promises, state: ForecastState, after: ForecastState) -> None:
    if not state.known_ahead:
        return
    for name, number in state.known_ahead[0].items():
        promises.require(
            after.macro_context.get(name) == number,
            "what is known in advance comes true",
            f"{name!r} of period {after.t} was known as {number} in period {state.t}, and is "
            f"{after.macro_context.get(name)}",
        )
    for i, (early, late) in enumerate(zip_longest(state.known_ahead[1:], after.known_ahead)):
        early, late = early or {}, late or {}
        promises.require(
            all(late.get(name) == number for name, number in early.items()),
            "what is known in advance stays known",
            f"of period {after.t + 1 + i}, {dict(early)} was known in period {state.t}, and "
            f"{dict(late)} is in period {after.t}",
        )


def _judge_move(promises: Promises, state: ForecastState, after: Any) -> None:
    promises.require(
        isinstance(after, ForecastState), "advance returns a ForecastState", f"got {after!r}"
    )
    promises.require(
        after.t == state.t + 1, "advance moves on by one period", f"from {state.t} to {after.t}"
    )
    for name in ("value", "exogenous", "hidden_shift", "displacement"):
        promises.number(name, getattr(after, name))
    promises.require(
        not after.history or after.history[-1] == state.value,
        "a history ends with the value of the period before",
        f"it ends with {after.history[-1:]}, that value was {state.value}",
    )
    total = sum(after.segment_values.values())
    promises.require(
        not after.segment_values or abs(total - after.value) <= 1e-9 * max(1.0, abs(after.value)),
        "segments add up to the value",
        f"they add up to {total}, the value is {after.value}",
    )
