"""What an adversary may still spend."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

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
    """

    scale: float
    cap: float
    remaining: float
    cost: float
    draws: Draws
    _: KW_ONLY
    spent: float = 0.0
    game: Any = 0
