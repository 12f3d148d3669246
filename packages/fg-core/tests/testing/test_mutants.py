"""A mutant that is not refused, or refused for another reason, fails its test."""

import pytest

from fg_core.testing import ConformanceError, ConstantForecaster, check_forecaster
from fg_core.testing.mutants import NotFrozen, counted, forged, refused


def test_a_check_has_to_name_the_promise() -> None:
    refused(lambda: check_forecaster(NotFrozen()), "it is frozen")
    with pytest.raises(AssertionError, match="'it has wheels' is not in the message"):
        refused(lambda: check_forecaster(NotFrozen()), "it has wheels")
    with pytest.raises(AssertionError, match="the check passed, and should have said 'it is"):
        refused(lambda: check_forecaster(ConstantForecaster()), "it is frozen")


def test_other_errors_are_no_refusal() -> None:
    def check() -> None:
        raise ConformanceError("out of the blue")

    with pytest.raises(AssertionError, match="does not keep a promise of"):
        refused(check, "blue")
    with pytest.raises(ZeroDivisionError):
        refused(lambda: print(1 / 0), "division")


def test_what_is_forged_got_round_the_constructor() -> None:
    assert forged("a", "much", -1.0, 2.0).delta == "much"
    assert counted(lambda n, x: (n, x))(3) == (1, 3)
