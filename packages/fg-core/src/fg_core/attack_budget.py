"""What an adversary may still spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from .frozen import frozen_mapping
from .rng import Draws

__all__ = ["AttackBudget"]


@dataclass(frozen=True)
class AttackBudget:
    """What an adversary may still spend.

    Args:
        scale: One unit of attack, in the unit of the series (the one-step scale).
        cap: What is left of this round's cap, in units.
        remaining: What is left of the game's total, in units.
        cost: What a unit costs.
        draws: This agent's random numbers of this round.
        spent: What this adversary has spent in the game so far, in units.
        game: Number of the game among games of one seed; in a batch, an array of shape (game,).
        context_scales: One unit of attack on each context column, in the unit of the column: its
            one-step scale before the game. Columns that never moved there have a scale of 0, and
            what is added to them counts nothing. In a batch of series that differ, arrays of shape
            (game,) of the columns that all of them have.
    """

    scale: float
    cap: float
    remaining: float
    cost: float
    draws: Draws
    _: KW_ONLY
    spent: float = 0.0
    game: Any = 0
    context_scales: Mapping[str, Any] = frozen_mapping()
