"""What a batch promises beside equality: chunks, numbers, budgets, memory, notes."""

import resource
import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AdversaryAgent,
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    DefenderAgent,
    Drift,
    ForecastGame,
    ForecastingAgent,
    ForecastState,
    PoolAggregator,
    RandomWalk,
    SimulationConfig,
)
from fg_core.defenses import defense_from_name
from fg_core.game import GameGroup

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)
FIELDS = ("values", "targets", "prints", "attacks", "disturbances", "p_bad", "means", "variances")


@dataclass(frozen=True)
class Hits:
    """An adversary without an array form."""

    size: float
    name: str = "hits"

    def act(self, state, budget=None):
        sign = 1.0 if budget.draws.uniform(0) < 0.5 else -1.0
        return AgentAction(self.name, sign * self.size * budget.scale)


@dataclass(frozen=True)
class Patient(AdversaryAgent):
    """Overrides the scalar rule of an adversary that has an array form, and so has none."""

    def act(self, state, budget=None):
        return AgentAction(self.name, 0.25)


AGAINST = (AdversaryAgent(),)


def game(*, adversaries=AGAINST, seed=5, first=0, **settings_):
    settings_.setdefault("horizon", 12)
    settings_.setdefault("disturbance_prob", 0.4)
    registry = AgentRegistry(
        (RandomWalk(), Drift(), AutoRegression(order=2)), adversaries, (DefenderAgent(),)
    )
    return ForecastGame(SimulationConfig(**settings_), seed=seed, registry=registry, game=first)


def assert_same(a, b):
    for name in FIELDS:
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert np.array_equal(a.crps, b.crps, equal_nan=True)


# ------------------------------------------------------------------------------- chunks of games


@pytest.mark.parametrize("block", [1, 7, 32])
def test_blocks_do_not_matter(block):
    whole = game().run_batch(START, 64, games_per_block=1000)
    assert_same(game().run_batch(START, 64, games_per_block=block), whole)


def test_one_batch_of_64_is_two_of_32():
    whole = game().run_batch(START, 64)
    first, second = (game(first=f).run_batch(START, 32) for f in (0, 32))
    assert second.first_game == 32
    for name in FIELDS:
        joined = np.concatenate([getattr(first, name), getattr(second, name)])
        assert np.array_equal(joined, getattr(whole, name)), name


def test_another_first_game_is_another_game():
    whole, later = game().run_batch(START, 9), game(first=4).run_batch(START, 5)
    assert np.array_equal(whole.targets[4:], later.targets)
    assert not np.array_equal(whole.targets[:5], later.targets)


@given(st.integers(0, 2**58 - 4), st.integers(0, 2**64 - 1))
@settings(max_examples=10)
def test_any_game_number_and_seed(first, seed):
    one = game(first=first, seed=seed, horizon=3)
    out = one.run_batch(START, 2)
    assert out.targets[0].tolist() == [s.target for s in one.run(START).steps]


# --------------------------------------------------------------------------------- shared numbers


def test_clean_and_attacked_games_share_their_noise():
    calm = game(adversaries=(Hits(0.0),)).run_batch(START, 8)
    hit = game(adversaries=(Hits(0.9),)).run_batch(START, 8)
    assert np.array_equal(calm.targets, hit.targets)
    assert not np.array_equal(calm.means, hit.means)
    quiet = game(disturbance_prob=0.0).run_batch(START, 8)
    clean = game().run_batch(START, 8, disturbed=False)
    assert np.array_equal(quiet.targets, clean.targets)


def test_games_of_one_seed_have_one_past_and_their_own_futures():
    out = game().run_batch(START, 50)
    assert np.unique(out.values[:, 0]).size == 1
    assert np.unique(out.targets[:, 0]).size == 50


# ------------------------------------------------------------------------------ budgets, rewards


@given(st.floats(0.0, 3.0), st.floats(0.0, 20.0), st.floats(0.0, 5.0), st.integers(0, 2**64 - 1))
@settings(max_examples=15)
def test_prints_stay_within_cap_and_total(cap, total, size, seed):
    out = game(
        adversaries=(Hits(size), AdversaryAgent(aggressiveness=size)),
        attack_cap=cap,
        attack_total=total,
        seed=seed,
    ).run_batch(START, 4)
    slack = 1e-9 * (1.0 + total)
    assert np.abs(out.attacks).max() / out.step_scale <= cap + slack
    assert out.attack_spent.max() <= total + slack
    assert (np.abs(out.attacks).sum(axis=1) / out.step_scale <= out.attack_spent + slack).all()
    assert np.allclose(out.prints - out.values, out.attacks, atol=1e-12)


@pytest.mark.parametrize("horizons", [(1,), (3, 1)])
def test_team_and_adversaries_sum_to_the_cost(horizons):
    out = game(attack_cost=0.7, horizons=horizons).run_batch(START, 20)
    assert np.abs(out.attacks).max() > 0.0
    total = out.team_rewards + out.adversary_rewards
    assert np.allclose(total, -0.7 / out.step_scale * np.abs(out.attacks), atol=1e-12)


def test_the_reward_can_be_the_absolute_error():
    full, cheap = (game().run_batch(START, 6, reward=r) for r in ("crps", "error"))
    assert np.array_equal(full.means, cheap.means)
    assert np.array_equal(cheap.team_rewards, -np.abs(cheap.errors))
    with pytest.raises(ConfigError, match='reward="crps"'):
        _ = cheap.crps


def test_weights_stay_on_the_simplex():
    out = game(horizon=300, horizons=(1, 2)).run_batch(START, 3)
    for weights in out.weights.values():
        assert np.allclose(weights.sum(axis=1), 1.0, atol=1e-12)
        assert (weights > 0.0).all()


def test_quantiles_follow_from_the_components_and_never_cross():
    out = game().run_batch(START, 5, keep=("components",))
    found = out.first.quantiles()
    assert found.shape == (5, 12, 5)
    assert (np.diff(found, axis=-1) >= 0.0).all()
    steps = game(first=3).run(START).steps
    assert np.array_equal(found[3], [s.probabilistic.quantiles for s in steps])
    with pytest.raises(ConfigError, match="keep"):
        game().run_batch(START, 1).first.quantiles()


# ------------------------------------------------------------------------- agents without arrays


def test_slow_agents_are_named():
    fast, slow = game().run_batch(START, 3), game(adversaries=(Hits(0.5),)).run_batch(START, 3)
    assert fast.slow_agents == ()
    assert fast.notes == ()
    assert slow.slow_agents == ("hits",)
    assert "hits has no array form" in slow.notes[0]


def test_a_rule_that_was_overridden_is_not_played_by_the_old_one():
    out = game(adversaries=(Patient(),), attack_cap=100.0, attack_total=1e6).run_batch(START, 2)
    assert out.slow_agents == ("adversary",)
    assert np.allclose(out.attacks, 0.25)


def test_a_pool_without_an_array_form_is_played_game_by_game():
    @dataclass(frozen=True)
    class Other(PoolAggregator):
        def aggregate(self, state, actions, *, horizon=1, inflation=()):
            return super().aggregate(state, actions, horizon=horizon, inflation=inflation)

    registry = replace(game().registry, aggregator=Other(name="other"))
    one = ForecastGame(game().config, seed=5, registry=registry)
    out = one.run_batch(START, 2)
    assert out.slow_agents == ("other",)
    assert "game by game" in out.notes[0]
    assert_same(out, game().run_batch(START, 2))


def test_refits_are_made_in_a_batch():
    one = game(refit_every=5)
    out = one.run_batch(START, 2)
    assert out.slow_agents == out.notes == ()
    assert out.means[0].tolist() == [s.forecast for s in one.run(START).steps]


def test_refits_of_nobody_slow_nobody():
    registry = AgentRegistry((ForecastingAgent(),), defenders=(DefenderAgent(),))
    config = SimulationConfig(horizon=8, refit_every=2)
    one = ForecastGame(config, seed=5, registry=registry)
    out = one.run_batch(START, 2)
    assert out.notes == ()
    assert out.means[0].tolist() == [s.forecast for s in one.run(START).steps]


# ----------------------------------------------------------------------------- limits and errors


def test_what_would_not_fit_is_refused_before_it_is_played():
    with pytest.raises(ConfigError, match=r"10000000 games of 200 rounds would take about .* GiB"):
        game(horizon=200).run_batch(START, 10_000_000, memory_limit=2**30)
    with pytest.raises(ConfigError, match="play fewer games at a time"):
        game().run_batch(START, 1000, memory_limit=1000)


def test_what_a_continuation_takes_is_counted():
    enough = 8_500_000
    assert game().run_batch(START, 1000, memory_limit=enough).n_games == 1000
    with pytest.raises(ConfigError, match="keep less"):
        game().run_batch(START, 1000, memory_limit=enough, keep=("continuation",))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_games": 0}, "n_games"),
        ({"n_games": 2.0}, "n_games"),
        ({"n_games": 1, "games_per_block": 0}, "games_per_block"),
        ({"n_games": 1, "reward": "fame"}, "reward"),
        ({"n_games": 1, "keep": ("everything",)}, "components, claims, doubts, continuation"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ConfigError, match=message):
        game().run_batch(START, **options)


def test_doubts_are_kept_by_defender():
    one = game(horizon=6)
    both = replace(
        one.registry,
        defenders=(DefenderAgent(), DefenderAgent(defense_from_name("clipping"), "clip")),
    )
    two = ForecastGame(one.config, seed=5, registry=both)
    groups = (GameGroup(START, n_games=2), GameGroup(START, game=2, rounds=4))
    out = two.run_groups(groups, keep=("doubts",))
    assert list(out.doubts) == ["defender", "clip"]
    gate, clip = out.doubts.values()
    for part in (gate.delta, gate.p_bad, gate.scale, clip.delta, clip.p_bad, clip.scale):
        assert part.shape == (3, 6)
        assert np.isfinite(part[:2]).all()
        assert np.isfinite(part[2, :4]).all()
        assert np.isnan(part[2, 4:]).all()
        assert not part.flags.writeable
    together = 1.0 - (1.0 - gate.p_bad) * (1.0 - clip.p_bad)
    assert np.array_equal(out.p_bad, together, equal_nan=True)
    assert (clip.p_bad > 0.0).any()
    assert not two.run_groups(groups).doubts


def test_doubts_of_one_part_alone_are_no_doubts_of_the_whole():
    first = game().run_batch(START, 2, 4, keep=("doubts", "continuation"))
    rest = game().run_batch(START, 2, resume=first.continuation)
    with pytest.raises(ConfigError, match="doubts were kept of one part"):
        first.joined(rest)


def test_the_numbers_of_games_have_an_end():
    with pytest.raises(ConfigError, match=r"2\^58"):
        game(first=2**58 - 1).run_batch(START, 2)


def test_no_rounds_no_columns():
    out = game().run_batch(START, 3, rounds=0)
    assert out.targets.shape == (3, 0)
    assert out.team_rewards.shape == (3, 0)


def test_a_series_that_leaves_the_range_of_numbers_is_an_error():
    start = replace(START, value=1.7e308)
    with pytest.raises(DataError):
        game(base_trend=1e308, step_scale=1.0).run_batch(start, 2)


def test_results_are_read_only():
    out = game().run_batch(START, 2)
    with pytest.raises(ValueError, match="read-only"):
        out.targets[0, 0] = 0.0


@pytest.mark.slow
def test_ten_thousand_games_of_two_hundred_rounds_take_less_than_a_gibibyte():
    kilo = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo
    out = game(horizon=200, max_rounds=200).run_batch(START, 10_000)
    assert out.targets.shape == (10_000, 200)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo
    assert after - before < 2**30
