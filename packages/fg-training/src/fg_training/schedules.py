"""Rates that fall with experience: start / (1 + clock / half-life)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fg_core.errors import ConfigError

__all__ = ["PUBLISHED", "SHORT", "LearningRates", "Schedule"]


@dataclass(frozen=True)
class Schedule:
    """A rate that is halved after `half_life` updates, and falls as 1/t from there.

    Args:
        start: rate at the first update, at least 0.
        half_life: updates after which it is half of that; infinite for a constant rate.

    Raises:
        ConfigError: A number out of its range.

    >>> Schedule(0.01, 1e6).at(1_000_000)
    0.005
    """

    start: float
    half_life: float = math.inf

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and self.start >= 0.0):
            raise ConfigError(f"start of a rate must be finite and at least 0, got {self.start!r}")
        if not self.half_life > 0.0:
            raise ConfigError(f"half-life of a rate must be above 0, got {self.half_life!r}")

    def at(self, clock: float) -> float:
        """Return the rate of the update number `clock`, counted from 0."""
        return self.start / (1.0 + clock * (1.0 / self.half_life))


@dataclass(frozen=True)
class LearningRates:
    """Rates of a learner.

    Args:
        value: learning rate of action values, at most 1.
        winning: most probability that moves in a step while the policy wins.
        losing_ratio: ratio of the step while it loses to that step, at least 1; with 1 the learner
            is a plain policy hill-climber (PHC).
        clock: "state": each state's rates fall with its own visits, the default, since a state that
            is rarely visited would else find them spent; "run": with all steps of the run.

    Raises:
        ConfigError: A number out of its range, or an unknown clock.

    >>> PUBLISHED.winning.at(0), PUBLISHED.losing_ratio
    (5e-05, 2.0)
    """

    value: Schedule
    winning: Schedule
    losing_ratio: float = 2.0
    clock: str = "state"

    def __post_init__(self) -> None:
        if self.value.start > 1.0:
            raise ConfigError(f"a learning rate is at most 1, got {self.value.start!r}")
        if not (math.isfinite(self.losing_ratio) and self.losing_ratio >= 1.0):
            raise ConfigError(
                f"losing_ratio must be finite and at least 1, got {self.losing_ratio!r}"
            )
        if self.clock not in ("state", "run"):
            raise ConfigError(f'clock must be "state" or "run", got {self.clock!r}')


PUBLISHED = LearningRates(Schedule(1 / 100, 1e6), Schedule(1 / 20000, 2e4))
"""Rates of Bowling & Veloso (2002) for matching pennies and rock-paper-scissors.

1 / (100 + t / 10^4) for values, 1 / (20000 + t) winning, twice that losing: for a million steps and
more, since a probability moves by at most 2 ln(1 + T / 20000) in T of them.
"""

SHORT = LearningRates(Schedule(1 / 10, 2e4), Schedule(1 / 1000, 1e3))
"""Rates for runs below a million steps: 1 / (10 + t / 2000) for values, 1 / (1000 + t) winning."""
