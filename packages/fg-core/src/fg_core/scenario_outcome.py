"""How a validation scenario ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ScenarioOutcome"]


@dataclass(frozen=True)
class ScenarioOutcome:
    """How a validation scenario ended.

    Args:
        status: "passed", "failed" or "skipped".
        message: What was checked, what failed, or what is missing.
        figures: Measured numbers by name.
    """

    status: str
    message: str
    figures: Mapping[str, float]
