"""What all training loops have in common: episodes, when to stop, evaluations, and the curve."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from fg_core.artifact import write_atomically
from fg_core.documents import DocumentKind, canonical, read_document
from fg_core.errors import ArtifactError, ConfigError
from fg_core.rng import ROUNDS_PER_BLOCK, uniform_block

__all__ = ["EpisodeLoop"]

Record = TypeVar("Record", bound=Any)
Array = NDArray[np.float64]


class EpisodeLoop(ABC, Generic[Record]):
    """Episodes of training, a record of each, which a subclass plays by `_episode`.

    A record is a dataclass with the fields `episode`, `policy_change` and `challenger_loss`.
    """

    seed: int
    curve: list[Record]
    """Records of all episodes so far."""

    def run(
        self,
        episodes: int,
        *,
        tolerance: float = 0.0,
        patience: int = 20,
        evaluate_every: int = 0,
        evaluations: int = 0,
        on_episode: Callable[[Record], None] | None = None,
    ) -> tuple[Record, ...]:
        """Play episodes, learning in place.

        Args:
            episodes: most episodes to play, at least 0.
            tolerance: stop where no probability moved by more than this in any of the last
                `patience` episodes; 0: play all.
            patience: number of such episodes, at least 1.
            evaluate_every: every so many episodes the team plays a challenger that is trained
                afresh, and the record says what it lost; 0: never.
            evaluations: stop after so many evaluations in a row without a better one than the best;
                0: do not.
            on_episode: called with the record of each episode when it is over.

        Returns:
            Records of these episodes, fewer than asked for where the policy has settled or no
            longer gets better.

        Raises:
            ConfigError: A number out of its range.
        """
        if episodes < 0 or patience < 1 or not tolerance >= 0.0:
            raise ConfigError("episodes and tolerance must be at least 0, patience at least 1")
        if evaluate_every < 0 or evaluations < 0:
            raise ConfigError("evaluate_every and evaluations must be at least 0")
        found: list[Record] = []
        for _ in range(episodes):
            number = len(self.curve) + 1
            record = self._episode(evaluate_every > 0 and number % evaluate_every == 0)
            self.curve.append(record)
            found.append(record)
            if on_episode is not None:
                on_episode(record)
            if self._settled(tolerance, patience) or self.is_past_best(evaluations):
                break
        return tuple(found)

    @property
    def best_episode(self) -> int | None:
        """Number of the evaluated episode whose team lost least; None: there was no evaluation."""
        judged = [one for one in self.curve if one.challenger_loss is not None]
        return min(judged, key=self._judgement).episode if judged else None

    def is_past_best(self, evaluations: int) -> bool:
        """Return whether so many evaluations in a row have not been better than the best one."""
        if evaluations < 1 or self.best_episode is None:
            return False
        judged = [one.episode for one in self.curve if one.challenger_loss is not None]
        return len(judged) - 1 - judged.index(self.best_episode) >= evaluations

    def _judgement(self, record: Record) -> float:
        """Return what is smaller for a better learner."""
        return float(record.challenger_loss)

    def _settled(self, tolerance: float, patience: int) -> bool:
        recent = self.curve[-patience:]
        still = max(one.policy_change for one in recent) <= tolerance
        return tolerance > 0.0 and len(recent) == patience and still

    @abstractmethod
    def _episode(self, evaluated: bool) -> Record:
        """Play an episode, and an evaluation after it where that is asked for."""

    @abstractmethod
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the loop goes on from, whole or not at all."""

    def _uniforms(self, who: str, episode: int, n: int) -> Array:
        blocks = -(-n // ROUNDS_PER_BLOCK)
        return uniform_block(self.seed, "training loop", who, 0, blocks, episode, 0).ravel()[:n]

    def write_curve(self, path: str | os.PathLike[str]) -> None:
        """Write the learning curve, an episode per line, as JSON lines (.jsonl) or CSV (.csv).

        Args:
            path: path of the file; its ending says which.

        Raises:
            ConfigError: Another ending.
            OSError: The file cannot be written.
        """
        ending = os.path.splitext(path)[1]  # noqa: PTH122 - any kind of path
        if ending == ".jsonl":
            text = b"".join(curve_line(record) for record in self.curve)
        elif ending == ".csv":
            rows = [asdict(record) for record in self.curve]
            names = [one.name for one in fields(self.curve[0])] if self.curve else []
            lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
            text = "".join(",".join(line) + "\n" for line in lines).encode()
        else:
            raise ConfigError(f"{os.fspath(path)}: a curve is written to .jsonl or .csv")
        write_atomically(path, text)


class _OfGame(Protocol):
    game: str


Document = TypeVar("Document", bound=_OfGame)


def read_loop(
    path: str | os.PathLike[str], content: type[Document], kind: DocumentKind, fingerprint: str
) -> Document:
    """Return what the file of a loop holds, which must be of the game of the fingerprint.

    Raises:
        ArtifactError: The file is damaged, of another format or version, or of another game.
        OSError: It cannot be read.
    """
    found = read_document(path, content, kind)
    if found.game != fingerprint:
        raise ArtifactError(
            f"{path} was trained in another game (data, agents, hits, doubts or budget differ)"
        )
    return found


def curve_line(record: Any) -> bytes:
    """Return the line of a record in a file of JSON lines."""
    return canonical(asdict(record)) + b"\n"


def _cell(value: Any) -> str:
    return "" if value is None else repr(value)
