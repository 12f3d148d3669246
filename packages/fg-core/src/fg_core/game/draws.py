"""Sources of the random numbers of many games."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fg_core.batch.lazy import lazy
from fg_core.batch.sealing import read_only
from fg_core.rng import Stream, StreamRuns

__all__ = ["LaneSeed"]


class SingleDraws:
    """The draws of one game, by round and index, shape (1,).

    Args:
        stream: Draws of the game as numbers.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def uniform(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return a number in (0, 1)."""
        return np.array([self._stream.uniform(round_idx, index)])

    def normal(self, round_idx: int, index: int = 0) -> NDArray[np.float64]:
        """Return a standard normal number."""
        return np.array([self._stream.normal(round_idx, index)])


@dataclass(frozen=True)
class LaneSeed:
    """Source of the random numbers of games.

    Args:
        runs: Seed, first number and count of neighbouring games, in the order of the lanes.
    """

    runs: tuple[tuple[int, int, int], ...]

    @lazy
    def n(self) -> int:
        """Number of games."""
        return sum(count for _, _, count in self.runs)

    def arrays(self, stream: str, agent: str = "") -> StreamRuns:
        """Return the draws of all games."""
        return StreamRuns(stream, agent, self.runs)

    def draws(self, stream: str, agent: str = "") -> StreamRuns | SingleDraws:
        """Return the draws of all games, shape (game,), in the way that is fastest."""
        if self.n > 1:
            return self.arrays(stream, agent)
        return SingleDraws(*self.each(stream, agent))

    def each(self, stream: str, agent: str = "") -> tuple[Stream, ...]:
        """Return the draws of each game."""
        return tuple(
            Stream(seed, stream, agent, first + i)
            for seed, first, count in self.runs
            for i in range(count)
        )

    @lazy
    def games(self) -> NDArray[np.intp]:
        """Number of each game."""
        runs = [np.arange(first, first + count, dtype=np.intp) for _, first, count in self.runs]
        found: NDArray[np.intp] = read_only(np.concatenate(runs))
        return found
