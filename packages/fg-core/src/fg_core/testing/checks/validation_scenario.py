"""Conformance of validation scenarios."""

from __future__ import annotations

from fg_core.protocols import Requirement, ScenarioOutcome, ValidationScenario
from fg_core.testing._play import Promises

__all__ = ["check_validation_scenario"]

_STATUSES = ("passed", "failed", "skipped")


def check_validation_scenario(scenario: ValidationScenario, *, seed: int = 7) -> None:
    """Check a validation scenario: what it says of itself, and its outcome.

    One line that describes it, what it requires, a known status, a message, finite figures, one
    result per seed; one that is skipped names something that it requires.

    Args:
        scenario: Scenario that is checked.
        seed: Seed that it is run with.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import PassingScenario
    >>> check_validation_scenario(PassingScenario())
    """
    promises = Promises("ValidationScenario", scenario)
    promises.members("run")
    promises.named()
    promises.members("description", "requires")
    description = scenario.description
    promises.require(
        isinstance(description, str) and bool(description.strip()) and "\n" not in description,
        "description is one line that says what is checked",
        f"got {description!r}",
    )
    for need in scenario.requires:
        promises.require(
            isinstance(need, Requirement), "requires holds Requirements", f"got {need!r}"
        )
    outcome = promises.pure("run", scenario.run, seed)
    promises.require(
        isinstance(outcome, ScenarioOutcome), "run returns a ScenarioOutcome", f"got {outcome!r}"
    )
    promises.require(
        outcome.status in _STATUSES,
        f"status is one of {', '.join(_STATUSES)}",
        f"got {outcome.status!r}",
    )
    promises.require(
        isinstance(outcome.message, str) and bool(outcome.message.strip()),
        "the message says what was checked",
        f"got {outcome.message!r}",
    )
    promises.require(
        outcome.status != "skipped" or any(n.name in outcome.message for n in scenario.requires),
        "an outcome that is skipped names what is missing, and requires has it",
        f"it requires {[need.name for need in scenario.requires]}: {outcome.message!r}",
    )
    for part in outcome.skipped:
        promises.require(
            any(need.name in part for need in scenario.requires),
            "a part that is skipped names what is missing, and requires has it",
            f"it requires {[need.name for need in scenario.requires]}: {part!r}",
        )
    for name, figure in outcome.figures.items():
        promises.require(isinstance(name, str), "figures have names", f"got {name!r}")
        promises.number(f"figure {name!r}", figure)
