"""The array engine gives the numbers of the scalar one, bit for bit, whatever is played."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
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
from fg_core.batch import ActionArrays
from fg_core.defenses import defense_from_name

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
        return ActionArrays(np.where(np.sin(1e3 * state.value) > 0.5, np.nan, 0.25 * horizon))


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
        off = abs(revealed.printed - revealed.value)
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


def same(array, numbers):
    """Whether a row holds these numbers, bit for bit (NaN where there is None)."""
    wanted = np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)
    return np.array_equal(array, wanted, equal_nan=True)


def assert_equal_games(game, initial, n_games, *, disturbed=True, world=None, **options):
    """Play a batch and each of its games; everything must be equal."""
    out = game.run_batch(
        initial,
        n_games,
        disturbed=disturbed,
        world=world,
        attribution=True,
        keep=("components", "claims"),
        **options,
    )
    for i in range(n_games):
        one = ForecastGame(
            game.config, seed=game.seed, registry=game.registry, game=game.game + i
        ).run(initial, disturbed=disturbed, world=world)
        _assert_equal(out, i, one)
    return out


def _assert_equal(out, i, one):
    steps = one.steps
    assert out.rounds == len(steps)
    assert same(out.targets[i], [s.target for s in steps])
    assert same(out.prints[i], [s.observation.value for s in steps])
    assert same(out.attacks[i], [s.attack for s in steps])
    assert same(out.disturbances[i], [s.disturbance for s in steps])
    assert same(out.p_bad[i], [s.issued[0].p_bad for s in steps])
    assert same(out.means[i], [s.forecast for s in steps])
    assert same(out.variances[i], [s.probabilistic.variance for s in steps])
    assert same(out.team_rewards[i], [s.reward_breakdown["team"] for s in steps])
    assert same(out.adversary_rewards[i], [s.reward_breakdown["adversaries"] for s in steps])
    for agent, credit in out.attribution.items():
        assert same(credit[i], [s.reward_breakdown.get(agent) for s in steps]), agent
    for position, (h, arrays) in enumerate(out.horizons.items()):
        issued = [s.issued[position] for s in steps]
        assert same(arrays.mean[i], [f.forecast.mean for f in issued])
        assert same(arrays.variance[i], [f.forecast.variance for f in issued])
        scored = [next((x for x in s.scored if x.issued.horizon == h), None) for s in steps]
        assert same(arrays.score[i], [x and x.crps for x in scored])
        assert same(arrays.error[i], [x and x.error for x in scored])
        for r, f in enumerate(issued):
            for j, action in enumerate(f.actions):
                said = (None, None) if action is None else (action.delta, action.scale)
                assert same([arrays.deltas[i, r, j], arrays.claimed[i, r, j]], said)
            parts = f.forecast.components
            here = arrays.weights[i, r] > 0.0
            shown = parts.weights > 0.0
            assert same(arrays.weights[i, r][here], parts.weights[shown])
            assert same(arrays.means[i, r][here], parts.means[shown])
            assert same(arrays.scales[i, r][here], parts.scales[shown])
    for h, weights in one.weights.items():
        assert same(out.weights[h][i], list(weights.values()))
    assert out.attack_spent[i] == one.convergence["attack_spent"]
    missing = {name: int(count[i]) for name, count in out.missing.items() if count[i]}
    assert missing == dict(one.convergence["missing"])
    assert out.step_scale == one.step_scale


@st.composite
def games(draw):
    """A game of any kind: settings, agents, world."""
    horizons = tuple(draw(st.permutations((1, 2, 3, 4)))[: draw(st.integers(1, 3))])
    rounds = draw(st.integers(0, 9))
    config = SimulationConfig(
        horizon=rounds,
        horizons=horizons,
        reveal_lag=draw(st.integers(1, 3)),
        disturbance_model=draw(st.sampled_from(DISTURBANCES)),
        disturbance_prob=draw(st.sampled_from((0.0, 0.3, 1.0))),
        disturbance_scale=draw(st.sampled_from((0.5, 3.0))),
        adversarial_intensity=draw(st.sampled_from((0.0, 1.0, 2.5))),
        # Not infinite: an adversary that spends all it can would add infinity, an error.
        attack_cap=draw(st.sampled_from((0.0, 0.5, 3.0, 50.0))),
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
        mode=draw(st.sampled_from(MODES)),
        likelihood=draw(st.sampled_from(("gaussian", "student_t"))),
        floor=draw(st.sampled_from((0.0, 0.001))),
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


@given(games(), st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=60)
def test_a_batch_is_its_games(played, n_games, block):
    game, initial, world, disturbed = played
    assert_equal_games(
        game, initial, n_games, disturbed=disturbed, world=world, games_per_block=block
    )


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_every_disturbance(disturbance):
    config = SimulationConfig(horizon=26, disturbance_model=disturbance, disturbance_prob=0.6)
    out = assert_equal_games(ForecastGame(config, seed=3), START, 3)
    assert out.slow_agents == ()
    assert out.disturbances.any()


@pytest.mark.parametrize("defense", [*DEFENSES, "stack:clipping,innovation_gate,dampening"])
@pytest.mark.parametrize("lag", [1, 2])
def test_every_defense(defense, lag):
    config = SimulationConfig(horizon=12, reveal_lag=lag, horizons=(2, 1), disturbance_prob=0.5)
    registry = ForecastGame(config).registry
    agent = DefenderAgent(defense_from_name(defense))
    game = ForecastGame(config, seed=5, registry=replace(registry, defenders=(agent,)))
    assert assert_equal_games(game, START, 3).slow_agents == ()


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_every_adversary(adversary):
    config = SimulationConfig(horizon=20, attack_cap=3.0, disturbance_prob=0.5)
    registry = ForecastGame(config).registry
    agent = Registry("fg_core.adversaries").load(adversary)()
    game = ForecastGame(config, seed=6, registry=replace(registry, adversaries=(agent,)))
    out = assert_equal_games(game, START, 3)
    assert out.slow_agents == ()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_every_pool(mode, likelihood):
    config = SimulationConfig(horizon=20, horizons=(3, 1), season_length=4, disturbance_prob=0.5)
    pool = PoolAggregator(mode=mode, likelihood=likelihood)
    many = tuple(replace(FORECASTERS[name]) for name in FORECASTERS if name != "whim")
    game = ForecastGame(config, seed=7, registry=AgentRegistry(many, aggregator=pool))
    assert assert_equal_games(game, START, 3).slow_agents == ()


def test_a_game_of_many_rounds_and_blocks_of_draws():
    config = SimulationConfig(horizon=150, disturbance_prob=0.3, attack_total=40.0)
    assert_equal_games(ForecastGame(config, seed=8, game=3), START, 2)
