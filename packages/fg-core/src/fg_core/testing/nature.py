"""Conformance of nature and its rules: disturbance, defense, world.

Disturbances and defenses are written once, over arrays of games: a game alone and the same game in
a batch must give the same bits.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.config import SimulationConfig
from fg_core.protocols import Defense, Disturbance, Suspicion, World
from fg_core.rng import uniform_block
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._play import Promises, fingerprint

__all__ = ["check_defense", "check_disturbance", "check_world"]

_GAMES = 48
_SEED = 20_240_301

Array = NDArray[np.float64]


def _uniforms(stream: str, n: int) -> Array:
    """Return uniforms of shape (n, game)."""
    rows = [uniform_block(_SEED, stream, "", 0, 1, 0, i)[0, :_GAMES] for i in range(n)]
    return np.array(rows).reshape(n, _GAMES)


def _spread(stream: str, low: float, high: float) -> Array:
    return np.asarray(low + (high - low) * _uniforms(stream, 1)[0])


def check_disturbance(disturbance: Disturbance) -> None:
    """Check a disturbance: pure, finite, elementwise, and nothing happens at probability 0.

    A state of a batch is a `ForecastState` whose `value`, `exogenous`, `hidden_shift` and
    `displacement` have shape (game,); `t` is one number, for games of a batch go in step.

    Args:
        disturbance: What is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import StepDisturbance
    >>> check_disturbance(StepDisturbance(0.5))
    """
    promises = Promises("Disturbance", disturbance)
    promises.members("n_uniforms", "n_normals", "sample")
    promises.named()
    for name in ("n_uniforms", "n_normals"):
        count = getattr(disturbance, name)
        promises.require(
            type(count) is int and count >= 0, f"{name} is a whole number >= 0", f"got {count!r}"
        )
    uniforms = _uniforms("uniforms", disturbance.n_uniforms)
    normals = 4.0 * _uniforms("normals", disturbance.n_normals) - 2.0
    columns: dict[str, Any] = {
        "value": _spread("value", -5.0, 5.0),
        "exogenous": _spread("exogenous", -1.0, 1.0),
        "hidden_shift": _spread("hidden_shift", -1.0, 1.0),
        "displacement": _spread("displacement", -1.0, 1.0),
    }
    often = SimulationConfig(disturbance_prob=0.6, disturbance_scale=1.7)
    configs = (
        often,
        replace(often, disturbance_prob=1.0, adversarial_intensity=0.5),
        replace(often, disturbance_prob=0.0),
        replace(often, adversarial_intensity=0.0),
    )
    for config in configs:
        for t in (0, 1, 12, 25):
            batch: Any = ForecastState(t, **columns)  # arrays of games
            found = promises.pure("sample", disturbance.sample, batch, uniforms, normals, config)
            sizes = _over_games(promises, "sample", found)
            alone = [
                promises.call(
                    "sample",
                    disturbance.sample,
                    _one_game(t, columns, g),
                    uniforms[:, g],
                    normals[:, g],
                    config,
                )
                for g in range(_GAMES)
            ]
            _require_equal(promises, "sample", sizes, alone)
            for name in ("disturbance_prob", "adversarial_intensity"):
                promises.require(
                    getattr(config, name) > 0.0 or not sizes.any(),
                    f"nothing happens where {name} is 0",
                    f"at t = {t} it returned {sizes[np.flatnonzero(sizes)][:1]}",
                )


def _one_game(t: int, columns: dict[str, Any], g: int) -> ForecastState:
    return ForecastState(
        t,
        float(columns["value"][g]),
        float(columns["exogenous"][g]),
        float(columns["hidden_shift"][g]),
        displacement=float(columns["displacement"][g]),
    )


def check_defense(defense: Defense) -> None:
    """Check a defense: pure, finite, elementwise, p_bad in [0, 1], memory left as it was.

    Args:
        defense: What is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import HalfwayDefense
    >>> check_defense(HalfwayDefense())
    """
    promises = Promises("Defense", defense)
    promises.members("start", "doubt", "learn")
    promises.named()
    start = promises.pure("start", defense.start)
    promises.require(
        isinstance(start, tuple), "memory is a tuple of arrays", f"start returned {start!r}"
    )
    displacement = _spread("displacement", -6.0, 6.0)
    displacement[:3] = (0.0, 1e6, -1e6)
    scale = _spread("scale", 0.1, 2.0)
    scale[3] = 1e-9
    step_scale = _spread("step_scale", 0.2, 1.5)
    memory, alone = start, [start] * _GAMES
    for i in range(6):
        shift = np.roll(displacement, i)
        found = promises.pure("doubt", defense.doubt, memory, shift, scale, step_scale)
        single = [
            promises.call(
                "doubt",
                defense.doubt,
                alone[g],
                float(shift[g]),
                float(scale[g]),
                float(step_scale[g]),
            )
            for g in range(_GAMES)
        ]
        for one in (found, *single):
            promises.require(
                isinstance(one, Suspicion), "doubt returns a Suspicion", f"got {one!r}"
            )
        for name in ("delta", "p_bad", "scale"):
            numbers = _over_games(promises, name, getattr(found, name))
            _require_equal(promises, name, numbers, [getattr(one, name) for one in single])
            if name == "p_bad":
                inside = (numbers >= 0.0) & (numbers <= 1.0)
                promises.require(
                    bool(inside.all()), "p_bad lies in [0, 1]", f"got {numbers[~inside][:1]}"
                )
            if name == "scale":
                promises.require(
                    bool((numbers >= 0.0).all()), "scale is at least 0", f"got {numbers.min()}"
                )
        # Half of the prints turn out to have been right: their revision is 0.
        revision = np.where(np.arange(_GAMES) % 2 == 0, 0.0, shift)
        surprise = np.roll(displacement, 2 * i + 1) - 0.5 * revision
        memory = promises.pure(
            "learn", defense.learn, memory, revision, surprise, scale, step_scale
        )
        alone = [
            promises.call(
                "learn",
                defense.learn,
                alone[g],
                float(revision[g]),
                float(surprise[g]),
                float(scale[g]),
                float(step_scale[g]),
            )
            for g in range(_GAMES)
        ]
        for one in (memory, *alone):
            promises.require(
                isinstance(one, tuple) and len(one) == len(start),
                "learn returns a memory like the one of start",
                f"start has {len(start)} parts, learn returned {one!r}",
            )
    promises.require(
        fingerprint(defense.start()) == fingerprint(start),
        "start does not depend on what was learned",
        f"it was {start!r} and is {defense.start()!r}",
    )


def check_world(world: World, initial: ForecastState, *, rounds: int = 20) -> None:
    """Check a world from one initial state on.

    `training` ends in the period before `initial`; `advance` is pure, moves on by one period,
    stays finite, and puts the value that it left at the end of the history, if it keeps one;
    `rounds` counts down. What a state says is known in advance comes true.

    Args:
        world: What is checked.
        initial: Where a game may begin.
        rounds: How many rounds are played at most.

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


def _over_games(promises: Promises, what: str, found: Any) -> Array:
    try:
        numbers = np.broadcast_to(np.asarray(found, dtype=np.float64), (_GAMES,))
    except (TypeError, ValueError):
        promises.broken(
            f"{what} is elementwise: one number a game", f"for {_GAMES} games it gave {found!r}"
        )
    promises.require(
        bool(np.isfinite(numbers).all()),
        f"{what} is finite",
        f"got {numbers[~np.isfinite(numbers)]}",
    )
    return numbers


def _require_equal(promises: Promises, what: str, batch: Array, alone: list[Any]) -> None:
    for g, one in enumerate(alone):
        number = np.asarray(one, dtype=np.float64)
        promises.require(
            number.size == 1 and number.tobytes() == batch[g].tobytes(),
            f"{what} is elementwise: a game alone and in a batch give the same bits",
            f"game {g} gives {one!r} alone and {batch[g]!r} in a batch",
        )
