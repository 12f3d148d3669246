"""Each scenario is turned red by a fault in what it guards, and passes without."""

from __future__ import annotations

import pytest

from fg_agents.aggregate import BayesianAggregator
from fg_agents.hierarchy import bottom_up
from fg_agents.validation import calibration
from fg_core.validation import load_scenario

scale_of_sum = bottom_up.scale_of_sum


def half_as_wide(monkeypatch):
    monkeypatch.setattr(bottom_up, "scale_of_sum", lambda *given: 0.5 * scale_of_sum(*given))


def weights_as_they_were(monkeypatch):
    """The pool forgets everything at once: weights stay equal."""
    monkeypatch.setattr(
        calibration,
        "BayesianAggregator",
        lambda rescale: BayesianAggregator(rescale=rescale, alpha=1e-9),
    )


FAULTS = {
    "bayesian_calibration": (weights_as_they_were, "weight of the truth"),
    "hierarchical_agent_run": (half_as_wide, "intervals of 80 %"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_it_red(name, monkeypatch) -> None:
    assert load_scenario(name).run(2**64 - 1).status == "passed"
    fault, words = FAULTS[name]
    fault(monkeypatch)
    outcome = load_scenario(name).run(7)
    assert outcome.status == "failed"
    assert words in outcome.message
