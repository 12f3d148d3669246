r"""Autoregressions that choose their order anew: which orders a false print may make them choose.

The residual sum of squares of each order is a quadratic function of the newest target, so that its
criterion is bounded exactly between two prints. Orders whose criterion may be the smallest are the
ones that may be chosen there, and the forecast is bounded for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fg_core.baselines import AutoRegression
from fg_core.baselines._least_squares import criterion_scores, residual_squares
from fg_core.game import ForecastGame
from fg_core.pooling import PoolAggregator
from fg_core.pooling.rules import EqualWeights
from fg_core.state import ForecastState

from .played_hits import PlayedHits, play_hits

__all__ = ["OrderChoice", "chooser_of"]

Array = NDArray[np.float64]
_SLACK = 1e-7


def chooser_of(forecasters: Sequence[Any]) -> int | None:
    """Return the number of the only forecaster that chooses its order; None: none or several do.

    Args:
        forecasters: Forecasters of a game.

    Returns:
        Place among the forecasters.

    >>> chooser_of((AutoRegression(order=1), AutoRegression()))
    1
    """
    found = [
        i for i, one in enumerate(forecasters) if type(one) is AutoRegression and one.order is None
    ]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, eq=False)
class OrderChoice:
    """Orders that a forecaster may choose, and its forecasts with each.

    Args:
        place: Place of the forecaster among the forecasters.
        agents: Forecasters of each order.
        allowed: Whether an order may be chosen, shape (round, cell, order); in rounds without a
            refit no order is.
        played: Forecasts of all orders by horizon and hit.
    """

    place: int
    agents: tuple[AutoRegression, ...]
    allowed: NDArray[np.bool_]
    played: dict[int, PlayedHits]

    @classmethod
    def of(
        cls,
        game: ForecastGame,
        initial: ForecastState,
        world: Any,
        rounds: int | None,
        played: PlayedHits,
        first_round: int,
    ) -> OrderChoice | None:
        """Return the choice of a game's forecaster; None: there is none, or not one alone.

        Args:
            game: Game without defenders.
            initial: State that the game begins in.
            world: Record that it is played on.
            rounds: Number of rounds.
            played: Forecasts by hit.
            first_round: First round that may be hit.
        """
        place, every = chooser_of(game.registry.forecasters), game.config.refit_every
        if place is None or every == 0:
            return None
        agent = cast(AutoRegression, game.registry.forecasters[place])
        n_rounds, n_cells = played.points.shape[0], played.points.shape[1] - 1
        values = np.array([row.value for row in world.rows])
        allowed = np.zeros((n_rounds, n_cells, agent.max_order + 1), dtype=np.bool_)
        length, gap = game.config.train_window, game.config.fit_gap
        for r in range(-(-first_round // every) * every, n_rounds, every):
            end = initial.t - world.first_t + r + 1 - gap
            window = values[max(0, end - length) if length else 0 : end]
            orders = _orders(agent, window, played.points[r], moved=gap == 0)
            allowed[r, :, : orders.shape[1]] = orders
        which = np.flatnonzero(allowed.any(axis=(0, 1)))
        agents = tuple(
            AutoRegression(order=int(p), name=f"{agent.name} of order {p}") for p in which
        )
        registry = replace(
            game.registry, forecasters=agents, aggregator=PoolAggregator(EqualWeights())
        )
        other = ForecastGame(game.config, seed=game.seed, registry=registry, game=game.game)
        return cls(
            place,
            agents,
            allowed[:, :, which],
            play_hits(other, initial, world, played.nominal, rounds),
        )

    def explains(self, played: PlayedHits) -> bool:
        """Return whether what was played is the forecast of an order that may be chosen there."""
        own = self.played[played.horizon].deltas
        apart: Array = np.abs(own - played.deltas[..., [self.place]])
        alike: NDArray[np.bool_] = np.less_equal(apart, _SLACK * played.step_scale)
        at_start, at_end = alike[:, :-1] & self.allowed, alike[:, 1:] & self.allowed
        refits = np.asarray(self.allowed.any(axis=(1, 2)))
        found = np.asarray(at_start.any(axis=2) & at_end.any(axis=2))
        return bool(found[refits].all())

    def variant(self, played: PlayedHits, number: int) -> PlayedHits:
        """Return what would be forecast with one of the orders, without scores.

        Args:
            played: Forecasts by hit.
            number: Number of the order among `agents`.
        """
        own, i = self.played[played.horizon], self.place
        deltas, stated, means, scales = (
            one.copy() for one in (played.deltas, played.stated, played.means, played.scales)
        )
        # What the pool and the refactorer add to a forecast is the same for each order.
        means[..., i] += own.deltas[..., number] - deltas[..., i]
        scales[..., i] *= own.stated[..., number] / stated[..., i]
        deltas[..., i], stated[..., i] = own.deltas[..., number], own.stated[..., number]
        return replace(played, deltas=deltas, stated=stated, means=means, scales=scales)


def _orders(agent: AutoRegression, window: Array, points: Array, *, moved: bool) -> NDArray[Any]:
    """Return which orders may be chosen between neighbouring values of the newest target.

    Returns:
        Shape (cell, order).
    """
    centred = window - window[0]
    ends = np.array([points[0], 0.5 * (points[0] + points[-1]), points[-1]])
    unit = max(np.abs(centred).max(), np.abs(ends - window[0]).max()) or 1.0
    squares = []
    for end in ends:
        reduced = centred / unit
        if moved:
            reduced[-1] = (end - window[0]) / unit
        found, n = residual_squares(reduced, agent.max_order)
        squares.append(found)
    x = (points - ends[1]) / (0.5 * (ends[2] - ends[0]) or 1.0)
    low, middle, high = np.array(squares)
    slope, bend = 0.5 * (high - low), 0.5 * (high + low) - middle
    at = middle + np.outer(x, slope) + np.outer(x * x, bend)
    largest = np.maximum(at[:-1], at[1:])
    smallest = np.minimum(at[:-1], at[1:])
    turn = np.divide(-slope, 2.0 * bend, out=np.full_like(slope, np.inf), where=bend > 0.0)
    inside = (x[:-1, np.newaxis] < turn) & (turn < x[1:, np.newaxis])
    bottom = middle + turn * slope * 0.5
    smallest = np.where(inside, np.minimum(smallest, bottom), smallest)
    smallest = np.maximum(smallest, 0.0)
    least = np.array([criterion_scores(row, n, agent.criterion) for row in smallest])
    most = np.array([criterion_scores(row, n, agent.criterion) for row in largest])
    return np.asarray(least <= most.min(axis=1, keepdims=True) + _SLACK)
