"""What a game has used up, counted and left open between two rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fg_core.frozen import frozen_mapping

__all__ = ["Account"]


def _nothing() -> Mapping[Any, Any]:
    return frozen_mapping()


@dataclass(frozen=True, eq=False)
class Account:
    """Budgets, counters and open forecasts of one game; of many, with arrays of shape (game,).

    Args:
        spent: Units of attack used by all adversaries.
        spent_by: By each of them, by name.
        missing: How many forecasts a forecaster did not have, by name.
        reasons: The same by name and reason.
        doubted: How many prints were probably bad.
        waiting: Forecasts whose target has not come, by origin and horizon.
        others: What credits agents when the first of these is scored, by origin.
        rewards: The team's rewards for values that are not revealed yet, by period.
    """

    spent: Any = 0.0
    spent_by: Mapping[str, Any] = field(default_factory=_nothing)
    missing: Mapping[str, Any] = field(default_factory=_nothing)
    reasons: Mapping[str, Mapping[str, Any]] = field(default_factory=_nothing)
    doubted: int = 0
    waiting: Mapping[tuple[int, int], Any] = field(default_factory=_nothing)
    others: Mapping[int, Any] = field(default_factory=_nothing)
    rewards: Mapping[int, Any] = field(default_factory=_nothing)
