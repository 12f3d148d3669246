"""An adversary that saves its budget for one hit, as large as it can be, when it hurts most."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.action import AgentAction
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .spending import check_units, unit_of

__all__ = ["LargestHit"]


@dataclass(frozen=True)
class LargestHit:
    """Waits for the first large move of the true series, and hides it.

    It strikes once, in the first period whose true change is at least `trigger` units (one-step
    scales), against that change, with all that the cap of the round and the total allow. That is
    the worst moment: the print shows little or nothing of a move that lasts, so forecasts start
    from the old level, and a defender that looks for unusual prints sees a usual one. In a game
    without such a move it keeps its budget. Where neither the cap nor the total has a limit, it
    hides the whole move and goes no further.

    The change is that from the last number of the history; a state without a history has only
    its hidden shift, the disturbance that led to it. Without a budget a unit is 1, so is the hit,
    and it does not remember whether it has struck.

    Args:
        trigger: Smallest change that is worth the hit, in units; above 0.
        name: Name of the agent.

    Raises:
        ConfigError: A trigger of 0 or less.

    >>> jumped = ForecastState(3, 4.5, 0.0, 0.0, history=(1.0, 1.5, 1.2))
    >>> LargestHit().act(jumped).delta
    -1.0
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    trigger: float = 2.0
    name: str = "largest_hit"

    def __post_init__(self) -> None:
        check_units("trigger", self.trigger, above=True)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        change = state.value - state.history[-1] if state.history else state.hidden_shift
        unit = unit_of(budget)
        large = np.abs(change) >= self.trigger * unit
        if budget is None:
            most = unit
        else:
            most = np.minimum(budget.cap, budget.remaining) * unit
            most = np.where(np.isinf(most), np.abs(change), most)
            large = large & (np.asarray(budget.spent) == 0.0)
        return np.where(large, -np.copysign(most, change), 0.0)

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
