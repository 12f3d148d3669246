"""Validation scenarios of this package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.rng import check_seed

from .adversarial import RADversarialTrainer
from .games import KNOWN_GAMES, matrix_game
from .schedules import SHORT
from .self_play import SelfPlay
from .solving import solve_matrix
from .tabled_game import TabledGame
from .wolf_phc import WoLFPHCAgent

__all__ = ["MarlConvergence"]

_GAME = "biased_sevenths"
_RUNS = 3
_STEPS = 50_000
_DISTANCE = 0.1
_GAP = 0.02
_CIRCLING = 0.5


@dataclass(frozen=True)
class MarlConvergence:
    """Whether learners find an equilibrium that is not uniform, from random starts.

    Two WoLF-PHC learners come close to it (median of three runs), training against a pool of
    adversaries comes to it, and training against the last one alone does not.
    """

    name: str = "marl_convergence"
    description: str = "learners settle at an equilibrium, and a pool of adversaries at its value"
    requires: Sequence[Requirement] = ()

    def run(self, seed: int) -> ScenarioOutcome:
        """Return what was found.

        Args:
            seed: seed of starts and play.
        """
        payoffs = KNOWN_GAMES[_GAME]
        wanted = solve_matrix(payoffs)
        starts = np.random.default_rng(check_seed(seed))
        distances = []
        for number in range(_RUNS):
            row, column = (WoLFPHCAgent(1, 2, rates=SHORT) for _ in range(2))
            for agent in (row, column):
                agent.start_from(starts.dirichlet([1.0, 1.0]))
            SelfPlay(matrix_game(payoffs), row, column, seed, number).advance(
                _STEPS, compiled=False
            )
            gaps = np.abs(row.mix()[0] - wanted.row), np.abs(column.mix()[0] - wanted.column)
            distances.append(float(np.max(gaps)))
        game = TabledGame.of_matrix(payoffs)
        pool, last = (
            RADversarialTrainer(opponents, seed=seed).train(game, epochs=1000).curve[-1].nash_conv
            for opponents in ("uniform", "last")
        )
        figures = {
            "distance": float(np.median(distances)),
            "nash_conv_pool": pool,
            "nash_conv_last": last,
        }
        found = (
            (figures["distance"] <= _DISTANCE, f"learners are {figures['distance']:.3f} away"),
            (pool <= _GAP, f"the pool's NashConv is {pool:.3f}"),
            (last >= _CIRCLING, f"the last opponent's NashConv is {last:.3f}, the control"),
        )
        failed = [text for passed, text in found if not passed]
        texts = failed or [text for _, text in found]
        return ScenarioOutcome("failed" if failed else "passed", "; ".join(texts), figures)
