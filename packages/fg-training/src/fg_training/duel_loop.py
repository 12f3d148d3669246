"""Training of an adversary that sees its budget, alone or together with a defender."""

from __future__ import annotations

import os
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core.documents import DocumentKind, write_document
from fg_core.errors import ArtifactError, ConfigError
from fg_core.rng import check_seed

from .budgeted_game import BudgetedGame
from .checkpoint import LearnerDocument, learner_document, learner_of
from .duel import Duel, rival_loss, train_challenger
from .episode_loop import EpisodeLoop, read_loop
from .q_table import QTableAgent
from .training_loop import fingerprint

__all__ = ["DuelLoop", "DuelRecord"]

Array = NDArray[np.float64]
DUEL_KIND = DocumentKind("forecast-game-duel-loop", 1)


@dataclass(frozen=True)
class DuelRecord:
    """What an episode came to; losses are per round, in the unit of the game's losses.

    Args:
        episode: number of the episode, from 1.
        reward: mean of what the adversary learns from: its reward less that of not hitting.
        td_error: mean absolute temporal difference of the adversary.
        team_td_error: that of the team; 0 where it stands still.
        policy_change: largest change of a probability in any cell of a side that learns.
        coverage: share of the adversary's cells that were ever visited.
        spent: share of the budgets that was spent.
        loss: mean loss of the team in the episode.
        clean_loss: expected loss of the team's mean policy where nobody hits.
        adversary_loss: mean loss of that policy under what the adversary has learned, without
            exploration.
        worst_loss: loss of that policy under the worst hits within the budget, for an adversary
            that knows the future; exact where there was an evaluation, else None.
        challenger_loss: loss of that policy under a challenger that is trained afresh for as many
            episodes, where there was an evaluation.
    """

    episode: int
    reward: float
    td_error: float
    team_td_error: float
    policy_change: float
    coverage: float
    spent: float
    loss: float
    clean_loss: float
    adversary_loss: float
    worst_loss: float | None = None
    challenger_loss: float | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    game: str
    team: LearnerDocument
    rival: LearnerDocument
    seed: int
    curve: list[DuelRecord]


class DuelLoop(EpisodeLoop[DuelRecord]):
    """Trains an adversary against a team that stands still, or that learns as well.

    Args:
        game: game that is played.
        team: learner with a state per cell and an action per doubt; frozen: only the adversary
            learns.
        rival: the adversary: a state per cell of the game's grid and an action per hit.
        seed: seed of all random numbers, in [0, 2^64).

    Raises:
        ConfigError: A learner of another size than the game.
    """

    def __init__(
        self, game: BudgetedGame, team: QTableAgent, rival: QTableAgent, *, seed: int = 0
    ) -> None:
        wanted = (game.tables.n_cells, game.tables.n_doubts), (game.grid.n_cells, game.n_hits)
        if (team.q.shape, rival.q.shape) != wanted:
            raise ConfigError(
                f"learners of shapes {wanted[0]} and {wanted[1]} wanted, got {team.q.shape} and "
                f"{rival.q.shape}"
            )
        self.game = game
        self.team = team
        self.rival = rival
        self.seed = check_seed(seed)
        self.curve = []
        self._duel = Duel(game.of_damage())

    def _judgement(self, record: DuelRecord) -> float:
        """Return the challenger's damage, or where the team stands still minus the adversary's."""
        if self.team.frozen:
            return -record.adversary_loss
        return super()._judgement(record)

    def _episode(self, evaluated: bool) -> DuelRecord:
        number = len(self.curve) + 1
        n = self.game.n_rounds
        before = self.team.mix(), self.rival.mix()
        drawn = [self._uniforms(who, number, n) for who in ("defender", "adversary")]
        totals = self._duel.play(self.team, self.rival, *drawn, first=(number - 1) * n)
        after = self.team.mix(), self.rival.mix()
        policy = self.team.mix() if self.team.frozen else self.team.average_mix()
        against = self.game.against(policy)
        worst = challenged = None
        if evaluated:
            worst = self.game.worst_loss(policy)
            challenged = train_challenger(against, number, seed=self.seed, run=number).loss
        return DuelRecord(
            number,
            totals.rival_reward,
            totals.rival_error,
            totals.team_error,
            max(float(np.abs(b - a).max()) for a, b in zip(before, after, strict=True)),
            self.rival.coverage,
            totals.spent,
            totals.loss,
            self.game.clean_loss(policy),
            rival_loss(against, self.rival.policy),
            worst,
            challenged,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the loop goes on from, whole or not at all.

        Args:
            path: path of the file; missing parent folders are made.

        Raises:
            ConfigError: A table holds a number that is not finite.
            OSError: The file cannot be written.
        """
        learners = learner_document(self.team), learner_document(self.rival)
        content = _Document(duel_fingerprint(self.game), *learners, self.seed, self.curve)
        write_document(path, content, DUEL_KIND)

    @classmethod
    def load(cls, path: str | os.PathLike[str], game: BudgetedGame) -> DuelLoop:
        """Read a loop, which goes on with the bits of one that never stopped.

        Args:
            path: path of the file.
            game: game that it was trained in.

        Returns:
            The loop.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or of another game.
            OSError: It cannot be read.
        """
        found = read_loop(path, _Document, DUEL_KIND, duel_fingerprint(game))
        try:
            loop = cls(game, learner_of(found.team), learner_of(found.rival), seed=found.seed)
        except ValueError as error:
            raise ArtifactError(f"{path}: {error}") from error
        loop.curve = list(found.curve)
        return loop


def duel_fingerprint(game: BudgetedGame) -> str:
    """Return the SHA-256 of a game's tables and budgets, as hexadecimal."""
    return fingerprint(
        game.tables,
        game.rewards,
        game.hits,
        game.features.astype(np.int64),
        np.array(game.starts, dtype=np.int64),
        np.array(game.budgets),
        *(np.array(edges) for edges in game.grid.edges),
    )
