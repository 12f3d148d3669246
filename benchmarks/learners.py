"""Measure steps per second of two WoLF-PHC learners, plain and compiled.

In small games joint steps are counted; in the game, decisions: two per round, one of each side.

    uv run python benchmarks/learners.py             about 20 seconds of one core
    uv run python benchmarks/learners.py --openspiel  beside OpenSpiel's own, where it is installed

Rates are of CPU seconds of one thread, the best of several runs, so that what else the machine does
counts little. Both paths end in the same bits, which is checked here as well.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from fg_core import Observation
from fg_training import (
    KNOWN_GAMES,
    Duel,
    SelfPlay,
    WoLFPHCAgent,
    matrix_game,
    random_markov_game,
    series_duel,
)

COMPILED_STEPS = 2_000_000
PLAIN_STEPS = 50_000
RUNS = 5


def matrix_play(name: str) -> SelfPlay:
    game = matrix_game(KNOWN_GAMES[name])
    return SelfPlay(game, WoLFPHCAgent(1, game.n_rows), WoLFPHCAgent(1, game.n_columns))


def markov_play() -> SelfPlay:
    game = random_markov_game(1, 5, 2, 2, discount=0.9)
    return SelfPlay(game, WoLFPHCAgent(5, 2, discount=0.9), WoLFPHCAgent(5, 2, discount=0.9))


def rate(play: SelfPlay, steps: int, compiled: bool) -> float:
    play.advance(1, compiled=compiled)  # machine code is made, or loaded
    best = 0.0
    for _ in range(RUNS):
        begin = time.process_time()
        play.advance(steps, compiled=compiled)
        best = max(best, steps / (time.process_time() - begin))
    return best


def same_bits(make: Callable[[], SelfPlay]) -> bool:
    plain, compiled = make(), make()
    plain.advance(20_000, compiled=False)
    compiled.advance(20_000, compiled=True)
    pairs = (plain.row, compiled.row), (plain.column, compiled.column)
    names = ("q", "policy", "average", "visits")
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for a, b in pairs for n in names)


def game_duel() -> Duel:
    """Return the game of a defender and an adversary on a recorded series of 200 periods."""
    first = datetime(1970, 1, 1, tzinfo=UTC)
    values = np.cumsum(np.random.default_rng(1).normal(0.1, 1.0, 231)) + 30.0
    days = [first + timedelta(days=k) for k in range(values.size)]
    rows = [
        Observation(day, round(float(value), 2), {}, day, "walk", "made")
        for day, value in zip(days, values, strict=True)
    ]
    return Duel(series_duel(rows, 0.25, "both"))


def decision_rate(duel: Duel, episodes: int, compiled: bool) -> float:
    """Return decisions per CPU second of both sides, learning in the game."""
    game = duel.game
    team = WoLFPHCAgent(game.tables.n_cells, game.tables.n_doubts)
    rival = WoLFPHCAgent(game.grid.n_cells, game.n_hits, exploration=0.1, discount=1.0)
    draws = np.random.default_rng(2).random((2, game.n_rounds))
    duel.play(team, rival, *draws, compiled=compiled)  # machine code is made, or loaded
    best = 0.0
    for _ in range(RUNS):
        begin = time.process_time()
        for _ in range(episodes):
            duel.play(team, rival, *draws, compiled=compiled)
        took = time.process_time() - begin
        best = max(best, 2 * episodes * game.n_rounds / took)
    return best


def openspiel_rate(steps: int = 5_000) -> float:
    """Return episodes per second of OpenSpiel's WoLF-PHC in matching pennies."""
    from open_spiel.python import rl_environment
    from open_spiel.python.algorithms.wolf_phc import WoLFPHC

    environment = rl_environment.Environment("matrix_mp")
    agents = [WoLFPHC(i, environment.action_spec()["num_actions"]) for i in (0, 1)]
    begin = time.process_time()
    for _ in range(steps):
        moment = environment.reset()
        while not moment.last():
            moment = environment.step([agent.step(moment).action for agent in agents])
        for agent in agents:
            agent.step(moment)
    return steps / (time.process_time() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--openspiel", action="store_true")
    options = parser.parse_args()
    makers: dict[str, Callable[[], SelfPlay]] = {
        "matching_pennies": lambda: matrix_play("matching_pennies"),
        "rock_paper_scissors": lambda: matrix_play("rock_paper_scissors"),
        "markov, 5 states": markov_play,
    }
    print(
        f"{'joint steps per CPU second':28} {'compiled':>12} {'plain':>10} {'ratio':>6}  same bits"
    )
    for name, make in makers.items():
        fast, plain = rate(make(), COMPILED_STEPS, True), rate(make(), PLAIN_STEPS, False)
        print(f"{name:28} {fast:12,.0f} {plain:10,.0f} {fast / plain:6.0f}  {same_bits(make)}")
    duel = game_duel()
    fast, plain = decision_rate(duel, 500, True), decision_rate(duel, 20, False)
    print(f"{'in the game, decisions':28} {fast:12,.0f} {plain:10,.0f} {fast / plain:6.0f}")
    if options.openspiel:
        print(f"{'OpenSpiel, matching_pennies':28} {'':12} {openspiel_rate():10,.0f}")


if __name__ == "__main__":
    main()
