"""The table of a game's scores: of every round, for every hit, doubt and correction on a grid."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fg_core.errors import ConfigError

from .attribution import Reward

__all__ = ["Payoffs"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Payoffs:
    """Scores of each round of a game, by hit and, where there are any, by doubt and correction.

    A row is the round that issued a forecast, whatever its horizon: the forecast for `horizon`
    rounds ahead is booked `horizon - 1` rounds later (in a game's record, in the column of that
    round), and the last `horizon - 1` rows are NaN, since their targets do not come.

    Hits are hits on the value: the context is reported as it is.

    Args:
        scores: Scores of the forecasts, shape (round, hit), followed by an axis for doubts and one
            for corrections where these were given; the CRPS or the absolute error, as `reward`
            says, in the unit of the series; lower is better.
        attacks: Hits that count, after rounding to the resolution of the series, shape (round,
            hit), in the unit of the series.
        costs: Costs of these attacks for the adversaries, shape (round, hit), in the unit of the
            series.
        origins: Number of the period of each round, shape (round,).
        hits: Hits that were asked for, in step scales, shape (hit,).
        doubts: Probability that the reported value is bad, and scale of the replacement in standard
            deviations of the predictive, shape (doubt, 2); None: the game's own defenders play.
        corrections: Shifts of the pool in step scales, shape (correction,); None: there are none.
        step_scale: One-step scale, in the unit of the series.
        horizon: Horizon of the forecasts, in rounds.
        reward: Loss that is scored: "crps" or "error".
        reasons: Why rounds do not separate, in words; empty: they do.
    """

    scores: Array
    attacks: Array
    costs: Array
    origins: NDArray[np.intp]
    _: KW_ONLY
    hits: Array
    doubts: Array | None
    corrections: Array | None
    step_scale: float
    horizon: int
    reward: Reward
    reasons: tuple[str, ...] = ()

    @property
    def separates(self) -> bool:
        """Whether a game's score is the sum over the table along its hits and doubts.

        Where it is not, a column is the game that does the same in all of its rounds.
        """
        return not self.reasons

    @property
    def budget_used(self) -> Array:
        """Units of the hits that count, in step scales, shape (round, hit)."""
        return np.asarray(np.abs(self.attacks) / self.step_scale)

    @property
    def team_rewards(self) -> Array:
        """Rewards of the team, in the shape of `scores`; NaN where no target comes."""
        return -self.scores

    @property
    def adversary_rewards(self) -> Array:
        """Rewards of the adversaries: the team's loss less the cost of the hit of that round."""
        more = (1,) * (self.scores.ndim - 2)
        return self.scores - self.costs.reshape(self.costs.shape + more)

    def along(
        self, hit: ArrayLike, doubt: ArrayLike | None = None, correction: ArrayLike | None = None
    ) -> Array:
        """Return the scores of a game, shape (round,), in the unit of the series.

        Args:
            hit: Place of each round's hit on its grid, shape (round,) or one number.
            doubt: Place of its doubt, alike; only where there is such a grid.
            correction: Place of its correction, alike; only where there is such a grid.

        Raises:
            ConfigError: A place is missing, or not on the grid.
        """
        grids = (
            ("hit", hit, self.hits),
            ("doubt", doubt, self.doubts),
            ("correction", correction, self.corrections),
        )
        rows = self.scores.shape[0]
        places: list[NDArray[np.intp]] = [np.arange(rows)]
        for name, place, grid in grids:
            if (place is None) != (grid is None):
                has = "no grid" if grid is None else "a grid"
                raise ConfigError(f"the table has {has} of {name}s: {name} was {place!r}")
            if place is not None and grid is not None:
                places.append(_places(name, place, rows, grid.shape[0]))
        return self.scores[tuple(places)]


def _places(name: str, given: ArrayLike, rows: int, size: int) -> NDArray[np.intp]:
    places = np.asarray(given)
    right = places.dtype.kind in "iu" and places.shape in ((), (rows,))
    if not right or ((places < 0) | (places >= size)).any():
        raise ConfigError(
            f"{name} must be whole numbers from 0 to {size - 1}, one or one per each of {rows} "
            f"rounds, got {given!r}"
        )
    return np.broadcast_to(places.astype(np.intp), (rows,))
