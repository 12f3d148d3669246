"""Games of one batch that differ in seed, series, length, start and attack are those alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    RefactoringAgent,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.game import GameGroup
from fg_core.game.groups import slices_of
from fg_core.game.plan import Plan
from fg_core.game.preparation import Setting
from fg_core.testing import LineWorld
from fg_core.testing._play import fingerprint

KEEP = ("components", "claims")
SIMULATED = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def alone(game, group, j, **options):
    """Game `j` of a group, played by `run`."""
    seed = game.seed if group.seed is None else group.seed
    one = ForecastGame(game.config, seed=seed, registry=game.registry, game=group.game + j)
    return one.run(group.initial, group.rounds, world=group.world, **options)


def check_groups(assert_is_game, game, groups, block, **options):
    """Play the groups as one batch and each game alone; everything must be equal."""
    out = game.run_groups(groups, keep=KEEP, attribution=True, games_per_block=block, **options)
    i = 0
    for group in groups:
        for j in range(group.n_games):
            assert_is_game(out, i, alone(game, group, j, **options))
            i += 1
    assert out.n_games == i
    return out


def test_games_that_differ_are_those_alone(differing, assert_is_game):
    @given(differing, st.sampled_from((1, 2, 8000)), st.booleans())
    @settings(max_examples=max(10, settings.default.max_examples // 3))
    def check(played, block, disturbed):
        game, groups = played.game, played.groups
        check_groups(assert_is_game, game, groups, block, disturbed=disturbed)

    check()


@pytest.mark.slow
def test_many_games_that_differ_are_those_alone(differing, assert_is_game):
    @given(differing, st.integers(1, 9), st.booleans(), st.sampled_from(("crps", "error")))
    @settings(max_examples=6 * settings.default.max_examples)
    def check(played, block, disturbed, reward):
        game, groups = played.game, played.groups
        check_groups(assert_is_game, game, groups, block, disturbed=disturbed, reward=reward)

    check()


def quiet(lag=1, **more):
    config = SimulationConfig(
        horizon=8,
        horizons=(1, 3),
        reveal_lag=lag,
        refit_every=3,
        disturbance_prob=0.0,
        attack_total=20.0,
        attack_cap=3.0,
        **more,
    )
    registry = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(2)),
        (RandomHits(size=3.0, probability=0.4),),
        (DefenderAgent(),),
        PoolAggregator(),
        RefactoringAgent(step_size=0.3),
    )
    return ForecastGame(config, seed=5, registry=registry)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_games_on_one_quiet_series_share_their_experts_and_change_no_bit(
    series, assert_is_game, lag
):
    game, world = quiet(lag), series(50, 7, decimals=2)
    groups = (GameGroup(world.initial_state(30), world, n_games=6),)
    shared = check_groups(assert_is_game, game, groups, 8000)
    # Nature that could disturb, and does not: each game has a path of its own.
    apart = replace(game.config, disturbance_prob=1e-12)
    own = ForecastGame(apart, seed=5, registry=game.registry)
    found = own.run_groups(groups, keep=KEEP, attribution=True)
    assert not found.disturbances.any()
    for name in ("means", "variances", "crps", "p_bad", "prints"):
        assert np.array_equal(getattr(shared, name), getattr(found, name)), name
    for name, credit in shared.attribution.items():
        assert np.array_equal(credit, found.attribution[name], equal_nan=True), name


def test_a_thousand_games_ask_for_one_fit_per_reported_value(series, monkeypatch):
    fits = []
    plain = AutoRegression.fit

    def counting(self, window):
        fits.append(window)
        return plain(self, window)

    monkeypatch.setattr(AutoRegression, "fit", counting)
    world = series(50, 7)
    config = SimulationConfig(
        horizon=5, refit_every=1, disturbance_prob=0.0, attack_total=9.0, attack_cap=3.0
    )
    scripts = np.arange(200.0)[:, np.newaxis] % 2  # every other game hits period 30
    registry = AgentRegistry((AutoRegression(2),), (ScriptedAdversary(scripts, first_t=30),))
    game = ForecastGame(config, seed=5, registry=registry)
    game.run_groups((GameGroup(world.initial_state(30), world, n_games=200),))
    # One before the game; in round 30 one for each reported value; after it one a round.
    assert len(fits) == 1 + 2 + 4


@pytest.mark.parametrize("lag", [1, 3])
def test_groups_cut_in_two_and_joined_are_the_whole(series, column, lag):
    a, b = series(60, 1), series(55, 2, decimals=1)
    game = quiet(lag)
    game = ForecastGame(
        game.config,
        seed=5,
        registry=replace(game.registry, forecasters=(*game.registry.forecasters, column)),
    )

    def groups(rounds):
        return (
            GameGroup(a.initial_state(30), a, n_games=3, rounds=rounds),
            GameGroup(b.initial_state(30), b, n_games=2, seed=9, rounds=rounds),
            GameGroup(b.initial_state(35), b, game=4, rounds=rounds),
        )

    options = {"keep": (*KEEP, "continuation"), "attribution": True, "games_per_block": 4}
    whole = game.run_groups(groups(8), **options)
    for cut in (0, 1, 3, 5):
        first = game.run_groups(groups(cut), **options)
        rest = game.run_groups(groups(8 - cut), resume=first.continuation, **options)
        joined = first.joined(rest)
        for name in ("values", "targets", "prints", "p_bad", "costs", "attack_spent"):
            assert np.array_equal(getattr(joined, name), getattr(whole, name)), (cut, name)
        for h, arrays in whole.horizons.items():
            for name in ("mean", "variance", "score", "error", "weights", "means", "deltas"):
                found = getattr(joined.horizons[h], name)
                assert np.array_equal(found, getattr(arrays, name), equal_nan=True), (cut, name)
        for name, credit in whole.attribution.items():
            assert np.array_equal(joined.attribution[name], credit, equal_nan=True), (cut, name)
        assert fingerprint(dict(joined.weights)) == fingerprint(dict(whole.weights))


def test_other_groups_are_not_gone_on_with(series):
    world, game = series(60, 1), quiet()
    groups = [GameGroup(world.initial_state(30), world, n_games=n, rounds=3) for n in (2, 1)]
    stopped = game.run_groups(groups, keep=("continuation",)).continuation
    with pytest.raises(ConfigError, match="groups"):
        game.run_groups(groups[::-1], resume=stopped)
    with pytest.raises(ConfigError, match="n_games = 3, not 2"):
        game.run_groups(groups[:1], resume=stopped)


def test_no_groups_are_no_games():
    for play in (quiet().run_groups, quiet().forecast_groups):
        with pytest.raises(ConfigError, match="at least one group"):
            play(())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_games": 0}, "n_games"),
        ({"n_games": True}, "n_games"),
        ({"game": -1}, "game"),
        ({"seed": -1}, "seed"),
        ({"game": 2**58}, "go beyond"),
    ],
)
def test_a_group_checks_its_numbers(wrong, message):
    with pytest.raises(ConfigError, match=message):
        GameGroup(SIMULATED, **wrong)


@pytest.mark.parametrize(
    "wrong", [{"t": 0.5}, {"t": None}, {"value": "a"}, {"value": None}, {"value": np.nan}], ids=str
)
def test_a_game_begins_in_a_period_with_a_value(wrong):
    with pytest.raises(DataError, match=r"first (period|value) of a game must be"):
        GameGroup(replace(SIMULATED, **wrong))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), min_size=1, max_size=6),
    st.integers(1, 8),
)
def test_blocks_hold_every_game_once_each_of_one_kind(groups, most):
    kinds, counts = zip(*groups, strict=True)
    blocks = slices_of(kinds, counts, most)
    seen = [
        (one.group, one.first + k, one.row + k)
        for block in blocks
        for one in block
        for k in range(one.count)
    ]
    wanted = [(g, j) for g, count in enumerate(counts) for j in range(count)]
    assert sorted(seen) == [(g, j, row) for row, (g, j) in enumerate(wanted)]
    for block in blocks:
        assert len({kinds[one.group] for one in block}) == 1
        assert 1 <= sum(one.count for one in block) <= most


def test_a_world_without_array_form_is_named():
    world = LineWorld(1.0, 0.3, 12)
    config = SimulationConfig(horizon=4, step_scale=1.0)
    out = ForecastGame(config).run_groups((GameGroup(world.initial_state(), world, n_games=2),))
    named = hasattr(LineWorld, "advance_array")
    assert any("LineWorld" in note for note in out.notes) is not named


class Reader(RandomWalk):
    """Reads all that it is shown, and inherits a promise that does not hold for it."""

    def act(self, state, horizon=1):
        action = super().act(state, horizon)
        return replace(action, delta=sum(state.history) / len(state.history) - state.value)


@pytest.mark.parametrize("kind", [RandomWalk, Reader])
def test_pasts_of_other_lengths_are_played_together_where_agents_read_no_further(
    series, assert_is_game, kind
):
    config = SimulationConfig(
        horizon=9, lookback=40, horizons=(1, 3), refit_every=3, enable_refactor=False
    )
    registry = AgentRegistry(
        (kind(), Drift(), AutoRegression(max_order=3)),
        (RandomHits(),),
        (DefenderAgent(),),
        PoolAggregator(),
    )
    game = ForecastGame(config, seed=3, registry=registry)
    # Of the same period, with 24, 30 and 39 rows before it; the settings show 40.
    worlds = [replace(series(60, i), first_t=39 - n) for i, n in enumerate((24, 30, 39))]
    groups = [GameGroup(world.initial_state(39), world) for world in worlds]
    check_groups(assert_is_game, game, groups, 8000, disturbed=False)
    plan = Plan(
        Setting(config, registry, None, False, "crps", False), groups, worlds, 3, 8000, None
    )
    assert plan.largest_block == (3 if kind is RandomWalk else 1)
