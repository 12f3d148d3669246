from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import ArtifactError, ConfigError
from fg_training import (
    ATTACK_CELLS,
    BudgetedGame,
    Duel,
    DuelLoop,
    QTableAgent,
    TabledGame,
    WoLFPHCAgent,
    join_budgeted,
    train_challenger,
)

HITS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def tables(seed: int = 2, budget: float = 3.0, n: int = 12) -> BudgetedGame:
    """A game in which larger hits cost more, and doubt 1 answers them."""
    rng = np.random.default_rng(seed)
    size = np.abs(np.array(HITS))
    losses = 0.3 * np.abs(rng.standard_normal((n, 5, 2)))
    losses[:, :, 0] += size
    losses[:, :, 1] += 0.5 + 0.2 * size
    cells = np.tile([1, 1, 0, 1, 1], (n, 1))
    costs = np.tile(size, (n, 1))
    game = TabledGame(losses, cells, 2, costs, budget)
    features = rng.integers(0, 9, n)
    return BudgetedGame(game, losses - 0.1 * size[:, None], HITS, features, (0,), (budget,))


def rival(game: BudgetedGame, seed: int, *, exploration: float = 0.0) -> QTableAgent:
    agent = QTableAgent(game.grid.n_cells, game.n_hits, exploration=exploration, discount=1.0)
    draws = np.random.default_rng(seed)
    agent.start_from(np.eye(game.n_hits)[draws.integers(0, game.n_hits, game.grid.n_cells)])
    return agent


@given(st.integers(0, 10_000), st.floats(0.0, 8.0))
@settings(max_examples=40, deadline=None)
def test_nobody_beats_the_clairvoyant_within_its_budget(seed: int, budget: float) -> None:
    game = tables(seed, budget).against(np.random.default_rng(seed).dirichlet([1, 1], 2))
    alone = QTableAgent(2, 1, exploration=0.0)
    drawn = np.random.default_rng(seed).uniform(size=(2, game.n_rounds))
    found = Duel(game).play(alone, rival(game, seed), drawn[0], drawn[1])
    spent = game.tables.costs[np.arange(game.n_rounds), found.hits].sum()
    assert spent <= budget + 1e-6
    assert found.spent == pytest.approx(spent / budget if budget else 0.0)
    worst = game.worst_loss(np.ones((2, 1)))
    assert game.clean_loss(np.ones((2, 1))) - 1e-12 <= worst
    assert found.loss <= worst + 1e-12
    # A bound of the expected cost is looser than the budget itself.
    assert (
        worst * game.n_rounds
        <= game.tables.loss(np.ones((2, 1)), game.tables.worst_hits(np.ones((2, 1)))) + 1e-9
    )


def test_budgets_are_each_series_own() -> None:
    one, two = tables(1, 1.0), tables(5, 4.0)
    both = join_budgeted([one, two])
    policy = np.full((2, 2), 0.5)
    apart = [game.worst_loss(policy) * game.n_rounds for game in (one, two)]
    assert both.worst_loss(policy) * both.n_rounds == pytest.approx(sum(apart))
    assert both.stretches == ((0, 12, 1.0), (12, 24, 4.0))


def test_a_challenger_costs_more_than_any_constant_hit_and_less_than_the_clairvoyant() -> None:
    game = tables(3, 4.0, 40).against([[1.0, 0.0], [1.0, 0.0]])
    found = train_challenger(game, 60, seed=1)
    constants = []
    for hit in range(5):
        agent = rival(game, 0)
        agent.start_from(np.eye(5)[hit])
        agent.frozen = True
        unused = np.full(40, 0.5)
        constants.append(Duel(game).play(QTableAgent(2, 1), agent, unused, unused).loss)
    assert max(constants) <= found.loss <= game.worst_loss(np.ones((2, 1)))
    assert found.loss > game.clean_loss(np.ones((2, 1)))
    assert train_challenger(game, 60, seed=1).hits.tolist() == found.hits.tolist()


@pytest.mark.slow  # it compiles
def test_compiled_and_plain_paths_give_the_same_bits() -> None:
    game = tables(4, 5.0, 30)
    ends = []
    for compiled in (False, True):
        team = WoLFPHCAgent(2, 2)
        other = WoLFPHCAgent(game.grid.n_cells, 5, exploration=0.1, discount=1.0)
        for episode in range(4):
            drawn = np.random.default_rng(episode).uniform(size=(2, 30))
            last = Duel(game).play(
                team, other, drawn[0], drawn[1], first=30 * episode, compiled=compiled
            )
        tables_ = [getattr(a, k).tolist() for a in (team, other) for k in ("q", "policy", "visits")]
        ends.append((tables_, last.hits.tolist(), last.doubts.tolist(), last.loss, last.team_error))
    assert ends[0] == ends[1]


def loop(seed: int = 9, *, frozen: bool = False) -> DuelLoop:
    game = tables(6, 4.0, 20)
    team = WoLFPHCAgent(2, 2)
    team.frozen = frozen
    other = WoLFPHCAgent(game.grid.n_cells, 5, exploration=0.1, discount=1.0)
    return DuelLoop(game, team, other, seed=seed)


def test_a_duel_that_was_saved_and_read_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    straight, stopped = loop(), loop()
    straight.run(9, evaluate_every=3)
    stopped.run(4, evaluate_every=3)
    stopped.save(tmp_path / "loop.json")
    resumed = DuelLoop.load(tmp_path / "loop.json", stopped.game)
    resumed.run(5, evaluate_every=3)
    assert resumed.curve == straight.curve
    for name in ("q", "policy", "average", "visits"):
        for side in ("team", "rival"):
            mine, theirs = (getattr(getattr(one, side), name) for one in (resumed, straight))
            assert mine.tolist() == theirs.tolist()
    judged = [one.episode for one in straight.curve if one.challenger_loss is not None]
    assert judged == [3, 6, 9]
    assert straight.best_episode in judged
    with pytest.raises(ArtifactError, match="another game"):
        DuelLoop.load(tmp_path / "loop.json", tables(7, 4.0, 20))
    (tmp_path / "loop.json").write_bytes((tmp_path / "loop.json").read_bytes()[:-40])
    with pytest.raises(ArtifactError, match="damaged"):
        DuelLoop.load(tmp_path / "loop.json", stopped.game)


def test_it_stops_when_evaluations_no_longer_get_better() -> None:
    one = loop(frozen=True)
    one.rival.frozen = True  # nothing ever changes, so the first evaluation stays the best
    assert len(one.run(50, evaluate_every=2, evaluations=3)) == 8
    assert one.best_episode == 2
    assert one.is_past_best(3)
    assert not one.is_past_best(4)


def test_an_adversary_learns_to_hit_where_it_pays_and_its_shuffled_table_does_not() -> None:
    one = loop(frozen=True)
    one.run(150)
    none = one.game.clean_loss(one.team.mix())
    gain = one.curve[-1].adversary_loss - none
    assert gain > 0.0
    from fg_training.duel import rival_loss

    against = one.game.against(one.team.mix())
    shuffled = [
        rival_loss(
            against, one.rival.policy[:, np.random.default_rng(seed).permutation(one.game.n_hits)]
        )
        for seed in range(5)
    ]
    assert np.mean(shuffled) - none < 0.9 * gain


def test_games_that_do_not_fit_together_are_refused() -> None:
    game = tables()
    with pytest.raises(ConfigError, match="shapes"):
        DuelLoop(game, QTableAgent(2, 1), QTableAgent(game.grid.n_cells, 5))
    with pytest.raises(ConfigError, match="one doubt"):
        train_challenger(game, 1, seed=0)
    with pytest.raises(ConfigError, match="as many budgets"):
        BudgetedGame(game.tables, game.rewards, HITS, game.features, (0, 5), (1.0,))
    with pytest.raises(ConfigError, match="cells from 0 to 8"):
        BudgetedGame(game.tables, game.rewards, HITS, game.features + 9, (0,), (1.0,))
    assert game.n_features * (len(ATTACK_CELLS.edges[-1]) + 1) == ATTACK_CELLS.n_cells
