"""Tests of the remark on series whose changes grow with their level."""

from __future__ import annotations

import numpy as np
import pytest

from fg_backtest.growth import SIGNIFICANT, log_evidence, say_growing

WALK = np.cumsum(np.random.default_rng(2).normal(0.02, 0.05, 200))
GROWING = np.exp(WALK)


def test_evidence_does_not_depend_on_the_unit() -> None:
    assert log_evidence(GROWING) > SIGNIFICANT
    assert log_evidence(1e6 * GROWING) == pytest.approx(log_evidence(GROWING))
    assert log_evidence(WALK - WALK.min() + 5.0) < SIGNIFICANT
    assert log_evidence(GROWING[:20]) == log_evidence(-GROWING) == log_evidence(np.ones(50)) == 0.0


def test_evidence_is_no_luck_where_steps_do_not_grow() -> None:
    rng = np.random.default_rng(4)
    walks = 100.0 + np.cumsum(rng.normal(0.0, 1.0, (200, 120)), axis=1)
    assert np.mean([log_evidence(walk) > SIGNIFICANT for walk in walks]) < 0.05


def test_only_poor_coverage_of_a_growing_series_is_remarked() -> None:
    past = {"a": GROWING, "b": GROWING, "c": 100.0 + WALK}
    with pytest.warns(UserWarning, match=r"series 'a': 50% of outcomes .* --log \(log=True\)"):
        say_growing(past, {"a": (0.5, 40), "b": (0.78, 40), "c": (0.5, 40)})
    say_growing(past, {"b": (0.78, 40), "c": (0.5, 40)})
