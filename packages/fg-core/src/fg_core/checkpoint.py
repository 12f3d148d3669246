"""Checkpoints of stopped games: what they need to go on as if they had not."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from .config import SimulationConfig
from .state import ForecastState

__all__ = ["Checkpoint"]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Stopped games as values that never change.

    `ForecastGame.run(..., resume=it)`, `run_batch` and `run_groups` play on from it, with the
    numbers of games that were never stopped, to the last bit; as often as wanted, and each time
    alike. What it holds besides the fields below is the game's own.

    Args:
        config: Settings of the games.
        seed: Seed of the first game.
        game: Number of the first game among games of one seed.
        n_games: Number of games.
        initial: State that the first game began in.
        rounds: Number of rounds that they have played (the longest of them).
        disturbed: Whether nature disturbs and adversaries act.
        reward: Loss that the team is paid by, "crps" or "error".
        attribution: Whether agents are credited.
        agents: Names of the agents, in the order of their registry.
        groups: Start of games that began alike: initial state, seed, first number and count of
            games.
        blocks: States of the games, by block of games that are played together.
    """

    config: SimulationConfig
    seed: int
    game: int
    _: KW_ONLY
    n_games: int
    initial: ForecastState
    rounds: int
    disturbed: bool
    reward: str
    attribution: bool
    agents: tuple[str, ...]
    groups: tuple[tuple[ForecastState, int, int, int], ...]
    blocks: tuple[Any, ...]

    @property
    def t(self) -> int:
        """Number of the period that the next round of the first game begins in."""
        return self.initial.t + self.rounds
