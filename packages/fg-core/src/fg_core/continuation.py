"""Where a game stopped: what it needs to go on as if it had not."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from .config import SimulationConfig
from .state import ForecastState

__all__ = ["Continuation"]


@dataclass(frozen=True, eq=False)
class Continuation:
    """A stopped game, or batch of games, as values that never change.

    `ForecastGame.run(..., resume=it)` and `run_batch(..., resume=it)` play on from it, with the
    numbers of a game that was never stopped, to the last bit; as often as wanted, and each time
    alike. What it holds besides the fields below is the game's own.

    Args:
        config: The settings.
        seed: Of all random numbers.
        game: Number of the (first) game among games of one seed.
        n_games: How many games.
        initial: The state that they began in.
        rounds: How many rounds they have played.
        disturbed: Whether nature disturbs and adversaries act.
        reward: What the team is paid by, "crps" or "error".
        attribution: Whether agents are credited.
        agents: Names of the agents, in the order of their registry.
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

    @property
    def t(self) -> int:
        """Number of the period that the next round begins in."""
        return self.initial.t + self.rounds
