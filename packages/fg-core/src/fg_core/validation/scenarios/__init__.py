"""Scenarios of the game itself: clean, disturbed, defended, long, and played again."""

from __future__ import annotations

from .adversarial import AdversarialScenario, drift, gaussian, regime_shift
from .baseline import BaselineSynthetic
from .defended import DefenseScenario, dampening, ensemble
from .determinism import DeterminismCrossSeed
from .long_game import StressHighRounds

__all__ = [
    "AdversarialScenario",
    "BaselineSynthetic",
    "DefenseScenario",
    "DeterminismCrossSeed",
    "StressHighRounds",
    "dampening",
    "drift",
    "ensemble",
    "gaussian",
    "regime_shift",
]
