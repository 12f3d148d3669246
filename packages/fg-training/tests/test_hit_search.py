"""The search for hits plays with the bits of a duel, and ends where no change is worse."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import ConfigError
from fg_training import BudgetedGame, Duel, QTableAgent, TabledGame, cells_of_role, join_budgeted
from fg_training.duel import fixed_team, improved_policy
from fg_training.hit_search import improved_hits, losses_of_tables

HITS = (-2.0, -1.0, 0.0, 1.0)


def a_game(
    seed: int, budget: float, rounds: int = 9, features: tuple[str, ...] = ()
) -> BudgetedGame:
    rng = np.random.default_rng(seed)
    grid = cells_of_role("adversary", features)
    losses = np.abs(rng.standard_normal((rounds, 4, 1)))
    # Prints are rounded, so that hits cost a little more or less than they should.
    costs = np.abs(HITS) * rng.uniform(0.9, 1.1, (rounds, 4))
    tables = TabledGame(losses, np.zeros((rounds, 4), dtype=np.intp), 1, costs, budget)
    n = grid.n_cells // (15 if "last_action" in features else 5)
    cells = rng.integers(0, n, rounds)
    return BudgetedGame(tables, losses, HITS, cells, (0,), (budget,), grid)


@given(
    st.integers(0, 10_000),
    st.sampled_from([0.0, 1.5, 6.0, np.inf]),
    st.sampled_from([(), ("speed", "last_action")]),
)
@settings(max_examples=40, deadline=None)
def test_it_plays_as_a_duel_does_and_lies_between_its_beginning_and_the_exact(
    seed: int, budget: float, features: tuple[str, ...]
) -> None:
    game = join_budgeted([a_game(seed, budget, 9, features), a_game(seed + 1, 2.0, 6, features)])
    tables = np.random.default_rng(seed).integers(0, 4, (5, game.grid.n_cells))
    losses, seen = losses_of_tables(game, tables)
    unused = np.full(15, 0.5)
    for table, loss, visited in zip(tables, losses, seen, strict=True):
        rival = QTableAgent(game.grid.n_cells, 4, exploration=0.0)
        rival.start_from(np.eye(4)[table])
        rival.frozen = True
        assert Duel(game).play(fixed_team(game), rival, unused, unused).loss == loss
        elsewhere = np.where(visited, table, (table + 1) % 4)
        assert losses_of_tables(game, elsewhere[None])[0][0] == loss
    table, found = improved_hits(game, tables[0])
    assert losses[0] <= found <= game.worst_loss(np.ones((1, 1))) + 1e-12
    assert losses_of_tables(game, table[None])[0][0] == found
    # No change of a single cell is worse for the team.
    changed = np.tile(table, (game.grid.n_cells * 4, 1))
    pairs = np.array(list(product(range(game.grid.n_cells), range(4))))
    changed[np.arange(len(pairs)), pairs[:, 0]] = pairs[:, 1]
    assert losses_of_tables(game, changed)[0].max() <= found


def test_it_saves_its_budget_for_the_cell_where_hits_pay() -> None:
    # Ten rounds of little damage come before the one that a unit should be kept for.
    losses = np.zeros((11, 2, 1))
    losses[:10, 1], losses[10, 1] = 0.1, 5.0
    costs = np.tile([0.0, 1.0], (11, 1))
    tables = TabledGame(losses, np.zeros((11, 2), dtype=np.intp), 1, costs, 1.0)
    features = [0] * 10 + [1]
    game = BudgetedGame(tables, losses, (0.0, 1.0), features, (0,), (1.0,))  # type: ignore[arg-type]
    always = np.eye(2)[np.ones(game.grid.n_cells, dtype=int)]
    policy, loss = improved_policy(game, always)
    assert loss == pytest.approx(5.0 / 11)
    assert policy[5:10, 1].any()  # the cells of feature 1
    assert losses_of_tables(game, always.argmax(axis=1)[None])[0][0] == pytest.approx(0.1 / 11)


def test_games_that_do_not_fit_are_refused() -> None:
    game = a_game(1, 2.0)
    with pytest.raises(ConfigError, match="45 cells wanted"):
        losses_of_tables(game, [[0, 0]])
