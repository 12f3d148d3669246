"""The reconciled agent: coherent, between both views, and never less certain than either."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import BottomUpAgent, ReconciledAgent, TopDownAgent, mint
from fg_agents.hierarchy import summing_matrix, window_errors
from fg_core import (
    AgentAction,
    AgentError,
    AutoRegression,
    ConfigError,
    Drift,
    ForecastState,
    ForecastUnavailable,
    Registry,
)
from fg_core.protocols import Forecaster, Revealed
from fg_core.testing import check_forecaster

NAMES = ("east", "north", "west")
METHODS = ("shrink", "sample", "wls", "ols")
numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("method", "weights"),
    [
        ("shrink", {"a": 1.5, "b": -0.4, "c": -0.1}),
        pytest.param("ols", None, marks=pytest.mark.slow),
    ],
)
def test_it_keeps_the_promises_of_a_forecaster(conformance, method, weights):
    window, states = conformance(weights)
    check_forecaster(ReconciledAgent(method=method), window=window, states=states)


def test_it_is_plugged_in():
    made = Registry("fg_core.forecasters").load("reconciled")()
    assert isinstance(made, ReconciledAgent)
    assert isinstance(made, Forecaster)
    assert made.name == "reconciled"


_CACHE = {}


@given(
    parts=st.dictionaries(st.sampled_from(NAMES), numbers, min_size=3, max_size=3),
    total=numbers,
    context=st.dictionaries(st.sampled_from(["rate", "noise"]), numbers, min_size=1),
    history=st.lists(numbers, min_size=30, max_size=40),
    ahead=st.integers(1, 30),
    horizon=st.integers(1, 8),
)
@settings(max_examples=5 * settings.default.max_examples, deadline=None)
def test_random_states_are_coherent(sample, parts, total, context, history, ahead, horizon):
    if not _CACHE:
        _CACHE["agent"] = ReconciledAgent().fit(sample().window())
    agent = _CACHE["agent"]
    t = agent.fitted.window.end_t + ahead
    state = ForecastState(
        *(t, total, 0.0, 0.0), segment_values=parts, macro_context=context, history=tuple(history)
    )
    found = agent.reconciled(state, horizon)
    action = agent.act(state, horizon)
    assert (action.delta, action.scale) == (found.delta, found.scale)
    assert np.isfinite(action.delta)
    assert 0.0 < action.scale < np.inf
    # 1e-9 of the largest number on the way: a sum of numbers near 1e6 has an error of its own.
    size = max(1.0, abs(total), *map(abs, parts.values()), *map(abs, found.segments.values()))
    assert abs(sum(found.segments.values()) - found.total) <= 1e-9 * size
    assert found.total == pytest.approx(total + action.delta, abs=1e-9 * size)


@pytest.mark.parametrize("horizon", [1, 4])
def test_it_is_mint_by_hand(sample, horizon):
    data = sample(1)
    window, state = data.window(), data.state(data.n)
    top, bottom = TopDownAgent().fit(window), BottomUpAgent().fit(window)
    deltas, scales = bottom.parts(state, horizon)
    above = top.act(state, horizon)
    columns = [window_errors(top, window, horizon)]
    columns += [
        window_errors(member, part, horizon)
        for member, part in zip(bottom.fitted.members, bottom.fitted.windows, strict=True)
    ]
    errors = np.column_stack(columns)
    errors = errors[~np.isnan(errors).any(axis=1)]
    mean, covariance = mint(
        [above.delta, *deltas], errors, summing_matrix(3), scales=[above.scale, *scales]
    )
    action = ReconciledAgent().fit(window).act(state, horizon)
    assert action.delta == mean[0]
    assert action.scale == np.sqrt(covariance[0, 0])
    low, high = sorted([above.delta, sum(deltas)])
    assert low - (high - low) <= action.delta <= high + (high - low)


@pytest.mark.parametrize("horizon", [1, 2, 6])
@pytest.mark.parametrize("seed", range(4))
def test_it_claims_no_more_uncertainty_than_the_agents_it_reconciles(sample, seed, horizon):
    data = sample(seed)
    window, state = data.window(), data.state(data.n)
    found = ReconciledAgent().fit(window).reconciled(state, horizon)
    bottom = BottomUpAgent().fit(window)
    _, scales = bottom.parts(state, horizon)
    assert found.scale <= TopDownAgent().fit(window).act(state, horizon).scale * (1 + 1e-9)
    assert (np.sqrt(np.diag(found.covariance))[1:] <= np.array(scales) * (1 + 1e-9)).all()
    # Bottom-up is one of the coherent forecasts that MinT chooses from (with its correlations).
    assert found.scale <= bottom.act(state, horizon).scale * 1.05


@pytest.mark.slow
def test_it_is_as_good_as_the_better_view_and_holds_what_it_promises(sample):
    errors, hits = [], []
    for seed in range(12):
        data = sample(seed, n=400, after=60)
        agents = [
            ReconciledAgent(),
            TopDownAgent(),
            BottomUpAgent(),
            ReconciledAgent(method="wls"),
        ]
        agents = [agent.fit(data.window()) for agent in agents]
        for t in range(data.n, data.n + 59):
            state = data.state(t)
            actions = [agent.act(state) for agent in agents]
            found = [data.values[t + 1] - state.value - action.delta for action in actions]
            errors.append(found)
            hits.append(abs(found[0]) < 1.2816 * actions[0].scale)
            agents = [
                agent.update(Revealed(state, state.value)) if hasattr(agent, "update") else agent
                for agent in agents
            ]
    reconciled, top, bottom, wls = np.mean(np.square(errors), axis=0)
    assert reconciled <= 1.02 * min(top, bottom)
    assert reconciled < wls < bottom
    assert 0.77 <= np.mean(hits) <= 0.85


def test_both_views_are_needed(sample):
    data = sample()
    state = data.state(data.n)
    agent = ReconciledAgent().fit(data.window())
    with pytest.raises(ForecastUnavailable, match="context columns are missing"):
        agent.act(replace(state, macro_context={}))
    with pytest.raises(ForecastUnavailable, match="'bottom_up' has no forecast"):
        agent.act(replace(state, segment_values={}))
    bare = ReconciledAgent().fit(replace(data.window(), segments=()))
    with pytest.raises(ForecastUnavailable, match="no segments"):
        bare.act(state)
    assert bare.update(Revealed(state, state.value)) == bare
    with pytest.raises(AgentError, match="is not fitted"):
        ReconciledAgent().act(state)
    with pytest.raises(ConfigError, match="horizon 0"):
        agent.act(state, 0)
    with pytest.raises(ConfigError, match="method is one of"):
        ReconciledAgent(method="best")


@dataclass(frozen=True)
class Wordless:
    """States no scale and counts its updates."""

    name: str = "wordless"
    updates: int = 0

    def act(self, state, horizon=1):
        return AgentAction(self.name, float(self.updates))

    def update(self, revealed):
        return replace(self, updates=self.updates + 1)


def test_a_total_without_a_scale_has_that_of_its_errors(sample):
    data = sample()
    state = data.state(data.n)
    agent = ReconciledAgent(Wordless(), BottomUpAgent(Drift())).fit(data.window())
    base, scales, _ = agent._base(state, 1)
    assert base[0] == 0.0
    assert scales[0] == pytest.approx(np.sqrt(np.mean(np.diff(data.values[: data.n]) ** 2)))
    after = agent.update(Revealed(state, state.value))
    assert after.total.updates == 1
    assert after.segments.history.end_t == data.n
    with pytest.raises(ForecastUnavailable, match="a base forecast for horizon 500 has no scale"):
        agent.act(state, 500)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.0, 400.0])
def test_sensitivity_is_the_derivative(sample, method, level):
    data = sample(5, level=level)
    agent = ReconciledAgent(method=method).fit(data.window())
    state = data.state(data.n)
    for h in (1, 3):
        up, down = (replace(state, value=state.value + side * 1e-3) for side in (1, -1))
        slope = 1.0 + (agent.act(up, h).delta - agent.act(down, h).delta) / 2e-3
        assert agent.sensitivity(state, h) == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("k", [-20, 7, 20])
def test_a_power_of_two_scales_exactly(sample, k):
    data = sample(2)
    factor = 2.0**k
    large = replace(data, parts=data.parts * factor)
    for total in (TopDownAgent(), AutoRegression(2)):
        plain = ReconciledAgent(total).fit(data.window())
        scaled = ReconciledAgent(total).fit(large.window())
        a = plain.act(data.state(data.n + 1), 2)
        b = scaled.act(large.state(data.n + 1), 2)
        assert (b.delta, b.scale) == (a.delta * factor, a.scale * factor)


def test_dates_do_not_matter(sample):
    data = sample()
    plain = ReconciledAgent().fit(data.window())
    later = ReconciledAgent().fit(data.window(shift=999))
    assert plain.act(data.state(data.n), 2) == later.act(data.state(data.n, shift=999), 2)


def test_far_horizons_of_a_short_window_take_errors_for_uncorrelated(sample):
    data = sample(n=14)
    agent = ReconciledAgent(AutoRegression(1), BottomUpAgent(AutoRegression(1)))
    agent = agent.fit(data.window())
    state = data.state(data.n)
    base, scales, errors = agent._base(state, 12)
    assert len(errors) == 2
    variances = np.square(scales)
    below = variances[1:].sum()
    expected = (below * base[0] + variances[0] * sum(base[1:])) / (below + variances[0])
    assert agent.act(state, 12).delta == pytest.approx(expected)


def test_it_is_a_value(sample):
    data = sample()
    agent = ReconciledAgent().fit(data.window())
    before = agent.act(data.state(data.n), 3)
    copy = pickle.loads(pickle.dumps(agent))
    assert copy == agent == ReconciledAgent().fit(data.window())
    assert copy.act(data.state(data.n), 3) == before
