"""What a scenario checked, and the outcome that follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fg_core.errors import ConfigError
from fg_core.frozen import frozen_mapping
from fg_core.protocols import Requirement, ScenarioOutcome

__all__ = ["Check", "missing", "outcome_of"]


@dataclass(frozen=True)
class Check:
    """One assertion of a scenario.

    Args:
        what: Assertion in words, which begins with its noun: "targets are finite".
        holds: Whether it holds.
        found: What was found, for the message of one that does not hold.
    """

    what: str
    holds: bool
    found: str = ""

    def __str__(self) -> str:
        return f"{self.what} ({self.found})" if self.found else self.what


def outcome_of(
    checks: Sequence[Check],
    figures: Mapping[str, float] | None = None,
    *,
    skipped: Sequence[str] = (),
) -> ScenarioOutcome:
    """Return the outcome of a scenario from all that it checked.

    Args:
        checks: Assertions, at least one: a scenario that asserts nothing cannot fail.
        figures: Measured numbers by name; those that are not finite are left out.
        skipped: Parts that were not run, each with what is missing for it (`missing`).

    Returns:
        "failed" with every assertion that does not hold, else "passed" with their number and words.

    Raises:
        ConfigError: There are no assertions.

    >>> outcome_of([Check("weights add up", False, "sum 0.9"), Check("scores are finite", True)])
    ... # doctest: +ELLIPSIS
    ScenarioOutcome(status='failed', message='weights add up: does not hold (sum 0.9)', ...)
    """
    if not checks:
        raise ConfigError("a scenario must assert something")
    broken = [check for check in checks if not check.holds]
    if broken:
        status = "failed"
        message = "; ".join(
            f"{check.what}: does not hold" + (f" ({check.found})" if check.found else "")
            for check in broken
        )
    else:
        status = "passed"
        message = f"{len(checks)} assertions hold: " + "; ".join(check.what for check in checks)
    finite = {name: float(x) for name, x in (figures or {}).items() if math.isfinite(x)}
    return ScenarioOutcome(status, message, frozen_mapping(finite), skipped=tuple(skipped))


def missing(part: str, need: Requirement) -> str:
    """Return the words for a part of a scenario that is skipped for want of something.

    Args:
        part: Part that was not run.
        need: What is missing for it.

    Returns:
        Part, what is missing, and how to get it.

    >>> missing("the service itself", Requirement("key", "MY_KEY", "ask for one"))
    'the service itself: missing key MY_KEY (ask for one)'
    """
    return f"{part}: missing {need}"
