"""How a defender doubts a print: pure rules over arrays of games."""

from __future__ import annotations

from .innovation_gate import InnovationGate

__all__ = ["InnovationGate"]
