"""The hypothesis strategies make valid values, with the variety that tests count on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from fg_core.components import Components
from fg_core.errors import DataError
from fg_core.forecast import ProbabilisticForecast
from fg_core.testing import strategies as s

quiet = settings(derandomize=True, database=None, deadline=None)


@quiet
@given(s.mixtures())
def test_mixtures_are_distributions(parts: Components) -> None:
    forecast = ProbabilisticForecast.from_components(parts)
    low, high = float(parts.means.min()), float(parts.means.max())
    assert low - 1e-9 <= forecast.mean <= high + 1e-9
    assert forecast.variance > 0.0
    assert list(forecast.quantiles) == sorted(forecast.quantiles)
    assert float(parts.weights.sum()) == pytest.approx(1.0, abs=1e-9)


@quiet
@given(s.mixtures(max_size=2))
def test_mixtures_are_no_larger_than_asked(parts: Components) -> None:
    assert 1 <= parts.weights.size <= 2


@quiet
@given(s.values(3.0))
def test_values_stay_within_their_limit(value: float) -> None:
    assert abs(value) <= 3.0


@quiet
@given(s.configs(max_rounds=9))
def test_configs_are_of_short_games(config: Any) -> None:
    assert config.horizon <= 9
    assert config.max_rounds <= 9


@quiet
@given(s.states(max_history=3))
def test_states_have_no_longer_history_than_asked(state: Any) -> None:
    assert len(state.history) <= 3
    assert state.n_unrevealed <= len(state.history)


@quiet
@given(s.training_windows(min_size=5, max_size=7, with_context=False))
def test_windows_are_of_the_size_asked(window: Any) -> None:
    assert 5 <= len(window) <= 7
    assert window.contexts == ()


@quiet
@given(s.observations(series_id="infl"))
def test_observations_can_be_told_their_series(row: Any) -> None:
    assert row.series_id == "infl"


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        (s.states(), lambda x: not x.history),
        (s.states(), lambda x: len(x.history) > 3 and x.n_unrevealed > 0),
        (s.states(), lambda x: x.segment_values and x.macro_context),
        (s.actions(), lambda x: x.scale is None and x.p_bad is not None),
        (s.configs(), lambda x: len(x.horizons) > 1),
        (s.configs(), lambda x: x.reveal_lag > 1 and x.refit_every > 0),
        (s.training_windows(), lambda x: len(x) == 1),
        (s.training_windows(), lambda x: bool(x.contexts)),
        (s.mixtures(), lambda x: x.weights.size > 1 and (x.weights == 0.0).any()),
        (s.mixtures(), lambda x: bool(x.labels)),
        (s.observations(), lambda x: x.available_at == x.timestamp),
    ],
)
def test_what_tests_count_on_is_found(strategy: st.SearchStrategy[Any], wanted: Any) -> None:
    # Without shrinking: that it can be found is all that matters here.
    fixed = settings(derandomize=True, phases=[Phase.generate], max_examples=2000, database=None)
    assert find(strategy, wanted, settings=fixed) is not None


def test_components_that_are_no_distribution_cannot_be_made() -> None:
    with pytest.raises(DataError):
        Components(np.array([0.5, 0.6]), np.zeros(2), np.ones(2))
