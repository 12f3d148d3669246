"""Good validation scenarios pass the check, and each broken promise is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fg_core.protocols import Requirement, ScenarioOutcome
from fg_core.testing import PassingScenario, check_validation_scenario
from fg_core.testing.mutants import NotFrozen, counted, refused

KEY = Requirement("key", "FRED_API_KEY", "ask for one at fred.stlouisfed.org")


def scenario(outcome: Callable[[int], Any], name: str = "mutant") -> Any:
    @dataclass(frozen=True)
    class Mutant(PassingScenario):
        def run(self, seed: int) -> Any:
            return outcome(seed)

    return Mutant(name)


def test_good_validation_scenarios_pass() -> None:
    check_validation_scenario(PassingScenario())
    check_validation_scenario(PassingScenario(status="failed"))
    check_validation_scenario(PassingScenario(status="skipped", requires=(KEY,)))


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (PassingScenario(status="ok"), "status is one of passed, failed, skipped"),
        (scenario(lambda _: True), "run returns a ScenarioOutcome"),
        (scenario(lambda _: ScenarioOutcome("passed", " ", {})), "the message says"),
        (
            scenario(lambda _: ScenarioOutcome("passed", "fine", {"mae": float("nan")})),
            "figure 'mae' is finite",
        ),
        (scenario(lambda _: ScenarioOutcome("passed", "fine", {1: 1.0})), "figures have names"),
        (
            scenario(counted(lambda n, _: ScenarioOutcome("passed", "fine", {"n": float(n)}))),
            "run is pure",
        ),
        (scenario(lambda _: 1 / 0), "run works; it raised ZeroDivisionError"),
        (scenario(lambda _: None, name=""), "name is text"),
        (PassingScenario(description=""), "description is one line"),
        (PassingScenario(description="one\ntwo"), "description is one line"),
        (PassingScenario(requires=("FRED_API_KEY",)), "requires holds Requirements"),
        (PassingScenario(status="skipped"), "names what is missing"),
        (
            scenario(lambda _: ScenarioOutcome("skipped", "FRED_API_KEY is not set", {})),
            "names what is missing, and requires has it",
        ),
        (
            scenario(lambda _: ScenarioOutcome("passed", "fine", {}, skipped=("the rest",))),
            "a part that is skipped names what is missing",
        ),
        (NotFrozen(), "it has run"),
    ],
)
def test_a_broken_scenario_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_validation_scenario(broken), promise)
