"""Tabled games of recorded series, one table of a defender for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fg_core import (
    AgentRegistry,
    AutoRegression,
    Dataset,
    ForecastGame,
    Observation,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.errors import ConfigError, DataError

from .table_defender import tabulate_defense
from .tabled_game import TabledGame

__all__ = ["DOUBTS", "HITS", "join_games", "series_game", "train_rows"]

HITS = (-4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
"""Hits in one-step scales that an adversary may choose from."""

DOUBTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Probabilities that a print is bad, which a defender may choose from."""

WARM_UP = 30
"""Periods before the first round, on which forecasters are fitted."""


def train_rows(dataset: Dataset, name: str, until_year: int | None) -> tuple[Observation, ...]:
    """Return the rows of a series that may be trained on, without context.

    Args:
        dataset: dataset.
        name: name of the series.
        until_year: periods from this year on are left out; None: none are.

    Raises:
        DataError: Fewer than `WARM_UP` + 20 rows are left.
    """
    rows = [replace(row, macro_context={}) for row in dataset.series(name)]
    if until_year is not None:
        rows = [row for row in rows if row.timestamp.year < until_year]
    if len(rows) < WARM_UP + 20:
        raise DataError(
            f"series {name!r} has {len(rows)} rows to train on, and at least {WARM_UP + 20} are "
            "needed; leave the series out, or train until a later year"
        )
    return tuple(rows)


def series_game(rows: Sequence[Observation], budget: float) -> TabledGame:
    """Return the tabled game of a series: an AR(4), refitted every fourth round, taken at its word.

    Args:
        rows: rows of the series, oldest first.
        budget: what hits may come to per round in expectation, in one-step scales.

    Returns:
        Losses (CRPS) in one-step scales, by round, hit of `HITS` and doubt of `DOUBTS`.

    Raises:
        DataError: The series does not move, or cannot be played.
    """
    world = ReplayWorld(tuple(rows))
    rounds = len(rows) - 1 - WARM_UP
    config = SimulationConfig(
        horizon=rounds,
        max_rounds=rounds,
        refit_every=4,
        disturbance_prob=0.0,
        attack_cap=np.inf,
        attack_total=np.inf,
        enable_refactor=False,
    )
    pool = PoolAggregator("equal", rescale=False)
    registry = AgentRegistry((AutoRegression(order=4, name="ar4"),), (), (), pool)
    game = ForecastGame(config, seed=0, registry=registry)
    start = world.initial_state(WARM_UP)
    return tabulate_defense(game, start, hits=HITS, doubts=DOUBTS, budget=budget, world=world)[0]


def join_games(games: Sequence[TabledGame]) -> TabledGame:
    """Return games after each other, as one with one table of the defender and one budget.

    Args:
        games: games with the same hits, doubts and cells.

    Returns:
        The game; its budget is the sum of theirs, to be spent in any of them.

    Raises:
        ConfigError: There is none, or they differ in hits, doubts or cells.
    """
    shapes = {(one.losses.shape[1:], one.n_cells) for one in games}
    if len(shapes) != 1:
        raise ConfigError(f"games of one shape wanted, got {len(shapes)} different ones")
    return TabledGame(
        np.concatenate([one.losses for one in games]),
        np.concatenate([one.cells for one in games]),
        games[0].n_cells,
        np.concatenate([one.costs for one in games]),
        sum(one.budget for one in games),
    )
