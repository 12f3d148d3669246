"""An adversary for late reveals: two false prints in a row that confirm each other."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.action import AgentAction
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .spending import affordable, check_periods, check_units, unit_of

__all__ = ["TwoQuarterHit"]


@dataclass(frozen=True)
class TwoQuarterHit:
    """Displaces two consecutive prints by the same amount in the same direction.

    A pair begins in every period that `every` divides, upwards and downwards in turn (upwards in
    period 0). Where values are revealed after two rounds or more, the second false print comes
    before the first is found out, and the two agree: what looks like an outlier once looks like a
    change of level twice.

    It displaces by `size` units (one-step scales), or by half of what is left of the total if
    that is less, so that the second hit can be paid for. A game that begins in the second period
    of a pair sees that one alone. Without a budget a unit is 1.

    Args:
        size: Size of each hit, in units; at least 0.
        every: Periods from a pair to the next; at least 2.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> [TwoQuarterHit(every=3).act(ForecastState(t, 1.0, 0.0, 0.0)).delta for t in range(6)]
    [1.0, 1.0, 0.0, -1.0, -1.0, 0.0]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    size: float = 1.0
    every: int = 8
    name: str = "two_quarter"

    def __post_init__(self) -> None:
        check_units("size", self.size)
        check_periods("every", self.every, 2)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        pair, phase = divmod(state.t, self.every)
        if phase > 1:
            return np.zeros(np.shape(state.value))
        wanted: Any = self.size
        if budget is not None and phase == 0:
            wanted = np.minimum(self.size, 0.5 * np.asarray(budget.remaining))
        size = affordable(wanted, budget) * unit_of(budget)
        return size if pair % 2 == 0 else -size

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
