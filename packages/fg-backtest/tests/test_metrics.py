"""Figures of many cells are those of each alone, to the last bit; and those computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest.metrics import measure
from fg_backtest.records import Metrics
from fg_backtest.scores import LEVEL, Forecasts, Scores, score
from fg_core.scoring import crps_gaussian, skill_score


def claims(means: list[float], scales: list[float]) -> Forecasts:
    """Return normal forecasts; NaN: no forecast, or no scale."""
    m, s = np.array(means), np.array(scales)
    has = ~np.isnan(s)
    one = np.where(has, s, 1.0)[:, np.newaxis]
    centres = np.where(has, m, 0.0)[:, np.newaxis]
    return Forecasts(m, s * s, np.ones((m.size, 1)), centres, one)


def cells(*of: Scores) -> Scores:
    """Return cells, each given by its scores, as one, filled up with NaN."""
    width = max(one.error.size for one in of)
    begins = np.cumsum([0, *(one.error.size for one in of)])
    rows = np.full((len(of), width), -1)
    for i, one in enumerate(of):
        rows[i, : one.error.size] = np.arange(begins[i], begins[i + 1])
    return Scores.joined(of).take(rows)


def alone(scores: Scores, benchmark: Scores) -> Metrics:
    """Return the metrics of one cell, by plain numpy over what it has."""
    error = scores.error[~np.isnan(scores.error)]
    some = ~np.isnan(scores.crps)
    both = some & ~np.isnan(benchmark.crps)

    def mean(values: np.ndarray) -> float | None:
        found = float(np.mean(values)) if values.size else np.nan
        return found if np.isfinite(found) else None

    ours, theirs = scores.crps[both], benchmark.crps[both]
    has_skill = ours.size > 0 and np.mean(theirs) > 0.0
    bins = np.minimum((scores.pit[some] * 10).astype(int), 9)
    return Metrics(
        error.size,
        int(some.sum()),
        mean(np.abs(error)),
        None if error.size == 0 else float(np.sqrt(np.mean(np.square(error)))),
        mean(scores.crps[some]),
        mean(scores.crps_gaussian[some]),
        mean(scores.covered[some]),
        mean(scores.interval[some]),
        mean(scores.log_score[some]),
        float(skill_score(np.mean(ours), np.mean(theirs))) if has_skill else None,
        tuple(np.bincount(bins, minlength=10).tolist()),
    )


_GAPS = st.sampled_from([0.0, 0.0, 0.3, 1.0])


@given(
    st.lists(st.tuples(st.integers(0, 300), _GAPS, _GAPS, _GAPS), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
)
def test_many_cells_are_each_alone_to_the_last_bit(
    shapes: list[tuple[int, float, float, float]], seed: int
) -> None:
    """Of any length, with any gaps in forecasts, scales and targets."""
    rng = np.random.default_rng(seed)
    ours, theirs = [], []
    for n, no_forecast, no_scale, no_target in shapes:
        targets = rng.standard_normal(n)
        targets[rng.random(n) < no_target] = np.nan
        means = rng.standard_normal(n)
        scales = rng.uniform(0.5, 2.0, n)
        scales[rng.random(n) < no_scale] = np.nan
        gone = rng.random(n) < no_forecast
        means[gone] = scales[gone] = np.nan
        ours.append(score(claims(means.tolist(), scales.tolist()), targets))
        walk = rng.uniform(0.5, 2.0, n)
        walk[rng.random(n) < no_scale] = np.nan
        theirs.append(score(claims([0.0] * n, walk.tolist()), targets))
    found = measure(cells(*ours), cells(*theirs))
    assert found == [alone(a, b) for a, b in zip(ours, theirs, strict=True)]


def test_metrics_by_hand() -> None:
    """Two claims, N(0, 1) and N(2, 1), for 0 and 5; the benchmark claims N(0, 1) for both."""
    targets = np.array([0.0, 5.0])
    ours = score(claims([0.0, 2.0], [1.0, 1.0]), targets)
    theirs = score(claims([0.0, 0.0], [1.0, 1.0]), targets)
    (found,) = measure(cells(ours), cells(theirs))

    at_0, at_3, at_5 = (float(crps_gaussian(0.0, 1.0, y)) for y in (0.0, 3.0, 5.0))
    width, miss = 2 * 1.2815515655446004, 3.0 - 1.2815515655446004
    assert (found.n, found.n_density) == (2, 2)
    assert found.mae == 1.5
    assert found.rmse == pytest.approx(np.sqrt(4.5))
    assert found.crps == found.crps_gaussian == pytest.approx((at_0 + at_3) / 2)
    assert found.coverage_80 == 0.5
    assert found.interval_score_80 == pytest.approx(width + miss * 2.0 / (1.0 - LEVEL) / 2.0)
    assert found.log_score == pytest.approx(0.5 * np.log(2 * np.pi) + 9.0 / 4.0)
    assert found.skill == pytest.approx(1.0 - (at_0 + at_3) / (at_0 + at_5))
    assert found.pit_counts == (0, 0, 0, 0, 0, 1, 0, 0, 0, 1)


def test_a_contender_is_scored_on_what_it_has() -> None:
    targets, nan = np.array([0.0, 1.0, 2.0, 3.0]), float("nan")
    theirs = score(claims([0.0] * 4, [1.0] * 4), targets)
    ours = score(claims([nan, 0.0, 0.0, 0.0], [nan, nan, 1.0, 1.0]), targets)
    (found,) = measure(cells(ours), cells(theirs))

    assert (found.n, found.n_density) == (3, 2)
    assert found.mae == 2.0  # of 1, 2, 3
    assert found.coverage_80 == 0.0
    assert found.skill == 0.0  # against the benchmark at the same two origins
    assert sum(found.pit_counts) == 2


def test_nothing_to_measure_is_none_and_never_nan() -> None:
    one, none = np.array([1.0]), np.array([np.nan])
    theirs = score(claims([0.0], [1.0]), one)
    pointwise = score(claims([0.0], [float("nan")]), one)
    unknown = score(claims([0.0], [1.0]), none)
    (empty,) = measure(cells(unknown), cells(unknown))
    assert empty.n == 0
    assert empty.mae is empty.rmse is empty.crps is empty.skill is empty.coverage_80 is None
    (found,) = measure(cells(pointwise), cells(theirs))
    assert (found.n, found.n_density, found.mae) == (1, 0, 1.0)
    assert found.crps is found.skill is None


def test_an_infinite_log_score_is_none() -> None:
    tight = cells(score(claims([0.0], [1e-160]), np.array([1.0])))
    assert measure(tight, tight)[0].log_score is None
