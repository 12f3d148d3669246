"""Games on series whose values are late or revised."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    DefenderAgent,
    Drift,
    ForecastGame,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    ReplayWorld,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.batch import ActionArrays
from fg_core.game import GameGroup
from fg_core.pooling.rules import CrpsLearningWeights
from fg_core.protocols import OutlierAssessment
from fg_core.rng import Stream
from fg_core.vintage import Vintage
from fg_core.worlds import Release, VintageWorld

N, START = 44, 24


@dataclass(frozen=True)
class Everything:
    """A forecaster that depends on every bit that it is shown, and learns from all it is told."""

    name: str = "everything"
    seen: float = 0.0

    def fit(self, window):
        context = sum(sum(row.values()) for row in window.contexts)
        return replace(self, seen=float(np.sin(window.values).sum() + context))

    def update(self, revealed):
        return replace(self, seen=0.9 * self.seen + np.sin(revealed.value + revealed.reported))

    def act(self, state, horizon=1):
        numbers = [state.value, *state.history, *state.macro_context.values(), *state.missing]
        mixed = float(np.sin(np.array(numbers)).sum()) + np.sin(self.seen) + state.n_unrevealed
        return AgentAction(self.name, 0.1 * mixed * horizon, scale=1.0 + abs(mixed) * 0.1)


@dataclass(frozen=True)
class Listener:
    """A defender that doubts nothing and remembers what it is told."""

    name: str = "listener"
    learns_from_revisions: bool = True
    heard: tuple = ()

    def update(self, revealed):
        # (A batch of one shows single games; what is remembered is read from the last act.)
        one = (revealed.t, revealed.value, revealed.reported, revealed.settled)
        return replace(self, heard=(*self.heard, one))

    def act(self, _state, _predictive):
        HEARD[self.name] = self.heard
        return AgentAction(self.name, 0.0, p_bad=0.0)


HEARD = {}


def config(**settings):
    return SimulationConfig(
        **{"horizon": N, "horizons": (1, 3), "lookback": 8, "disturbance_prob": 0.0, **settings}
    )


def registry(forecasters=None, adversaries=(), defenders=None):
    return AgentRegistry(
        forecasters or (RandomWalk(), AutoRegression(2), Drift()),
        adversaries,
        (DefenderAgent(),) if defenders is None else defenders,
        PoolAggregator(CrpsLearningWeights()),
    )


def at_once(record):
    return [Release(t, t, row.value) for t, row in enumerate(record.rows)]


def random_releases(record, seed):
    """Values that come out up to two rounds late and are revised up to twice; all are settled."""
    rng = np.random.default_rng(seed)
    found = []
    for t, row in enumerate(record.rows):
        late = 0 if t <= START - 6 else int(rng.integers(0, 3))
        found.append(Release(t, t + late, float(np.round(row.value + rng.normal(), 3))))
        for age in rng.choice(np.arange(1, 9), size=rng.integers(0, 3), replace=False).tolist():
            value = float(np.round(row.value + rng.normal(), 3))
            found.append(Release(t, t + late + int(age), value))
    return found


def issued(out, until=None):
    return [
        (f.origin, f.horizon, f.forecast.mean, f.forecast.variance, f.p_bad, f.base)
        for step in out.steps
        for f in step.issued
        if until is None or f.origin <= until
    ]


@given(
    lag=st.integers(1, 3),
    refit=st.sampled_from([0, 3]),
    disturbed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_values_that_come_out_once_are_the_special_case(series, lag, refit, disturbed, seed):
    record = series(N, seed, decimals=2)
    world = VintageWorld.of(record, at_once(record), settled_after=lag)
    settings = config(refit_every=refit, disturbance_prob=0.2 if disturbed else 0.0)
    agents = registry(
        (RandomWalk(), AutoRegression(2), Everything()), (RandomHits(size=2.0, probability=0.3),)
    )
    plain, vintages = (
        ForecastGame(replace(settings, reveal_lag=k), registry=agents, seed=seed).run(
            where.initial_state(START), 10, world=where, attribution=False
        )
        for k, where in ((lag, record), (1, world))
    )
    assert issued(plain) == issued(vintages)
    assert [s.reward_breakdown for s in plain.steps] == [s.reward_breakdown for s in vintages.steps]
    # Pools learn at the horizons that are asked for and at the lag of reveals, in both alike.
    assert plain.weights == vintages.weights


@pytest.mark.slow
@given(
    seed=st.integers(0, 999), settled_after=st.integers(1, 4), until=st.integers(START, START + 6)
)
def test_nothing_counts_before_it_comes_out(series, seed, settled_after, until):
    record = series(N, 7)
    releases = random_releases(record, seed)
    rng = np.random.default_rng(seed + 1)
    later = [
        replace(one, value=one.value + rng.normal()) if one.origin > until else one
        for one in releases
    ]
    game = ForecastGame(
        config(refit_every=2, step_scale=1.0, persistence=1.0),
        registry=registry((RandomWalk(), Everything()), defenders=(DefenderAgent(), Listener())),
    )
    before, after = (
        game.run(world.initial_state(START), 12, world=world, attribution=False)
        for world in (
            VintageWorld.of(record, some, settled_after=settled_after) for some in (releases, later)
        )
    )
    assert issued(before, until) == issued(after, until)
    # The test can fail: what comes out later does count later.
    assert issued(before) != issued(after)


def test_the_values_that_are_scored_are_shown_to_nobody(series):
    record = series(N, 7)
    releases = random_releases(record, 3)
    other = replace(record, rows=tuple(replace(row, value=row.value + 1.0) for row in record.rows))
    game = ForecastGame(
        config(refit_every=2), registry=registry((RandomWalk(), Everything(), Drift()))
    )
    one, two = (
        game.run(world.initial_state(START), world=world, attribution=False)
        for world in (VintageWorld.of(r, releases, settled_after=2) for r in (record, other))
    )
    assert issued(one) == issued(two)
    assert [s.target + 1.0 for s in one.steps] == [s.target for s in two.steps]


def test_a_late_value_is_forecast_from_the_one_before(series):
    record = series(N, 5, columns=())
    late = [Release(t, t + 1, row.value) for t, row in enumerate(record.rows)]
    agents = registry((RandomWalk(), AutoRegression(2), Everything()))
    lagging = ForecastGame(config(horizons=(1, 2), refit_every=3), registry=agents)
    world = VintageWorld.of(record, late)
    out = lagging.run(world.initial_state(START), world=world, attribution=False)
    prompt = ForecastGame(config(horizons=(2, 3), refit_every=3), registry=agents)
    # (The game in which values are late has its first refit one period later.)
    plain = prompt.run(record.initial_state(START - 1), world=record, attribution=False)
    wide = [(f.origin, f.horizon, f.base) for step in out.steps for f in step.issued]
    near = [(f.origin + 1, f.horizon - 1, f.base) for step in plain.steps for f in step.issued]
    assert wide == near[: len(wide)]
    assert set(out.weights) == {1, 2, 3}


def test_the_forecast_is_that_of_one_horizon_further(series):
    record = series(N, 5, columns=())
    late = [Release(t, t + 1, row.value) for t, row in enumerate(record.rows)]
    agents = registry((RandomWalk(), AutoRegression(2)))
    world = VintageWorld.of(record, late)
    game = ForecastGame(config(horizons=(1, 2)), registry=agents)
    out = game.run(world.initial_state(START), world=world, attribution=False)
    plain = ForecastGame(config(horizons=(1, 2, 3)), registry=agents).run(
        record.initial_state(START - 1), world=record, attribution=False
    )
    known = {(f.origin, f.horizon): f for step in plain.steps for f in step.issued}
    for step in out.steps:
        for f in step.issued:
            assert f.forecast == known[f.origin - 1, f.horizon + 1].forecast


def test_what_is_out_of_order_is_named_and_stood_in_for(series):
    record = series(N, 5)
    releases = [
        replace(one, origin=one.origin + 3) if one.period == 30 else one for one in at_once(record)
    ]
    world = VintageWorld.of(record, releases)
    game = ForecastGame(config(), registry=registry())
    out = game.run(world.initial_state(START), world=world, attribution=False)
    seen = {step.observation.t: step.observation for step in out.steps}
    values = [row.value for row in record.rows]
    # At origin 30 nothing comes out: the state is that of period 29 once more.
    assert [step.observation.t for step in out.steps][5:8] == [29, 29, 31]
    assert seen[31].missing == seen[32].missing == (30,)
    assert seen[31].history[-2:] == (values[29], values[29])
    assert seen[33].missing == ()
    assert seen[33].history[-4:] == tuple(values[29:33])
    # Nothing after it is settled before it is.
    assert [seen[t].n_unrevealed for t in (29, 31, 32, 33, 34)] == [0, 1, 2, 3, 0]


def test_revisions_reach_those_who_listen_and_settled_values_everybody(series):
    record = series(N, 5)
    releases = [
        *at_once(record),
        *(Release(30, 30 + k, value) for k, value in ((1, 1.5), (2, 2.5), (7, 9.0))),
    ]
    world = VintageWorld.of(record, releases, settled_after=3)
    defenders = (Listener(), Listener("deaf", learns_from_revisions=False))
    hit = ScriptedAdversary({30: 1.0})
    game = ForecastGame(
        config(attack_cap=9.0, attack_total=9.0),
        registry=registry(adversaries=(hit,), defenders=defenders),
    )
    out = game.run(world.initial_state(START), world=world, attribution=False)
    shown = out.steps[30 - START].observation.value
    assert shown != record.rows[30].value
    assert [one for one in HEARD["listener"] if one[0] == 30] == [
        (30, 1.5, shown, False),
        (30, 2.5, shown, False),
        (30, 2.5, shown, True),
    ]
    assert [one for one in HEARD["deaf"] if one[0] == 30] == [(30, 2.5, shown, True)]
    # The hit lasts until the value is revised, and a settled value may still move.
    history = {step.observation.t: step.observation.history for step in out.steps}
    assert history[31][-1] == 1.5
    assert history[32][-2] == 2.5
    assert history[36][-6] == 2.5
    assert history[37][-7] == 9.0


def test_a_hit_lasts_while_nothing_is_revised(series):
    record = series(N, 5)
    world = VintageWorld.of(record, at_once(record), settled_after=3)
    game = ForecastGame(
        config(attack_cap=9.0, attack_total=9.0),
        registry=registry(adversaries=(ScriptedAdversary({30: 1.0}),)),
    )
    out = game.run(world.initial_state(START), world=world, attribution=False)
    seen = {step.observation.t: step.observation for step in out.steps}
    shown = seen[30].value
    assert [seen[t].history[30 - t] == shown for t in (31, 32, 33)] == [True, True, False]
    assert seen[33].history[-3] == record.rows[30].value


def test_a_later_revision_moves_the_data_and_no_score(series):
    record = series(N, 5)
    moved = [*at_once(record), Release(27, 33, 90.0)]
    walks = registry((RandomWalk(), Drift()), defenders=())
    settings = config(lookback=10)
    one, two = (
        ForecastGame(settings, registry=walks).run(
            world.initial_state(START), world=world, attribution=False
        )
        for world in (VintageWorld.of(record, some) for some in (at_once(record), moved))
    )
    assert issued(one) == issued(two)  # neither looks back, and weights have been learned
    assert one.weights == two.weights
    assert two.steps[33 - START].observation.history[27 - 33] == 90.0
    again = ForecastGame(replace(settings, refit_every=1), registry=walks)
    world = VintageWorld.of(record, moved)
    refitted = again.run(world.initial_state(START), world=world, attribution=False)
    plain = again.run(record.initial_state(START), world=record, attribution=False)
    differs = [a != b for a, b in zip(issued(refitted), issued(plain), strict=True)]
    assert not any(differs[: 2 * (33 - START)])
    assert any(differs[2 * (33 - START) :])


@pytest.mark.slow
@pytest.mark.parametrize(("refit", "disturbance"), [(3, 0.0), (0, 0.3)])
def test_batches_parts_and_single_games_agree(series, refit, disturbance, assert_is_game):
    records = [series(N, seed, decimals=2) for seed in (1, 2, 3)]
    worlds = [
        VintageWorld.of(records[0], random_releases(records[0], 5), settled_after=2),
        VintageWorld.of(records[1], at_once(records[1]), settled_after=2),
        VintageWorld.of(records[2], at_once(records[2]), settled_after=2),
        records[0],
    ]
    agents = registry(
        (RandomWalk(), AutoRegression(2)),
        (RandomHits(size=2.0, probability=0.4),),
        (DefenderAgent(), Listener()),
    )
    settings = config(refit_every=refit, disturbance_prob=disturbance)
    groups = [
        GameGroup(world.initial_state(START), world, n_games=2, game=3 * i, rounds=10)
        for i, world in enumerate(worlds)
    ]
    game = ForecastGame(settings, registry=agents)
    keep = ("claims", "components", "continuation")
    whole = game.run_groups(groups, keep=keep)
    small = game.run_groups(groups, keep=keep, games_per_block=1)
    first = game.run_groups([replace(one, rounds=4) for one in groups], keep=keep)
    left = [replace(one, rounds=6) for one in groups]
    rest = game.run_groups(left, keep=keep, resume=first.continuation)
    assert np.array_equal(whole.means[:, 4:], rest.means)
    assert np.array_equal(whole.attack_spent, rest.attack_spent)
    for place, group in enumerate(one for one in groups for _ in range(one.n_games)):
        own = ForecastGame(settings, registry=agents, game=group.game + place % 2)
        alone = own.run(group.initial, 10, world=group.world, attribution=False)
        assert_is_game(whole, place, alone)
        assert_is_game(small, place, alone)
        part = own.run(group.initial, 4, world=group.world, attribution=False)
        end = own.run(
            group.initial, 6, world=group.world, attribution=False, resume=part.continuation
        )
        assert part.joined(end) == alone


def test_the_forecast_at_the_end_is_that_of_the_longer_record(series):
    record = series(N, 5)
    releases = random_releases(record, 2)
    world = VintageWorld.of(record, releases, settled_after=2)
    game = ForecastGame(config(refit_every=2), registry=registry())
    whole = game.run(world.initial_state(START), world=world, attribution=False)
    end = 36
    short = VintageWorld(replace(record, rows=record.rows[: end + 1]), world.vintages[: end + 1])
    found = game.forecast(short.initial_state(START), world=short)
    assert [(f.origin, f.horizon, f.forecast, f.base) for f in found] == [
        (f.origin, f.horizon, f.forecast, f.base) for f in whole.steps[end - START].issued
    ]


def test_a_game_that_is_cut_goes_on_where_values_come_later_than_before(series):
    record = series(N, 5)
    late = [replace(one, origin=one.origin + 2 * (one.period >= 34)) for one in at_once(record)]
    world = VintageWorld.of(record, [replace(one, origin=min(one.origin, N - 1)) for one in late])
    game = ForecastGame(config(refit_every=2), registry=registry())
    start = world.initial_state(START)
    whole = game.run(start, world=world, attribution=False)
    first = game.run(start, 4, world=world, attribution=False)
    rest = game.run(start, world=world, attribution=False, resume=first.continuation)
    assert first.joined(rest) == whole


def test_agents_are_not_credited_in_a_world_with_vintages(series):
    record = series(N, 5)
    world = VintageWorld.of(record, at_once(record))
    game, start = ForecastGame(config(horizon=3), registry=registry()), world.initial_state(START)
    with pytest.raises(ConfigError, match=r"cannot be credited .* leave attribution out"):
        game.run(start, world=world, attribution=True)
    out = game.run(start, world=world)
    assert {name for step in out.steps for name in step.reward_breakdown} == {"team", "adversaries"}
    assert game.run(start, world=world, attribution=False) == out
    plain = game.run(record.initial_state(START), world=record)
    assert "ar" in plain.steps[0].reward_breakdown


def test_a_game_that_begins_before_anything_is_settled_is_refused_in_those_words(series):
    record = series(N, 5)
    world = VintageWorld.of(record, at_once(record), settled_after=31)
    with pytest.raises(DataError, match="of the 24 periods before origin 24 none is settled there"):
        ForecastGame(config(), registry=registry()).run(record.initial_state(START), world=world)


@pytest.mark.parametrize(
    ("vintage", "message"),
    [
        (None, "returned a NoneType from vintage"),
        (Vintage(31, 28, {31: 1.0}), "prints period 31 at origin 30"),
        (Vintage(28, 28), "takes back"),
        (Vintage(30, 27, {30: 1.0}), "takes back"),
        (Vintage(30, 28), "neither a value nor is it missing"),
    ],
)
def test_a_world_that_contradicts_itself_is_named(series, vintage, message):
    record = series(N, 5)
    good = VintageWorld.of(record, at_once(record)).vintages
    world = VintageWorld(record, (*good[:30], vintage, *good[31:]))
    with pytest.raises(DataError, match=f"world VintageWorld.*{message}"):
        ForecastGame(config(), registry=registry()).run(
            world.initial_state(START), world=world, attribution=False
        )


@pytest.mark.slow
def test_a_stand_in_does_not_show_what_a_hit_hides(series):
    """The value before a missing one stands in for it as it was reported, not as it came out."""
    record = series(N, 1)
    hit_at, shift = START + 2, 4.0
    origins = {hit_at + 1: hit_at + 4}  # comes out after the two periods that follow it
    hidden = []
    for moved, hit in ((shift, -shift), (0.0, 0.0)):
        releases = [
            Release(t, origins.get(t, t), float(np.round(row.value)) + moved * (t == hit_at))
            for t, row in enumerate(record.rows)
        ]
        world = VintageWorld.of(record, releases, settled_after=6)
        agents = registry(
            (RandomWalk(), Everything()), (ScriptedAdversary({hit_at: hit}),), defenders=()
        )
        settings = config(step_scale=1.0, attack_cap=9.0, attack_total=9.0)
        game = ForecastGame(settings, registry=agents)
        start = world.initial_state(START)
        hidden.append(game.run(start, 12, world=world, attribution=False))
        batch = game.run_batch(start, 2, 12, world=world)
        assert batch.means[0].tolist() == [step.forecast for step in hidden[-1].steps]
    assert hidden[0].steps[4].observation.missing == (hit_at + 1,)
    assert issued(hidden[0], hit_at + 5) == issued(hidden[1], hit_at + 5)
    assert issued(hidden[0]) != issued(hidden[1])  # once it is settled, it shows


@dataclass(frozen=True)
class Paid:
    """A defender that remembers what it was paid."""

    name: str = "paid"
    heard: tuple = ()

    def update(self, revealed):
        return replace(self, heard=(*self.heard, (revealed.t, revealed.reward)))

    def act(self, _state, _predictive):
        HEARD[self.name] = self.heard
        return AgentAction(self.name, 0.0, p_bad=0.0)


def test_rewards_tell_nothing_of_values_that_are_yet_to_be_revised(series):
    """Agents are paid by what is settled; the record may be known to nobody for long."""
    record = series(N, 4)
    releases = [Release(t, t, float(np.round(row.value))) for t, row in enumerate(record.rows)]
    told = []
    for moved in (0.0, 0.4):
        truth = replace(
            record, rows=tuple(replace(row, value=row.value + moved) for row in record.rows)
        )
        world = VintageWorld.of(truth, releases, settled_after=2)
        game = ForecastGame(config(), registry=registry(defenders=(Paid(),)))
        out = game.run(world.initial_state(START), 8, world=world, attribution=False)
        told.append((HEARD["paid"], [step.reward_breakdown["team"] for step in out.steps]))
    assert told[0][0] == told[1][0]
    assert told[0][1] != told[1][1]
    paid = dict(told[0][0])
    assert paid[START] is None
    forecast = out.steps[0].probabilistic
    value = float(np.round(record.rows[START + 1].value))
    assert paid[START + 1] == pytest.approx(-forecast.components.crps(value))


class AtOnce(ReplayWorld):
    """A record whose values are settled when they come out."""

    def vintage(self, t):
        return Vintage(t, t, {t: self.rows[t].value})


def test_of_values_that_are_settled_at_once_there_is_nothing_to_doubt(series):
    record = series(N, 6, decimals=1)
    world = AtOnce(record.rows)
    game = ForecastGame(config(), registry=registry())
    start = world.initial_state(START)
    out = game.run(start, 8, world=world, attribution=False)
    assert all(f.p_bad == 0.0 for step in out.steps for f in step.issued)
    assert [a.actor for a in out.steps[0].actions] == ["random_walk", "ar", "drift"]
    batch = game.run_batch(start, 2, 8, world=world)
    assert batch.means[1].tolist() == [step.forecast for step in out.steps]


@pytest.mark.parametrize("late", [1, 2])
def test_fits_do_not_show_what_a_hit_on_a_value_from_before_the_game_hides(series, late):
    """Of values that come out late, the first that are hit are from before the game."""
    record = series(N, 3, decimals=1)
    shift, period = 4.0, START - 1
    played = []
    for moved, hit, beside in ((shift, -shift, 0.0), (0.0, 0.0, 0.5)):
        releases = [
            Release(t, t + late, float(np.round(row.value)) + moved * (t == period))
            for t, row in enumerate(record.rows)
        ]
        rows = [
            replace(row, macro_context={"a": round(row.macro_context["a"] + 0.5 - beside, 1)})
            if t == period + late
            else row
            for t, row in enumerate(record.rows)
        ]
        truth = replace(record, rows=tuple(rows))
        world = VintageWorld.of(truth, releases, settled_after=5)
        adversary = ScriptedAdversary(
            {period + late: hit}, context={"a": {period + late: beside - 0.5}}
        )
        # The refit on period START sees the period before it as it was reported.
        settings = config(step_scale=1.0, attack_cap=99.0, attack_total=99.0, refit_every=4)
        agents = registry((RandomWalk(), AutoRegression(2), Everything()), (adversary,), ())
        game = ForecastGame(settings, registry=agents)
        start = world.initial_state(START)
        played.append(game.run(start, 6, world=world, attribution=False))
        batch = game.run_batch(start, 2, 6, world=world)
        assert batch.means[1].tolist() == [step.forecast for step in played[-1].steps]
    prints = [[step.observation.value for step in one.steps] for one in played]
    assert prints[0] == prints[1]
    until = period + late + 4
    assert issued(played[0], until) == issued(played[1], until)


@pytest.mark.parametrize("late", [0, 1])
def test_the_first_state_looks_as_far_ahead_as_the_others(series, late):
    record = series(N, 1, known_ahead=("a",))
    releases = [Release(t, t + late, row.value) for t, row in enumerate(record.rows)]
    world = VintageWorld.of(record, releases)
    game = ForecastGame(config(horizons=(1,)), registry=registry())
    out = game.run(world.initial_state(START), 6, world=world, attribution=False)
    assert {len(step.observation.known_ahead) for step in out.steps} == {1 + late}


@dataclass(frozen=True)
class Drawer:
    """A forecaster or a defender that says the first random number of the round."""

    name: str
    draws: object = None

    def with_draws(self, draws):
        return replace(self, draws=draws)

    def act(self, _state, _other=None):
        return AgentAction(self.name, self.draws.normal(), scale=1.0, p_bad=0.0)

    def act_array(self, _state, other=None):
        numbers = self.draws.normal()
        if isinstance(other, int):
            return ActionArrays(numbers, 1.0)
        return OutlierAssessment(numbers, 0.0, 1.0)


def test_each_round_has_random_numbers_of_its_own_where_nothing_new_comes_out(series):
    record = series(N, 1)
    releases = [  # two periods come out at once, in every other round
        Release(t, t + (t % 2 if t > START else 0), row.value) for t, row in enumerate(record.rows)
    ]
    world = VintageWorld.of(record, releases, settled_after=3)
    forecasters = (RandomWalk(), Drawer("forecaster"))
    agents = registry(forecasters, (), (Drawer("defender"),))
    game = ForecastGame(config(horizons=(1,)), seed=3, registry=agents)
    start = world.initial_state(START)
    out = game.run(start, 10, world=world)
    newest = [step.observation.t for step in out.steps]
    assert len(set(newest)) < 8
    many = game.run_batch(start, 3, 10, world=world, keep=("claims", "doubts"))
    batch = {
        "forecaster": many.first.deltas[0, :, 1],
        "defender": many.doubts["defender"].delta[0],
    }
    for name, numbers in batch.items():
        drawn = [one.delta for step in out.steps for one in step.actions if one.actor == name]
        assert drawn == [Stream(3, name, name).normal(START + i) for i in range(10)]
        assert numbers.tolist() == drawn
