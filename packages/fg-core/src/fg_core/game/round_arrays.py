"""Arrays of a round of many games: responses to reports, forecasts issued, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core.action import AgentAction
from fg_core.batch import MixtureArrays, StateArrays
from fg_core.frozen import frozen_mapping

from .assessment import AssessmentLanes
from .context_hits import ContextHits
from .knowledge import Knowledge
from .players import Players
from .team import ExpertForecasts

__all__ = ["AssessedLanes", "Counters", "Credit", "IssuedLanes", "Response", "RoundArrays"]

Array = NDArray[np.float64]
Lanes = NDArray[np.intp]


def _nothing() -> Mapping[Any, Any]:
    return frozen_mapping()


@dataclass(frozen=True, eq=False)
class AssessedLanes:
    """Assessments of the prints that forecasts start from, in each of many games.

    Args:
        expected: Forecasts of the prints from revealed values.
        doubt: Doubt of all defenders.
        replaced: Forecasts that would have been issued were the prints bad for certain.
    """

    expected: MixtureArrays
    doubt: AssessmentLanes
    replaced: MixtureArrays


@dataclass(frozen=True, eq=False)
class IssuedLanes:
    """Forecasts as they were issued, in each of many games.

    Args:
        origin: Number of the period in which they were issued.
        horizon: Horizon in rounds, from the origin.
        experts: Expert forecasts, with the reported values used.
        forecast: Forecast that was issued.
        p_bad: Defenders' combined probability that a reported value was bad.
        undefended: Forecasts without any doubt; None: they were not kept.
        assessed: Assessments of the reported values; None: they were not asked for.
    """

    origin: int
    horizon: int
    experts: ExpertForecasts
    forecast: MixtureArrays
    p_bad: Any
    undefended: MixtureArrays | None
    assessed: AssessedLanes | None = None


@dataclass(frozen=True, eq=False)
class Response:
    """Response of all agents but the adversaries to the reported values of a period.

    Args:
        observation: States that agents see.
        used: Expert forecasts with the reported values used, by horizon.
        doubts: Doubt of each defender.
        doubt: Doubt of all defenders; None: there are none.
        lanes: Game of each lane; None: all games.
        actions: Actions of defenders, where they were asked game by game.
    """

    observation: StateArrays
    used: Mapping[int, ExpertForecasts]
    doubts: tuple[AssessmentLanes, ...]
    doubt: AssessmentLanes | None
    lanes: Lanes | None = None
    actions: tuple[tuple[AgentAction, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Credit:
    """Material to credit the agents for the forecasts of an origin, once it is revealed.

    Args:
        knowledge: Knowledge of the experts.
        players: Players of that round.
        response: Response to the reported values.
        hits: Hits of each adversary.
        value: True values, in the unit of the series.
        context_hits: Hits on context columns; None: none.
        undefended: Forecasts for the first horizon without any doubt; None: they were not kept.
    """

    knowledge: Knowledge | None
    players: Players
    response: Response
    hits: tuple[tuple[str, Array], ...]
    value: Array
    context_hits: ContextHits | None = None
    undefended: MixtureArrays | None = None


@dataclass(frozen=True, eq=False)
class Counters:
    """Counters carried between two rounds of games.

    Args:
        spent: Units of attack used by all adversaries, shape (game,).
        spent_by: Units of attack spent by each adversary, by name.
        missing: Number of forecasts that a forecaster did not have, by name.
        reasons: Number of missing forecasts by name and reason.
        doubted: Number of reported values that were probably bad.
        waiting: Forecasts whose target has not come, by origin and horizon.
        credits: Credits to be given to agents, by origin.
        scored: First forecasts whose target has come and whose agents are not credited yet, with
            their targets, by origin.
        rewards: Rewards for values that are not revealed yet, by period and name; "team" is that
            of the team.
    """

    spent: Any = 0.0
    spent_by: Mapping[str, Any] = field(default_factory=_nothing)
    missing: Mapping[str, Any] = field(default_factory=_nothing)
    reasons: Mapping[str, Mapping[str, Any]] = field(default_factory=_nothing)
    doubted: Any = 0
    waiting: Mapping[tuple[int, int], Any] = field(default_factory=_nothing)
    credits: Mapping[int, Any] = field(default_factory=_nothing)
    scored: Mapping[int, Any] = field(default_factory=_nothing)
    rewards: Mapping[int, Mapping[str, Any]] = field(default_factory=_nothing)


@dataclass(frozen=True, eq=False)
class RoundArrays:
    """Events of one round of many games; arrays of shape (game,).

    Args:
        after: Worlds' states after the round, one lane per path.
        targets: True values after the round, one per game.
        reported: Values as they were reported.
        attack: Change that the adversaries added, in the unit of the series.
        cost: Cost of it for the adversaries.
        disturbance: Disturbance by nature, in the unit of the series.
        response: Response to the reported values.
        issued: Forecasts that were issued, by horizon.
        loss: Team's loss by the first forecast that fell due; None: none fell due.
        scored: Forecast that fell due, its score and its error, by horizon.
        credit: Attribution by agent, where it was asked for and something can be credited.
        actions: Actions of adversaries, where there is one game.
    """

    after: StateArrays
    targets: Array
    reported: Array
    attack: Array
    cost: Array
    disturbance: Array
    response: Response
    issued: Mapping[int, IssuedLanes]
    loss: Array | None
    scored: Mapping[int, tuple[IssuedLanes, Array, Array]]
    credit: Mapping[str, Array]
    actions: tuple[AgentAction, ...]
