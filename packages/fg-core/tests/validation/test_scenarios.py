"""Each scenario of the game is turned red by a fault in what it guards."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from fg_core.agents import RefactoringAgent
from fg_core.defenses import Dampening, Ensemble
from fg_core.disturbances import DriftDisturbance, GaussianDisturbance, RegimeShiftDisturbance
from fg_core.validation import load_scenario
from fg_core.worlds import SimulatedWorld


def broken(monkeypatch, owner, name, change):
    """Have a method return what `change` makes of the result."""
    original = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args, **named: change(original(*args, **named)))


def loud(monkeypatch):
    original = SimulatedWorld.advance_array

    def advance(self, state, *, noise, **rest):
        return original(self, state, noise=2.0 * noise, **rest)

    monkeypatch.setattr(SimulatedWorld, "advance_array", advance)


def tired(monkeypatch):
    """The world depends on a global generator, by one part in a trillion."""
    for name in ("advance", "advance_array"):
        broken(
            monkeypatch,
            SimulatedWorld,
            name,
            lambda state: replace(state, value=state.value * (1.0 + 1e-12 * random.random())),
        )


def opposite(assessment):
    return replace(assessment, delta=-np.asarray(assessment.delta))


FAULTS = {
    "baseline_synthetic": (loud, "at most 10 % above"),
    "adversarial_gaussian": (
        lambda m: broken(m, GaussianDisturbance, "sample", lambda x: 1.2 * x),
        "standard deviation of the settings",
    ),
    "adversarial_regime_shift": (
        lambda m: broken(m, RegimeShiftDisturbance, "sample", np.abs),
        "even odds",
    ),
    "adversarial_drift": (
        lambda m: broken(m, DriftDisturbance, "sample", lambda x: -x),
        "direction of the pressure",
    ),
    "defense_dampening": (lambda m: broken(m, Dampening, "doubt", opposite), "take back"),
    "defense_ensemble": (lambda m: broken(m, Ensemble, "doubt", opposite), "take back"),
    "determinism_cross_seed": (tired, "repeat to the last bit"),
    "stress_high_rounds": (
        lambda m: broken(m, RefactoringAgent, "revise", lambda step: -step),
        "at most 10 % worse",
    ),
}
SLOW = ("determinism_cross_seed", "stress_high_rounds")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in FAULTS],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_fault_turns_it_red(name, monkeypatch) -> None:
    fault, words = FAULTS[name]
    fault(monkeypatch)
    outcome = load_scenario(name).run(7)
    assert outcome.status == "failed"
    assert words in outcome.message


@pytest.mark.parametrize("name", [n for n in FAULTS if n != "stress_high_rounds"])
@pytest.mark.slow
def test_it_passes_on_another_seed(name) -> None:
    outcome = load_scenario(name).run(2**64 - 1)
    assert outcome.status == "passed", outcome.message
