"""The game itself: what is recorded, shown, learned and played in each round."""

from __future__ import annotations

from .forecast_game import ForecastGame
from .groups import GameGroup
from .payoff_table import Payoffs
from .payoffs import payoffs
from .separation import separation_reasons

__all__ = ["ForecastGame", "GameGroup", "Payoffs", "payoffs", "separation_reasons"]
