"""Episodes of a defender that learns, against nobody or against an adversary that learns as well.

An episode is the recorded rounds in their order. In each the adversary's hit is drawn, the learner
sees the cell of the print and plays a doubt, and what that doubt cost in the played game is what it
learns from. After an episode the adversary's best response within its budget to the mix that the
learner now plays joins the pool that later hits are drawn from.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core.documents import DocumentKind, write_document
from fg_core.errors import ArtifactError, ConfigError
from fg_core.rng import check_seed

from .budgeted_game import BudgetedGame
from .checkpoint import LearnerDocument, learner_document, learner_of
from .duel import train_challenger
from .episode_loop import EpisodeLoop, read_loop
from .q_table import QTableAgent
from .tabled_game import TabledGame

__all__ = ["EpisodeRecord", "TrainingLoop"]

Array = NDArray[np.float64]
LOOP_KIND = DocumentKind("forecast-game-training-loop", 1)
_ADVERSARIES = ("none", "pool")


@dataclass(frozen=True)
class EpisodeRecord:
    """What an episode came to; losses are per round, in the unit of the game's losses.

    Args:
        episode: number of the episode, from 1.
        reward: mean reward of the learner: minus its mean loss.
        td_error: mean absolute temporal difference.
        policy_change: largest change of a probability in any cell.
        coverage: share of the cells that were ever visited.
        clean_loss: expected loss of the played mix where nobody hits.
        worst_loss: expected loss of the played mix under its worst hits within the budget.
        average_worst_loss: the same of the mean of the mixes that were played.
        nash_conv: what both sides would gain against the mean policies of the other.
        challenger_loss: loss of the mean policy under a challenger that is trained afresh for as
            many episodes, where there was an evaluation.
    """

    episode: int
    reward: float
    td_error: float
    policy_change: float
    coverage: float
    clean_loss: float
    worst_loss: float
    average_worst_loss: float
    nash_conv: float
    challenger_loss: float | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    game: str
    learner: LearnerDocument
    hits: list[list[float]]
    seed: int
    adversary: str
    curve: list[EpisodeRecord]


class TrainingLoop(EpisodeLoop[EpisodeRecord]):
    """Trains a learner in a tabled game, episode by episode.

    Args:
        game: game that is played, as `tabulate_defense` returns it.
        learner: learner with a state per cell and an action per doubt; it learns in place.
        adversary: "pool": it responds to what the learner plays, and hits are drawn from the mean
            of its responses; "none": nobody hits.
        seed: seed of all random numbers, in [0, 2^64).
        challenge: the same game with budgets, in which challengers are trained; None: there are no
            evaluations.

    Raises:
        ConfigError: A learner or a challenge of another size than the game, or a setting out of
            its range.

    >>> from fg_training import WoLFPHCAgent
    >>> loop = TrainingLoop(TabledGame.of_matrix([[3, -1], [-2, 1]]), WoLFPHCAgent(1, 2))
    >>> [record.episode for record in loop.run(2)]
    [1, 2]
    """

    def __init__(
        self,
        game: TabledGame,
        learner: QTableAgent,
        *,
        adversary: str = "pool",
        seed: int = 0,
        challenge: BudgetedGame | None = None,
    ) -> None:
        if learner.q.shape != (game.n_cells, game.n_doubts):
            raise ConfigError(
                f"the learner has {learner.n_states} states and {learner.n_actions} actions, the "
                f"game {game.n_cells} cells and {game.n_doubts} doubts"
            )
        if adversary not in _ADVERSARIES:
            raise ConfigError(
                f"adversary must be one of {', '.join(_ADVERSARIES)}, got {adversary!r}"
            )
        if challenge is not None and challenge.tables.losses.shape != game.losses.shape:
            raise ConfigError(
                f"the challenge has tables of {challenge.tables.losses.shape}, the game of "
                f"{game.losses.shape}"
            )
        self.challenge = challenge
        self.game = game
        self.learner = learner
        self.adversary = adversary
        self.seed = check_seed(seed)
        self.curve = []
        # The free hit of each round: not to hit.
        self._calm: Array = np.eye(game.costs.shape[1])[game.costs.argmin(axis=1)]
        self._hits = self._calm.copy()
        if adversary == "pool":
            self._hits = game.worst_hits(learner.mix())

    @property
    def hits(self) -> Array:
        """Probabilities of the hits that are drawn next, shape (round, hit)."""
        return np.array(self._hits)

    def _episode(self, evaluated: bool) -> EpisodeRecord:
        game, learner = self.game, self.learner
        n = game.losses.shape[0]
        number = len(self.curve) + 1
        before = learner.mix()
        chosen = self._uniforms("adversary", number, n)[:, None] >= np.cumsum(self._hits, axis=1)
        hits = np.minimum(chosen.sum(axis=1), game.costs.shape[1] - 1)
        rounds = np.arange(n)
        cells = game.cells[rounds, hits].tolist()
        losses = game.losses[rounds, hits].tolist()
        errors = rewards = 0.0
        draws = self._uniforms("defender", number, n).tolist()
        for k, (cell, row, uniform) in enumerate(zip(cells, losses, draws, strict=True)):
            action = learner.act(cell, uniform)
            reward = -row[action]
            clock = (number - 1) * n + k
            errors += abs(learner.learn(cell, action, reward, cell, terminated=True, clock=clock))
            rewards += reward
        mix, average = learner.mix(), learner.average_mix()
        worst = game.worst_hits(mix)
        if self.adversary == "pool":
            self._hits = self._hits + (worst - self._hits) / (number + 1)
        return EpisodeRecord(
            number,
            rewards / n,
            errors / n,
            float(np.abs(mix - before).max()),
            learner.coverage,
            game.loss(mix, self._calm) / n,
            game.loss(mix, worst) / n,
            game.loss(average, game.worst_hits(average)) / n,
            game.nash_conv(average, self._hits) / n,
            self._challenged(number, average) if evaluated else None,
        )

    def _challenged(self, number: int, policy: Array) -> float:
        if self.challenge is None:
            raise ConfigError("evaluations need the game with budgets: give `challenge`")
        against = self.challenge.against(policy)
        return train_challenger(against, number, seed=self.seed, run=number).loss

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the loop goes on from, whole or not at all.

        Args:
            path: path of the file; missing parent folders are made.

        Raises:
            ConfigError: A table holds a number that is not finite.
            OSError: The file cannot be written.
        """
        content = _Document(
            fingerprint(self.game),
            learner_document(self.learner),
            self._hits.tolist(),
            self.seed,
            self.adversary,
            self.curve,
        )
        write_document(path, content, LOOP_KIND)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        game: TabledGame,
        *,
        challenge: BudgetedGame | None = None,
    ) -> TrainingLoop:
        """Read a loop, which goes on with the bits of one that never stopped.

        Args:
            path: path of the file.
            game: game that it was trained in.
            challenge: the same game with budgets, for evaluations.

        Returns:
            The loop.

        Raises:
            ArtifactError: The file is damaged, of another format or version, or of another game.
            OSError: It cannot be read.
        """
        found = read_loop(path, _Document, LOOP_KIND, fingerprint(game))
        try:
            learner = learner_of(found.learner)
            loop = cls(
                game, learner, adversary=found.adversary, seed=found.seed, challenge=challenge
            )
            hits = np.array(found.hits, dtype=np.float64)
        except ValueError as error:
            raise ArtifactError(f"{path}: {error}") from error
        if hits.shape != game.costs.shape:
            raise ArtifactError(f"{path}: hits of shape {game.costs.shape} wanted: {hits.shape}")
        loop._hits = hits
        loop.curve = list(found.curve)
        return loop


def fingerprint(game: TabledGame, *more: NDArray[Any]) -> str:
    """Return the SHA-256 of a game's tables and budget and of further arrays, as hexadecimal."""
    whole = hashlib.sha256()
    own = (game.losses, game.cells.astype(np.int64), game.costs, np.array([game.budget]))
    for table in (*own, *more):
        whole.update(repr(table.shape).encode())
        whole.update(np.ascontiguousarray(table).tobytes())
    return whole.hexdigest()
