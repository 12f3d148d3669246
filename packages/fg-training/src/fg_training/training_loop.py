"""Episodes of a defender that learns, against nobody or against an adversary that learns as well.

An episode is the recorded rounds in their order. In each the adversary's hit is drawn, the learner
sees the cell of the print and plays a doubt, and what that doubt cost in the played game is what it
learns from. After an episode the adversary's best response within its budget to the mix that the
learner now plays joins the pool that later hits are drawn from.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from fg_core.artifact import write_atomically
from fg_core.documents import DocumentKind, canonical, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError
from fg_core.rng import ROUNDS_PER_BLOCK, check_seed, uniform_block

from .checkpoint import LearnerDocument, learner_document, learner_of
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


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    game: str
    learner: LearnerDocument
    hits: list[list[float]]
    seed: int
    adversary: str
    curve: list[EpisodeRecord]


class TrainingLoop:
    """Trains a learner in a tabled game, episode by episode.

    Args:
        game: game that is played, as `tabulate_defense` returns it.
        learner: learner with a state per cell and an action per doubt; it learns in place.
        adversary: "pool": it responds to what the learner plays, and hits are drawn from the mean
            of its responses; "none": nobody hits.
        seed: seed of all random numbers, in [0, 2^64).

    Raises:
        ConfigError: A learner of another size than the game, or a setting out of its range.

    >>> from fg_training import WoLFPHCAgent
    >>> loop = TrainingLoop(TabledGame.of_matrix([[3, -1], [-2, 1]]), WoLFPHCAgent(1, 2))
    >>> [record.episode for record in loop.run(2)]
    [1, 2]
    """

    def __init__(
        self, game: TabledGame, learner: QTableAgent, *, adversary: str = "pool", seed: int = 0
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
        self.game = game
        self.learner = learner
        self.adversary = adversary
        self.seed = check_seed(seed)
        self.curve: list[EpisodeRecord] = []
        """Records of all episodes so far."""
        # The free hit of each round: not to hit.
        self._calm: Array = np.eye(game.costs.shape[1])[game.costs.argmin(axis=1)]
        self._hits = self._calm.copy()
        if adversary == "pool":
            self._hits = game.worst_hits(learner.mix())

    def run(
        self,
        episodes: int,
        *,
        tolerance: float = 0.0,
        patience: int = 20,
        on_episode: Callable[[EpisodeRecord], None] | None = None,
    ) -> tuple[EpisodeRecord, ...]:
        """Play episodes, learning in place.

        Args:
            episodes: most episodes to play, at least 0.
            tolerance: stop where no probability moved by more than this in any of the last
                `patience` episodes; 0: play all.
            patience: number of such episodes, at least 1.
            on_episode: called with the record of each episode when it is over.

        Returns:
            Records of these episodes, fewer than asked for where the policy has settled.

        Raises:
            ConfigError: A number out of its range.
        """
        if episodes < 0 or patience < 1 or not tolerance >= 0.0:
            raise ConfigError("episodes and tolerance must be at least 0, patience at least 1")
        found: list[EpisodeRecord] = []
        for _ in range(episodes):
            record = self._episode()
            self.curve.append(record)
            found.append(record)
            if on_episode is not None:
                on_episode(record)
            recent = self.curve[-patience:]
            still = max(one.policy_change for one in recent) <= tolerance
            if tolerance > 0.0 and len(recent) == patience and still:
                break
        return tuple(found)

    def _episode(self) -> EpisodeRecord:
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
        )

    def _uniforms(self, who: str, episode: int, n: int) -> Array:
        blocks = -(-n // ROUNDS_PER_BLOCK)
        return uniform_block(self.seed, "training loop", who, 0, blocks, episode, 0).ravel()[:n]

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
    def load(cls, path: str | os.PathLike[str], game: TabledGame) -> TrainingLoop:
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
        found = read_document(path, _Document, LOOP_KIND)
        if found.game != fingerprint(game):
            raise ArtifactError(
                f"{path} was trained in another game (data, agents, hits, doubts or budget differ)"
            )
        try:
            learner = learner_of(found.learner)
            loop = cls(game, learner, adversary=found.adversary, seed=found.seed)
            hits = np.array(found.hits, dtype=np.float64)
        except ValueError as error:
            raise ArtifactError(f"{path}: {error}") from error
        if hits.shape != game.costs.shape:
            raise ArtifactError(f"{path}: hits of shape {game.costs.shape} wanted: {hits.shape}")
        loop._hits = hits
        loop.curve = list(found.curve)
        return loop

    def write_curve(self, path: str | os.PathLike[str]) -> None:
        """Write the learning curve, an episode per line, as JSON lines (.jsonl) or CSV (.csv).

        Args:
            path: path of the file; its ending says which.

        Raises:
            ConfigError: Another ending.
            OSError: The file cannot be written.
        """
        rows = [asdict(record) for record in self.curve]
        ending = os.path.splitext(path)[1]  # noqa: PTH122 - any kind of path
        if ending == ".jsonl":
            text = b"".join(canonical(row) + b"\n" for row in rows)
        elif ending == ".csv":
            names = list(EpisodeRecord.__dataclass_fields__)
            lines = [names, *([repr(row[name]) for name in names] for row in rows)]
            text = "".join(",".join(line) + "\n" for line in lines).encode()
        else:
            raise ConfigError(f"{os.fspath(path)}: a curve is written to .jsonl or .csv")
        write_atomically(path, text)


def fingerprint(game: TabledGame) -> str:
    """Return the SHA-256 of a game's tables and budget, as hexadecimal."""
    whole = hashlib.sha256()
    for table in (game.losses, game.cells.astype(np.int64), game.costs, np.array([game.budget])):
        whole.update(repr(table.shape).encode())
        whole.update(np.ascontiguousarray(table).tobytes())
    return whole.hexdigest()
