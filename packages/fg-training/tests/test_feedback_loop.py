from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fg_core.errors import ArtifactError, ConfigError, DataError
from fg_core.scoring import crps_gaussian
from fg_training import IterativeFeedbackLoop, QTableAgent

FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def month(k: int) -> datetime:
    return FIRST + timedelta(days=31 * k)


def played(loop: IterativeFeedbackLoop, first: int, last: int) -> None:
    """Two forecasters, of which the second is right; action 1 is played in odd months."""
    outcomes = np.random.default_rng(1).standard_normal(40)
    for k in range(first, last):
        if k >= 1:
            loop.realise(month(k), float(outcomes[k]), month(k) + timedelta(days=20))
        loop.issue(
            month(k + 1),
            month(k) + timedelta(days=25),
            [2.0, 0.0],
            [1.0, 1.0],
            cell=0,
            action=k % 2,
        )


def a_loop() -> IterativeFeedbackLoop:
    return IterativeFeedbackLoop(["high", "right"], QTableAgent(1, 2))


def test_weights_go_to_the_forecaster_that_is_right() -> None:
    loop = a_loop()
    played(loop, 0, 12)
    assert loop.weights[1] > 0.95
    assert sum(loop.weights) == pytest.approx(1.0)
    assert loop.learner is not None
    assert loop.learner.visits.tolist() == [11.0]
    assert (loop.learner.q < 0.0).all()


def test_one_outcome_by_hand() -> None:
    loop = IterativeFeedbackLoop(["one"], QTableAgent(1, 2), unit=2.0)
    loop.issue(month(1), month(0), [1.0], [1.0], cell=0, action=1)
    found = loop.realise(month(1), 3.0, month(2))
    score = float(crps_gaussian(1.0, 1.0, 3.0))
    assert (found.crps, found.error) == (pytest.approx(score), 2.0)
    assert found.weights == (1.0,)
    assert found.td_error == pytest.approx(-score / 2.0)
    # Odds after one outcome are prior odds times the likelihoods' ratio.
    two = IterativeFeedbackLoop(["a", "b"], alpha=1.0, floor=0.0)
    two.issue(month(1), month(0), [0.0, 1.0], [1.0, 2.0])
    a, b = two.realise(month(1), 1.0, month(2)).weights
    assert a / b == pytest.approx(2.0 * np.exp(-0.5))


def test_a_job_that_runs_every_month_learns_as_one_that_never_stops(tmp_path: Path) -> None:
    straight, path = a_loop(), tmp_path / "loop.json"
    played(straight, 0, 10)
    a_loop().save(path)
    for k in range(10):
        loop = IterativeFeedbackLoop.load(path)
        played(loop, k, k + 1)
        loop.save(path)
    straight.save(tmp_path / "straight.json")
    assert path.read_bytes() == (tmp_path / "straight.json").read_bytes()


def test_an_outcome_counts_once_and_not_before_its_forecast() -> None:
    loop = a_loop()
    loop.issue(month(1), month(0), [0.0, 0.0], [1.0, 1.0])
    before = loop.weights
    for when in (month(0), month(-1)):
        with pytest.raises(DataError, match="before its forecast"):
            loop.realise(month(1), 1.0, when)
    with pytest.raises(DataError, match="no forecast"):
        loop.realise(month(2), 1.0, month(3))
    with pytest.raises(DataError, match="finite"):
        loop.realise(month(1), np.nan, month(2))
    assert (loop.weights, loop.waiting) == (before, (month(1),))
    loop.realise(month(1), 1.0, month(2))
    with pytest.raises(DataError, match="already"):
        loop.realise(month(1), 1.0, month(2))
    with pytest.raises(DataError, match="already"):
        loop.issue(month(1), month(0), [0.0, 0.0], [1.0, 1.0])


def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    loop = a_loop()
    with pytest.raises(DataError, match="time zone"):
        loop.issue(datetime(2020, 1, 1), month(0), [0.0, 0.0], [1.0, 1.0])  # noqa: DTZ001
    for means, scales in (([0.0], [1.0]), ([0.0, 0.0], [1.0, 0.0]), ([np.nan, 0.0], [1.0, 1.0])):
        with pytest.raises(DataError, match="finite"):
            loop.issue(month(1), month(0), means, scales)
    for cell, action in ((0, None), (1, 0), (0, 2)):
        with pytest.raises(ConfigError):
            loop.issue(month(1), month(0), [0.0, 0.0], [1.0, 1.0], cell=cell, action=action)
    with pytest.raises(ConfigError):
        IterativeFeedbackLoop(["a", "a"])
    path = tmp_path / "loop.json"
    loop.save(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArtifactError, match="damaged"):
        IterativeFeedbackLoop.load(path)
