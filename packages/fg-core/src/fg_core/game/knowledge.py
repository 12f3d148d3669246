"""Knowledge of the experts of many games between two rounds, and responses to a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fg_core.batch import StateArrays
from fg_core.frozen import frozen_mapping

from .team import ExpertForecasts, Experts

__all__ = ["Knowledge", "Responses"]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Knowledge of the experts of games between two rounds.

    Args:
        experts: Confirmed experts, one lane per path.
        forecasts: Forecasts from revealed values, by origin and horizon; empty before the first
            round.
        issued: Forecasts with reported values used, one lane per game, where the origin is not
            revealed yet.
    """

    experts: Experts
    forecasts: Mapping[tuple[int, int], ExpertForecasts] = field(
        default_factory=lambda: frozen_mapping()
    )
    issued: Mapping[tuple[int, int], ExpertForecasts] = field(
        default_factory=lambda: frozen_mapping()
    )


@dataclass(frozen=True, eq=False)
class Responses:
    """Responses to the reported values of a period, with those values used.

    Args:
        observation: States that agents see, one lane per game.
        forecasts: Expert forecasts by horizon, one lane per game.
    """

    observation: StateArrays
    forecasts: Mapping[int, ExpertForecasts]
