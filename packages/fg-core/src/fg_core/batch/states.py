"""The states of many games in one period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fg_core.frozen import frozen_mapping
from fg_core.state import ForecastState

from .lazy import lazy

__all__ = ["StateArrays"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StateArrays:
    """As `ForecastState`, with one number a game: what is elementwise works on both alike.

    Args:
        t: Number of the period, the same in all games.
        value: Shape (game,), in the unit of the series.
        exogenous: Shape (game,).
        hidden_shift: Shape (game,); zeros in every observation.
        segment_id: As in `ForecastState`.
        macro_context: As in `ForecastState`, the same in all games.
        history: One array of shape (game,) per earlier period, oldest first.
        n_unrevealed: How many of those at the end of `history` are prints not yet revealed.
        displacement: Shape (game,); zeros in every observation.

    >>> states = StateArrays(3, np.array([1.0, 2.0]), np.zeros(2), np.zeros(2))
    >>> states.each[1].value
    2.0
    """

    t: int
    value: Array
    exogenous: Array
    hidden_shift: Array
    segment_id: str = ""
    macro_context: Mapping[str, float] = field(default_factory=lambda: frozen_mapping())
    history: tuple[Array, ...] = ()
    n_unrevealed: int = 0
    displacement: Array | None = None

    @property
    def path(self) -> tuple[Array, ...]:
        """`history` and `value` in one tuple, oldest first."""
        return (*self.history, self.value)

    @property
    def segment_values(self) -> Mapping[str, float]:
        """Empty: values per segment differ from game to game and have no array form."""
        return frozen_mapping()

    @property
    def n_games(self) -> int:
        """How many games."""
        return int(self.value.shape[0])

    def take(self, lanes: NDArray[np.intp]) -> StateArrays:
        """Return the states of some games.

        Args:
            lanes: Rows of the games that are wanted, in any order, also more than once.

        >>> StateArrays(3, np.array([1.0, 2.0]), np.zeros(2), np.zeros(2)).take(np.array([1])).value
        array([2.])
        """
        return replace(
            self,
            value=self.value[lanes],
            exogenous=self.exogenous[lanes],
            hidden_shift=self.hidden_shift[lanes],
            history=tuple(past[lanes] for past in self.history),
            displacement=None if self.displacement is None else self.displacement[lanes],
        )

    @lazy
    def each(self) -> tuple[ForecastState, ...]:
        """The state of each game, for agents without an array form."""
        n = self.n_games
        displaced = [0.0] * n if self.displacement is None else self.displacement.tolist()
        past: list[list[float]] = [[] for _ in range(n)]
        if self.history:
            past = np.stack(self.history, axis=1).tolist()
        rows = zip(
            self.value.tolist(),
            self.exogenous.tolist(),
            self.hidden_shift.tolist(),
            past,
            displaced,
            strict=True,
        )
        return tuple(
            ForecastState(
                self.t,
                value,
                exogenous,
                hidden,
                self.segment_id,
                macro_context=self.macro_context,
                history=tuple(history),
                n_unrevealed=self.n_unrevealed,
                displacement=displacement,
            )
            for value, exogenous, hidden, history, displacement in rows
        )
