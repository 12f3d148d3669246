from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fg_core import ForecastGame, ReplayWorld, ScriptedAdversary
from fg_core.errors import ConfigError, DataError
from fg_core.game import payoffs
from fg_core.testing import check_defender
from fg_training import RADversarialTrainer, TableDefender, cells_of_role, tabulate_defense
from fg_training.table_defender import PRINT_CELLS

HITS = (-3.0, -1.0, 0.0, 1.0, 3.0)
DOUBTS = (0.0, 0.5, 1.0)
ROUNDS = 25
Games = Callable[..., ForecastGame]


@pytest.fixture(scope="module")
def world(random_walk: Callable[..., ReplayWorld]) -> ReplayWorld:
    return random_walk()


def test_a_trained_table_plays_in_the_game_what_it_was_trained_on(
    a_game: Games, world: ReplayWorld
) -> None:
    game, start = a_game(ROUNDS), world.initial_state(30)
    tabled, table = tabulate_defense(game, start, hits=HITS, doubts=DOUBTS, budget=0.5, world=world)
    pure = np.eye(3)[np.random.default_rng(0).integers(0, 3, PRINT_CELLS.n_cells)]
    mixed = np.random.default_rng(1).dirichlet(np.ones(3), PRINT_CELLS.n_cells)
    picks = np.random.default_rng(2).integers(0, 5, ROUNDS)
    hits = np.eye(5)[picks]

    def played(policy: np.ndarray) -> np.ndarray:
        defender = TableDefender.from_policy(policy, DOUBTS)
        adversary = ScriptedAdversary(np.array(HITS)[picks] * table.step_scale, first_t=30)
        registry = replace(game.registry, adversaries=(adversary,), defenders=(defender,))
        out = ForecastGame(game.config, seed=1, registry=registry).run_batch(start, 1, world=world)
        return np.asarray(out.horizons[1].score[0]) / table.step_scale

    # A pure policy: every round as tabulated, to the last bit.
    by_table = (tabled.loss_of_hits(pure) * hits).sum(axis=1)
    assert (played(pure) == by_table).all()
    assert len(set(by_table.tolist())) == ROUNDS
    # A mixed one: the mixture of its forecasts scores no worse than they do on average.
    assert (played(mixed) <= (tabled.loss_of_hits(mixed) * hits).sum(axis=1) + 1e-12).all()


def test_training_lowers_the_worst_case_of_the_played_game(
    a_game: Games, world: ReplayWorld
) -> None:
    game, start = a_game(ROUNDS), world.initial_state(30)
    tabled, _ = tabulate_defense(game, start, hits=HITS, doubts=DOUBTS, budget=0.5, world=world)
    found = RADversarialTrainer().train(tabled, epochs=60)
    undefended = np.eye(3)[[0] * PRINT_CELLS.n_cells]
    trained = TableDefender.from_policy(found.policy, DOUBTS)
    registry = replace(game.registry, defenders=(trained,))
    shown = payoffs(ForecastGame(game.config, seed=1, registry=registry), start, HITS, world=world)
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
    for grid in (PRINT_CELLS, cells_of_role("defender", ["surprise", "drift", "speed"])):
        check_defender(TableDefender(tuple(np.linspace(0.0, 1.0, grid.n_cells)), grid))


def test_games_whose_rounds_do_not_separate_are_refused(a_game: Games, world: ReplayWorld) -> None:
    game, late, start = a_game(ROUNDS), a_game(ROUNDS, reveal_lag=2), world.initial_state(30)
    with pytest.raises(DataError, match="revealed after 2 rounds"):
        tabulate_defense(late, start, hits=HITS, doubts=DOUBTS, budget=0.5, world=world)
    with pytest.raises(ConfigError, match="not to hit"):
        tabulate_defense(game, start, hits=[1.0], doubts=DOUBTS, budget=0.5, world=world)


@pytest.mark.parametrize("p_bad", [(0.5,), (2.0,) * 13, (np.nan,) * 13])
def test_tables_that_are_none_are_refused(p_bad: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError):
        TableDefender(p_bad)
