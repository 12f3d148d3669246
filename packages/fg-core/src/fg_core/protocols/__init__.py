"""The small contracts between the game and everything that can be plugged into it.

Each protocol says what the game calls and what it may rely on; `fg_core.testing` has a
conformance check for each. Agents are frozen values: `fit` and `update` return new ones, `act` is
pure. `fit` and `update` are optional for agents that have nothing to learn; `sensitivity` is
optional for forecasters (the game takes a finite difference of `act` where it is missing).

An agent's learning happens in two places that must not be mixed up. What it learns from
*revealed* values is kept (the confirmed state); what it learns from a print that is not revealed
yet is used for this round's forecast and thrown away (the provisional state). The game does the
book-keeping; an agent only has to be a pure function of what it is given.

A forecaster or a defender may draw random numbers: one that has `with_draws(draws)` is bound to
its draws of the round before each `act`, as in `agent.with_draws(draws).act(state, horizon)`.
`draws` (`fg_core.rng.Draws`) gives numbers by index, keyed by the stream of the agent's role, its
name, the game and the round, so the same ones each time it is asked in that round. What
`with_draws` returns is used for that round and thrown away: `fit` and `update` are called on the
agent itself. An agent that is not bound acts all the same, without chance. (An adversary finds
its draws in its budget.) `ForecastState.game` is the number of the game.

A forecaster and an aggregator may see *panels*: all series of a batch at once, by `fit_panel` and
`update_panel`. The panel of game number g is game g of every series, at one period: values up to
there, as they were reported in those games, and nothing later of any series. Hits of other games
are no part of it. Where such an agent plays, all series of a batch must begin in the same period,
with as many rounds and games of the same numbers, and records must have their periods at the same
times; what differs is refused before the first round. A game of one series is a panel of one.

Agents may have an *array form* as well, by which a batch asks them once for all its games; see
`fg_core.batch`; `with_draws` is then given arrays, shape (game,), and `act_array` is called.
"""

from __future__ import annotations

from fg_core.alternatives import OutlierAssessment
from fg_core.revealed import Revealed, RevealedForecast
from fg_core.rng import Draws
from fg_core.runtime_status import RuntimeStatus, StrategyAnswer

from .agents import Adversary, Aggregator, AttackBudget, Defender, Forecaster, Refactorer
from .around import (
    DataSource,
    Evaluator,
    Executor,
    Query,
    Requirement,
    ScenarioOutcome,
    ValidationScenario,
)
from .models import (
    EpisodeRefiner,
    ModelBackend,
    PolicyLoader,
    PolicyRole,
    PoolCorrection,
    Refiner,
    StrategyRuntime,
)
from .nature import Defense, Disturbance, World

__all__ = [
    "Adversary",
    "Aggregator",
    "AttackBudget",
    "DataSource",
    "Defender",
    "Defense",
    "Disturbance",
    "Draws",
    "EpisodeRefiner",
    "Evaluator",
    "Executor",
    "Forecaster",
    "ModelBackend",
    "OutlierAssessment",
    "PolicyLoader",
    "PolicyRole",
    "PoolCorrection",
    "Query",
    "Refactorer",
    "Refiner",
    "Requirement",
    "Revealed",
    "RevealedForecast",
    "RuntimeStatus",
    "ScenarioOutcome",
    "StrategyAnswer",
    "StrategyRuntime",
    "ValidationScenario",
    "World",
]
