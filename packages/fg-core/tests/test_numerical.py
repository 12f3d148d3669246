"""What of a failure is about the data, and what about the program."""

import math
import warnings

import numpy as np
import pytest

from fg_core.errors import ForecastUnavailable
from fg_core.numerical import numerical_failures


def test_failures_of_arithmetic_are_missing_forecasts():
    with (
        pytest.raises(ForecastUnavailable, match=r"^mine fails: Singular matrix$") as found,
        numerical_failures("mine fails"),
    ):
        np.linalg.solve(np.zeros((2, 2)), np.ones(2))
    assert isinstance(found.value.__cause__, np.linalg.LinAlgError)
    with (
        pytest.raises(ForecastUnavailable, match=r"^mine fails: numbers are beyond the range"),
        numerical_failures("mine fails"),
    ):
        math.exp(1e9)


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, TypeError, ForecastUnavailable])
def test_other_errors_pass_as_they_are(error):
    with pytest.raises(error, match=r"^a fault$"), numerical_failures("mine fails"):
        raise error("a fault")


def test_overflows_of_arrays_are_silent_inside_and_nowhere_else():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with numerical_failures("mine fails"):
            assert np.isinf(np.array([1e308]) * 10.0).all()
        with pytest.raises(RuntimeWarning, match="overflow"):
            np.array([1e308]) * 10.0
