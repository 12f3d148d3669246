"""Random numbers as a pure function of (seed, stream, agent, game, round, index).

The generator is Philox 4x64-10 (Salmon, Moraes, Dror & Shaw 2011, SC'11,
doi:10.1145/2063384.2063405), counter-based: any number can be computed without the ones before
it. So one game, a batch of ten thousand and eight processes give the same numbers, a new agent or
stream shifts no other draws, and a run resumed half-way goes on as if it had never stopped.

Layout. The key is (seed, the first 64 bits of BLAKE2b over stream and agent). The 256-bit counter
starts at (16 game, block, index, 0) where a *block* is 64 rounds: the 64 numbers of one game and
block are then neighbours (cheap for a single game), and so are those of neighbouring games (cheap
for a batch). Rounds before round 0 are in blocks from 2^64 - 1 down: a game that begins there
has forecasts from the periods before it.

A uniform is (k + 1/2) / 2^52 with the upper 52 bits k of a word, so exact and never 0 or 1; a
normal is the inverse distribution function of that uniform, one number each, so that the draw of
one game never depends on how many numbers another one needed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .errors import ConfigError
from .transcendental import ndtri

__all__ = [
    "ROUNDS_PER_BLOCK",
    "AgentDraws",
    "DrawArrays",
    "Draws",
    "Stream",
    "StreamArrays",
    "StreamRuns",
    "check_seed",
    "uniform_block",
]

ROUNDS_PER_BLOCK = 64
_WORDS_PER_STEP = 4
_ONE = np.float64(1.0).view(np.uint64)


def check_seed(seed: int) -> int:
    """Return a seed if it is one.

    Args:
        seed: Seed of random numbers.

    Returns:
        The same number.

    Raises:
        ConfigError: It is no whole number in [0, 2^64).
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise ConfigError(f"seed must be a whole number from 0 to 2^64 - 1, got {seed!r}")
    return seed


@lru_cache(maxsize=4096)
def _stream_word(stream: str, agent: str) -> int:
    digest = hashlib.blake2b(f"{stream}\0{agent}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def uniform_block(
    seed: int, stream: str, agent: str, first_game: int, n_games: int, block: int, index: int
) -> NDArray[np.float64]:
    """Return the uniforms of neighbouring games for one block of rounds.

    Args:
        seed: Seed of the games, in [0, 2^64).
        stream: Purpose of the numbers, such as "noise".
        agent: Whose they are; empty for nature.
        first_game: Number of the first game.
        n_games: Number of games.
        block: Number of the block, modulo 2^64; round r is in block r // 64.
        index: Number of the draw within the round.

    Returns:
        Shape (game, 64), in (0, 1).

    >>> a = uniform_block(7, "noise", "", 0, 3, 0, 0)
    >>> b = uniform_block(7, "noise", "", 2, 1, 0, 0)
    >>> bool((a[2] == b[0]).all())
    True
    """
    key = np.array([seed, _stream_word(stream, agent)], dtype=np.uint64)
    start = first_game * (ROUNDS_PER_BLOCK // _WORDS_PER_STEP)
    counter = np.array([start, block % 2**64, index, 0], dtype=np.uint64)
    words = np.random.Philox(key=key, counter=counter).random_raw(n_games * ROUNDS_PER_BLOCK)
    # The 52 bits as the fraction of a float in [1, 2), less what is missing from (k + 1/2) / 2^52:
    # every step is exact, and several times faster than to convert the integer.
    words >>= np.uint64(12)
    words |= _ONE
    uniforms = words.view(np.float64)
    uniforms -= 1.0 - 2.0**-53
    return uniforms.reshape(n_games, ROUNDS_PER_BLOCK)


@runtime_checkable
class Draws(Protocol):
    """The random numbers of one agent in one round: of one game, or of many as arrays.

    Numbers are told apart by `index`, and asking again for an index gives the same number, in
    whatever order and however often. The round is the period of the state that the agent acts
    on: asked again from another state of that period (the print used and replaced, another
    horizon, the forecast recomputed after the reveal), it has the same numbers.
    """

    def uniform(self, index: int = 0) -> Any:
        """Return a number in (0, 1), or one per game, shape (game,)."""

    def normal(self, index: int = 0) -> Any:
        """Return a standard normal number, or one per game, shape (game,)."""


@dataclass(eq=False)
class Stream:
    """The draws of one stream, agent and game, by round and index.

    It remembers the blocks that it has computed; what it returns is a pure function of its
    fields and the arguments.

    Raises:
        ConfigError: A bad seed, or a negative game or index.

    >>> stream = Stream(7, "noise")
    >>> stream.normal(3) == Stream(7, "noise").normal(3)
    True
    """

    seed: int
    stream: str
    agent: str = ""
    game: int = 0
    _blocks: dict[tuple[int, int], tuple[list[float], list[float]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.game < 0:
            raise ConfigError(f"the number of a game is at least 0, got {self.game}")

    def _block(self, round_idx: int, index: int) -> tuple[list[float], list[float]]:
        key = (round_idx // ROUNDS_PER_BLOCK, index)
        found = self._blocks.get(key)
        if found is None:
            if index < 0:
                raise ConfigError(f"indices count from 0, got {index}")
            uniforms = uniform_block(
                self.seed, self.stream, self.agent, self.game, 1, key[0], index
            )[0]
            found = (uniforms.tolist(), ndtri(uniforms).tolist())
            self._blocks[key] = found
        return found

    def uniform(self, round_idx: int, index: int = 0) -> float:
        """Return a number in (0, 1)."""
        return self._block(round_idx, index)[0][round_idx % ROUNDS_PER_BLOCK]

    def normal(self, round_idx: int, index: int = 0) -> float:
        """Return a standard normal number."""
        return self._block(round_idx, index)[1][round_idx % ROUNDS_PER_BLOCK]


@dataclass(frozen=True)
class AgentDraws:
    """One agent's random numbers in one round."""

    stream: Stream
    round_idx: int

    def uniform(self, index: int = 0) -> float:
        """Return a number in (0, 1)."""
        return self.stream.uniform(self.round_idx, index)

    def normal(self, index: int = 0) -> float:
        """Return a standard normal number."""
        return self.stream.normal(self.round_idx, index)


@dataclass(eq=False)
class StreamArrays:
    """The draws of one stream and agent for neighbouring games, by round and index.

    It keeps one block of rounds per index; rounds are best asked for in their order.

    >>> two = StreamArrays(7, "noise", "", 5, 2).normal(3).tolist()
    >>> two[1] == Stream(7, "noise", game=6).normal(3)
    True
    """

    seed: int
    stream: str
    agent: str
    first_game: int
    n_games: int
    _blocks: dict[int, tuple[int, NDArray[np.float64]]] = field(default_factory=dict, repr=False)

    def uniform(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return numbers in (0, 1), shape (game,)."""
        block = round_idx // ROUNDS_PER_BLOCK
        if index < 0:
            raise ConfigError(f"indices count from 0, got {index}")
        found = self._blocks.get(index)
        if found is None or found[0] != block:
            drawn = uniform_block(
                self.seed, self.stream, self.agent, self.first_game, self.n_games, block, index
            )
            # Round by round in memory, as they are asked for.
            found = self._blocks[index] = (block, np.ascontiguousarray(drawn.T))
        row: NDArray[np.float64] = found[1][round_idx % ROUNDS_PER_BLOCK]
        return row

    def normal(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return standard normal numbers, shape (game,)."""
        return np.asarray(ndtri(self.uniform(round_idx, index)), dtype=np.float64)


@dataclass(frozen=True)
class DrawArrays:
    """As `AgentDraws`, for many games."""

    stream: StreamArrays | StreamRuns
    round_idx: int

    def uniform(self, index: int = 0) -> NDArray[np.float64]:
        """Return numbers in (0, 1), shape (game,)."""
        return self.stream.uniform(self.round_idx, index)

    def normal(self, index: int = 0) -> NDArray[np.float64]:
        """Return standard normal numbers, shape (game,)."""
        return self.stream.normal(self.round_idx, index)


@dataclass(eq=False)
class StreamRuns:
    """The draws of one stream and agent for several runs of neighbouring games.

    Games of a run share a seed and have numbers that follow each other; runs may differ in both.

    Args:
        stream: Purpose of the numbers.
        agent: Whose they are; empty for nature.
        runs: Seed, number of the first game and count of games, per run.

    >>> runs = StreamRuns("noise", "", ((7, 5, 2), (8, 0, 1)))
    >>> runs.normal(3).tolist()[2] == Stream(8, "noise").normal(3)
    True
    """

    stream: str
    agent: str
    runs: tuple[tuple[int, int, int], ...]
    _parts: tuple[StreamArrays, ...] = field(default=(), init=False, repr=False)

    def __post_init__(self) -> None:
        self._parts = tuple(
            StreamArrays(seed, self.stream, self.agent, first, n) for seed, first, n in self.runs
        )

    def uniform(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return numbers in (0, 1), shape (game,)."""
        if len(self._parts) == 1:
            return self._parts[0].uniform(round_idx, index)
        return np.concatenate([part.uniform(round_idx, index) for part in self._parts])

    def normal(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return standard normal numbers, shape (game,)."""
        return np.asarray(ndtri(self.uniform(round_idx, index)), dtype=np.float64)

    def at(self, round_idx: int) -> DrawArrays:
        """Return the draws of one round."""
        return DrawArrays(self, round_idx)
