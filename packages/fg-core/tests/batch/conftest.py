"""Games of every kind for the tests of batches: agents, worlds and a strategy that draws them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    DefenderAgent,
    Drift,
    EqualWeightPool,
    ForecastGame,
    ForecastingAgent,
    ForecastState,
    ForecastUnavailable,
    Observation,
    PoolAggregator,
    RandomWalk,
    RefactoringAgent,
    Registry,
    ReplayWorld,
    SeasonalNaive,
    SimulationConfig,
)
from fg_core.agents import LargestHit, TwoQuarterHit
from fg_core.batch import ActionArrays
from fg_core.pooling import rule_by_name

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
LONGER = ForecastState(
    t=30,
    value=3.0,
    exogenous=0.5,
    hidden_shift=0.0,
    macro_context={"rate": 0.2},
    history=tuple(float(x) for x in np.cumsum(np.sin(np.arange(20.0)))),
)
DISTURBANCES = sorted(set(Registry("fg_core.disturbances").names()))
DEFENSES = sorted(set(Registry("fg_core.defenses").names()))
ADVERSARIES = sorted(set(Registry("fg_core.adversaries").names()))
MODES = ("bayesian", "equal", "rank", "reward_proportional")


def record(n=70, seed=2, segments=False):
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(0, 1, n)) + 20.0
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return ReplayWorld(
        tuple(
            Observation(
                start + timedelta(days=i),
                float(v),
                {"a": float(i)},
                start + timedelta(days=i),
                "s",
                "x",
                segment_values={"b": float(v) / 4, "c": 3 * float(v) / 4} if segments else {},
            )
            for i, v in enumerate(values)
        )
    )


@dataclass(frozen=True)
class Whim:
    """A forecaster without an array form, which learns and is absent now and then."""

    name: str = "whim"
    seen: float = 0.0

    def fit(self, window):
        return replace(self, seen=float(window.values[-1]))

    def update(self, revealed):
        reward = revealed.reward or 0.0
        return replace(self, seen=0.5 * self.seen + 0.5 * revealed.value + 0.01 * reward)

    def act(self, state, horizon=1):
        if np.sin(1e3 * state.value) > 0.7:
            raise ForecastUnavailable("not in the mood")
        delta = 0.1 * (self.seen - state.value) + 0.01 * sum(state.history[-3:])
        return AgentAction(self.name, delta, scale=0.5 if np.sin(state.value) > 0 else None)


@dataclass(frozen=True)
class Moody:
    """A forecaster with an array form that is absent in some games."""

    name: str = "moody"

    def act(self, state, horizon=1):
        if np.sin(1e3 * state.value) > 0.5:
            raise ForecastUnavailable("moody")
        return AgentAction(self.name, 0.25 * horizon, scale=None)

    def act_array(self, state, horizon=1):
        absent = np.sin(1e3 * state.value) > 0.5
        return ActionArrays(np.where(absent, np.nan, 0.25 * horizon), reason="moody")


@dataclass(frozen=True)
class Grudge:
    """An adversary without an array form, which learns."""

    name: str = "grudge"
    anger: float = 0.3

    def update(self, revealed):
        return replace(self, anger=0.9 * self.anger + 0.05 * abs(revealed.value))

    def act(self, state, budget=None):
        sign = 1.0 if budget.draws.uniform(0) < 0.5 else -1.0
        return AgentAction(
            self.name, sign * self.anger * budget.scale + 0.1 * budget.draws.normal(1)
        )


@dataclass(frozen=True)
class Doubter:
    """A defender without an array form, which looks at quantiles and learns."""

    name: str = "doubter"
    trust: float = 1.0

    def update(self, revealed):
        off = abs(revealed.reported - revealed.value)
        return replace(self, trust=0.9 * self.trust + 0.1 / (1.0 + off))

    def act(self, state, predictive):
        low, high = predictive.quantiles[0], predictive.quantiles[-1]
        inside = low <= state.value <= high
        delta = 0.0 if inside else 0.5 * (predictive.mean - state.value)
        return AgentAction(
            self.name, delta, scale=None, p_bad=0.0 if inside else 1.0 - self.trust / 2
        )


FORECASTERS = {
    "walk": RandomWalk(),
    "drift": Drift(),
    "seasonal": SeasonalNaive(),
    "ar0": AutoRegression(order=0, name="ar0"),
    "ar2": AutoRegression(order=2, name="ar2"),
    "ar": AutoRegression(max_order=3),
    "runtime": ForecastingAgent(),
    "pool": EqualWeightPool((RandomWalk(), Drift(), AutoRegression(order=1), ForecastingAgent())),
    "small_pool": EqualWeightPool((RandomWalk(), Moody()), name="small_pool"),
    "moody": Moody(),
    "whim": Whim(),
}


@st.composite
def _games(draw):
    """A game of any kind: settings, agents, world."""
    horizons = tuple(draw(st.permutations((1, 2, 3, 4)))[: draw(st.integers(1, 3))])
    rounds = draw(st.sampled_from((9, 8, 7, 6, 5, 4, 3, 2, 1, 0)))
    config = SimulationConfig(
        horizon=rounds,
        horizons=horizons,
        reveal_lag=draw(st.integers(1, 3)),
        disturbance_model=draw(st.sampled_from(DISTURBANCES)),
        disturbance_prob=draw(st.sampled_from((0.0, 0.3, 1.0))),
        disturbance_scale=draw(st.sampled_from((0.5, 3.0))),
        adversarial_intensity=draw(st.sampled_from((0.0, 1.0, 2.5))),
        attack_cap=draw(st.sampled_from((0.0, 0.5, 3.0, np.inf))),
        attack_total=draw(st.sampled_from((0.0, 2.0, np.inf))),
        attack_cost=draw(st.sampled_from((0.0, 0.3))),
        season_length=draw(st.sampled_from((1, 4))),
        lookback=draw(st.sampled_from((8, 64))),
        refit_every=draw(st.sampled_from((0, 0, 0, 0, 3))),
        observe_exogenous=draw(st.booleans()),
        base_noise_std=draw(st.sampled_from((0.0, 0.15))),
        coeff_map=draw(st.sampled_from(({}, {"rate": 0.3}))),
        step_scale=draw(st.sampled_from((0.3, None))),
        persistence=draw(st.sampled_from((None, 0.5, 0.0))),
        train_window=draw(st.sampled_from((None, 30))),
    )
    if config.base_noise_std == 0.0:
        config = replace(config, step_scale=0.3)
    names = draw(
        st.lists(st.sampled_from(sorted(FORECASTERS)), min_size=1, max_size=5, unique=True)
    )
    if set(names) <= {"moody", "whim"}:
        names.append("walk")  # somebody is always there
    adversaries = [
        Registry("fg_core.adversaries").load(name)()
        for name in draw(st.lists(st.sampled_from(ADVERSARIES), max_size=3, unique=True))
    ]
    defenders = [
        DefenderAgent(Registry("fg_core.defenses").load(name)(), name=f"defender-{name}")
        for name in draw(st.lists(st.sampled_from(DEFENSES), max_size=2, unique=True))
    ]
    if draw(st.integers(0, 3)) == 0:
        adversaries.append(Grudge())
    if draw(st.integers(0, 3)) == 0:
        defenders.append(Doubter())
    aggregator = PoolAggregator(
        rule_by_name(
            draw(st.sampled_from(MODES)),
            likelihood=draw(st.sampled_from(("gaussian", "student_t"))),
            floor=draw(st.sampled_from((0.0, 0.001))),
        ),
        rescale=draw(st.booleans()),
        shrinkage=draw(st.sampled_from((0.0, 0.2))),
    )
    refactorer = draw(st.sampled_from((None, RefactoringAgent(step_size=0.3))))
    registry = AgentRegistry(
        tuple(FORECASTERS[name] for name in names),
        tuple(adversaries),
        tuple(defenders),
        aggregator,
        refactorer,
    )
    kind = draw(st.sampled_from(("simulated", "longer", "replay", "segments")))
    world = None
    initial = LONGER if kind == "longer" else START
    if kind in ("replay", "segments"):
        world = record(segments=kind == "segments")
        initial = world.initial_state(40)
    game = ForecastGame(
        config,
        seed=draw(st.integers(0, 2**64 - 1)),
        registry=registry,
        game=draw(st.integers(0, 9)),
    )
    return game, initial, world, draw(st.booleans())


@pytest.fixture(scope="session")
def forecasters():
    """Forecasters of every kind, by name."""
    return FORECASTERS


@pytest.fixture(scope="session")
def agents_of_every_kind():
    """A registry in which everybody learns, remembers or plans, with and without array forms."""
    return AgentRegistry(
        (RandomWalk(), FORECASTERS["ar2"], Moody(), Whim()),
        (Grudge(), LargestHit(trigger=0.5), TwoQuarterHit(every=3)),
        (DefenderAgent(), Doubter()),
        refactorer=RefactoringAgent(step_size=0.3),
    )


@pytest.fixture(scope="session")
def random_games():
    """A strategy for games of any kind: (game, initial state, world, whether disturbed)."""
    return _games()
