"""Agents that see all series of a batch at once, and what of it must not reach them."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import (
    AgentAction,
    AgentError,
    AgentRegistry,
    AutoRegression,
    ConfigError,
    DataError,
    DefenderAgent,
    ForecastGame,
    ForecastState,
    ForecastUnavailable,
    PoolAggregator,
    RandomHits,
    RandomWalk,
    RefactoringAgent,
    ScriptedAdversary,
    SimulationConfig,
)
from fg_core.game import GameGroup, trials
from fg_core.game.learning import Learning
from fg_core.game.panels import panel_slices
from fg_core.game.trials import Trials
from fg_core.testing import PlainAggregator, PooledTrend
from fg_core.worlds.vintages import Release, VintageWorld

BEGIN = 30
KEEP = ("components", "claims")


@dataclass(frozen=True)
class Pooled(PooledTrend):
    """A pooled forecaster that counts its fits."""

    name: str = "pooled"
    calls: list = field(default_factory=list, compare=False)

    def fit_panel(self, windows):
        self.calls.append(tuple(windows))
        return super().fit_panel(windows)


@dataclass(frozen=True)
class SharedError(PlainAggregator):
    """A pool that learns one correction from the mean error of all series, in scales of each."""

    calls: list = field(default_factory=list, compare=False)
    correction: float = 0.0

    def aggregate(self, state, actions, *, horizon=1, inflation=()):
        actions = [one and replace(one, delta=one.delta + self.correction) for one in actions]
        return super().aggregate(state, actions, horizon=horizon, inflation=inflation)

    def update_panel(self, pools, outcomes):
        self.calls.append(len(outcomes))
        z = [(one.target - one.forecast.mean) / one.forecast.variance**0.5 for one in outcomes]
        moved = 0.9 * pools[0].correction + 0.1 * float(np.mean(z))
        return [replace(pool, correction=moved) for pool in pools]


def game_of(lag=1, forecasters=None, aggregator=None, adversaries=None, defenders=None, **more):
    """A game with a pooled forecaster, an aggregator that shares, and hits."""
    settings = {
        "horizon": 8,
        "horizons": (1, 3),
        "reveal_lag": lag,
        "refit_every": 2,
        "disturbance_prob": 0.0,
        "attack_total": 30.0,
        "attack_cap": 4.0,
        "lookback": 12,
    }
    registry = AgentRegistry(
        (Pooled(), AutoRegression(2), RandomWalk()) if forecasters is None else forecasters,
        (RandomHits(size=3.0, probability=0.4),) if adversaries is None else adversaries,
        (DefenderAgent(),) if defenders is None else defenders,
        SharedError() if aggregator is None else aggregator,
        RefactoringAgent(step_size=0.3),
    )
    return ForecastGame(SimulationConfig(**(settings | more)), seed=5, registry=registry)


def groups_of(*worlds, **options):
    return tuple(GameGroup(one.initial_state(BEGIN), one, **options) for one in worlds)


def assert_same(one, other, games=slice(None), others=slice(None), rounds=slice(None)):
    for name in ("means", "variances", "prints", "p_bad", "crps"):
        a, b = (getattr(out, name) for out in (one, other))
        assert np.array_equal(a[games, rounds], b[others, rounds], equal_nan=True), name
    for h, arrays in one.horizons.items():
        for name in ("mean", "variance", "score", "deltas", "stated_scales", "weights", "means"):
            a, b = getattr(arrays, name), getattr(other.horizons[h], name)
            assert np.array_equal(a[games, rounds], b[others, rounds], equal_nan=True), (h, name)
    for name, credit in one.attribution.items():
        a, b = credit[games, rounds], other.attribution[name][others, rounds]
        assert np.array_equal(a, b, equal_nan=True), name


@pytest.fixture
def trio(series):
    """Three series of one calendar."""
    return tuple(series(44, seed, decimals=3) for seed in (1, 2, 3))


def changed(world, t, by=5.0):
    """The record with other values from period `t` on."""
    rows = [
        replace(row, value=row.value + by) if i >= t else row for i, row in enumerate(world.rows)
    ]
    return type(world)(tuple(rows), world.withheld, world.season_length)


# ------------------------------------------------------------------------------------- no leaks


@pytest.mark.parametrize("lag", [1, 2])
def test_a_series_future_reaches_no_other_past(trio, lag):
    a, b, c = trio
    # Hits of equal size in B, whatever its values: only its true ones differ.
    game = game_of(lag, adversaries=(), defenders=())
    cut = BEGIN + 4
    before = game.run_groups(groups_of(a, b, c), keep=KEEP, attribution=True)
    after = game.run_groups(groups_of(a, changed(b, cut), c), keep=KEEP, attribution=True)
    # Origins are BEGIN, BEGIN + 1, ...: what is forecast before the change stays to the last bit.
    known = slice(0, cut - BEGIN)
    for row in (0, 2):
        for h in (1, 3):
            for name in ("mean", "variance", "deltas", "stated_scales"):
                x, y = (getattr(out.horizons[h], name)[row] for out in (before, after))
                assert np.array_equal(x[known], y[known], equal_nan=True)
    # From there on it reaches the others, at once: a print is fitted on as well.
    x, y = (out.horizons[1].deltas[0, :, 0] for out in (before, after))
    assert x[cut - BEGIN] != y[cut - BEGIN]
    earlier = game.run_groups(groups_of(a, changed(b, BEGIN - 3), c), keep=KEEP)
    assert (earlier.horizons[1].deltas[0, :, 0] != x).all()


@pytest.mark.parametrize("lag", [1, 2])
def test_a_true_value_reaches_the_others_when_it_is_revealed_and_not_before(trio, lag):
    a, b, _ = trio
    hit = BEGIN + 4

    def played(world, size):
        # B alone is hit: scripts are by game number, and B is told by its level.
        game = game_of(lag, adversaries=(HitsAbove(hit, size),), defenders=(), attack_cap=np.inf)
        return game.run_groups(groups_of(a, world), keep=KEEP)

    lifted = changed(b, 0, 1000.0)
    step = float(played(lifted, 0.0).step_scale[1])
    true = played(lifted, 4.0)
    rows = [
        replace(row, value=true.prints[1, 4]) if i == hit else row
        for i, row in enumerate(lifted.rows)
    ]
    other = played(type(lifted)(tuple(rows)), 0.0)
    assert other.prints[1, 4] == true.prints[1, 4] != true.values[1, 4]
    assert step > 0.0
    # B printed the same, truly or not: until the reveal nobody can tell.
    x, y = (out.horizons[1].deltas[0, :, 0] for out in (true, other))
    assert np.array_equal(x[: 4 + lag], y[: 4 + lag])
    assert (x[4 + lag :] != y[4 + lag :]).all()


@dataclass(frozen=True)
class HitsAbove:
    """Hits series of a high level in one period, by a size in step scales."""

    t: int
    size: float
    name: str = "hits"

    def act(self, state, budget=None):
        here = state.t == self.t and state.value > 500.0
        scale = 1.0 if budget is None else budget.scale
        return AgentAction(self.name, self.size * scale if here else 0.0)


def test_hits_of_one_game_reach_no_other_game(trio):
    scripts = np.zeros((3, 8))
    plain = game_of(adversaries=(ScriptedAdversary(scripts, first_t=BEGIN),))
    scripts = scripts.copy()
    scripts[1, 2:6] = (2.0, -1.0, 0.0, 3.0)
    hit = game_of(adversaries=(ScriptedAdversary(scripts, first_t=BEGIN),))
    groups = groups_of(*trio, n_games=3)
    before, after = (one.run_groups(groups, keep=KEEP, attribution=True) for one in (plain, hit))
    others = [0, 2, 3, 5, 6, 8]
    assert_same(before, after, others, others)
    assert (before.means[1::3, 2:5] != after.means[1::3, 2:5]).all()


# ------------------------------------------------------------------- the same bits however played


@pytest.mark.parametrize(("lag", "noise"), [(1, 0.0), (2, 0.0), (1, 0.5)])
def test_games_are_the_same_in_blocks_of_any_size_and_one_by_one(trio, lag, noise):
    game = game_of(lag, disturbance_prob=noise)
    groups = groups_of(*trio, n_games=3)
    whole = game.run_groups(groups, keep=KEEP, attribution=True)
    for most in (1, 8):
        parts = game.run_groups(groups, keep=KEEP, attribution=True, games_per_block=most)
        assert_same(whole, parts)
    for number in (0, 2):
        alone = game.run_groups(groups_of(*trio, game=number), keep=KEEP, attribution=True)
        assert_same(whole, alone, [number, 3 + number, 6 + number])


@dataclass(frozen=True)
class HitsOne:
    """Hits one series in every game: the low one in even games, the high one in odd games."""

    name: str = "hits"

    def act(self, state, budget=None):
        here = (state.value > 500.0) == bool(state.game % 2)
        return AgentAction(self.name, 2.0 * budget.scale if budget and here else 0.0)


@pytest.mark.parametrize("refit_every", [0, 1])
def test_what_is_true_of_each_series_in_another_game_is_not_true_of_the_panel(trio, refit_every):
    # In no game is all true that is reported, and in some game each value is.
    a, b, _ = trio
    game = game_of(adversaries=(HitsOne(),), defenders=(), refit_every=refit_every)
    worlds = (a, changed(b, 0, 1000.0))
    together = game.run_groups(groups_of(*worlds, n_games=2), keep=KEEP)
    assert np.array_equal(
        together.attacks != 0.0, [[True] * 8, [False] * 8, [False] * 8, [True] * 8]
    )
    alone = game.run_groups(groups_of(*worlds, n_games=2), keep=KEEP, games_per_block=1)
    assert_same(together, alone)


def test_games_are_those_that_keep_nothing(trio, monkeypatch):
    scripts = np.zeros((6, 8))
    scripts[2, 2] = scripts[3, 2] = 2.0
    scripts[4, 4] = -1.5
    pooled = Pooled()
    game = game_of(
        forecasters=(pooled, AutoRegression(2)),
        adversaries=(ScriptedAdversary(scripts, first_t=BEGIN),),
    )
    groups = groups_of(*trio, n_games=6)
    kept = game.run_groups(groups, keep=KEEP, attribution=True)
    fits = len(pooled.calls)
    with monkeypatch.context() as patch:
        patch.setattr(trials, "lanes_with", lambda *given: (False, None))
        patch.setattr(Trials, "fitted_on", lambda *given: (None, None))
        nothing = np.zeros(0, dtype=np.intp)
        patch.setattr(Learning, "_distinct", lambda *given: (nothing, None))
        assert_same(kept, game.run_groups(groups, keep=KEEP, attribution=True))
    # One before the games, and at four refits one per panel that differs in what was reported: in
    # the second and third some games are hit. What turns out true, or is asked for once more
    # without the hit, is not fitted again.
    assert fits == 1 + 1 + 2 + 2 + 1
    assert len(pooled.calls) - fits > fits
    assert {len(windows) for windows in pooled.calls} == {3}
    assert {len({one.end_t for one in windows}) for windows in pooled.calls} == {1}


@pytest.mark.parametrize("lag", [1, 2])
def test_parts_are_the_whole(trio, lag):
    game = game_of(lag)

    def played(rounds, resume=None):
        return game.run_groups(
            groups_of(*trio, n_games=2, rounds=rounds),
            keep=(*KEEP, "continuation"),
            attribution=True,
            games_per_block=3,
            resume=resume,
        )

    whole = played(8)
    for cut in (1, 4):
        first = played(cut)
        assert_same(first.joined(played(8 - cut, first.continuation)), whole)


def test_a_game_of_one_series_is_a_panel_of_one(trio, assert_is_game):
    game = game_of()
    (group,) = groups_of(trio[0], n_games=3)
    out = game.run_groups((group,), keep=KEEP, attribution=True)
    for number in range(3):
        one = ForecastGame(game.config, seed=5, registry=game.registry, game=number)
        assert_is_game(out, number, one.run(group.initial, world=group.world))
    pooled = game.registry["pooled"]
    assert {len(windows) for windows in pooled.calls} == {1}
    assert set(game.registry.aggregator.calls) == {1}


def test_the_forecast_at_the_end_of_a_record_is_that_of_a_longer_one(trio):
    game = game_of(adversaries=())
    whole = game.run_groups(groups_of(*trio), disturbed=False)
    short = [type(one)(one.rows[: BEGIN + 6]) for one in trio]
    found = game.forecast_groups(groups_of(*short, rounds=5))
    for row, issued in enumerate(found):
        assert [one.origin for one in issued] == [BEGIN + 5] * 2
        assert issued[0].forecast.mean == whole.means[row, 5]


@given(st.integers(1, 4), st.integers(1, 7), st.integers(1, 30))
def test_blocks_hold_whole_panels_and_every_game_once(n_groups, n_games, most):
    start = ForecastState(0, 1.0, 0.0, 0.0)
    blocks = panel_slices((GameGroup(start, n_games=n_games),) * n_groups, most)
    seen = [
        (one.group, one.first + k, one.row + k)
        for block in blocks
        for one in block
        for k in range(one.count)
    ]
    wanted = [(g, j, g * n_games + j) for g in range(n_groups) for j in range(n_games)]
    assert sorted(seen) == wanted
    for block in blocks:
        assert [one.group for one in block] == list(range(n_groups))
        assert len({(one.first, one.count) for one in block}) == 1
        assert sum(one.count for one in block) <= max(most, n_groups)


# ------------------------------------------------------------------------------------ what is asked


def test_without_the_method_series_are_fitted_one_by_one_as_before(trio):
    game = game_of(forecasters=(AutoRegression(2), RandomWalk()), aggregator=PoolAggregator())
    assert game.registry.panel_agents == ()
    pooled = game_of()
    assert pooled.registry.panel_agents == ("pooled", "plain")
    # Beside an agent that sees panels, the others are fitted and asked as they were.
    beside = pooled.run_groups(groups_of(*trio, n_games=2), keep=KEEP)
    alone = game.run_groups(groups_of(*trio, n_games=2), keep=KEEP)
    for h in (1, 3):
        for name in ("deltas", "stated_scales"):
            x, y = (getattr(out.horizons[h], name) for out in (beside, alone))
            assert np.array_equal(x[..., 1:], y, equal_nan=True)


def test_series_of_different_length_before_the_games_are_one_panel(series, trio):
    game = game_of()
    short = later(trio[1], 9)
    game.run_groups(groups_of(trio[0], short))
    first, *others = game.registry["pooled"].calls
    assert [len(one) for one in first] == [BEGIN, BEGIN - 9]
    assert all(one.end_t == other.end_t for one, other in others)
    # Where fits see as little of the longer record, and steps have one scale, games are the same.
    game = game_of(train_window=BEGIN - 9, step_scale=1.0)
    pairs = (trio[0], short), (trio[0], trio[1])
    assert_same(*(game.run_groups(groups_of(*one), keep=KEEP, attribution=True) for one in pairs))
    with pytest.raises(ConfigError, match=r"as many earlier values.*group 0 they would see 30"):
        game_of(lookback=40).run_groups(groups_of(trio[0], short))


def later(world, first):
    """The record without its first rows, at the same periods."""
    return type(world)(world.rows[first:], world.withheld, world.season_length, first_t=first)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"game": 1}, ConfigError, r"group 0 has games 0 to 1, group 1 games 1 to 2"),
        ({"n_games": 3}, ConfigError, r"group 0 has games 0 to 1, group 1 games 0 to 2"),
        ({"rounds": 3}, ConfigError, r"as many rounds: group 0 has 8, group 1 3"),
        ({"begin": 31}, DataError, r"begins in period 30, group 1 in period 31"),
    ],
)
def test_games_that_are_no_panel_are_refused_before_the_first_round(trio, wrong, error, message):
    a, b, _ = trio
    options = {"n_games": 2} | wrong
    begin = options.pop("begin", BEGIN)
    groups = (*groups_of(a, n_games=2), GameGroup(b.initial_state(begin), b, **options))
    game = game_of()
    with pytest.raises(error, match=rf"pooled, plain see all series .*{message}"):
        game.run_groups(groups)
    assert game.registry["pooled"].calls == []


def test_records_of_another_calendar_are_refused(series):
    a, b = series(44, 1), series(44, 2)
    day = timedelta(days=1)
    rows = [
        replace(row, timestamp=row.timestamp + day, available_at=row.timestamp + day)
        for row in b.rows
    ]
    with pytest.raises(DataError, match=r"period 38 is 2000-02-08 in the record of group 0, and 2"):
        game_of().run_groups(groups_of(a, type(b)(tuple(rows))))
    rows = b.rows[:35] + tuple(rows[35:])
    with pytest.raises(DataError, match="period 38 is"):
        game_of().run_groups(groups_of(a, type(b)(rows)))
    with pytest.raises(DataError, match=r"period 38 is 2000-02-08 .* and 2000-02-09"):
        game_of().run_groups(groups_of(a, type(b)(b.rows[1:])))
    # What lies behind the last round is of no matter.
    game_of().run_groups(groups_of(a, type(b)(b.rows[:39] + rows[39:]), rounds=4))


def test_series_with_vintages_are_one_panel_where_they_come_out_together(trio):
    def revised(world, late):
        n = len(world.rows)
        first = [Release(t, t + late, world.rows[t].value + 0.1) for t in range(n)]
        return VintageWorld.of(
            world, [*first, *(Release(t, t + 2, world.rows[t].value) for t in range(n - 2))]
        )

    a, b, _ = trio
    game = game_of(horizon=5, adversaries=())
    worlds = [revised(a, 0), revised(b, 0)]
    before = game.run_groups(groups_of(*worlds), keep=KEEP)
    assert {len(one) for one in game.registry["pooled"].calls} == {2}
    # What B's values are revised to reaches A when it comes out, and no earlier.
    cut = BEGIN + 2
    after = game.run_groups(groups_of(worlds[0], revised(changed(b, cut), 0)), keep=KEEP)
    x, y = (out.horizons[1].deltas[0, :, 0] for out in (before, after))
    assert np.array_equal(x[:2], y[:2])
    assert (x[2:] != y[2:]).all()
    with pytest.raises(DataError, match=r"settled at the same origins: those of groups 0 and 1"):
        game.run_groups(groups_of(worlds[0], revised(b, 1)))


def test_one_series_twice_is_refused(trio):
    (group,) = groups_of(trio[0])
    with pytest.raises(ConfigError, match=r"one series twice: groups 0 and 1"):
        game_of().run_groups((group, replace(group, seed=3)))


# --------------------------------------------------------------------------------------- failures


@dataclass(frozen=True)
class Faulty(Pooled):
    """A pooled forecaster whose later fits go wrong."""

    wrong: object = None
    fits: int = 0

    def fit_panel(self, windows):
        found = [replace(one, fits=self.fits + 1) for one in super().fit_panel(windows)]
        return self.wrong(found) if self.fits >= 1 else found


def raising(error):
    def fail(found):
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [np.linalg.LinAlgError("singular"), ForecastUnavailable("too few rows")], ids=repr
)
def test_a_fit_that_fails_leaves_all_series_without_it(trio, error):
    game = game_of(forecasters=(Faulty(wrong=raising(error)), RandomWalk()))
    out = game.run_groups(groups_of(*trio), keep=KEEP)
    assert out.missing["pooled"].tolist() == [16, 16, 16]
    (reason,) = out.missing_reasons["pooled"]
    assert str(error) in reason


@dataclass(frozen=True)
class FailsOnce(Pooled):
    """Cannot be fitted at one period."""

    def fit_panel(self, windows):
        if windows[0].end_t == BEGIN + 2:
            raise np.linalg.LinAlgError("singular")
        return super().fit_panel(windows)


def test_the_next_fit_brings_the_forecasts_back(trio):
    game = game_of(forecasters=(FailsOnce(), RandomWalk()))
    out = game.run_groups(groups_of(*trio), keep=KEEP)
    assert out.missing["pooled"].tolist() == [4, 4, 4]
    known = np.isfinite(out.horizons[1].deltas[:, :, 0])
    assert known.tolist() == [[True, True, False, False, True, True, True, True]] * 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (raising(KeyError("oops")), r"'pooled' failed in fit_panel\(\): KeyError"),
        (lambda found: found[:2], r"'pooled' returned 2 agents from fit_panel\(\) for 3 series"),
        (lambda found: None, r"'pooled' returned a NoneType from fit_panel\(\)"),
        (lambda found: iter(found), r"'pooled' returned a list_iterator from fit_panel\(\)"),
        (lambda found: [*found[:2], 3.0], r"'pooled' returned a float from fit_panel\(\)"),
    ],
)
def test_a_wrong_fit_stops_with_the_name_of_the_agent(trio, wrong, message):
    game = game_of(forecasters=(Faulty(wrong=wrong), RandomWalk()))
    with pytest.raises(AgentError, match=message):
        game.run_groups(groups_of(*trio))


@dataclass(frozen=True)
class FaultyPool(SharedError):
    wrong: object = None

    def update_panel(self, pools, outcomes):
        return self.wrong(pools)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (raising(KeyError("oops")), r"'plain' failed in update_panel\(\): KeyError"),
        (lambda pools: pools[:1], r"'plain' returned 1 agents from update_panel\(\) for 3 series"),
        (lambda pools: [None] * 3, r"'plain' returned a NoneType from update_panel\(\)"),
    ],
)
def test_a_pool_that_learns_wrongly_stops_with_its_name(trio, wrong, message):
    game = game_of(aggregator=FaultyPool(wrong=wrong))
    with pytest.raises(AgentError, match=message):
        game.run_groups(groups_of(*trio))
