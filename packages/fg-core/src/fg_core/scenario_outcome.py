"""What a validation scenario needs, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ConfigError

__all__ = ["REQUIREMENT_KINDS", "Requirement", "ScenarioOutcome"]

REQUIREMENT_KINDS = ("extra", "data", "key", "program")
"""An optional dependency, a dataset, a key of a service, and a program to be run."""


@dataclass(frozen=True)
class Requirement:
    """Something that a validation scenario cannot run without, and how to get it.

    Args:
        kind: One of `REQUIREMENT_KINDS`.
        name: What it is called: `fg-agents[xgboost]`, `us_macro`, `FRED_API_KEY`, `ghc`.
        how: How to get it, in one line.

    Raises:
        ConfigError: An unknown kind, or no name, or no word on how to get it.

    >>> str(Requirement("key", "FRED_API_KEY", "ask for one at fred.stlouisfed.org"))
    'key FRED_API_KEY (ask for one at fred.stlouisfed.org)'
    """

    kind: str
    name: str
    how: str

    def __post_init__(self) -> None:
        if self.kind not in REQUIREMENT_KINDS:
            kinds = ", ".join(REQUIREMENT_KINDS)
            raise ConfigError(f"the kind of a requirement is one of {kinds}, got {self.kind!r}")
        for name in ("name", "how"):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.strip() or "\n" in text:
                raise ConfigError(f"{name} of a requirement must be one line of text, got {text!r}")

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.how})"


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
