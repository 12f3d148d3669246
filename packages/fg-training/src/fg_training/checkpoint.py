"""Runs as files: versioned, checksummed, and checked when read.

A checkpoint of a run holds everything that the run goes on from: values, policies, mean policies,
visits (which are the clocks), settings, and the position in the random numbers (seed, run and
step). So a run that was stopped and read again gives the bits of one that never stopped. It holds
no code; see `fg_core.documents`. Files of trained policies are in `policy_files`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ArtifactError, ConfigError

from .games import MarkovGame
from .q_table import QTableAgent
from .schedules import LearningRates, Schedule
from .self_play import SelfPlay
from .wolf_phc import WoLFPHCAgent

__all__ = [
    "LearnerDocument",
    "learner_document",
    "learner_of",
    "load_run",
    "save_run",
]

RUN_KIND = DocumentKind("forecast-game-training-run", 1)
_LEARNERS: dict[str, type[QTableAgent]] = {one.kind: one for one in (QTableAgent, WoLFPHCAgent)}
_Table = list[list[float]]


class _Rates(msgspec.Struct, forbid_unknown_fields=True):
    """Rates; a half-life of null is infinite, which JSON cannot say."""

    value: tuple[float, float | None]
    winning: tuple[float, float | None]
    losing_ratio: float
    clock: str


class LearnerDocument(msgspec.Struct, forbid_unknown_fields=True):
    """A learner as it stands in a document: its settings and its tables."""

    kind: str
    rates: _Rates
    exploration: float
    discount: float
    frozen: bool
    q: _Table
    policy: _Table
    average: _Table
    visits: list[float]


class _Run(msgspec.Struct, forbid_unknown_fields=True):
    rewards: list[_Table]
    transitions: list[list[_Table]]
    discount: float
    seed: int
    run: int
    step: int
    state: int
    learners: dict[str, LearnerDocument]


def save_run(path: str | os.PathLike[str], play: SelfPlay) -> None:
    """Write a run, whole or not at all.

    Args:
        path: path of the file; missing parent folders are made.
        play: run to save; it goes on unchanged.

    Raises:
        ConfigError: A table holds a number that is not finite.
        OSError: The file cannot be written.
    """
    game = play.game
    learners = {"row": learner_document(play.row), "column": learner_document(play.column)}
    content = _Run(
        game.rewards.tolist(),
        game.transitions.tolist(),
        game.discount,
        play.seed,
        play.run,
        play.step,
        play.state,
        learners,
    )
    write_document(path, content, RUN_KIND)


def load_run(path: str | os.PathLike[str]) -> SelfPlay:
    """Read a run, which goes on where it was saved.

    Args:
        path: path of the file.

    Returns:
        The run, with the same bits.

    Raises:
        ArtifactError: The file is damaged, of another format or version, or what is in it does not
            fit together.
        OSError: It cannot be read.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from fg_training import matrix_game
    >>> play = SelfPlay(matrix_game([[3, -1], [-2, 1]]), WoLFPHCAgent(1, 2), WoLFPHCAgent(1, 2))
    >>> _ = play.advance(100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_run(Path(folder) / "run.json", play)
    ...     again = load_run(Path(folder) / "run.json")
    >>> play.advance(100) == again.advance(100)
    True
    """
    found = read_document(path, _Run, RUN_KIND)
    missing = [name for name in ("row", "column") if name not in found.learners]
    if missing or len(found.learners) != 2:
        raise ArtifactError(
            f"{path}: learners of row and column are wanted, got {sorted(found.learners)}"
        )
    try:
        game = MarkovGame(
            np.array(found.rewards), np.array(found.transitions), discount=found.discount
        )
        row, column = (learner_of(found.learners[name]) for name in ("row", "column"))
        return SelfPlay(game, row, column, found.seed, found.run, found.step, found.state)
    except ValueError as error:  # what does not fit together, numpy's ragged rows among it
        raise ArtifactError(f"{path}: {error}") from error


def learner_document(agent: QTableAgent) -> LearnerDocument:
    """Return a learner as a part of a document.

    Raises:
        ConfigError: A table holds a number that is not finite.
    """
    tables = [getattr(agent, name) for name in ("q", "policy", "average", "visits")]
    if not all(np.isfinite(table).all() for table in tables):
        raise ConfigError("a table of the learner holds a number that is not finite")
    rates = agent.rates
    half = [
        None if math.isinf(one.half_life) else one.half_life for one in (rates.value, rates.winning)
    ]
    return LearnerDocument(
        agent.kind,
        _Rates(
            (rates.value.start, half[0]),
            (rates.winning.start, half[1]),
            rates.losing_ratio,
            rates.clock,
        ),
        agent.exploration,
        agent.discount,
        agent.frozen,
        *(table.tolist() for table in tables),
    )


def learner_of(saved: LearnerDocument) -> QTableAgent:
    """Return the learner of a part of a document.

    Raises:
        ConfigError: What it holds does not fit together.
    """
    if saved.kind not in _LEARNERS:
        raise ConfigError(f"no learner {saved.kind!r}; there are {', '.join(sorted(_LEARNERS))}")
    value, winning = (
        Schedule(start, math.inf if half is None else half)
        for start, half in (saved.rates.value, saved.rates.winning)
    )
    rates = LearningRates(value, winning, saved.rates.losing_ratio, saved.rates.clock)
    q = _table(saved.q, None)
    agent = _LEARNERS[saved.kind](
        *q.shape, rates=rates, exploration=saved.exploration, discount=saved.discount
    )
    agent.q = q
    agent.start_from(_table(saved.policy, q.shape))
    agent.average = _table(saved.average, q.shape)
    agent.visits = _table(saved.visits, q.shape[:1])
    if (agent.visits < 0.0).any():
        raise ConfigError("visits must be at least 0")
    agent.frozen = saved.frozen
    return agent


def _table(rows: Sequence[Any], shape: tuple[int, ...] | None) -> np.ndarray[Any, Any]:
    found = np.array(rows, dtype=np.float64)
    if found.shape != shape and (shape is not None or found.ndim != 2):
        raise ConfigError(f"a table of shape {shape or '(state, action)'} wanted: {found.shape}")
    return found
