from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from fg_core.errors import ConfigError
from fg_training import RADversarialTrainer, TabledGame

BIASED = [[3, -1], [-2, 1]]


def random_tables(seed: int, budget: float) -> TabledGame:
    rng = np.random.default_rng(seed)
    costs = np.abs(rng.standard_normal((6, 4)))
    costs[:, 1] = 0.0
    return TabledGame(rng.standard_normal((6, 4, 3)), rng.integers(0, 5, (6, 4)), 5, costs, budget)


@pytest.mark.parametrize("budget", [0.0, 0.7, 2.0, np.inf])
def test_the_worst_hits_solve_the_linear_program(budget: float) -> None:
    for seed in range(4):
        game = random_tables(seed, budget)
        policy = np.random.default_rng(seed).dirichlet(np.ones(3), 5)
        loss = game.loss_of_hits(policy)
        within = {} if np.isinf(budget) else {"A_ub": game.costs.reshape(1, -1), "b_ub": [budget]}
        program = linprog(
            -loss.ravel(), A_eq=np.kron(np.eye(6), np.ones(4)), b_eq=np.ones(6), **within
        )
        hits = game.worst_hits(policy)
        assert game.loss(policy, hits) == pytest.approx(-program.fun)
        assert (hits * game.costs).sum() <= budget + 1e-12
        assert hits.sum(axis=1) == pytest.approx(np.ones(6))
        assert hits.min() >= -1e-15


def test_damage_rises_with_the_budget() -> None:
    policy = np.full((5, 3), 1 / 3)
    worst = []
    for budget in (0.0, 0.5, 1.0, 2.0, 5.0):
        game = random_tables(1, budget)
        worst.append(game.loss(policy, game.worst_hits(policy)))
    assert worst == sorted(worst)
    assert worst[-1] > worst[0]


def test_a_pool_converges_where_the_last_opponent_alone_does_not() -> None:
    game = TabledGame.of_matrix(BIASED)
    pool = RADversarialTrainer("uniform").train(game, epochs=1000)
    last = RADversarialTrainer("last").train(game, epochs=1000)
    assert pool.curve[-1].nash_conv <= 0.02
    assert pool.policy[0] == pytest.approx([3 / 7, 4 / 7], abs=0.01)
    assert last.curve[-1].nash_conv > 0.5
    assert min(epoch.last_nash_conv for epoch in last.curve) >= 2.0


def test_the_worst_of_the_past_are_a_pool_too() -> None:
    game = TabledGame.of_matrix(BIASED)
    worst = RADversarialTrainer("worst", worst_k=40).train(game, epochs=150)
    last = RADversarialTrainer("last").train(game, epochs=150)
    assert worst.curve[-1].nash_conv < 0.6 * last.curve[-1].nash_conv


def test_a_defender_that_learns_comes_close_to_one_that_responds_exactly() -> None:
    game = TabledGame.of_matrix(BIASED)
    found = RADversarialTrainer(steps=100, seed=3).train(game, epochs=150)
    assert found.curve[-1].nash_conv < 0.4  # uniform play: 1.0
    assert found.curve[-1].td_error > 0.0


def test_policies_of_several_cells_go_to_an_equilibrium_within_the_budget() -> None:
    game = random_tables(2, 1.5)
    found = RADversarialTrainer().train(game, epochs=1000)
    assert found.curve[-1].nash_conv < 0.05
    assert found.curve[9].nash_conv > 3 * found.curve[-1].nash_conv
    assert all(epoch.cost <= 1.5 + 1e-9 for epoch in found.curve)
    assert (found.hits * game.costs).sum() <= 1.5 + 1e-9
    # Nobody gains by another policy: the mean one is the safest that there is, up to that gap.
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = rng.dirichlet(np.ones(3), 5)
        worst = game.loss(other, game.worst_hits(other))
        assert worst >= found.curve[-1].worst_loss - found.curve[-1].nash_conv


def test_the_same_seed_trains_the_same() -> None:
    game = random_tables(3, 1.0)
    one, two, three = (
        RADversarialTrainer(steps=50, seed=seed).train(game, epochs=5) for seed in (1, 1, 2)
    )
    assert (one.policy == two.policy).all()
    assert one.curve == two.curve
    assert one.curve != three.curve


def test_games_and_settings_that_are_none_are_refused() -> None:
    losses, cells, costs = np.zeros((2, 2, 2)), np.zeros((2, 2), dtype=int), np.zeros((2, 2))
    for bad in (
        (losses, cells + 3, 2, costs),
        (losses, cells[:1], 2, costs),
        (losses + np.nan, cells, 2, costs),
        (losses, cells, 2, costs + 1.0),
        (losses, cells, 2, costs, -1.0),
    ):
        with pytest.raises(ConfigError):
            TabledGame(*bad)
    for settings in ({"opponents": "best"}, {"worst_k": 0}, {"steps": -1}, {"exploration": 2.0}):
        with pytest.raises(ConfigError):
            RADversarialTrainer(**settings)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="epochs"):
        RADversarialTrainer().train(TabledGame.of_matrix(BIASED), epochs=0)
