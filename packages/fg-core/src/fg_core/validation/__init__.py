"""Validation scenarios: what they are made of, how they are found and run.

A scenario (`fg_core.protocols.ValidationScenario`) is a named check of behaviour that can fail.
Each lives in the package whose behaviour it checks, which announces it in the group
`fg_core.scenarios`, and `fg-validate` runs all that are installed.

A scenario of one's own makes a list of assertions and returns what follows from them:

    @dataclass(frozen=True)
    class MyScenario:
        name: str = "my_scenario"
        description: str = "what is checked, in one line"
        requires: tuple[Requirement, ...] = ()

        def run(self, seed: int) -> ScenarioOutcome:
            errors = ...
            return outcome_of([Check("errors are small", not clearly_above(errors, 0.2))])

None needs a network or a key to say something. One that can also ask a service has `run_live`,
which `fg-validate --live` calls instead; what is missing for a part of it stands in
`outcome.skipped`.
"""

from __future__ import annotations

from .checks import Check, missing, outcome_of
from .due import DUE, due_beside
from .evidence import P_VALUE, clearly_above, clearly_below, is_off, t_statistic, uniform_limit
from .running import ScenarioResult, chosen_names, load_scenario, run_scenarios

__all__ = [
    "DUE",
    "P_VALUE",
    "Check",
    "ScenarioResult",
    "chosen_names",
    "clearly_above",
    "clearly_below",
    "due_beside",
    "is_off",
    "load_scenario",
    "missing",
    "outcome_of",
    "run_scenarios",
    "t_statistic",
    "uniform_limit",
]
