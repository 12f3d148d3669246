"""How a defender doubts a print: pure rules over arrays of games."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fg_core.lazy_names import lazy_names

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

if TYPE_CHECKING:
    from .bias_guard import BiasGuard
    from .by_name import STACK_PREFIX, defense_from_name
    from .clipping import Clipping
    from .dampening import Dampening
    from .drift_detector import DriftDetector
    from .ensemble import Ensemble
    from .innovation_gate import InnovationGate
    from .no_defense import NoDefense
    from .stack import DefenseStack
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".bias_guard": ("BiasGuard",),
            ".by_name": (
                "STACK_PREFIX",
                "defense_from_name",
            ),
            ".clipping": ("Clipping",),
            ".dampening": ("Dampening",),
            ".drift_detector": ("DriftDetector",),
            ".ensemble": ("Ensemble",),
            ".innovation_gate": ("InnovationGate",),
            ".no_defense": ("NoDefense",),
            ".stack": ("DefenseStack",),
        },
    )
