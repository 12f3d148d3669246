from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fg_core import (
    AgentRegistry,
    AutoRegression,
    Drift,
    ForecastGame,
    Observation,
    PoolAggregator,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.errors import ConfigError, DataError
from fg_core.game import payoffs
from fg_core.testing import check_defender
from fg_training import RADversarialTrainer, TableDefender, tabulate_defense
from fg_training.table_defender import PRINT_CELLS

HITS = (-3.0, -1.0, 0.0, 1.0, 3.0)
DOUBTS = (0.0, 0.5, 1.0)
ROUNDS = 25


def record(seed: int = 4, n: int = 60) -> ReplayWorld:
    values = np.cumsum(np.random.default_rng(seed).normal(0.1, 1.0, n)) + 30.0
    first = datetime(2000, 1, 1, tzinfo=UTC)
    days = (first + timedelta(days=i) for i in range(n))
    return ReplayWorld(
        tuple(
            Observation(day, round(float(value), 6), {}, day, "s", "x")
            for day, value in zip(days, values, strict=True)
        )
    )


WORLD = record()
START = WORLD.initial_state(30)


def a_game(**settings: object) -> ForecastGame:
    config = SimulationConfig(
        horizon=ROUNDS,
        max_rounds=ROUNDS,
        disturbance_prob=0.0,
        enable_refactor=False,
        attack_cap=np.inf,
        attack_total=np.inf,
        **settings,  # type: ignore[arg-type]
    )
    registry = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(2)), (), (), PoolAggregator("bayesian")
    )
    return ForecastGame(config, seed=1, registry=registry)


def test_a_trained_table_plays_in_the_game_what_it_was_trained_on() -> None:
    game = a_game()
    tabled, table = tabulate_defense(game, START, hits=HITS, doubts=DOUBTS, budget=0.5, world=WORLD)
    pure = np.eye(3)[np.random.default_rng(0).integers(0, 3, PRINT_CELLS.n_cells)]
    mixed = np.random.default_rng(1).dirichlet(np.ones(3), PRINT_CELLS.n_cells)
    picks = np.random.default_rng(2).integers(0, 5, ROUNDS)
    hits = np.eye(5)[picks]

    def played(policy: np.ndarray) -> np.ndarray:
        defender = TableDefender.from_policy(policy, DOUBTS)
        adversary = ScriptedAdversary(np.array(HITS)[picks] * table.step_scale, first_t=30)
        registry = replace(game.registry, adversaries=(adversary,), defenders=(defender,))
        out = ForecastGame(game.config, seed=1, registry=registry).run_batch(START, 1, world=WORLD)
        return np.asarray(out.horizons[1].score[0]) / table.step_scale

    # A pure policy: every round as tabulated, to the last bit.
    by_table = (tabled.loss_of_hits(pure) * hits).sum(axis=1)
    assert (played(pure) == by_table).all()
    assert len(set(by_table.tolist())) == ROUNDS
    # A mixed one: the mixture of its forecasts scores no worse than they do on average.
    assert (played(mixed) <= (tabled.loss_of_hits(mixed) * hits).sum(axis=1) + 1e-12).all()


def test_training_lowers_the_worst_case_of_the_played_game() -> None:
    game = a_game()
    tabled, _ = tabulate_defense(game, START, hits=HITS, doubts=DOUBTS, budget=0.5, world=WORLD)
    found = RADversarialTrainer().train(tabled, epochs=60)
    undefended = np.eye(3)[[0] * PRINT_CELLS.n_cells]
    trained = TableDefender.from_policy(found.policy, DOUBTS)
    registry = replace(game.registry, defenders=(trained,))
    shown = payoffs(ForecastGame(game.config, seed=1, registry=registry), START, HITS, world=WORLD)
    assert shown.separates
    losses = shown.scores / shown.step_scale
    from fg_training.tabled_game import worst_hits

    worst = (losses * worst_hits(losses, tabled.costs, tabled.budget)).sum()
    before = tabled.loss(undefended, tabled.worst_hits(undefended))
    assert worst <= found.curve[-1].worst_loss + 1e-9
    assert worst < 0.9 * before
    # A shuffled table has lost what it learned.
    shuffled = found.policy[np.random.default_rng(3).permutation(PRINT_CELLS.n_cells)]
    assert tabled.loss(shuffled, tabled.worst_hits(shuffled)) > found.curve[-1].worst_loss


def test_it_keeps_the_promises_of_a_defender() -> None:
    check_defender(TableDefender(tuple(np.linspace(0.0, 1.0, PRINT_CELLS.n_cells))))


def test_games_whose_rounds_do_not_separate_are_refused() -> None:
    with pytest.raises(DataError, match="revealed after 2 rounds"):
        tabulate_defense(
            a_game(reveal_lag=2), START, hits=HITS, doubts=DOUBTS, budget=0.5, world=WORLD
        )
    with pytest.raises(ConfigError, match="not to hit"):
        tabulate_defense(a_game(), START, hits=[1.0], doubts=DOUBTS, budget=0.5, world=WORLD)


@pytest.mark.parametrize("p_bad", [(0.5,), (2.0,) * 13, (np.nan,) * 13])
def test_tables_that_are_none_are_refused(p_bad: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError):
        TableDefender(p_bad)
