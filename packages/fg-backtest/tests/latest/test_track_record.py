"""Leads in a track record, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fg_backtest.latest.track_record import LUCK, track_records
from fg_backtest.series_forecasts import SeriesForecasts
from fg_core.scoring import compare_scores, crps_gaussian

NAMES = ("random_walk", "good", "equal_weights", "ensemble")


def cell(values, walk, good, pool, scale=1.0):
    """Return a cell whose forecasters and pool state normal distributions."""
    values, walk, good, pool = (np.asarray(one, dtype=float) for one in (values, walk, good, pool))
    n = values.size
    return SeriesForecasts(
        1,
        np.arange(n),
        values,
        np.zeros(n),
        np.zeros(n),
        np.column_stack([walk, good]),
        np.full((n, 2), scale),
        pool,
        np.full(n, scale**2),
        np.full((n, 5), np.nan),
        np.zeros((n, 0)),
        np.zeros((n, 0)),
        np.zeros((n, 0)),
        np.zeros((n, 0), dtype=bool),
        [()] * n,
        {},
    )


def test_figures_are_those_of_the_scores():
    rng = np.random.default_rng(0)
    values = rng.normal(size=12)
    walk, good, pool = rng.normal(size=(3, 12))
    values[-1] = np.nan
    (found,) = track_records([cell(values, walk, good, pool)], NAMES)
    scores = {
        name: crps_gaussian(means, np.ones(12), values)[:-1]
        for name, means in (("walk", walk), ("good", good), ("pool", pool))
    }
    assert found.n == 11
    assert found.crps == pytest.approx(scores["pool"].mean())
    assert found.skill == pytest.approx(1 - scores["pool"].mean() / scores["walk"].mean())
    inside = np.abs(values - pool)[:-1] < 1.2815515655446004
    assert found.coverage_80 == pytest.approx(inside.mean())
    best = "random_walk" if scores["walk"].mean() < scores["good"].mean() else "good"
    ours = scores["walk" if best == "random_walk" else "good"]
    assert found.best == best
    assert found.lead == compare_scores(ours, scores["pool"])
    # Two forecasters were tried, so that luck had two chances.
    assert found.lead_p_value == min(1.0, 2 * found.lead.p_value)
    assert np.isnan(found.pits[-1])


def test_a_forecaster_that_was_always_better_is_said_to_be():
    rng = np.random.default_rng(1)
    values = rng.normal(size=30)
    good = values + 0.1 * rng.normal(size=30)
    far = np.full(30, 3.0)
    (found,) = track_records([cell(values, far, good, far)], NAMES)
    assert found.best == "good"
    assert found.best_throughout
    assert found.lead_p_value < LUCK
    assert not found.lead_is_luck


def test_a_forecaster_that_was_better_in_the_beginning_was_not_throughout():
    values = np.zeros(30) + 0.01 * np.arange(30)
    good = np.where(np.arange(30) < 20, values, values + 1.0)
    (found,) = track_records([cell(values, values + 3.0, good, values + 0.8)], NAMES)
    assert found.best == "good"
    assert not found.best_throughout


def test_a_pool_that_nobody_beats_has_no_rival():
    rng = np.random.default_rng(2)
    values = rng.normal(size=20)
    (found,) = track_records([cell(values, values + 2.0, values + 1.0, values)], NAMES)
    assert found.lead.mean > 0.0
    assert found.lead_is_luck
    assert not found.best_throughout


def test_without_known_targets_nothing_can_be_told():
    none = np.full(3, np.nan)
    (found,) = track_records([cell(none, np.zeros(3), np.zeros(3), np.zeros(3))], NAMES)
    assert (found.n, found.best, found.lead_p_value) == (0, "", 1.0)
    assert np.isnan([found.crps, found.skill, found.coverage_80]).all()
    assert found.lead_is_luck
    assert track_records([], NAMES) == []


def test_cells_do_not_depend_on_the_cells_beside_them():
    rng = np.random.default_rng(3)
    cells = [cell(*rng.normal(size=(4, n))) for n in (5, 9, 7)]
    for one, found in zip(cells, track_records(cells, NAMES), strict=True):
        (alone,) = track_records([one], NAMES)
        assert (alone.crps, alone.skill, alone.lead) == (found.crps, found.skill, found.lead)
