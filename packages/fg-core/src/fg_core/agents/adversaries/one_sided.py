"""Targeted adversaries: prints that push the forecast to one side, or across a threshold."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from fg_core.action import AgentAction
from fg_core.errors import ConfigError
from fg_core.protocols import AttackBudget
from fg_core.state import ForecastState

from .spending import affordable, check_periods, check_units, unit_of

__all__ = ["EventFlip", "OneSidedHits", "push_down"]


@dataclass(frozen=True)
class OneSidedHits:
    """Displaces prints to one side alone, so that forecasts of the next period are too high or low.

    It displaces every print whose period `every` divides by `size` units (one-step scales), as long
    as the budget lasts. Without a budget a unit is 1.

    Args:
        size: Size of each hit, in units; at least 0.
        every: Periods from a hit to the next; at least 1.
        upwards: Whether prints are pushed up; else down.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> [OneSidedHits(every=2).act(ForecastState(t, 1.0, 0.0, 0.0)).delta for t in range(3)]
    [1.0, 0.0, 1.0]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    size: float = 1.0
    every: int = 2
    upwards: bool = True
    name: str = "push_up"

    def __post_init__(self) -> None:
        check_units("size", self.size)
        check_periods("every", self.every, 1)

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        if state.t % self.every:
            return np.zeros(np.shape(state.value))
        size = affordable(self.size, budget) * unit_of(budget)
        return size if self.upwards else -size

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))


def push_down() -> OneSidedHits:
    """Return the adversary that pushes prints down; by this function plugins find it.

    >>> push_down().act(ForecastState(0, 1.0, 0.0, 0.0)).delta
    -1.0
    """
    return OneSidedHits(upwards=False, name="push_down")


@dataclass(frozen=True)
class EventFlip:
    """Moves prints across a threshold, to flip forecasts of the event "above it".

    A print that is at most `size` units (one-step scales) away from the threshold is reported
    `margin` units beyond it, or as far as its size and the budget allow; others are left alone,
    since what is far away cannot be moved across. Without a budget a unit is 1.

    Args:
        threshold: Threshold, in the unit of the series; None: the value before, so that small rises
            are reported as falls.
        size: Size of the largest hit, in units; at least 0.
        margin: Distance beyond the threshold, in units; at least 0.
        name: Name of the agent.

    Raises:
        ConfigError: A constant is outside its range.

    >>> flip = EventFlip(threshold=2.0)
    >>> [flip.act(ForecastState(0, x, 0.0, 0.0)).delta for x in (1.5, 2.25, 9.0)]
    [0.75, -0.5, 0.0]
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It changes no array that it is given, nor its shape or type (`fg_core.batch.handing`)."""

    _: KW_ONLY
    threshold: float | None = None
    size: float = 1.0
    margin: float = 0.25
    name: str = "flip_event"

    def __post_init__(self) -> None:
        check_units("size", self.size)
        check_units("margin", self.margin)
        if self.threshold is not None and not np.isfinite(self.threshold):
            raise ConfigError(f"threshold must be finite, got {self.threshold!r}")

    def delta(self, state: Any, budget: Any = None) -> Any:
        """Return what it adds to the value, elementwise over games; see `ArrayAdversary`."""
        unit = unit_of(budget)
        threshold: Any = self.threshold
        if threshold is None:
            if len(state.path) < 2:
                return np.zeros(np.shape(state.value))
            threshold = state.path[-2]
        away = threshold - state.value
        wanted = np.abs(away) / unit + self.margin
        units = affordable(np.minimum(wanted, self.size), budget)
        near = np.abs(away) <= np.minimum(self.size, units) * unit
        found = np.where(near, np.where(away < 0.0, -units, units) * unit, 0.0)
        return found if np.ndim(found) else float(found)

    def act(self, state: ForecastState, budget: AttackBudget | None = None) -> AgentAction:
        """Return what it adds to the value; pure."""
        return AgentAction(self.name, float(self.delta(state, budget)))
