"""Errors in the training window: array paths equal the forecasts one by one."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fg_agents import BottomUpAgent, TopDownAgent
from fg_agents.hierarchy import window_errors
from fg_core import (
    AgentAction,
    AgentError,
    AutoRegression,
    Drift,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
)


def one_by_one(agent, window, horizon):
    """Target minus forecast, with `act` and nothing else."""
    values, n = window.values.tolist(), len(window)
    errors = []
    for i in range(n - horizon):
        state = ForecastState(
            window.end_t - n + 1 + i,
            values[i],
            0.0,
            0.0,
            segment_values=window.segments[i] if window.segments else {},
            macro_context=window.contexts[i] if window.contexts else {},
            history=tuple(values[:i]),
        )
        try:
            errors.append(values[i + horizon] - values[i] - agent.act(state, horizon).delta)
        except (AgentError, ForecastUnavailable):
            errors.append(np.nan)
    return np.array(errors)


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("order", [0, 1, 3, None])
def test_autoregressions_to_the_last_bit(sample, order, horizon):
    window = sample().window()
    agent = AutoRegression(order).fit(window)
    found = window_errors(agent, window, horizon)
    assert found.shape == (len(window) - horizon,)
    np.testing.assert_array_equal(found, one_by_one(agent, window, horizon))


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("changes", [0, 1, 3])
def test_direct_regressions_to_the_last_bit(sample, changes, horizon):
    window = sample().window()
    ragged = [{} if t % 9 == 4 else row for t, row in enumerate(window.contexts)]
    window = replace(window, contexts=ragged)
    agent = TopDownAgent(changes=changes).fit(window)
    found = window_errors(agent, window, horizon)
    np.testing.assert_array_equal(found, one_by_one(agent, window, horizon))
    assert 10 < np.count_nonzero(np.isnan(found)) < 20


def test_residuals_of_least_squares_have_mean_zero(sample):
    window = sample().window()
    for agent in (AutoRegression(2), TopDownAgent(penalty=0.0)):
        errors = window_errors(agent.fit(window), window, 1)
        assert np.nanmean(errors) == pytest.approx(0.0, abs=1e-12)


def test_whoever_has_no_array_path_is_asked_origin_by_origin(sample):
    window = sample().window()
    pool = BottomUpAgent(Drift()).fit(window)
    for agent in (Drift().fit(window), pool):
        np.testing.assert_array_equal(window_errors(agent, window, 2), one_by_one(agent, window, 2))


@dataclass(frozen=True)
class Moody:
    """Has no forecast on even periods, needs two earlier values, and may be broken."""

    name: str = "moody"
    broken: bool = False

    def act(self, state, horizon=1):
        if self.broken or len(state.history) < 2:
            raise AgentError("too short" if not self.broken else "broken")
        if state.t % 2 == 0:
            raise ForecastUnavailable("even")
        return AgentAction(self.name, 1.0)


def test_absences_are_nan_and_failures_are_failures():
    window = TrainingWindow(np.arange(8.0), 7)
    assert window_errors(Moody(), window, 1)[[0, 1, 2, 4, 6]].tolist() == pytest.approx(
        [np.nan] * 5, nan_ok=True
    )
    assert window_errors(Moody(), window, 1)[[3, 5]].tolist() == [0.0, 0.0]
    with pytest.raises(AgentError, match="broken"):
        window_errors(Moody(broken=True), window, 1)


def test_a_window_shorter_than_the_horizon_has_no_errors():
    window = TrainingWindow([1.0, 2.0, 4.0, 3.0, 5.0])
    agent = AutoRegression(0).fit(window)
    assert window_errors(agent, window, 5).size == 0
    assert np.isnan(window_errors(replace(agent, fitted=_far()), window, 1)).all()


def _far():
    """A fit of an order that no row of the window has the history for."""
    rng = np.random.default_rng(0)
    return AutoRegression(9).fit(TrainingWindow(rng.standard_normal(40))).fitted
