"""The array engine gives the numbers of the scalar one, bit for bit, whatever is played."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentRegistry,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    PoolAggregator,
    RandomWalk,
    Registry,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.pooling import rule_by_name

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def distinct(group):
    """One name of each thing in a group: that its aliases load the same is tested beside it."""
    return sorted({item.target: item.name for item in Registry(group).items()}.values())


DISTURBANCES = distinct("fg_core.disturbances")
DEFENSES = distinct("fg_core.defenses")
ADVERSARIES = sorted(set(Registry("fg_core.adversaries").names()))
MODES = ("bayesian", "equal", "rank", "reward_proportional")


def same(array, numbers):
    """Whether a row holds these numbers, bit for bit (NaN where there is None)."""
    wanted = np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)
    return np.array_equal(array, wanted, equal_nan=True)


def assert_equal_games(
    game, initial, n_games, *, disturbed=True, world=None, reward="crps", **options
):
    """Play a batch and each of its games; everything must be equal."""
    out = game.run_batch(
        initial,
        n_games,
        disturbed=disturbed,
        world=world,
        reward=reward,
        attribution=True,
        keep=("components", "claims", "doubts"),
        **options,
    )
    for i in range(n_games):
        one = ForecastGame(
            game.config, seed=game.seed, registry=game.registry, game=game.game + i
        ).run(initial, disturbed=disturbed, world=world, reward=reward)
        _assert_equal(out, i, one, game.registry)
    return out


def _assert_equal(out, i, one, registry):
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
    assert list(out.doubts) == [defender.name for defender in registry.defenders]
    for name, doubt in out.doubts.items():
        said = [next(a for a in s.actions if a.actor == name) for s in steps]
        assert same(doubt.delta[i], [a.delta for a in said])
        assert same(doubt.p_bad[i], [1.0 if a.p_bad is None else a.p_bad for a in said])
        assert same(doubt.scale[i], [a.scale or 0.0 for a in said])
    for agent, credit in out.attribution.items():
        assert same(credit[i], [s.reward_breakdown.get(agent) for s in steps]), agent
    for position, (h, arrays) in enumerate(out.horizons.items()):
        issued = [s.issued[position] for s in steps]
        assert same(arrays.mean[i], [f.forecast.mean for f in issued])
        assert same(arrays.variance[i], [f.forecast.variance for f in issued])
        scored = [next((x for x in s.scored if x.issued.horizon == h), None) for s in steps]
        losses = [x and (x.crps if out.reward == "crps" else abs(x.error)) for x in scored]
        assert same(arrays.score[i], losses)
        assert same(arrays.error[i], [x and x.error for x in scored])
        for r, f in enumerate(issued):
            for j, action in enumerate(f.actions):
                said = (None, None) if action is None else (action.delta, action.scale)
                assert same([arrays.deltas[i, r, j], arrays.stated_scales[i, r, j]], said)
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
    reasons = {
        name: {kind: int(count[i]) for kind, count in kinds.items() if count[i]}
        for name, kinds in out.missing_reasons.items()
        if name in missing
    }
    assert reasons == {n: dict(why) for n, why in one.convergence["missing_reasons"].items()}
    assert out.step_scale == one.step_scale


def test_a_batch_is_its_games(random_games):
    @given(random_games, st.integers(1, 3), st.integers(1, 3), st.sampled_from(("crps", "error")))
    @settings(max_examples=settings.default.max_examples * 3 // 5)
    def check(played, n_games, block, reward):
        game, initial, world, disturbed = played
        assert_equal_games(
            game,
            initial,
            n_games,
            disturbed=disturbed,
            world=world,
            reward=reward,
            games_per_block=block,
        )

    check()


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_every_disturbance(disturbance):
    config = SimulationConfig(horizon=26, disturbance_model=disturbance, disturbance_prob=0.6)
    out = assert_equal_games(ForecastGame(config, seed=3), START, 3)
    assert out.slow_agents == ()
    assert out.disturbances.any()


@pytest.mark.parametrize(
    ("defense", "lag"),
    [  # each at one of both lags in every run
        pytest.param(defense, lag, marks=pytest.mark.slow if (i + lag) % 2 else ())
        for i, defense in enumerate([*DEFENSES, "stack:clipping,innovation_gate,dampening"])
        for lag in (1, 2)
    ],
)
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
    # A copy of a defender learns game by game, and hits on columns differ in their names.
    by_game = ("evasive_hit", "on_columns", "columns_up", "columns_down", "random_columns")
    assert out.slow_agents == ((adversary,) if adversary in by_game else ())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("likelihood", ["gaussian", "student_t"])
def test_every_pool(forecasters, mode, likelihood):
    config = SimulationConfig(horizon=20, horizons=(3, 1), season_length=4, disturbance_prob=0.5)
    pool = PoolAggregator(rule_by_name(mode, likelihood=likelihood))
    many = tuple(replace(one) for name, one in forecasters.items() if name != "whim")
    game = ForecastGame(config, seed=7, registry=AgentRegistry(many, aggregator=pool))
    assert assert_equal_games(game, START, 3).slow_agents == ()


def test_a_game_of_many_rounds_and_blocks_of_draws():
    config = SimulationConfig(horizon=150, disturbance_prob=0.3, attack_total=40.0)
    assert_equal_games(ForecastGame(config, seed=8, game=3), START, 2)


@dataclass(frozen=True)
class Mute:
    """A forecaster with an array form that has no forecast and says so, whatever it is asked."""

    name: str = "mute"

    def act(self, state, horizon=1):
        raise ForecastUnavailable("no columns")

    def sensitivity(self, state, horizon=1):
        raise ForecastUnavailable("no columns")

    act_array = act
    sensitivity_array = sensitivity


def test_who_never_has_a_forecast_is_asked_nothing_more():
    config = SimulationConfig(horizon=8, horizons=(2, 1), disturbance_prob=0.5)
    registry = AgentRegistry((Mute(), RandomWalk()), defenders=(DefenderAgent(),))
    game = ForecastGame(config, seed=5, registry=registry)
    out = assert_equal_games(game, START, 2)
    assert out.slow_agents == ()
    assert out.missing_reasons["mute"]["no columns"].tolist() == [16.0, 16.0]
