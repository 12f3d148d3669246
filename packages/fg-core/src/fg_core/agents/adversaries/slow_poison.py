"""An adversary with patience: it drags the prints away in steps too small to be noticed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from fg_core.action import AgentAction
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .spending import affordable, check_periods, check_units, unit_of

__all__ = ["SlowPoison"]


@dataclass(frozen=True)
class SlowPoison:
    """Displaces prints a little more each period, always upwards or always downwards.

    In the k-th period of a campaign (k = 1, 2, ...) the print is displaced by min(k x `step`,
    `limit`) units (one-step scales); a campaign starts in every period that `every` divides. The
    limit is what keeps it below the threshold of a defender: it cannot see the predictive
    distribution that a defender compares prints with, whose standard deviation is about one unit
    where the series is hard to forecast, and less where it is easy. Every unit of displacement
    is paid for in every period, so a campaign is dear; an exhausted budget ends it.

    Args:
        step: Growth of the displacement per period, in units; at least 0.
        limit: Largest displacement, in units; at least 0.
        every: Periods from the beginning of a campaign to the next; at least 1.
        upwards: Whether prints are made larger, or smaller.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> [round(SlowPoison().act(ForecastState(t, 1.0, 0.0, 0.0)).delta, 9) for t in range(7)]
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    step: float = 0.1
    limit: float = 0.5
    every: int = 16
    upwards: bool = True
    name: str = "slow_poison"

    def __post_init__(self) -> None:
        check_units("step", self.step)
        check_units("limit", self.limit)
        check_periods("every", self.every, 1)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        wanted = min(self.step * (state.t % self.every + 1), self.limit)
        size = affordable(wanted, budget) * unit_of(budget)
        return size if self.upwards else -size

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
