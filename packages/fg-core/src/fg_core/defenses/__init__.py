"""How a defender doubts a print: pure rules over arrays of games."""

from __future__ import annotations

from .bias_guard import BiasGuard
from .by_name import STACK_PREFIX, defense_from_name
from .clipping import Clipping
from .dampening import Dampening
from .drift_detector import DriftDetector
from .ensemble import Ensemble
from .innovation_gate import InnovationGate
from .no_defense import NoDefense
from .stack import DefenseStack

__all__ = [
    "STACK_PREFIX",
    "BiasGuard",
    "Clipping",
    "Dampening",
    "DefenseStack",
    "DriftDetector",
    "Ensemble",
    "InnovationGate",
    "NoDefense",
    "defense_from_name",
]
