from __future__ import annotations

import pytest

import fg_training.scenarios
from fg_core.plugins import Registry
from fg_training import LearningRates, Schedule
from fg_training.scenarios import MarlConvergence


@pytest.mark.slow
def test_it_passes_as_a_plugin() -> None:
    found = Registry("fg_core.scenarios").load("marl_convergence")().run(7)
    assert found.status == "passed", found.message
    assert found.figures["distance"] <= 0.1


def test_it_fails_with_learners_that_do_not_move(monkeypatch: pytest.MonkeyPatch) -> None:
    still = LearningRates(Schedule(0.1), Schedule(0.0))
    monkeypatch.setattr(fg_training.scenarios, "SHORT", still)
    monkeypatch.setattr(fg_training.scenarios, "_STEPS", 1000)
    found = MarlConvergence().run(7)
    assert found.status == "failed"
    assert found.message == f"learners are {found.figures['distance']:.3f} away"
