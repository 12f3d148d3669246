"""Figures of many cells are those of each alone, to the last bit; and those computed by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest.metric import CellScores, Mean
from fg_backtest.metrics import METRICS, SCORES, SUMMARY, Contender, Metrics, measure, over_cells
from fg_backtest.notes import notes
from fg_backtest.outcomes import LEVEL, Forecasts
from fg_backtest.scores import (
    Scores,
    absolute_error,
    covered,
    crps,
    crps_of_moments,
    interval,
    log_score,
    pit,
    score,
)
from fg_core.scoring import crps_gaussian, skill_score

ONE = np.ones(1)


def scored(forecasts: Forecasts, targets: np.ndarray) -> Scores:
    """Return all scores that metrics are made of."""
    return score(forecasts, targets, SCORES)


def claims(means: list[float], scales: list[float]) -> Forecasts:
    """Return normal forecasts; NaN: no forecast, or no scale."""
    m, s = np.array(means), np.array(scales)
    has = ~np.isnan(s)
    one = np.where(has, s, 1.0)[:, np.newaxis]
    centres = np.where(has, m, 0.0)[:, np.newaxis]
    return Forecasts(m, s * s, np.ones((m.size, 1)), centres, one)


def cells(*of: Scores) -> Scores:
    """Return cells, each given by its scores, as one, filled up with NaN."""
    sizes = [one.has_mean.size for one in of]
    begins = np.cumsum([0, *sizes])
    rows = np.full((len(of), max(sizes)), -1)
    for i, size in enumerate(sizes):
        rows[i, :size] = np.arange(begins[i], begins[i + 1])
    return Scores.joined(of).take(rows)


def alone(scores: Scores, benchmark: Scores) -> Metrics:
    """Return the metrics of one cell, by plain numpy over what it has."""
    error = scores[absolute_error][scores.has_mean]
    some = scores.has_density
    both = some & benchmark.has_density

    def mean(values: np.ndarray) -> float | None:
        found = float(np.mean(values)) if values.size else np.nan
        return found if np.isfinite(found) else None

    ours, theirs = scores[crps][both], benchmark[crps][both]
    has_skill = ours.size > 0 and np.mean(theirs) > 0.0
    bins = np.minimum((scores[pit][some] * 10).astype(int), 9)
    return Metrics(
        error.size,
        int(some.sum()),
        mean(error),
        None if error.size == 0 else float(np.sqrt(np.mean(np.square(error)))),
        mean(scores[crps][some]),
        mean(scores[crps_of_moments][some]),
        mean(scores[covered][some]),
        mean(scores[interval][some]),
        mean(scores[log_score][some]),
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
        ours.append(scored(claims(means.tolist(), scales.tolist()), targets))
        walk = rng.uniform(0.5, 2.0, n)
        walk[rng.random(n) < no_scale] = np.nan
        theirs.append(scored(claims([0.0] * n, walk.tolist()), targets))
    found = measure(cells(*ours), cells(*theirs), np.ones(len(ours)))
    assert found == [alone(a, b) for a, b in zip(ours, theirs, strict=True)]


def test_metrics_by_hand() -> None:
    """Two claims, N(0, 1) and N(2, 1), for 0 and 5; the benchmark claims N(0, 1) for both."""
    targets = np.array([0.0, 5.0])
    ours = scored(claims([0.0, 2.0], [1.0, 1.0]), targets)
    theirs = scored(claims([0.0, 0.0], [1.0, 1.0]), targets)
    (found,) = measure(cells(ours), cells(theirs), ONE)

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
    theirs = scored(claims([0.0] * 4, [1.0] * 4), targets)
    ours = scored(claims([nan, 0.0, 0.0, 0.0], [nan, nan, 1.0, 1.0]), targets)
    (found,) = measure(cells(ours), cells(theirs), ONE)

    assert (found.n, found.n_density) == (3, 2)
    assert found.mae == 2.0  # of 1, 2, 3
    assert found.coverage_80 == 0.0
    assert found.skill == 0.0  # against the benchmark at the same two origins
    assert sum(found.pit_counts) == 2


def test_nothing_to_measure_is_none_and_never_nan() -> None:
    one, none = np.array([1.0]), np.array([np.nan])
    theirs = scored(claims([0.0], [1.0]), one)
    pointwise = scored(claims([0.0], [float("nan")]), one)
    unknown = scored(claims([0.0], [1.0]), none)
    (empty,) = measure(cells(unknown), cells(unknown), ONE)
    assert empty.n == 0
    assert empty.mae is empty.rmse is empty.crps is empty.skill is empty.coverage_80 is None
    (found,) = measure(cells(pointwise), cells(theirs), ONE)
    assert (found.n, found.n_density, found.mae) == (1, 0, 1.0)
    assert found.crps is found.skill is None


def test_an_infinite_log_score_is_none() -> None:
    tight = cells(scored(claims([0.0], [1e-160]), np.array([1.0])))
    assert measure(tight, tight, ONE)[0].log_score is None


# ----------------------------------------------------------------- what every row of the table says


def played_cells(unit: float = 1.0, *, error: float = 1.0) -> Metrics:
    """Return the metrics of a cell, in another unit, or with errors of another size."""
    rng = np.random.default_rng(7)
    targets, noise = rng.standard_normal((2, 64))
    scales = np.full(64, 0.5 * error * unit)
    ours = scored(
        claims(((targets + error * noise) * unit).tolist(), scales.tolist()), targets * unit
    )
    theirs = scored(claims([0.0] * 64, [unit] * 64), targets * unit)
    (found,) = measure(cells(ours), cells(theirs), np.array([unit]))
    return found


@pytest.mark.parametrize("name", METRICS)
def test_a_figure_has_the_unit_that_its_row_says(name: str) -> None:
    """In quarters of the unit, numbers are four times as large, to the last bit."""
    before, after = (getattr(played_cells(unit), name) for unit in (1.0, 4.0))
    if METRICS[name].unit == "series":
        assert after == 4.0 * before
    elif METRICS[name].unit == "nats":
        assert after == pytest.approx(before + np.log(4.0))
    else:
        assert after == before


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].better])
def test_the_better_figure_is_that_of_the_sharper_forecast(name: str) -> None:
    sharp, blunt = (getattr(played_cells(error=error), name) for error in (0.2, 2.0))
    assert (sharp < blunt) == (METRICS[name].better == "lower")


def test_rows_are_the_fields_of_the_report_and_their_descriptions_its_docstring() -> None:
    assert tuple(METRICS) == Metrics.__struct_fields__
    assert (*SUMMARY, "cells") == Contender.__struct_fields__
    lines = (Metrics.__doc__ or "").splitlines()
    assert "    mae: Mean absolute error." in lines
    for name in METRICS:
        assert any(line.startswith(f"    {name}: ") for line in lines)


def test_what_is_marked_has_a_better_side_and_what_is_shown_is_explained(played: Any) -> None:
    legend = notes(played.report, width=1000)[0]
    for metric in METRICS.values():
        assert metric.better or not metric.is_marked
        if metric.heading and not metric.legend:
            assert (metric.unit, metric.better) == ("series", "lower")
            assert metric.heading in legend
        assert metric.legend in legend
    for column in SUMMARY.values():
        assert METRICS[column.metric].heading


def test_a_contender_has_the_mean_of_the_cells_that_have_a_figure() -> None:
    some = played_cells()
    none = msgspec.structs.replace(some, skill=None, coverage_80=0.25)
    found = over_cells([some, none])
    assert some.coverage_80 is not None
    assert found == Contender(some.skill, (some.coverage_80 + 0.25) / 2, 1)
    assert over_cells([]) == Contender(None, None, 0)


def test_a_figure_may_be_in_units_of_the_one_step_scale_of_its_series() -> None:
    one = cells(scored(claims([0.0, 2.0], [1.0, 1.0]), np.array([1.0, 5.0])))
    both = CellScores(one.take(np.array([0, 0])), one.take(np.array([0, 0])), np.array([2.0, 8.0]))
    assert (both.mean(absolute_error) / both.step_scales).tolist() == [1.0, 0.25]
    assert Mean(absolute_error).of(both) == [2.0, 2.0]
