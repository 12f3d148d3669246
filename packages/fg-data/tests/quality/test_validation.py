"""The scenario of poisoning passes, and is turned red by each fault in what it guards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fg_core.validation import load_scenario
from fg_data.poisoning import departures, innovations, suspicion
from fg_data.quality import validation


def no_robust_scale(monkeypatch) -> None:
    """Scales by the standard deviation, which the errors themselves raise."""
    monkeypatch.setattr(innovations, "local_scale", lambda x: np.full(x.size, 2.0 * x.std()))


def shifts_unknown(monkeypatch) -> None:
    monkeypatch.setattr(departures, "_MARGIN", np.inf)


def thin_tails(monkeypatch) -> None:
    monkeypatch.setattr(suspicion, "_TAILS", 2.0)


def loose(monkeypatch) -> None:
    monkeypatch.setattr(validation, "suspicious_prints", _loosely)


def _loosely(values, *, false_alarm_rate: float = 0.02):
    return suspicion.suspicious_prints(values, false_alarm_rate=false_alarm_rate)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (no_robust_scale, "of errors of 3 standard deviations, 45% are found: does not hold"),
        (shifts_unknown, "a shift of the level is no spike: does not hold"),
        (thin_tails, "the embedded series are not rejected: does not hold"),
        (loose, "false alarms are at most 5 in 1,000 on average: does not hold"),
    ],
)
def test_a_fault_turns_it_red(monkeypatch, fault: Callable[..., None], words: str) -> None:
    assert load_scenario("poisoning_detection").run(11).status == "passed"
    fault(monkeypatch)
    outcome = load_scenario("poisoning_detection").run(7)
    assert outcome.status == "failed"
    assert words in outcome.message
