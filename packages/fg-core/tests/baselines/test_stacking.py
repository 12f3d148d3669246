"""A stacked forecaster says in each lane what the lane's forecaster says alone, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.baselines import (
    AutoRegression,
    AutoRegressionFit,
    Drift,
    EqualWeightPool,
    ForecastingAgent,
    PythonStrategyRuntime,
    RandomWalk,
    SeasonalNaive,
)
from fg_core.batch import ActionArrays, StateArrays
from fg_core.errors import ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

quick = settings(max_examples=settings.default.max_examples * 3 // 5, deadline=None)

KINDS: dict[str, Callable[[], Any]] = {
    "random_walk": RandomWalk,
    "drift": Drift,
    "seasonal_naive": lambda: SeasonalNaive(4),
    "ar": AutoRegression,
    "ar4": lambda: AutoRegression(4),
    "pool": lambda: EqualWeightPool(
        (RandomWalk(), Drift(), SeasonalNaive(4), AutoRegression(), ForecastingAgent())
    ),
    "pool with scales": lambda: EqualWeightPool((RandomWalk(), AutoRegression(max_order=3))),
}
PAST = 11


def windows(n_lanes: int, seed: int) -> list[TrainingWindow]:
    """Return windows of several lengths and kinds, whose orders differ."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_lanes):
        n, order = int(rng.integers(24, 80)), int(rng.integers(0, 5))
        phi = rng.uniform(-0.9, 0.9, order) / max(1, order) ** 0.5
        path = np.zeros(n)
        for t in range(order, n):
            path[t] = rng.standard_normal() + (phi @ path[t - order : t] if order else 0.0)
        found.append(TrainingWindow(path * 10.0 ** rng.integers(-3, 4) + rng.uniform(-9.0, 9.0)))
    return found


def states(n_lanes: int, seed: int, size: float = 5.0) -> StateArrays:
    paths = np.random.default_rng(seed).normal(0.0, size, (PAST + 1, n_lanes))
    zeros = np.zeros(n_lanes)
    return StateArrays(7, paths[-1], zeros, zeros, history=tuple(paths[:-1]))


def alone(agent: Any, state: ForecastState, horizon: int) -> tuple[Any, ...]:
    try:
        action = agent.act(state, horizon)
    except ForecastUnavailable as reason:
        return math.nan, None, str(reason)
    return action.delta, action.scale, ""


def assert_lanes(agents: Sequence[Any], state: StateArrays, horizon: int) -> ActionArrays:
    """Check every lane of the stacked agent, and return what it says."""
    joint = type(agents[0]).stack(agents)
    assert joint is not None
    found = joint.act_array(state, horizon)
    n = len(agents)
    deltas = np.broadcast_to(found.delta, (n,)).tolist()
    scales = np.broadcast_to(np.nan if found.scale is None else found.scale, (n,)).tolist()
    slopes = np.broadcast_to(joint.sensitivity_array(state, horizon), (n,)).tolist()
    for i, (agent, one) in enumerate(zip(agents, state.each, strict=True)):
        delta, scale, reason = alone(agent, one, horizon)
        said = found.reason if isinstance(found.reason, str) else found.reason[i]
        if reason:
            assert math.isnan(deltas[i])
            assert said == reason
            continue
        assert deltas[i] == delta
        assert scale is None if math.isnan(scales[i]) else scales[i] == scale
        assert isinstance(found.reason, str) or said == ""
        assert slopes[i] == agent.sensitivity(one, horizon)
    return cast(ActionArrays, found)


@pytest.mark.parametrize("kind", list(KINDS))
@quick
@given(n_lanes=st.integers(1, 7), seed=st.integers(0, 2**32 - 1), horizon=st.integers(1, 9))
def test_every_lane_is_its_agent(kind: str, n_lanes: int, seed: int, horizon: int) -> None:
    agents = [KINDS[kind]().fit(window) for window in windows(n_lanes, seed)]
    assert_lanes(agents, states(n_lanes, seed + 1), horizon)


def test_orders_differ_in_these_lanes() -> None:
    agents = [AutoRegression().fit(window) for window in windows(12, 3)]
    assert len({agent.fitted.order for agent in agents if agent.fitted}) > 3
    assert_lanes(agents, states(12, 4), 3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_lag_that_a_lane_does_not_have_cannot_hurt_it(bad: float) -> None:
    plain = [1.0, 2.0, 1.5, 2.5, 1.25, 2.75, 3.0, 2.0, 2.5, 1.0, 1.5, 2.25]
    agents = [AutoRegression(order).fit(TrainingWindow(np.array(plain))) for order in (1, 3)]
    agents = [replace(agent, order=None) for agent in agents]
    state = states(2, 5)
    first = [number.copy() for number in state.history]
    for number in first:
        number[0] = bad
    found = assert_lanes(agents, replace(state, history=tuple(first)), 2)
    assert np.isfinite(found.delta).all()


def explosive(root: float) -> AutoRegression:
    return AutoRegression(fitted=AutoRegressionFit((root,), 0.0, 0.0, 1.0, 1.0))


def test_each_lane_has_its_own_reason() -> None:
    agents = [explosive(1.5), explosive(0.5), explosive(2.5), explosive(1.25)]
    found = assert_lanes(agents, states(4, 6), 2000)
    assert [("largest root 1.5" in why) for why in found.reason] == [True, False, False, False]
    assert [("largest root 2.5" in why) for why in found.reason] == [False, False, True, False]
    assert found.reason[1] == ""


def test_each_lane_of_a_pool_has_its_own_reason() -> None:
    agents = [EqualWeightPool((explosive(root),)) for root in (1.5, 0.5, 2.5)]
    found = assert_lanes(agents, states(3, 6), 2000)
    assert "largest root 2.5" in found.reason[2]
    # Where somebody is left, the pool has a forecast.
    wider = [EqualWeightPool((explosive(root), ForecastingAgent())) for root in (1.5, 0.5, 2.5)]
    assert np.isfinite(assert_lanes(wider, states(3, 6), 2000).delta).all()


def test_a_pool_whose_mean_leaves_the_range_of_numbers_says_so() -> None:
    # Each member is within the range, and the sum of both is not.
    pairs = [(explosive(root), replace(explosive(root), name="b")) for root in (3.0, 0.5)]
    agents = [EqualWeightPool(pair) for pair in pairs]
    state = replace(states(2, 8), value=np.array([8e304, 2.0]))
    found = assert_lanes(agents, state, 7)
    assert np.isfinite(found.delta).tolist() == [False, True]
    assert "pool 'equal_weights': the forecast for horizon 7 at period 7 overflows" in found.reason


@pytest.mark.parametrize("kind", list(KINDS))
def test_agents_that_differ_in_more_than_their_fits_are_not_stacked(kind: str) -> None:
    one, two = (KINDS[kind]().fit(window) for window in windows(2, 9))
    assert type(one).stack([one, replace(two, name="another")]) is None
    assert type(one).stack([]) is None
    if kind.startswith("pool"):
        assert type(one).stack([one, replace(two, members=two.members[:1])]) is None
        assert type(one).stack([one, replace(two, members=two.members[::-1])]) is None
    else:
        assert type(one).stack([one, KINDS[kind]()]) is None  # not fitted
        assert type(one).stack([one, ForecastingAgent()]) is None


def test_seasons_of_other_lengths_are_not_stacked() -> None:
    window = windows(1, 2)[0]
    four, five = (
        SeasonalNaive().fit(TrainingWindow(window.values, season_length=n)) for n in (4, 5)
    )
    assert SeasonalNaive.stack([four, five]) is None
    assert SeasonalNaive.stack([four, four]) is not None


@dataclass(frozen=True)
class Louder(RandomWalk):
    """A walk with a setting of its own."""

    factor: float = 2.0


@dataclass(frozen=True)
class Other(RandomWalk):
    """A walk that says something else."""

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        return super().act_array(state, 2 * horizon)


def test_settings_of_subclasses_count_and_their_own_array_forms_are_left_alone() -> None:
    one, two = windows(2, 1)
    assert Louder.stack([Louder().fit(one), Louder().fit(two)]) is not None
    assert Louder.stack([Louder().fit(one), Louder(factor=3.0).fit(two)]) is None
    assert Other.stack([Other().fit(one), Other().fit(two)]) is None


def test_a_strategy_is_stacked_where_it_is_the_same_in_all_lanes() -> None:
    assert_lanes([ForecastingAgent(), ForecastingAgent()], states(2, 3), 2)
    other = ForecastingAgent(runtime=PythonStrategyRuntime(damping=2.0))
    assert ForecastingAgent.stack([ForecastingAgent(), other]) is None


def test_members_without_a_stacked_form_have_none_together() -> None:
    @dataclass(frozen=True)
    class Fits(ForecastingAgent):
        def fit(self, window: TrainingWindow) -> Fits:
            return replace(self, name=f"{self.name}{len(window)}")

    pools = [EqualWeightPool((Fits(),)).fit(window) for window in windows(3, 7)]
    assert EqualWeightPool.stack(pools) is None
    assert EqualWeightPool.stack([pools[0], pools[0]]) is not None
