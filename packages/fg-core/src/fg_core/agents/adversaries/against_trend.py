"""A fixed adversary: it pushes every print against the trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.action import AgentAction
from fg_core.errors import ConfigError
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState
from fg_core.transition import EXOGENOUS_EFFECT

from .spending import unit_of

__all__ = ["AdversaryAgent"]

_BASE_HIT = 0.4
_COST_SHRINKS = 0.2
_RECENT = 8


@dataclass(frozen=True)
class AdversaryAgent:
    """Adds to each value against the direction in which the series is going.

    The direction is the mean of the last changes (at most eight) plus the push of `exogenous`,
    which an adversary sees. The hit is 0.4 x `aggressiveness` units, less 0.2 units for each unit
    of cost (never less than nothing); a unit is the one-step scale of the budget, or 1 without
    one.

    Raises:
        ConfigError: A negative aggressiveness or cost.

    >>> rising = ForecastState(3, 4.0, 0.0, 0.0, history=(1.0, 2.0, 3.0))
    >>> AdversaryAgent().act(rising).delta
    -0.4
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    name: str = "adversary"
    aggressiveness: float = 1.0
    attack_cost: float = 0.0

    def __post_init__(self) -> None:
        if not (self.aggressiveness >= 0.0 and self.attack_cost >= 0.0):
            raise ConfigError(
                f"aggressiveness and attack_cost must be >= 0, got {self.aggressiveness} "
                f"and {self.attack_cost}"
            )

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        recent = state.path[-(_RECENT + 1) :]
        trend = (recent[-1] - recent[0]) / max(1, len(recent) - 1)
        push = trend + EXOGENOUS_EFFECT * state.exogenous
        size = max(0.0, _BASE_HIT * self.aggressiveness - _COST_SHRINKS * self.attack_cost)
        # The sign of push + 0 is that of push, and plus at both zeros.
        return -np.copysign(size * unit_of(budget), push + 0.0)

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
