"""Measure what tables of `fg-train` gain by what they see, and how near adversaries come to exact.

    uv run python benchmarks/trained_tables.py adversary   a minute of one core
    uv run python benchmarks/trained_tables.py features    three minutes

Four series of us_macro, the AR(4) of `fg-train`, trained before 1985. `adversary`: damage as a
share of that of the exact worst hits (of an adversary that knows the future, within the same
budget), on the periods of training, and losses from 1985 on. `features`: what a defender and a
forecaster, trained by exact responses, lose from 1985 on by what they see, with 95 % intervals of
the difference to what they usually see (block bootstrap over periods, series together).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import ForecastGame
from fg_data import load_dataset
from fg_training import (
    BudgetedGame,
    Duel,
    QTableAgent,
    RADversarialTrainer,
    TableDefender,
    TableForecaster,
    cells_of_role,
    corrections_that_pay,
    fixed_teams,
    join_budgeted,
    score_teams,
    series_duel,
    tabulate_attack,
)
from fg_training.duel import RIVAL_RATES, fixed_team, improved_policy, rival_loss, uniforms
from fg_training.evaluation import paired_difference
from fg_training.recorded_games import (
    CORRECTIONS,
    DOUBTS,
    HITS,
    later_game,
    recorded_game,
    team_registry,
    train_rows,
)

SERIES = ("infl", "unemp", "tbilrate", "growth")
YEAR = 1985
SEES = {
    "defender": ((), ("surprise", "speed"), ("surprise", "drift"), ("surprise", "drift", "speed")),
    "forecaster": ((), ("surprise", "speed"), ("surprise", "drift", "speed")),
}
DATASET = load_dataset("us_macro")


def game_against(agent: Any, budget: float, later: bool, features: tuple[str, ...]) -> BudgetedGame:
    """Return the game of an adversary against a team that stands still."""
    found = []
    for name in SERIES:
        one = recorded_game(train_rows(DATASET, name, YEAR))
        if later:
            one = later_game(DATASET, name, YEAR) or one
        registry = team_registry(one.game.registry, agent)
        found.append(
            tabulate_attack(
                ForecastGame(one.game.config, seed=0, registry=registry),
                one.initial,
                hits=HITS,
                budget=budget * one.rounds,
                world=one.world,
                grid=cells_of_role("adversary", features),
            )[0]
        )
    return join_budgeted(found)


def learned(game: BudgetedGame, discount: float, episodes: int) -> NDArray[np.float64]:
    """Return the policy of an adversary by Q-learning, shape (cell, hit)."""
    duel, team, n = Duel(game.of_damage()), fixed_team(game), game.n_rounds
    size = game.grid.n_cells, game.n_hits
    rival = QTableAgent(*size, rates=RIVAL_RATES, exploration=0.1, discount=discount)
    for episode in range(episodes):
        drawn = uniforms(7, "benchmark", "adversary", 0, episode, n)
        duel.play(team, rival, np.full(n, 0.5), drawn, first=episode * n)
    return rival.policy


def adversary(episodes: int) -> None:
    print("damage as a share of the exact worst hits before 1985; loss from 1985 on")
    print(f"{'budget':>6} {'team':10} {'adversary':26} {'before':>7} {'later':>7}")
    for budget in (0.1, 0.25, 0.5):
        for name in ("none", "dampening"):
            agent = fixed_teams()[name]
            for features in ((), ("surprise", "speed", "last_action")):
                game = game_against(agent, budget, False, features)
                after = game_against(agent, budget, True, features)
                one = np.ones((game.tables.n_cells, 1))
                clean, worst = game.clean_loss(one), game.worst_loss(one)
                eye = np.eye(game.n_hits)
                constants = [np.tile(row, (game.grid.n_cells, 1)) for row in eye]
                far, near = (learned(game, discount, episodes) for discount in (1.0, 0.0))
                found: Mapping[str, NDArray[np.float64]] = {
                    "one hit in all rounds": max(constants, key=lambda p: rival_loss(game, p)),
                    "Q, to the end": far,
                    "Q, this round": near,
                    "and improved by play": improved_policy(game, near)[0],
                }
                for text, policy in found.items():
                    if features and "improved" not in text:
                        continue
                    share = (rival_loss(game, policy) - clean) / (worst - clean)
                    label = text + ", own last hit" * bool(features)
                    print(
                        f"{budget:6} {name:10} {label:36} {share:7.2f} "
                        f"{rival_loss(after, policy):7.4f}",
                        flush=True,
                    )
            print(f"{budget:6} {name:10} {'exact':36} {1.0:7.2f} {after.worst_loss(one):7.4f}")


def features(epochs: int) -> None:
    later = [one for name in SERIES if (one := later_game(DATASET, name, YEAR)) is not None]
    for role, budget in (("defender", 0.25), ("defender", 0.5), ("forecaster", 0.0)):
        teams: dict[str, Any] = {}
        for names in SEES[role]:
            grid = cells_of_role(role, names)
            game = join_budgeted(
                [series_duel(train_rows(DATASET, one, YEAR), budget, role, names) for one in SERIES]
            ).tables
            found = RADversarialTrainer().train(game, epochs=epochs)
            if role == "defender":
                agent: Any = TableDefender.from_policy(found.policy, DOUBTS, grid)
            else:
                paid = corrections_that_pay(game, found.policy, found.hits, CORRECTIONS)
                agent = TableForecaster.from_policy(paid, CORRECTIONS, grid)
            teams[", ".join(grid.names)] = agent
        scores = score_teams(teams, later, budget=budget, episodes=20, seed=5, attacks={})
        print(f"\n{role}, budget {budget}; less the first, 95 %")
        for one in scores:
            text = f"{one.name:24} clean {one.clean:.3f} challenger {one.challenger:.3f} "
            text += f"worst {one.worst:.3f}"
            for case in ("clean", "challenger"):
                gap = paired_difference(one, scores[0], case)
                assert gap is not None
                text += f"  {case} {gap.low:+.3f} to {gap.high:+.3f}"
            print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("adversary", "features"))
    parser.add_argument("--episodes", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=300)
    options = parser.parse_args()
    if options.what == "adversary":
        adversary(options.episodes)
    else:
        features(options.epochs)


if __name__ == "__main__":
    main()
