"""Percentiles of paths, and their Monte Carlo errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fg_core.errors import ConfigError
from fg_core.fans import EventProbability, percentile_errors, percentiles_of_sorted
from fg_core.transcendental import ndtri

quiet = settings(derandomize=True, database=None, deadline=None)
LEVELS = st.lists(st.floats(0.01, 99.99), min_size=1, max_size=9, unique=True).map(sorted)


@quiet
@given(
    arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 40)), elements=st.floats(-9, 9)),
    LEVELS,
)
def test_percentiles_never_cross_nor_leave_the_paths(paths, levels):
    paths = np.sort(paths, axis=1)
    found = percentiles_of_sorted(paths, levels)
    assert (np.diff(found, axis=1) >= 0.0).all()
    assert (found >= paths[:, :1]).all()
    assert (found <= paths[:, -1:]).all()
    assert found == pytest.approx(np.percentile(paths, levels, axis=1).T, abs=1e-12)
    errors = percentile_errors(paths, levels)
    assert np.isnan(errors).all() if paths.shape[1] == 1 else (errors >= 0.0).all()


def test_errors_are_those_of_theory():
    n, levels = 40_000, np.array([0.1, 0.25, 0.5, 0.9])
    paths = np.sort(np.random.default_rng(5).standard_normal((1, n)), axis=1)
    density = np.exp(-0.5 * ndtri(levels) ** 2) / np.sqrt(2.0 * np.pi)
    theory = np.sqrt(levels * (1.0 - levels) / n) / density
    # About 4 sqrt(n p (1 - p)), at least 240, paths lie between its two quantiles: six standard
    # deviations of the estimate are less than 40 %.
    assert percentile_errors(paths, 100.0 * levels)[0] == pytest.approx(theory, rel=0.4)


@pytest.mark.parametrize("levels", [(), (0.0, 50.0), (50.0, 100.0), (90, 10), (5, 5), ("x",), 7])
def test_percentiles_out_of_range_are_refused(levels):
    with pytest.raises(ConfigError, match="percentiles must increase and be above 0 and below 100"):
        percentiles_of_sorted(np.zeros((1, 2)), levels)


def test_an_event_that_never_happened_is_not_certain_not_to():
    never = EventProbability.of(np.zeros((2, 100), dtype=np.bool_))
    assert never.ever == 0.0
    assert never.ever_error > 0.0
    once = np.zeros((2, 4), dtype=np.bool_)
    once[0, 1] = once[1, 2] = True
    found = EventProbability.of(once)
    assert (found.by_step.tolist(), found.ever) == ([0.25, 0.25], 0.5)
