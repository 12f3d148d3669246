"""The refactorer's seat for refiners: when they are asked, what they see, how far they reach."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.agents import RefiningAgent
from fg_core.config import SimulationConfig
from fg_core.errors import (
    AgentError,
    ConfigError,
    ForecastUnavailable,
    SourceUnavailableError,
)
from fg_core.forecast import ProbabilisticForecast
from fg_core.game import ForecastGame
from fg_core.protocols import Refactorer, Refiner, RevealedForecast
from fg_core.registry import AgentRegistry
from fg_core.testing import check_refactorer, check_refiner
from fg_core.testing.examples import example_outcomes
from fg_core.testing.fakes import ConstantForecaster, LineWorld, MeanErrorRefiner, PlainAggregator

FORECASTS = example_outcomes(40)


@dataclass(frozen=True)
class Says:
    """A refiner that proposes what it is told to, and notes what it was shown."""

    what: Any = 0.05
    limit: float = 0.1
    name: str = "says"
    shown: Any = None

    def propose(self, outcomes: Sequence[RevealedForecast]) -> Any:
        if self.shown is not None:
            self.shown.append(tuple(outcomes))
        if isinstance(self.what, Exception):
            raise self.what
        return self.what(outcomes) if isinstance(self.what, Callable) else self.what


def learned(agent: RefiningAgent, outcomes: Sequence[RevealedForecast]) -> RefiningAgent:
    for outcome in outcomes:
        agent = agent.update(outcome)
    return agent


def test_it_conforms():
    check_refactorer(RefiningAgent(MeanErrorRefiner()))
    check_refactorer(RefiningAgent(MeanErrorRefiner(), every=1, memory=1))
    check_refiner(Says())
    assert isinstance(RefiningAgent(Says()), Refactorer)
    assert isinstance(Says(), Refiner)


def test_it_is_asked_every_n_forecasts_and_shown_the_latest_of_them():
    shown: list[Any] = []
    agent = learned(RefiningAgent(Says(shown=shown), every=3, memory=5), FORECASTS[:10])
    assert shown == [FORECASTS[:3], FORECASTS[1:6], FORECASTS[4:9]]
    assert (agent.n_revealed, agent.n_asked) == (10, 3)
    assert agent.outcomes == FORECASTS[5:10]


def test_forecasts_of_other_horizons_are_neither_shown_nor_corrected():
    shown: list[Any] = []
    others = [replace(one, horizon=4) for one in FORECASTS]
    mixed = [one for pair in zip(others, FORECASTS, strict=True) for one in pair]
    agent = learned(RefiningAgent(Says(shown=shown), every=8), mixed[:16])
    assert shown == [FORECASTS[:8]]
    assert agent.bias(1) != 0.0
    assert agent.bias(4) == 0.0
    long = learned(RefiningAgent(Says(), every=8, horizon=4), mixed[:16])
    assert (long.bias(1), long.bias(4)) == (0.0, agent.bias(1))


def test_the_bias_is_the_proposal_in_standard_deviations_of_the_forecasts():
    agent = learned(RefiningAgent(Says(0.05), every=8), FORECASTS[:8])
    scales = sorted(math.sqrt(one.forecast.variance) for one in FORECASTS[:8])
    assert agent.bias() == pytest.approx(0.05 * (scales[3] + scales[4]) / 2.0)
    kept = learned(agent, FORECASTS[8:15])
    assert kept.bias() == agent.bias(), "it stays as it is until the refiner is asked again"


@pytest.mark.parametrize(
    ("proposal", "limit", "own", "kept"),
    [
        (0.07, 0.1, 0.1, 0.07),
        (0.2, 0.1, 0.1, 0.1),
        (-7e9, 0.1, 0.1, -0.1),
        (math.inf, 0.1, 0.1, 0.1),
        (0.2, 0.3, 0.1, 0.1),
        (0.2, 0.1, 0.3, 0.1),
        (np.float64(-0.2), 0.1, 0.3, -0.1),
        (1, 0.1, 0.3, 0.1),
        (0.2, 0.0, 0.3, 0.0),
    ],
)
def test_whatever_comes_is_cut_to_the_shorter_leash(proposal, limit, own, kept):
    agent = RefiningAgent(Says(proposal, own), every=1, limit=limit).update(FORECASTS[0])
    assert agent.adjustment == kept
    assert agent.fallbacks == {}


@given(st.floats() | st.integers(-(10**9), 10**9), st.integers(1, 40))
def test_no_proposal_moves_it_past_the_limit(proposal, n):
    agent = learned(RefiningAgent(Says(proposal), every=1, memory=7), FORECASTS[:n])
    assert abs(agent.bias()) <= 0.1 * max(one.forecast.scale for one in FORECASTS)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (math.nan, "refiner 'says': it proposed NaN"),
        (ForecastUnavailable("no model is loaded"), "ForecastUnavailable: no model is loaded"),
        (SourceUnavailableError("it cannot be reached"), "SourceUnavailableError: it cannot"),
    ],
)
def test_a_refiner_without_a_proposal_leaves_the_pool_alone_and_is_counted(what, reason):
    def late(outcomes: Sequence[RevealedForecast]) -> float:
        if len(outcomes) > 1 and isinstance(what, Exception):
            raise what
        return what if len(outcomes) > 1 else 0.05

    agent = RefiningAgent(Says(late), every=1).update(FORECASTS[0])
    assert agent.bias() != 0.0
    agent = learned(agent, FORECASTS[1:4])
    assert agent.bias() == 0.0
    ((text, count),) = agent.fallbacks.items()
    assert reason in text
    assert "'says'" in text
    assert (count, agent.n_asked) == (3, 4)


def test_reasons_are_few_and_short_however_many_there_are():
    def fails(outcomes: Sequence[RevealedForecast]) -> float:
        raise ForecastUnavailable("x" * len(outcomes) + " and\nmore" * 200)

    agent = learned(RefiningAgent(Says(fails), every=1), FORECASTS)
    assert sum(agent.fallbacks.values()) == len(FORECASTS)
    assert len(agent.fallbacks) <= 6
    assert all(len(text) <= 200 and "\n" not in text for text in agent.fallbacks)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (KeyError("weight"), "refiner 'says' failed in propose.*KeyError: 'weight'"),
        (None, "refiner 'says' proposed None"),
        (True, "proposed True"),
        ("0.1", "proposed '0.1'"),
        ([0.1], "proposed"),
    ],
)
def test_faults_of_its_program_stop_with_its_name(what, error):
    with pytest.raises(AgentError, match=error):
        RefiningAgent(Says(what), every=1).update(FORECASTS[0])


def test_forecasts_without_spread_are_not_corrected():
    certain = [replace(one, forecast=ProbabilisticForecast(1.0, 0.0)) for one in FORECASTS[:3]]
    assert learned(RefiningAgent(Says(0.1), every=3), certain).bias() == 0.0


def test_it_is_a_value():
    agent = learned(RefiningAgent(MeanErrorRefiner(), every=2), FORECASTS[:5])
    with pytest.raises(FrozenInstanceError):
        agent.every = 3
    assert pickle.loads(pickle.dumps(agent)) == agent
    assert agent == learned(RefiningAgent(MeanErrorRefiner(), every=2), FORECASTS[:5])


@pytest.mark.parametrize(
    "wrong",
    [{"every": 0}, {"memory": 0}, {"horizon": 1.0}, {"limit": -0.1}, {"limit": math.inf}],
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        RefiningAgent(Says(), **wrong)


def test_in_a_game_it_corrects_what_the_pool_gets_wrong_and_no_more():
    """A line that rises by 1 under forecasters that expect nothing: an error of 1 each round."""
    config = SimulationConfig(
        horizon=12, max_rounds=12, disturbance_prob=0.0, attack_cap=0.0, step_scale=1.0
    )
    registry = AgentRegistry(
        (ConstantForecaster(0.0, 2.0),),
        aggregator=PlainAggregator(),
        refactorer=RefiningAgent(MeanErrorRefiner(1.0), every=4),
    )
    game = ForecastGame(config, registry=registry)
    out = game.run(LineWorld(1.0).initial_state(), world=LineWorld(1.0))
    # Errors of half a standard deviation are past the limit of a tenth: 0.1 x 2, from the round
    # on in which the fourth forecast was revealed.
    corrections = [step.forecast - step.observation.value for step in out.steps]
    assert corrections[:3] == [0.0] * 3
    assert corrections[5:] == pytest.approx([0.2] * 7)


@dataclass(frozen=True)
class Steps:
    """A refiner that goes step by step towards a target, or fails every other time."""

    target: float
    fails: bool = False
    limit: float = 0.1
    name: str = "steps"

    def propose(self, outcomes: Sequence[RevealedForecast]) -> float:
        return self.propose_increment(outcomes, 0.0)

    def propose_increment(self, outcomes: Sequence[RevealedForecast], adjustment: float) -> float:
        if self.fails and len(outcomes) % 2:
            raise ForecastUnavailable("it is silent")
        return min(max(self.target - adjustment, -self.limit), self.limit)


LOW = [replace(one, target=one.forecast.mean + 2.0 * one.forecast.scale) for one in FORECASTS]
"""Forecasts that are two standard deviations too low."""


def test_increments_add_up_and_the_sum_has_a_limit():
    agent = learned(RefiningAgent(Steps(0.25), every=1), LOW[:5])
    assert agent.adjustment == pytest.approx(0.25)

    far = learned(RefiningAgent(Steps(9.0), every=1, total_limit=0.5), LOW)
    assert far.adjustment == 0.5

    check_refiner(Steps(0.25))


@pytest.mark.parametrize("target", [-9.0, 9.0])
def test_increments_correct_no_more_than_there_is(target: float):
    agent = learned(RefiningAgent(Steps(target), every=1), LOW)

    assert agent.adjustment == pytest.approx(2.0 if target > 0 else 0.0, rel=0.2)
    check_refactorer(RefiningAgent(Steps(target), every=1))


def test_a_refiner_that_fails_between_increments_leaves_the_adjustment():
    agent = learned(RefiningAgent(Steps(9.0, fails=True), every=1), LOW[:2])
    assert agent.adjustment == pytest.approx(0.1)

    assert learned(agent, LOW[2:3]).adjustment == pytest.approx(0.1)


@pytest.mark.parametrize("total_limit", [-1.0, math.nan, math.inf])
def test_a_total_limit_out_of_range_is_refused(total_limit: float):
    with pytest.raises(ConfigError, match="total_limit must be finite"):
        RefiningAgent(MeanErrorRefiner(), total_limit=total_limit)
