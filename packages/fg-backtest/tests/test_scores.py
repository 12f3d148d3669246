from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_backtest.scores import LEVEL, Part, forecasts_of, measure, score
from fg_core import Components, ProbabilisticForecast
from fg_core.scoring import crps, crps_gaussian, log_score_mixture, pit_score

_numbers = st.floats(-50.0, 50.0)
_parts = st.lists(st.tuples(st.floats(0.01, 1.0), _numbers, st.floats(0.1, 9.0)), max_size=5)


def _normalised(parts: list[Part]) -> list[Part]:
    total = sum(weight for weight, _, _ in parts)
    return [(weight / total, mean, scale) for weight, mean, scale in parts]


@given(st.lists(st.tuples(_parts, _numbers), min_size=1, max_size=8))
def test_all_at_once_is_one_by_one(rows: list[tuple[list[Part], float]]) -> None:
    mixtures = [_normalised(parts) for parts, _ in rows]
    found = score(
        forecasts_of([(parts, None, None) for parts in mixtures]),
        np.array([target for _, target in rows]),
    )
    for i, (parts, (_, target)) in enumerate(zip(mixtures, rows, strict=True)):
        if not parts:
            assert np.isnan([found.crps[i], found.error[i], found.pit[i], found.covered[i]]).all()
            continue
        weights, means, scales = (np.array(column) for column in zip(*parts, strict=True))
        alone = ProbabilisticForecast.from_components(Components(weights, means, scales))
        low, high = alone.quantile([0.1, 0.9])
        assert found.error[i] == target - alone.mean
        assert found.crps[i] == pytest.approx(crps(alone, target), rel=1e-12, abs=1e-12)
        assert found.pit[i] == pit_score(alone, target)
        assert found.log_score[i] == log_score_mixture(weights, means, scales, target)
        assert found.covered[i] == float(low <= target <= high)
        gaussian = crps_gaussian(alone.mean, np.sqrt(alone.variance), target)
        assert found.crps_gaussian[i] == gaussian


def test_metrics_by_hand() -> None:
    """Two claims, N(0, 1) and N(2, 1), for 0 and 5; the benchmark claims N(0, 1) for both."""
    targets = np.array([0.0, 5.0])
    ours = score(forecasts_of([([(1.0, m, 1.0)], None, None) for m in (0.0, 2.0)]), targets)
    theirs = score(forecasts_of([([(1.0, 0.0, 1.0)], None, None)] * 2), targets)
    found = measure(ours, theirs, slice(None))

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
    targets = np.array([0.0, 1.0, 2.0, 3.0])
    theirs = score(forecasts_of([([(1.0, 0.0, 1.0)], None, None)] * 4), targets)
    rows = [((), None, None), ((), 0.0, None), ([(1.0, 0.0, 1.0)], None, None)]
    ours = score(forecasts_of([*rows, rows[-1]]), targets)
    found = measure(ours, theirs, slice(None))

    assert (found.n, found.n_density) == (3, 2)
    assert found.mae == 2.0  # of 1, 2, 3
    assert found.coverage_80 == 0.0
    assert found.skill == 0.0  # against the benchmark at the same two origins
    assert sum(found.pit_counts) == 2


def test_nothing_to_measure_is_none_and_never_nan() -> None:
    theirs = score(forecasts_of([([(1.0, 0.0, 1.0)], None, None)]), np.array([1.0]))
    pointwise = score(forecasts_of([((), 0.0, None)]), np.array([1.0]))
    empty = measure(theirs, theirs, slice(0, 0))
    assert empty.n == 0
    assert empty.mae is empty.rmse is empty.crps is empty.skill is empty.coverage_80 is None
    found = measure(pointwise, theirs, slice(None))
    assert (found.n, found.n_density, found.mae) == (1, 0, 1.0)
    assert found.crps is found.skill is None


def test_an_infinite_log_score_is_none() -> None:
    tight = score(forecasts_of([([(1.0, 0.0, 1e-160)], None, None)]), np.array([1.0]))
    assert measure(tight, tight, slice(None)).log_score is None


def test_targets_at_the_ends_of_an_interval_are_covered() -> None:
    rows: list[tuple[list[Part], float | None, float | None]] = [([(1.0, 0.0, 1.0)], None, None)]
    targets = np.array([-0.5, 0.75, np.nextafter(-0.5, -1.0), np.nextafter(0.75, 1.0)])
    found = score(forecasts_of(rows * 4, [(-0.5, 0.75)] * 4), targets)
    assert found.covered.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert found.interval[:2].tolist() == [1.25, 1.25]
    assert (found.interval[2:] > 1.25).all()
