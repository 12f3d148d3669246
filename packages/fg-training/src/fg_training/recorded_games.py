"""Games of recorded series and their tables, one table of a learner for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fg_core import (
    AgentRegistry,
    AutoRegression,
    Dataset,
    ForecastGame,
    ForecastState,
    Observation,
    PoolAggregator,
    ReplayWorld,
    SimulationConfig,
)
from fg_core.errors import ConfigError, DataError

from .budgeted_game import BudgetedGame
from .features import cells_of_role
from .table_adversary import tabulate_attack
from .tabled_game import TabledGame

__all__ = [
    "CORRECTIONS",
    "DOUBTS",
    "HITS",
    "ROLES",
    "RecordedGame",
    "later_game",
    "recorded_game",
    "series_duel",
    "series_game",
    "team_registry",
    "train_rows",
]

HITS = (-4.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
"""Hits in one-step scales that an adversary may choose from."""

DOUBTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Probabilities that a print is bad, which a defender may choose from."""

CORRECTIONS = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
"""Shifts of the forecast in one-step scales, which a forecaster may choose from."""

ROLES = ("defender", "forecaster", "adversary", "both")
"""Who learns; "both" are a defender and an adversary."""

WARM_UP = 30
"""Periods before the first round, on which forecasters are fitted."""


@dataclass(frozen=True)
class RecordedGame:
    """A game on a record.

    Args:
        game: game with its settings and forecasters.
        initial: state that it begins in.
        world: record.
        rounds: number of rounds.
    """

    game: ForecastGame
    initial: ForecastState
    world: ReplayWorld
    rounds: int


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


def recorded_game(rows: Sequence[Observation], warm_up: int = WARM_UP) -> RecordedGame:
    """Return the game of a series: an AR(4), refitted every fourth round, taken at its word.

    Args:
        rows: rows of the series, oldest first.
        warm_up: rows before the first round.

    Returns:
        The game without anyone who attacks or defends.
    """
    world = ReplayWorld(tuple(rows))
    rounds = len(rows) - 1 - warm_up
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
    return RecordedGame(game, world.initial_state(warm_up), world, rounds)


def later_game(dataset: Dataset, name: str, year: int) -> RecordedGame | None:
    """Return the game of a series from a year on, its earlier rows being known.

    Args:
        dataset: dataset.
        name: name of the series.
        year: year of the first round.

    Returns:
        The game; None: no period of that year or later has a target, or too few come before.
    """
    rows = [replace(row, macro_context={}) for row in dataset.series(name)]
    before = sum(row.timestamp.year < year for row in rows)
    if before < WARM_UP or before > len(rows) - 2:
        return None
    return recorded_game(rows, before)


def team_registry(registry: AgentRegistry, agent: Any) -> AgentRegistry:
    """Return the agents of a game with a team's agent in its seat.

    Args:
        registry: agents of the game.
        agent: a defender, an agent that corrects the pool (`correcting`), or None: neither.

    Returns:
        The same forecasters, with that agent.
    """
    if agent is None:
        return registry
    if hasattr(agent, "correcting"):
        return replace(registry, aggregator=agent.correcting(registry.aggregator))
    return replace(registry, defenders=(agent,))


def series_duel(
    rows: Sequence[Observation],
    budget: float,
    role: str = "both",
    features: Sequence[str] = (),
    team: Any = None,
) -> BudgetedGame:
    """Return the game of a series with a budget that runs out.

    Args:
        rows: rows of the series, oldest first.
        budget: what hits may come to per round, in one-step scales; the game's is that, times its
            rounds.
        role: who learns: "defender" or "both": the team's actions are `DOUBTS`; "forecaster": they
            are `CORRECTIONS`; "adversary": the team has one action.
        features: names of what the learner sees (`cells_of_role`), with "both" the defender; empty:
            the usual ones.
        team: agent that plays against a learning adversary, as for `team_registry`.

    Returns:
        Losses (CRPS) in one-step scales, by round, hit of `HITS` and action of the team.

    Raises:
        ConfigError: Another role, or features that it does not see.
        DataError: The series does not move, cannot be played, or rounds with that team do not
            separate.
    """
    if role not in ROLES:
        raise ConfigError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
    one = recorded_game(rows)
    seen = cells_of_role("defender" if role == "both" else role, features)
    grids = {"grid": seen} if role == "adversary" else {"team_grid": seen}
    game = ForecastGame(one.game.config, seed=0, registry=team_registry(one.game.registry, team))
    return tabulate_attack(
        game,
        one.initial,
        hits=HITS,
        budget=budget * one.rounds,
        doubts=DOUBTS if role in ("defender", "both") else None,
        corrections=CORRECTIONS if role == "forecaster" else None,
        world=one.world,
        **grids,
    )[0]


def series_game(rows: Sequence[Observation], budget: float, role: str = "defender") -> TabledGame:
    """Return the tables of `series_duel`, with the budget as a bound of the expected cost.

    Args:
        rows: rows of the series, oldest first.
        budget: what hits may come to per round in expectation, in one-step scales.
        role: who learns, as for `series_duel`.

    Returns:
        Losses (CRPS) in one-step scales, by round, hit of `HITS` and action of the team.
    """
    return series_duel(rows, budget, role).tables
