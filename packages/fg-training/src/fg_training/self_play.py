"""Two learners that play a game on a table against each other, from any step to any other.

Random numbers are those of `fg_core.rng`: integers of a counter-based generator, a function of
(seed, player, step). So a run in parts is a run in one, and the plain and the compiled path draw
the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.errors import ConfigError
from fg_core.rng import ROUNDS_PER_BLOCK, check_seed, uniform_block

from . import _kernels
from .compiled import compiled_kernel, is_available
from .games import MarkovGame
from .q_table import QTableAgent

__all__ = ["PlayTotals", "SelfPlay"]

Array = NDArray[np.float64]
_CHUNK = 1 << 15
_TABLES = ("q", "policy", "average", "visits")


@dataclass(frozen=True)
class PlayTotals:
    """Means over the steps of a call.

    Args:
        steps: number of steps.
        row_error: mean absolute temporal difference of the row player.
        column_error: that of the column player.
        row_reward: mean reward of the row player; that of the column player is minus this.
    """

    steps: int
    row_error: float
    column_error: float
    row_reward: float


@dataclass(eq=False)
class SelfPlay:
    """A run of two learners, which is where it stopped.

    Args:
        game: game that is played.
        row: learner that gets the rewards of the game.
        column: learner that gets minus these.
        seed: seed of all random numbers, in [0, 2^64).
        run: number of the run among those of one seed.
        step: number of steps that were played.
        state: state that the game is in.

    Raises:
        ConfigError: A learner of another size than the game, one learner on both sides, a discount
            that is not the game's, or a number out of its range.

    >>> from fg_training import WoLFPHCAgent, matrix_game
    >>> play = SelfPlay(matrix_game([[2, -2], [-1, 1]]), WoLFPHCAgent(1, 2), WoLFPHCAgent(1, 2))
    >>> play.advance(500).steps, play.step
    (500, 500)
    """

    game: MarkovGame
    row: QTableAgent
    column: QTableAgent
    seed: int = 0
    run: int = 0
    step: int = 0
    state: int = 0
    _flat: tuple[Array, Array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.row is self.column:
            raise ConfigError("row and column are one learner: its tables would be written twice")
        for name, agent, n in (
            ("row", self.row, self.game.n_rows),
            ("column", self.column, self.game.n_columns),
        ):
            if agent.q.shape != (self.game.n_states, n):
                raise ConfigError(
                    f"the {name} player has {agent.n_states} states and {agent.n_actions} actions, "
                    f"the game {self.game.n_states} and {n}"
                )
            if agent.discount != self.game.discount and not agent.frozen:
                raise ConfigError(
                    f"the {name} player discounts by {agent.discount}, the game by "
                    f"{self.game.discount}"
                )
        for name, number in (("run", self.run), ("step", self.step)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise ConfigError(f"{name} must be a whole number of at least 0, got {number!r}")
        if not 0 <= self.state < self.game.n_states:
            raise ConfigError(f"state must be from 0 to {self.game.n_states - 1}: {self.state!r}")
        cumulative = np.cumsum(self.game.transitions, axis=-1)
        self._flat = self.game.rewards.ravel(), cumulative.ravel()

    def advance(self, steps: int, *, compiled: bool | None = None) -> PlayTotals:
        """Play on, learning in place.

        Args:
            steps: number of steps.
            compiled: whether by the compiled path; None: where numba is installed and the run is
                long enough to pay for loading it. Results are the same bits.

        Returns:
            Means over these steps.

        Raises:
            ConfigError: No number of steps, or numba is wanted and not installed.
        """
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise ConfigError(f"steps must be a whole number of at least 0, got {steps!r}")
        fast = steps >= _CHUNK and is_available() if compiled is None else compiled
        totals = [0.0, 0.0, 0.0]
        sums = np.zeros(3)
        done = 0
        while done < steps:
            n = min(_CHUNK, steps - done)
            if fast:
                self._compiled(n, sums)
            else:
                self._plain(n, totals)
            done += n
        found = sums.tolist() if fast else totals
        return PlayTotals(steps, *(total / max(steps, 1) for total in found))

    def _uniforms(self, n: int, who: str) -> Array:
        first, skip = divmod(self.step, ROUNDS_PER_BLOCK)
        blocks = -(-(skip + n) // ROUNDS_PER_BLOCK)
        drawn = uniform_block(self.seed, "training", who, first, blocks, self.run, 0)
        return drawn.ravel()[skip : skip + n]

    def _draws(self, n: int) -> tuple[Array, Array, Array]:
        nature = self._uniforms(n, "nature") if self.game.n_states > 1 else np.empty(0)
        return self._uniforms(n, "row"), self._uniforms(n, "column"), nature

    def _compiled(self, n: int, totals: Array) -> None:
        tables = [
            table
            for agent in (self.row, self.column)
            for table in (
                agent.q.ravel(),
                agent.policy.ravel(),
                agent.average.ravel(),
                agent.visits,
                agent.settings(),
            )
        ]
        game = self.game
        self.state = compiled_kernel("play")(
            *self._flat,
            game.n_states,
            game.n_rows,
            game.n_columns,
            self.state,
            self.step,
            n,
            *self._draws(n),
            *tables,
            totals,
        )
        self.step += n

    def _plain(self, n: int, totals: list[float]) -> None:
        game = self.game
        tables: list[Any] = []
        for agent in (self.row, self.column):
            tables += [getattr(agent, name).ravel().tolist() for name in _TABLES]
            tables.append(agent.settings())
        play: Callable[..., int] = _kernels.play
        self.state = play(
            self._flat[0].tolist(),
            self._flat[1].tolist(),
            game.n_states,
            game.n_rows,
            game.n_columns,
            self.state,
            self.step,
            n,
            *(draws.tolist() for draws in self._draws(n)),
            *tables,
            totals,
        )
        self.step += n
        for agent, first in ((self.row, 0), (self.column, 5)):
            for name, table in zip(_TABLES, tables[first:], strict=False):
                old = getattr(agent, name)
                setattr(agent, name, np.array(table).reshape(old.shape))
