"""Learners and training loops for Forecast Game.

Names are imported when they are first used; numba, of the extra `[fast]`, when something compiled
is first run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

__all__ = [
    "ATTACK_CELLS",
    "CORRECTION_CELLS",
    "FORECAST_CELLS",
    "KNOWN_GAMES",
    "PRINT_CELLS",
    "PUBLISHED",
    "SHORT",
    "AdversarialEpoch",
    "AdversarialTraining",
    "BudgetedGame",
    "Challenger",
    "DiscreteActionSpace",
    "Duel",
    "DuelLoop",
    "DuelRecord",
    "DuelTotals",
    "EpisodeRecord",
    "Equilibrium",
    "FeatureGrid",
    "Feedback",
    "IterativeFeedbackLoop",
    "LearningRates",
    "MarkovGame",
    "MinimaxQAgent",
    "PlayTotals",
    "QTableAgent",
    "RADversarialTrainer",
    "Schedule",
    "SelfPlay",
    "TableAdversary",
    "TableAdversaryLoader",
    "TableDefender",
    "TableForecaster",
    "TableForecasterLoader",
    "TablePolicyLoader",
    "TabledGame",
    "TeamScore",
    "TrainingLoop",
    "WoLFPHCAgent",
    "__version__",
    "best_response",
    "cells_of_role",
    "corrections_that_pay",
    "fixed_teams",
    "forecast_features",
    "join_budgeted",
    "join_games",
    "learning_chart",
    "load_run",
    "markov_nash_conv",
    "matrix_game",
    "nash_conv",
    "random_markov_game",
    "recorded_game",
    "save_adversary",
    "save_defender",
    "save_forecaster",
    "save_run",
    "score_teams",
    "series_duel",
    "series_game",
    "solve_markov",
    "solve_matrix",
    "state_features",
    "tabulate_attack",
    "tabulate_corrections",
    "tabulate_defense",
    "train_challenger",
]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .adversarial import AdversarialEpoch, AdversarialTraining, RADversarialTrainer
    from .budgeted_game import BudgetedGame, join_budgeted
    from .checkpoint import load_run, save_run
    from .duel import Challenger, Duel, DuelTotals, train_challenger
    from .duel_loop import DuelLoop, DuelRecord
    from .evaluation import TeamScore, fixed_teams, score_teams
    from .features import (
        ATTACK_CELLS,
        CORRECTION_CELLS,
        FORECAST_CELLS,
        FeatureGrid,
        cells_of_role,
        forecast_features,
        state_features,
    )
    from .feedback_loop import Feedback, IterativeFeedbackLoop
    from .games import KNOWN_GAMES, MarkovGame, matrix_game, random_markov_game
    from .learning_curve import learning_chart
    from .minimax_q import MinimaxQAgent
    from .policy_files import (
        TableAdversaryLoader,
        TableForecasterLoader,
        TablePolicyLoader,
        save_adversary,
        save_defender,
        save_forecaster,
    )
    from .q_table import QTableAgent
    from .recorded_games import recorded_game, series_duel, series_game
    from .schedules import PUBLISHED, SHORT, LearningRates, Schedule
    from .self_play import PlayTotals, SelfPlay
    from .solving import (
        Equilibrium,
        best_response,
        markov_nash_conv,
        nash_conv,
        solve_markov,
        solve_matrix,
    )
    from .spaces import DiscreteActionSpace
    from .table_adversary import TableAdversary, tabulate_attack
    from .table_defender import PRINT_CELLS, TableDefender, tabulate_defense
    from .table_forecaster import TableForecaster, corrections_that_pay, tabulate_corrections
    from .tabled_game import TabledGame, join_games
    from .training_loop import EpisodeRecord, TrainingLoop
    from .wolf_phc import WoLFPHCAgent
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".adversarial": ("AdversarialEpoch", "AdversarialTraining", "RADversarialTrainer"),
            ".budgeted_game": ("BudgetedGame", "join_budgeted"),
            ".duel": ("Challenger", "Duel", "DuelTotals", "train_challenger"),
            ".duel_loop": ("DuelLoop", "DuelRecord"),
            ".table_forecaster": (
                "TableForecaster",
                "corrections_that_pay",
                "tabulate_corrections",
            ),
            ".table_adversary": ("TableAdversary", "tabulate_attack"),
            ".checkpoint": ("load_run", "save_run"),
            ".evaluation": ("TeamScore", "fixed_teams", "score_teams"),
            ".features": (
                "ATTACK_CELLS",
                "CORRECTION_CELLS",
                "FORECAST_CELLS",
                "FeatureGrid",
                "cells_of_role",
                "forecast_features",
                "state_features",
            ),
            ".feedback_loop": ("Feedback", "IterativeFeedbackLoop"),
            ".games": ("KNOWN_GAMES", "MarkovGame", "matrix_game", "random_markov_game"),
            ".learning_curve": ("learning_chart",),
            ".minimax_q": ("MinimaxQAgent",),
            ".policy_files": (
                "TableAdversaryLoader",
                "TableForecasterLoader",
                "TablePolicyLoader",
                "save_adversary",
                "save_defender",
                "save_forecaster",
            ),
            ".q_table": ("QTableAgent",),
            ".recorded_games": ("recorded_game", "series_duel", "series_game"),
            ".schedules": ("PUBLISHED", "SHORT", "LearningRates", "Schedule"),
            ".self_play": ("PlayTotals", "SelfPlay"),
            ".solving": (
                "Equilibrium",
                "best_response",
                "markov_nash_conv",
                "nash_conv",
                "solve_markov",
                "solve_matrix",
            ),
            ".spaces": ("DiscreteActionSpace",),
            ".table_defender": ("PRINT_CELLS", "TableDefender", "tabulate_defense"),
            ".tabled_game": ("TabledGame", "join_games"),
            ".training_loop": ("EpisodeRecord", "TrainingLoop"),
            ".wolf_phc": ("WoLFPHCAgent",),
        },
    )
