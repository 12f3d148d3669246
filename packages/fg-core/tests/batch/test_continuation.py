"""A game cut in two and joined is the whole game, to the last bit; and so is a batch."""

import itertools
import pickle
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    ConfigError,
    Drift,
    ForecastGame,
    ForecastState,
    PoolAggregator,
    ProbabilisticForecast,
    RandomWalk,
    SimulationConfig,
)
from fg_core.components import Components
from fg_core.testing import LineWorld, PlainAggregator
from fg_core.testing._play import fingerprint

START = ForecastState(t=0, value=10.0, exogenous=0.0, hidden_shift=0.0)


def bits(out):
    """Everything that a game left, but for where it stopped."""
    return fingerprint(replace(out, continuation=None))


def batch_bits(out):
    """Everything that a batch left, but for where it stopped; arrays in one layout."""
    return _plain(replace(out, continuation=None))


def _plain(value):
    if isinstance(value, np.ndarray):
        return (value.shape, np.ascontiguousarray(value).tobytes())
    if hasattr(value, "items"):
        return {key: _plain(part) for key, part in value.items()}
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, SimulationConfig):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def test_a_game_cut_in_two_and_joined_is_the_whole(random_games):
    @given(random_games, st.integers(0, 9), st.integers(0, 9), st.sampled_from(("crps", "error")))
    @settings(max_examples=settings.default.max_examples * 3 // 5)
    def check(played, cut, second_cut, reward):
        game, initial, world, disturbed = played
        rounds = game.config.horizon
        cut = 1 + cut % (rounds - 1) if rounds > 1 else min(cut, rounds)
        options = {"disturbed": disturbed, "world": world, "reward": reward}
        options["attribution"] = second_cut % 3 > 0
        whole = game.run(initial, **options)
        first = game.run(initial, cut, **options)
        before = bits(first)
        rest = game.run(initial, resume=first.continuation, **options)
        assert bits(first.joined(rest)) == bits(whole)
        # From the same place once more, in parts of other sizes.
        middle = game.run(
            initial, min(second_cut, rounds - cut), resume=first.continuation, **options
        )
        last = game.run(initial, resume=middle.continuation, **options)
        assert bits(middle.joined(last)) == bits(rest)
        assert bits(first) == before

    check()


def test_a_batch_cut_in_two_and_joined_is_the_whole(random_games):
    @given(random_games, st.integers(0, 9), st.integers(1, 3), st.integers(1, 3))
    @settings(max_examples=settings.default.max_examples * 2 // 5)
    def check(played, cut, n_games, block):
        game, initial, world, disturbed = played
        rounds = game.config.horizon
        cut = 1 + cut % (rounds - 1) if rounds > 1 else min(cut, rounds)
        options = {
            "disturbed": disturbed,
            "world": world,
            "games_per_block": block,
            "attribution": True,
            "keep": ("components", "claims", "doubts", "continuation"),
        }
        whole = game.run_batch(initial, n_games, **options)
        first = game.run_batch(initial, n_games, cut, **options)
        before = batch_bits(first)
        rest = game.run_batch(initial, n_games, resume=first.continuation, **options)
        again = game.run_batch(initial, n_games, resume=first.continuation, **options)
        assert batch_bits(first.joined(rest)) == batch_bits(whole)
        assert batch_bits(again) == batch_bits(rest)
        assert batch_bits(first) == before

    check()


# Every pair of settings; all that there are, together, among the slow ones.
PAIRS = {
    (1, (1,), "crps"),
    (1, (3, 1), "error"),
    (2, (1,), "error"),
    (2, (3, 1), "crps"),
    (3, (1,), "crps"),
    (3, (3, 1), "error"),
}


@pytest.mark.parametrize(
    ("lag", "horizons", "reward"),
    [
        pytest.param(*case, marks=() if case in PAIRS else pytest.mark.slow)
        for case in itertools.product((1, 2, 3), ((1,), (3, 1)), ("crps", "error"))
    ],
)
def test_every_cut_of_a_game_with_agents_of_every_kind(agents_of_every_kind, lag, horizons, reward):
    config = SimulationConfig(
        horizon=7,
        horizons=horizons,
        reveal_lag=lag,
        lookback=3,
        disturbance_prob=0.5,
        attack_cap=2.0,
        attack_total=5.0,
        attack_cost=0.2,
    )
    game = ForecastGame(config, seed=3, registry=agents_of_every_kind)
    options = {"reward": reward, "attribution": True}
    whole = game.run(START, reward=reward)
    assert whole.convergence["missing"]["moody"] > 1
    assert whole.convergence["attack_spent"] == pytest.approx(5.0)
    many = game.run_batch(START, 2, **options)
    for cut in range(config.horizon + 1):
        first = game.run(START, cut, reward=reward)
        rest = game.run(START, reward=reward, resume=first.continuation)
        assert bits(first.joined(rest)) == bits(whole)
        if cut % 2 == lag % 2 or (lag, horizons, reward) not in PAIRS:
            part = game.run_batch(START, 2, cut, keep=("continuation",), **options)
            later = game.run_batch(START, 2, resume=part.continuation, **options)
            assert batch_bits(part.joined(later)) == batch_bits(many)


@pytest.mark.parametrize("refit_every", [pytest.param(0, marks=pytest.mark.slow), 4])
def test_a_long_game_in_many_parts(refit_every):
    """Streams of draws, forgetting and refits run over every cut."""
    settings_ = SimulationConfig(
        horizon=90,
        horizons=(2, 1),
        reveal_lag=2,
        lookback=8,
        refit_every=refit_every,
        disturbance_prob=0.3,
        attack_total=20.0,
        attack_cap=2.0,
    )
    game = ForecastGame(settings_, seed=3)
    whole = game.run(START)
    joined = game.run(START, 0)
    batch = game.run_batch(START, 2, 0, keep=("continuation",))
    for n in (1, 30, 34, 25):
        joined = joined.joined(game.run(START, n, resume=joined.continuation))
        later = game.run_batch(START, 2, n, keep=("continuation",), resume=batch.continuation)
        batch = batch.joined(later)
    assert bits(joined) == bits(whole)
    assert batch_bits(batch) == batch_bits(game.run_batch(START, 2))


def test_a_snapshot_is_plain_data():
    """No generator, no closure, nothing that another process could not be handed."""
    game = ForecastGame(SimulationConfig(horizon=12, refit_every=3), seed=3)
    first = game.run(START, 5)
    copy = pickle.loads(pickle.dumps(first.continuation))
    assert bits(first.joined(game.run(START, resume=copy))) == bits(game.run(START))
    slow, fast = (
        ForecastGame(SimulationConfig(horizon=12, refit_every=every), seed=3) for every in (3, 0)
    )
    for one in (slow, fast):
        part = one.run_batch(START, 2, 5, keep=("continuation",))
        copy = pickle.loads(pickle.dumps(part.continuation))
        joined = part.joined(one.run_batch(START, 2, resume=copy))
        assert batch_bits(joined) == batch_bits(one.run_batch(START, 2))


def test_what_is_left_when_no_rounds_are_given():
    game = ForecastGame(SimulationConfig(horizon=7, max_rounds=9), seed=3)
    first = game.run(START, 5)
    assert (first.continuation.rounds, first.continuation.t) == (5, 5)
    assert len(game.run(START, resume=first.continuation).steps) == 2
    more = game.run(START, 100, resume=first.continuation)
    assert len(more.steps) == 4
    assert more.convergence["round_cap_hit"]
    assert more.convergence["rounds_executed"] == 9
    assert len(game.run(START, resume=more.continuation).steps) == 0
    longer = ForecastGame(SimulationConfig(horizon=7, max_rounds=12), seed=3)
    assert len(longer.run(START, 100, resume=more.continuation).steps) == 3


def test_a_continuation_that_was_not_kept_is_not_there():
    game = ForecastGame(SimulationConfig(horizon=3))
    assert game.run_batch(START, 2).continuation is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 4}, "seed = 3, not 4"),
        ({"game": 2}, "game = 0, not 2"),
        ({"config": {"reveal_lag": 2}}, "reveal_lag = 1 in its settings, not 2"),
        ({"config": {"enable_refactor": False}}, "agents"),
        ({"run": {"disturbed": False}}, "disturbed = True, not False"),
        ({"run": {"attribution": False}}, "attribution = True, not False"),
        ({"run": {"reward": "error"}}, "reward = 'crps', not 'error'"),
        ({"initial": replace(START, value=11.0)}, "initial = "),
    ],
)
def test_another_game_is_refused(change, message):
    game = ForecastGame(SimulationConfig(horizon=9), seed=3)
    stopped = game.run(START, 4).continuation
    config = SimulationConfig(**{"horizon": 9} | change.get("config", {}))
    registry = None
    if "enable_refactor" in change.get("config", {}):
        registry, config = ForecastGame(config).registry, game.config
    other = ForecastGame(
        config, seed=change.get("seed", 3), game=change.get("game", 0), registry=registry
    )
    with pytest.raises(ConfigError, match=message):
        other.run(change.get("initial", START), resume=stopped, **change.get("run", {}))


def test_a_game_alone_and_a_batch_of_one_go_on_from_each_other():
    game = ForecastGame(SimulationConfig(horizon=9), seed=3)
    alone = game.run(START, 4, attribution=False)
    batch = game.run_batch(START, 1, 4, keep=("continuation",))
    whole = game.run(START, attribution=False)
    for stopped in (alone.continuation, batch.continuation):
        rest = game.run(START, resume=stopped, attribution=False)
        assert rest.steps == whole.steps[4:]
        many = game.run_batch(START, 1, resume=stopped)
        assert many.means[0].tolist() == [step.forecast for step in whole.steps[4:]]


def test_other_games_are_not_gone_on_with():
    game = ForecastGame(SimulationConfig(horizon=9), seed=3)
    many = game.run_batch(START, 2, 4, keep=("continuation",))
    with pytest.raises(ConfigError, match="n_games = 2, not 3"):
        game.run_batch(START, 3, resume=many.continuation)
    with pytest.raises(ConfigError, match="n_games = 2, not 1"):
        game.run(START, resume=many.continuation, attribution=False)
    with pytest.raises(ConfigError, match="attribution = False, not True"):
        game.run_batch(START, 2, resume=many.continuation, attribution=True)
    with pytest.raises(ConfigError, match="does not hold its games"):
        game.run_batch(START, 2, resume=replace(many.continuation, blocks=()))
    with pytest.raises(ConfigError, match="got a str"):
        game.run(START, resume="there")


def test_parts_that_do_not_belong_together_are_not_joined():
    game = ForecastGame(SimulationConfig(horizon=9), seed=3)
    first = game.run(START, 4)
    with pytest.raises(ConfigError, match="no two parts of one game"):
        first.joined(first)
    other = ForecastGame(SimulationConfig(horizon=9), seed=3, game=1)
    with pytest.raises(ConfigError, match="no two parts of one game"):
        first.joined(other.run(START, resume=other.run(START, 4).continuation))
    many = game.run_batch(START, 2, 4, keep=("continuation",))
    with pytest.raises(ConfigError, match="no two parts of the same games"):
        many.joined(many)
    rest = game.run_batch(START, 2, keep=("components",), resume=many.continuation)
    with pytest.raises(ConfigError, match="same `keep`"):
        many.joined(rest)


def test_a_record_that_has_grown_since_is_played_on():
    """New rows arrive; the game goes on over them as if they had been there."""
    config = SimulationConfig(horizon=50, step_scale=1.0)
    game = ForecastGame(config, seed=3)
    short, long = LineWorld(1.0, 0.3, 6), LineWorld(1.0, 0.3, 12)
    initial = short.initial_state()
    first = game.run(initial, world=short)
    assert first.convergence["world_ended"]
    rest = game.run(initial, world=long, resume=first.continuation)
    assert bits(first.joined(rest)) == bits(game.run(initial, world=long))


@dataclass(frozen=True)
class Certain:
    """A defender that is certain of what is true, and what is false, by the period alone."""

    bad_from: int
    name: str = "certain"

    def act(self, state, predictive):
        bad = float(state.t >= self.bad_from)
        return AgentAction(self.name, -0.5, scale=0.1, p_bad=bad)


@pytest.mark.parametrize(
    ("bad_from", "n_games", "named"),
    [  # every pair of these in every run
        pytest.param(bad_from, n, named, marks=pytest.mark.slow if (i + n + named) % 2 else ())
        for i, bad_from in enumerate((0, 2, 4, 9))
        for n in (1, 2)
        for named in (True, False)
    ],
)
def test_components_of_later_rounds_keep_their_columns(bad_from, n_games, named):
    """A part of a game in which one branch alone has weight has no other components."""

    class Anonymous(PlainAggregator):
        def aggregate(self, *args, **given):
            found = super().aggregate(*args, **given)
            parts = found.components
            numbers = parts.weights, parts.means, parts.scales
            return ProbabilisticForecast.from_components(Components(*numbers, ("x", "y")))

    registry = AgentRegistry(
        (RandomWalk(), Drift()),
        (),
        (Certain(bad_from),),
        PoolAggregator() if named else Anonymous(),
    )
    game = ForecastGame(SimulationConfig(horizon=7, horizons=(2, 1)), seed=3, registry=registry)
    keep = ("components", "continuation")
    whole = game.run_batch(START, n_games, keep=keep)
    for cut in range(8):
        first = game.run_batch(START, n_games, cut, keep=keep)
        joined = first.joined(game.run_batch(START, n_games, keep=keep, resume=first.continuation))
        for h, arrays in whole.horizons.items():
            found = joined.horizons[h]
            assert sorted(found.labels) == sorted(arrays.labels)
            columns = [found.labels.index(label) for label in arrays.labels]
            for name in ("weights", "means", "scales"):
                own = getattr(found, name)[:, :, columns]
                assert np.array_equal(own, getattr(arrays, name)[:, :, : len(columns)]), name
        if named:
            assert batch_bits(joined) == batch_bits(whole)
