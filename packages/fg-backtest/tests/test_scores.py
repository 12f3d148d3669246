from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest.metrics import SCORES
from fg_backtest.outcomes import Forecasts, Outcomes
from fg_backtest.scores import (
    Scores,
    absolute_error,
    covered,
    crps,
    crps_of_moments,
    density_score,
    interval,
    log_score,
    pit,
    point_score,
    score,
    squared_error,
)
from fg_core import ProbabilisticForecast
from fg_core.components import Components
from fg_core.scoring import crps as crps_of_forecast
from fg_core.scoring import crps_gaussian, interval_score, log_score_mixture, pit_score

Parts = Sequence[tuple[float, float, float]]

_numbers = st.floats(-50.0, 50.0)
_parts = st.lists(st.tuples(st.floats(0.01, 1.0), _numbers, st.floats(0.1, 9.0)), max_size=5)


def forecasts_of(rows: Sequence[Parts], width: int = 5) -> Forecasts:
    """Return mixtures as arrays; a row without components has no predictive distribution."""
    n = len(rows)
    weights, centres, scales = np.zeros((n, width)), np.zeros((n, width)), np.ones((n, width))
    weights[:, 0] = 1.0
    means, variances = np.full(n, np.nan), np.full(n, np.nan)
    for i, parts in enumerate(rows):
        if parts:
            k = len(parts)
            weights[i, :k], centres[i, :k], scales[i, :k] = zip(*parts, strict=True)
            alone = ProbabilisticForecast.from_components(
                Components(weights[i, :k], centres[i, :k], scales[i, :k])
            )
            means[i], variances[i] = alone.moments
    return Forecasts(means, variances, weights, centres, scales)


def _normalised(parts: Parts) -> Parts:
    total = sum(weight for weight, _, _ in parts)
    return [(weight / total, mean, scale) for weight, mean, scale in parts]


@given(st.lists(st.tuples(_parts, _numbers), min_size=1, max_size=8))
def test_all_at_once_is_one_by_one(rows: list[tuple[Parts, float]]) -> None:
    mixtures = [_normalised(parts) for parts, _ in rows]
    found = score(forecasts_of(mixtures), np.array([target for _, target in rows]), SCORES)
    for i, (parts, (_, target)) in enumerate(zip(mixtures, rows, strict=True)):
        if not parts:
            assert not found.has_mean[i]
            assert all(np.isnan(array[i]) for array in found.columns.values())
            continue
        weights, means, scales = (np.array(column) for column in zip(*parts, strict=True))
        alone = ProbabilisticForecast.from_components(Components(weights, means, scales))
        low, high = alone.quantile([0.1, 0.9])
        assert found[absolute_error][i] == abs(target - alone.mean)
        assert found[squared_error][i] == np.square(target - alone.mean)
        assert found[crps][i] == pytest.approx(
            crps_of_forecast(alone, target), rel=1e-12, abs=1e-12
        )
        assert found[pit][i] == pit_score(alone, target)
        assert found[log_score][i] == log_score_mixture(weights, means, scales, target)
        assert found[covered][i] == float(low <= target <= high)
        assert found[interval][i] == interval_score(low, high, target, 0.8)
        gaussian = crps_gaussian(alone.mean, np.sqrt(alone.variance), target)
        assert found[crps_of_moments][i] == gaussian


@given(
    st.lists(st.tuples(_parts, _numbers | st.just(float("nan"))), min_size=1, max_size=8),
    st.integers(0, 7),
    st.integers(5, 12),
)
def test_a_row_does_not_depend_on_its_neighbours(
    rows: list[tuple[Parts, float]], at: int, width: int
) -> None:
    """Neither on their number nor on how many components they have: not by one bit."""
    at %= len(rows)
    mixtures = [_normalised(parts) for parts, _ in rows]
    targets = np.array([target for _, target in rows])
    together = score(forecasts_of(mixtures, width), targets, SCORES)
    own = max(1, len(mixtures[at]))
    alone = score(forecasts_of([mixtures[at]], own), targets[at : at + 1], SCORES)
    assert together.has_mean[at] == alone.has_mean[0]
    assert together.has_density[at] == alone.has_density[0]
    for one in SCORES:
        np.testing.assert_array_equal(together[one][at], alone[one][0])


@given(_numbers, st.floats(0.1, 9.0))
def test_a_value_on_an_end_of_the_interval_is_covered(mean: float, scale: float) -> None:
    low, high = ProbabilisticForecast(mean, scale * scale).quantile([0.1, 0.9])
    part = (1.0, mean, float(np.sqrt(scale * scale)))
    targets = np.array([low, high, np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])
    found = score(forecasts_of([[part]] * 4), targets, [covered])
    assert found[covered].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_an_unknown_target_has_no_score_at_all() -> None:
    found = score(forecasts_of([[(1.0, 0.0, 1.0)]] * 2), np.array([np.nan, 0.0]), SCORES)
    assert found.has_mean.tolist() == found.has_density.tolist() == [False, True]
    assert all(np.isnan(array[0]) for array in found.columns.values())
    assert not any(np.isnan(array[1]) for array in found.columns.values())


def test_a_score_sees_the_rows_that_it_is_there_for_and_no_other() -> None:
    """So that no score has to mind what is missing; and what it makes of them is kept, NaN too."""
    seen = []

    def spy(of: Outcomes) -> np.ndarray:
        seen.append(of.targets.tolist())
        return np.full(of.targets.size, np.nan)

    nan = float("nan")
    forecasts = forecasts_of([[(1.0, 0.0, 1.0)]] * 4)
    forecasts = replace(
        forecasts,
        means=np.array([0.0, nan, 0.0, 0.0]),
        variances=np.array([1.0, nan, nan, 1.0]),
    )
    point, density = point_score(spy), density_score(spy)
    found = score(forecasts, np.array([1.0, 2.0, 3.0, nan]), [point, density])
    assert seen == [[1.0, 3.0], [1.0]]
    assert found.has_mean.tolist() == [True, False, True, False]
    assert found.has_density.tolist() == [True, False, False, False]
    assert score(forecasts, np.full(4, nan), [point])[point].size == 4
    assert len(seen) == 2  # not asked where there is nothing to score


def test_rows_are_joined_and_taken() -> None:
    forecasts = forecasts_of([[(1.0, 0.0, 1.0)]] * 2)
    parts = [score(forecasts, np.array([y, y + 1.0]), SCORES) for y in (0, 2)]
    both = Scores.joined(parts)
    assert both[absolute_error].tolist() == [0.0, 1.0, 2.0, 3.0]
    taken = both.take(np.array([[3, -1], [0, 1]]))
    np.testing.assert_array_equal(taken[absolute_error], [[3.0, np.nan], [0.0, 1.0]])
    np.testing.assert_array_equal(taken[crps][0], [both[crps][3], np.nan])
    assert taken.has_mean.tolist() == [[True, False], [True, True]]
    assert set(both.take(np.array([0]), [crps]).columns) == {crps}
