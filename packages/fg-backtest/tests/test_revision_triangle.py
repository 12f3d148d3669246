"""How values were revised: the triangle, bias and size by age, news or noise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fg_backtest import revisions
from fg_backtest.revision_triangle import SeriesRevisions
from fg_core import ConfigError, DataError, Dataset, Observation, Provenance
from fg_core.calendar import add_months, period_end

START = datetime(1900, 1, 1, tzinfo=UTC)
_LAGS = (30, 110, 200)  # days after a quarter: at its own origin, one later, and two later


def dataset_of(values: np.ndarray) -> Dataset:
    """Return a series whose values come at three ages; `values` have shape (period, age)."""
    rows = [
        Observation(
            begin := add_months(START, 3 * t),
            float(value),
            {},
            period_end(begin, "Q") + timedelta(days),
            "x",
            "made",
        )
        for t, own in enumerate(values)
        for value, days in zip(own, _LAGS, strict=True)
    ]
    last = tuple(rows[len(_LAGS) - 1 :: len(_LAGS)])
    earlier = tuple(row for i, row in enumerate(rows) if i % len(_LAGS) < len(_LAGS) - 1)
    of = Provenance("made", "made up", "", "several")
    return Dataset(last, of, frequency="Q", earlier_values=earlier)


def walk(n: int, rng: np.random.Generator) -> Any:
    return np.cumsum(rng.normal(size=n))


def found_in(values: np.ndarray) -> SeriesRevisions:
    return revisions(dataset_of(values), ages=3)["x"]


def test_the_triangle_is_what_stood_at_each_age() -> None:
    rng = np.random.default_rng(4)
    values = np.round(walk(40, rng)[:, np.newaxis] + rng.normal(size=(40, 3)), 2)
    found = found_in(values)
    # The last origin is the last moment that the data tell of, when all has come out.
    assert np.array_equal(found.triangle[:37, :3], values[:37])
    assert np.array_equal(found.triangle[:36, 3], values[:36, 2])
    assert found.triangle[39, 0] == values[39, 2]
    assert np.isnan(found.triangle[39, 1:]).all()
    by_age = found.by_age()
    assert by_age["age"] == [1, 2, 3]
    own = found.triangle[:, 2] - found.triangle[:, 0]
    own = own[~np.isnan(own)]
    assert by_age["bias"][1] == pytest.approx(own.mean())
    assert by_age["rms"][1] == pytest.approx(np.sqrt(np.mean(own**2)))
    assert by_age["revised"][2] <= 0.03
    assert found.settled_after == 2
    assert np.array_equal(found.sizes(2), own / found.step_scale)


def news(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return values that are the best forecasts of the final ones: revisions are news."""
    steps = rng.normal(size=(n, 3))
    final = np.cumsum(steps.sum(axis=1))
    before = np.concatenate([[0.0], final[:-1]])
    # The change of a period is told piece by piece; that of the period before is final by then,
    # but for what comes later.
    return np.column_stack([before + steps[:, : k + 1].sum(axis=1) for k in range(3)])


def noise(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the final values with errors that have nothing to do with them, and die out."""
    final = walk(n, rng)
    return np.column_stack([final + size * rng.normal(size=n) for size in (1.0, 0.4, 0.0)])


def test_noise_is_told_from_news() -> None:
    told = {"news": [], "noise": []}
    for seed in range(6):
        rng = np.random.default_rng(seed)
        one = found_in(noise(200, rng))
        told["noise"].append((one.p_news, one.p_noise))
        one = found_in(news(200, rng))
        told["news"].append((one.p_news, one.p_noise))
    p_news, p_noise = np.array(told["noise"]).T
    assert (p_news < 1e-4).all()
    assert stats.binomtest(int((p_noise < 0.05).sum()), 6, 0.05, "greater").pvalue > 1e-4
    _, p_noise = np.array(told["news"]).T
    assert (p_noise < 1e-4).all()


def test_the_test_is_that_of_ordinary_least_squares_where_errors_are_independent() -> None:
    """Without lags, the covariances are those of White, and the p-values are uniform."""
    from fg_backtest.revision_triangle import _wald

    rng = np.random.default_rng(11)
    found = [_wald(rng.normal(size=80), rng.normal(size=80), 0) for _ in range(400)]
    assert stats.kstest(found, "uniform").pvalue > 1e-3
    x = rng.normal(size=80)
    assert _wald(0.8 * x + rng.normal(size=80), x, 2) < 1e-6


def test_what_the_gate_is_told() -> None:
    values = np.zeros((40, 3)) + walk(40, np.random.default_rng(0))[:, np.newaxis]
    values[::2, 0] += 3.0
    found = found_in(values)
    r = found.sizes()
    b = r**2 / (r**2 + 1)
    assert found.gate_settings() == {
        "prior": pytest.approx(b.mean()),
        "outlier_scale": pytest.approx(3.0 / found.step_scale),
    }


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="no period has a second value"):
        revisions({"ds": [f"{y}" for y in range(1950, 1980)], "y": range(30)})
    with pytest.raises(ConfigError, match="ages must be a whole number >= 1"):
        revisions(dataset_of(noise(40, np.random.default_rng(0))), ages=0)
    found = revisions(dataset_of(noise(40, np.random.default_rng(0))))
    with pytest.raises(DataError, match="there is no series 'z'; there are x"):
        found["z"]
    with pytest.raises(ConfigError, match="ages go from 0 to 12, got 13"):
        found["x"].sizes(13)


def test_a_frame_of_all_series() -> None:
    frame = revisions(dataset_of(noise(40, np.random.default_rng(0))), ages=2).to_frame()
    assert list(frame.columns[:4]) == ["unique_id", "age", "n", "bias"]
    assert len(frame) == 2
