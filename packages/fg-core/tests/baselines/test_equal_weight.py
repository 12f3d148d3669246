from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest

from fg_core.action import AgentAction
from fg_core.baselines import AutoRegression, Drift, EqualWeightPool, ForecastingAgent, RandomWalk
from fg_core.errors import AgentError, ConfigError, DataError, ForecastUnavailable
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

STATE = ForecastState(8, 2.0, 0.0, 0.0, history=(1.0, 4.0, 3.0, 5.0))
WINDOW = TrainingWindow(np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0]))


@dataclass(frozen=True)
class Says:
    """Forecasts what it was told to, proportional to the last value."""

    name: str
    delta: float
    scale: float | None = 1.0
    slope: float = 0.0

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        delta = self.delta * horizon + self.slope * state.value
        return AgentAction(self.name, delta, scale=self.scale)


@dataclass(frozen=True)
class Absent:
    name: str = "absent"

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        raise ForecastUnavailable("no data yet")


def test_hand_computed_moments() -> None:
    # deltas 1, 5; scales 3, 1: mean 3; within (9 + 1) / 2 = 5; between (4 + 4) / 2 = 4
    pool = EqualWeightPool((Says("a", 1.0, 3.0), Says("b", 5.0, 1.0)))
    action = pool.act(STATE)
    assert (action.actor, action.delta, action.scale) == ("equal_weights", 3.0, 3.0)
    assert pool.act(STATE, 2).delta == 6.0


def test_fits_its_members_and_leaves_the_original_alone() -> None:
    pool = EqualWeightPool((RandomWalk(), Drift(), AutoRegression(1), Says("fixed", 0.5)))
    fitted = pool.fit(WINDOW)
    alone = [RandomWalk().fit(WINDOW), Drift().fit(WINDOW), AutoRegression(1).fit(WINDOW)]
    assert fitted.members == (*alone, Says("fixed", 0.5))
    deltas = [member.act(STATE, 3).delta for member in fitted.members]
    assert fitted.act(STATE, 3).delta == pytest.approx(math.fsum(deltas) / 4, rel=1e-15)
    with pytest.raises(AgentError, match="'random_walk' is not fitted"):
        pool.act(STATE)


def test_one_member_is_that_member() -> None:
    ar = AutoRegression(2).fit(WINDOW)
    pool = EqualWeightPool([ar])
    for horizon in (1, 4):
        alone, pooled = ar.act(STATE, horizon), pool.act(STATE, horizon)
        assert pooled.delta == alone.delta
        assert pooled.scale == pytest.approx(alone.scale, rel=1e-15)
        assert pool.sensitivity(STATE, horizon) == ar.sensitivity(STATE, horizon)


def test_the_order_of_members_changes_no_bit() -> None:
    members = (Says("a", 0.1, 1e-3), Says("b", 1e8, 0.7), Says("c", -1e8, 0.3), Says("d", 0.2, 2.0))
    actions = {EqualWeightPool(p).act(STATE) for p in itertools.permutations(members)}
    assert len(actions) == 1


def test_absent_members_are_left_out() -> None:
    present = (Says("a", 1.0, 3.0), Says("b", 5.0, 1.0, slope=0.5))
    pool = EqualWeightPool((present[0], Absent(), present[1]))
    assert pool.act(STATE) == EqualWeightPool(present).act(STATE)
    assert pool.sensitivity(STATE) == pytest.approx((1.0 + 1.5) / 2)


def test_nobody_there() -> None:
    pool = EqualWeightPool((Absent(), Absent("ill")))
    with pytest.raises(
        ForecastUnavailable,
        match=r"no member has a forecast at period 8, horizon 2 \(absent: no data yet; ill: no da",
    ):
        pool.act(STATE, 2)
    with pytest.raises(ForecastUnavailable, match="no member has a forecast"):
        pool.sensitivity(STATE)


def test_a_member_without_scale_leaves_the_scale_open() -> None:
    pool = EqualWeightPool((Says("a", 1.0), ForecastingAgent()))
    assert pool.act(STATE).scale is None
    assert EqualWeightPool((Says("a", 1.0), Absent())).act(STATE).scale is not None


def test_the_default_pool_works_as_it_is() -> None:
    pool = EqualWeightPool().fit(WINDOW)
    assert [member.name for member in pool.members] == ["random_walk", "drift", "ar"]
    assert pool.act(STATE).scale is not None


def test_says_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="pool 'equal_weights' has no members"):
        EqualWeightPool(())
    with pytest.raises(DataError, match="'drift' needs at least 3 training rows"):
        EqualWeightPool().fit(TrainingWindow(np.array([1.0, 2.0])))
    with pytest.raises(ConfigError, match="horizon 0"):
        EqualWeightPool((Says("a", 1.0),)).act(STATE, 0)
