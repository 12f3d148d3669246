from __future__ import annotations

import numpy as np
import pytest

from fg_core.errors import ConfigError
from fg_training import (
    KNOWN_GAMES,
    SHORT,
    MarkovGame,
    MinimaxQAgent,
    best_response,
    markov_nash_conv,
    matrix_game,
    nash_conv,
    random_markov_game,
    solve_markov,
    solve_matrix,
)

KNOWN = {
    "matching_pennies": ([0.5, 0.5], [0.5, 0.5], 0.0),
    "biased_third_half": ([1 / 3, 2 / 3], [1 / 2, 1 / 2], 0.0),
    "biased_sevenths": ([3 / 7, 4 / 7], [2 / 7, 5 / 7], 1 / 7),
    "skewed_tenth": ([0.1, 0.9], [0.1, 0.9], 0.0),
    "rock_paper_scissors": ([1 / 3] * 3, [1 / 3] * 3, 0.0),
    "biased_rock_paper_scissors": ([0.25, 0.25, 0.5], [0.25, 0.25, 0.5], 0.0),
}


def random_game(
    seed: int, shape: tuple[int, int, int] = (4, 2, 3), discount: float = 0.8
) -> MarkovGame:
    return random_markov_game(seed, *shape, discount=discount)


@pytest.mark.parametrize("name", KNOWN_GAMES)
def test_known_equilibria(name: str) -> None:
    row, column, value = KNOWN[name]
    found = solve_matrix(KNOWN_GAMES[name])
    assert found.row == pytest.approx(row, abs=1e-9)
    assert found.column == pytest.approx(column, abs=1e-9)
    assert float(found.value) == pytest.approx(value, abs=1e-9)
    assert nash_conv(KNOWN_GAMES[name], found.row, found.column) == pytest.approx(0.0, abs=1e-9)


def test_closed_form_and_linear_program_agree() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        matrix = rng.uniform(-1, 1, (2, 2))
        doubled = np.vstack([matrix, matrix[:1] - 5.0])  # a third row that nobody plays
        closed, program = solve_matrix(matrix), solve_matrix(doubled)
        assert float(closed.value) == pytest.approx(float(program.value), abs=1e-8)
        assert nash_conv(matrix, closed.row, closed.column) == pytest.approx(0.0, abs=1e-12)


def test_a_saddle_point_is_pure() -> None:
    found = solve_matrix([[4, 2], [3, 1]])
    assert (found.row.tolist(), found.column.tolist(), float(found.value)) == ([1, 0], [0, 1], 2.0)


def test_nash_conv_by_hand() -> None:
    # Row gains by action 0 (2 - 0 expected), column by action 1: 3 - (-1).
    assert nash_conv([[3, -1], [-2, 1]], [1.0, 0.0], [1.0, 0.0]) == 4.0


def test_nobody_gains_at_the_equilibrium_of_a_markov_game() -> None:
    for game in (
        random_game(0, (4, 2, 2)),
        random_game(1, (4, 2, 2)),
        random_game(2, discount=0.1),
    ):
        found = solve_markov(game)
        gaps = markov_nash_conv(game, found.row, found.column)
        assert gaps == pytest.approx(0.0, abs=1e-8)
        assert (
            markov_nash_conv(game, np.eye(2)[[0] * 4], np.eye(game.n_columns)[[0] * 4]) > 0.05
        ).any()


def test_a_best_response_is_the_best_of_all_pure_ones() -> None:
    game = random_game(7, (3, 2, 2))
    opponent = np.random.default_rng(1).dirichlet([1.0, 1.0], 3)
    for player, sign in (("row", 1.0), ("column", -1.0)):
        values, response = best_response(game, opponent, player=player)
        mine, other = ("i", "j") if player == "row" else ("j", "i")
        rewards = np.einsum(f"sij,s{other}->s{mine}", game.rewards, opponent)
        moves = np.einsum(f"sijt,s{other}->s{mine}t", game.transitions, opponent)
        worths = []
        for code in range(8):
            pure = [(code >> s) & 1 for s in range(3)]
            system = np.eye(3) - game.discount * moves[range(3), pure]
            worths.append(np.linalg.solve(system, rewards[range(3), pure]))
        assert sign * values == pytest.approx(np.max(sign * np.array(worths), axis=0))
        assert response.sum(axis=1).tolist() == [1.0] * 3


def test_a_matrix_is_a_markov_game_of_one_state() -> None:
    game = matrix_game([[3, -1], [-2, 1]])
    row, column = np.array([0.2, 0.8]), np.array([0.7, 0.3])
    assert markov_nash_conv(game, row[None], column[None])[0] == pytest.approx(
        nash_conv(game.rewards[0], row, column)
    )


def test_minimax_q_learns_the_safe_mix_from_an_opponent_that_plays_at_random() -> None:
    matrix = np.array(KNOWN_GAMES["biased_sevenths"], dtype=float)
    agent, rng = MinimaxQAgent(1, 2, 2, rates=SHORT), np.random.default_rng(2)
    for i, j in rng.integers(0, 2, (400, 2)).tolist():
        agent.learn(0, i, j, float(matrix[i, j]), 0)
    assert agent.policy[0] == pytest.approx([3 / 7, 4 / 7], abs=1e-3)
    assert agent.values[0] == pytest.approx(1 / 7, abs=1e-3)


def test_minimax_q_solves_more_than_two_actions_and_looks_ahead() -> None:
    matrix = np.array(KNOWN_GAMES["biased_rock_paper_scissors"], dtype=float)
    agent = MinimaxQAgent(2, 3, 3, discount=0.5)
    agent.q[0], agent.values[1] = matrix, 4.0
    assert agent.learn(0, 0, 0, 0.0, 1) == 2.0  # 0 + 0.5 * 4 - 0
    assert agent.q[0, 0, 0] == pytest.approx(0.02)
    assert agent.policy[0] == pytest.approx([0.25, 0.25, 0.5], abs=0.01)
    assert agent.learn(0, 1, 1, 0.0, 1, terminated=True) == 0.0


def test_games_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="transitions"):
        MarkovGame(np.zeros((2, 1, 1)), np.ones((2, 1, 1, 1)))
    with pytest.raises(ConfigError, match="add up"):
        MarkovGame(np.zeros((1, 1, 1)), np.full((1, 1, 1, 1), 0.5))
    with pytest.raises(ConfigError, match="discount"):
        MarkovGame(np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)), 1.0)
    for bad in ([[np.nan]], [1.0], []):
        with pytest.raises(ConfigError):
            solve_matrix(bad)
