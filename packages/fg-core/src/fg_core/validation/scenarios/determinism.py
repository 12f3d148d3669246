"""Games played again: equal to the last bit, alone, in a batch, in parts, in another process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fg_core.config import SimulationConfig
from fg_core.game import ForecastGame, GameGroup
from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.record import GameOutputs
from fg_core.validation.checks import Check, outcome_of

from .common import START

__all__ = ["DeterminismCrossSeed", "digest"]

_ROUNDS, _SEEDS, _REPEATS = 20, 5, 10
_SECONDS = 120.0


def digest(seed: int) -> str:
    """Return a digest of one attacked game, to the last bit.

    Args:
        seed: Seed of the game.

    Returns:
        SHA-256 of targets, means, variances and scores, in hexadecimal digits.
    """
    return _digest(_play(seed))


@dataclass(frozen=True)
class DeterminismCrossSeed:
    """Fifty games: five seeds, ten times each.

    Args:
        play: Plays the attacked game of a seed; None: `ForecastGame` with the default settings.
    """

    name: str = "determinism_cross_seed"
    description: str = (
        "50 games of 5 seeds: repeats equal to the last bit, also in a batch, in two parts and in "
        "another process; no two seeds alike"
    )
    requires: tuple[Requirement, ...] = ()
    play: Callable[[int], GameOutputs] | None = None

    def run(self, seed: int) -> ScenarioOutcome:
        """Play them."""
        play = self.play or _play
        seeds = [(seed + i) % 2**64 for i in range(_SEEDS)]
        first = {one: play(one) for one in seeds}
        differing = sum(play(one) != first[one] for one in seeds for _ in range(_REPEATS - 1))
        digests = {_digest(out) for out in first.values()}
        config = SimulationConfig(horizon=_ROUNDS)
        batch = ForecastGame(config, seed=seed).run_groups(
            [GameGroup(START, seed=one) for one in reversed(seeds)]
        )
        means = np.array([[step.forecast for step in first[one].steps] for one in reversed(seeds)])
        game = ForecastGame(config, seed=seed)
        part = game.run(START, _ROUNDS // 3, attribution=False)
        joined = part.joined(game.run(START, resume=part.continuation, attribution=False))
        elsewhere = _in_another_process(seed)
        checks = (
            Check(
                f"{_SEEDS * _REPEATS} games repeat to the last bit",
                differing == 0,
                f"{differing} differ",
            ),
            Check("no two seeds give the same game", len(digests) == _SEEDS),
            Check(
                "a batch in another order gives the same bits", np.array_equal(batch.means, means)
            ),
            Check("a game that is resumed gives the same bits", joined == first[seed]),
            Check(
                "another process with another hash seed gives the same bits",
                elsewhere == _digest(first[seed]),
                elsewhere[:80],
            ),
        )
        return outcome_of(checks, {"games": float(_SEEDS * _REPEATS), "differing": differing})


def _play(seed: int) -> GameOutputs:
    return ForecastGame(SimulationConfig(horizon=_ROUNDS), seed=seed).run(START, attribution=False)


def _digest(out: GameOutputs) -> str:
    numbers = [
        (step.target, step.forecast, step.probabilistic.variance, step.reward_breakdown["team"])
        for step in out.steps
    ]
    return hashlib.sha256(np.array(numbers, dtype="<f8").tobytes()).hexdigest()


def _in_another_process(seed: int) -> str:
    """Return the digest that a fresh interpreter finds, or what it said instead."""
    program = f"from {__name__} import digest; print(digest({seed}))"
    hash_seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(  # noqa: S603 - this interpreter, and a number
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]
