"""The array form of the pool of pools: a lane has the bits of a pool by itself."""

import json
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_agents import PoolGrid, PoolOfPools
from fg_agents.aggregate import lanes as lane_arrays
from fg_core import AgentAction, AgentError, DataError, ForecastState, TrainingWindow
from fg_core.batch import ActionArrays, ForecastArrays, StateArrays
from fg_core.pooling import Likelihood
from fg_core.protocols import RevealedForecast
from fg_core.testing import check_array_form

NAMES = ("a", "b", "c", "d", "e")
GROUPS = {"a": "old", "b": "old", "c": "new", "d": "new"}
HORIZONS = (1, 3)
GRIDS = {
    "small": PoolGrid((("old",), ()), (0.9, 0.97), (0.5, 1.0), alphas=(0.9, 1.0), shrinkage=0.1),
    "one pool": PoolGrid(((),), (0.95,), (1.0,), (False,), alphas=(1.0,), horizon_sharing=0.0),
    "drawn": PoolGrid(discounts=(0.9,), recalibrate=(True,), likelihood=Likelihood(), eta=50.0),
    "reversed": PoolGrid((("old",), ("new",), ()), (0.9,), recalibrate=(True, False), floor=1e-9),
}


class Lanes:
    """What forecasters say in several games, by period and horizon, and the values."""

    def __init__(self, seed, n, names=NAMES, absent=0.0, rounds=12):
        rng = np.random.default_rng(seed)
        self.names, self.n, self.rounds = names, n, rounds
        self.values = np.cumsum(rng.normal(0, 1, (rounds, n)), axis=0)
        self.panels = {}
        for t in range(rounds):
            state = StateArrays(t, self.values[t], np.zeros(n), np.zeros(n))
            for h in HORIZONS:
                said = []
                for i in range(len(names)):
                    delta = rng.normal(0, 2, n)
                    # The last of all is in every set's pool of everyone, and always there.
                    away = (rng.uniform(size=n) < absent) & (i < len(names) - 1)
                    scale = rng.uniform(0.3, 2, n)
                    scale = np.where(rng.uniform(size=n) < 0.1, np.nan, scale)
                    said.append(ActionArrays(np.where(away, np.nan, delta), scale))
                self.panels[t, h] = ForecastArrays.of(state, said)

    def actions(self, t, h, lane):
        forecast_arrays = self.panels[t, h]
        rows = zip(
            forecast_arrays.deltas[lane].tolist(),
            forecast_arrays.stated_scales[lane].tolist(),
            strict=True,
        )
        return tuple(
            None if np.isnan(d) else AgentAction(name, d, scale=None if np.isnan(s) else s)
            for name, (d, s) in zip(self.names, rows, strict=True)
        )

    def state(self, t, lane):
        return ForecastState(t, float(self.values[t, lane]), 0.0, 0.0)


def started(grid, window, names=NAMES):
    pool = PoolOfPools(grid=grid, groups=GROUPS)
    return pool.start(names, TrainingWindow(window), HORIZONS)


def alone(pool, lanes, lane, order, inflation=None):
    """Return the forecasts of one lane, played with the scalar methods, and the pool."""
    made = {}
    for t in range(lanes.rounds):
        for h in order[t]:
            if (t - h, h) in made:
                said = (lanes.state(t - h, lane), h, lanes.actions(t - h, h, lane))
                y = float(lanes.values[t, lane])
                pool = pool.update(RevealedForecast(*said, made[t - h, h], y))
        for h in HORIZONS:
            wider = () if inflation is None else tuple(inflation[t][lane].tolist())
            said = (lanes.state(t, lane), lanes.actions(t, h, lane))
            made[t, h] = pool.aggregate(*said, horizon=h, inflation=wider)
    return made, pool


def together(pool, lanes, order, inflation=None):
    """Return the forecasts of all lanes, and the pool."""
    made = {}
    for t in range(lanes.rounds):
        for h in order[t]:
            if (t - h, h) in made:
                forecast_arrays = lanes.panels[t - h, h]
                outcome = RevealedForecast(
                    forecast_arrays.state, h, forecast_arrays, made[t - h, h], lanes.values[t]
                )
                pool = pool.update_array(outcome)
        for h in HORIZONS:
            wider = None if inflation is None else inflation[t]
            made[t, h] = pool.aggregate_array(lanes.panels[t, h], horizon=h, inflation=wider)
    return made, pool


def orders(seed, rounds):
    rng = np.random.default_rng(seed)
    return [tuple(rng.permutation(HORIZONS).tolist()) for _ in range(rounds)]


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from(sorted(GRIDS)),
    st.sampled_from((0.0, 0.3)),
    st.integers(1, 4),
    st.booleans(),
)
def test_lanes_are_the_games_by_themselves(seed, grid, absent, n, inflated):
    rng = np.random.default_rng(seed)
    lanes, order = Lanes(seed, n, absent=absent), orders(seed, 12)
    inflation = rng.uniform(0, 1, (12, n, len(NAMES))) * rng.integers(0, 2, (12, n, 1))
    inflation = inflation if inflated else None
    pool = started(GRIDS[grid], rng.normal(size=8))
    many, learned = together(pool, lanes, order, inflation)
    for lane in range(n):
        made, own = alone(pool, lanes, lane, order, inflation)
        for key, forecast in made.items():
            assert many[key].each[lane] == forecast, key
        for h in HORIZONS:
            found = np.broadcast_to(learned.weights_array(h), (n, len(NAMES)))[lane]
            assert found.tolist() == list(own.weights(h).values())


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(sorted(GRIDS)), st.integers(2, 3))
def test_stacked_pools_are_the_pools_by_themselves(seed, grid, n):
    """They were started on windows of their own, and may have learned before."""
    rng = np.random.default_rng(seed)
    before, lanes, order = Lanes(seed + 1, n), Lanes(seed, n, absent=0.2), orders(seed, 12)
    own = [started(GRIDS[grid], rng.normal(size=rng.integers(1, 9))) for _ in range(n)]
    if seed % 2:
        own = [alone(pool, before, i, orders(3, 12))[1] for i, pool in enumerate(own)]
        for t in range(lanes.rounds):  # and go on where the others ended
            lanes.panels.update(
                {
                    (t + 12, h): ForecastArrays(
                        StateArrays(t + 12, lanes.values[t], np.zeros(n), np.zeros(n)),
                        lanes.panels[t, h].deltas,
                        lanes.panels[t, h].stated_scales,
                    )
                    for h in HORIZONS
                }
            )
        lanes.values = np.concatenate([lanes.values, lanes.values])
        lanes.rounds, order = 24, [*order, *order]
    many, _ = together(PoolOfPools.stack(own), lanes, order)
    for lane, pool in enumerate(own):
        for key, forecast in alone(pool, lanes, lane, order)[0].items():
            assert many[key].each[lane] == forecast, key


def test_one_memory_learns_as_many_lanes_as_there_are_targets():
    """Attacks of all kinds on one series: shared until the prints differ."""
    shared, n = Lanes(5, 1, absent=0.2), 6
    pool = together(started(GRIDS["small"], [1.0, 2.0, 4.0]), shared, orders(1, 12))[1]
    forecast_arrays = shared.panels[11, 1]
    forecast = pool.aggregate_array(forecast_arrays)
    prints = np.array([0.0, 1.0, -3.0, 40.0, -1e6, 2.0])
    learned = pool.update_array(
        RevealedForecast(forecast_arrays.state, 1, forecast_arrays, forecast, prints)
    )
    state = StateArrays(12, prints, np.zeros(n), np.zeros(n))
    rng = np.random.default_rng(0)
    said = ForecastArrays.of(state, [ActionArrays(rng.normal(size=n), 1.0) for _ in NAMES])
    for asked, known in ((learned, learned), (pool, pool)):
        found = {h: asked.aggregate_array(said, horizon=h) for h in HORIZONS}
        for i in range(n):
            alone_ = known
            if asked is learned:
                one = forecast_arrays.state.each[0], 1, shared.actions(11, 1, 0)
                alone_ = pool.update(RevealedForecast(*one, forecast.each[0], float(prints[i])))
            acts = tuple(
                AgentAction(name, float(d), scale=1.0)
                for name, d in zip(NAMES, said.deltas[i], strict=True)
            )
            for h in HORIZONS:
                one_ = alone_.aggregate(state.each[i], acts, horizon=h)
                assert found[h].each[i] == one_
    with pytest.raises(AgentError, match="holds 6 games: ask it by arrays"):
        learned.weights(1)
    assert learned.weights_array(1).shape == (n, len(NAMES))
    # What differs for one horizon is evidence about pools for the others.
    assert learned.weights_array(3).shape == (n, len(NAMES))


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_lanes_can_be_taken_and_do_not_hear_of_each_other(seed, wanted):
    whole, order = Lanes(seed, 4, absent=0.2), orders(seed, 12)
    pool = started(GRIDS["small"], [1.0, 2.0, 4.0])
    half = list(order[:6])
    first = Lanes(seed, 4, absent=0.2)
    first.rounds = 6
    made, learned = together(pool, first, half)
    rows = np.array(wanted, dtype=np.intp)
    some = learned.take(rows)
    # The rest of the game, in all lanes and in those that were taken.
    for t in range(6, 12):
        for h in order[t]:
            forecast_arrays = whole.panels[t - h, h]
            args = (forecast_arrays.state, h, forecast_arrays, made[t - h, h], whole.values[t])
            learned = learned.update_array(RevealedForecast(*args))
            few = forecast_arrays.take(rows)
            args = (few.state, h, few, made[t - h, h].take(rows), whole.values[t][rows])
            some = some.update_array(RevealedForecast(*args))
        for h in HORIZONS:
            made[t, h] = learned.aggregate_array(whole.panels[t, h], horizon=h)
            few = some.aggregate_array(whole.panels[t, h].take(rows), horizon=h)
            assert few.each == made[t, h].take(rows).each
            weights = np.broadcast_to(learned.weights_array(h), (4, len(NAMES)))
            np.testing.assert_array_equal(
                np.broadcast_to(some.weights_array(h), (rows.size, len(NAMES))), weights[rows]
            )


def test_blocks_change_no_bit(monkeypatch):
    lanes, order = Lanes(8, 7, absent=0.2), orders(2, 12)
    pool = started(GRIDS["small"], [1.0, 2.0, 4.0])
    whole, _ = together(pool, lanes, order)
    monkeypatch.setattr(lane_arrays, "_NUMBERS", 400)  # blocks of three lanes at most
    assert len(lane_arrays.blocks(7, 100)) == 2
    blocks, _ = together(started(GRIDS["small"], [1.0, 2.0, 4.0]), lanes, order)
    for key, forecast in whole.items():
        assert blocks[key].each == forecast.each


def test_pools_that_differ_are_not_stacked():
    one = started(GRIDS["small"], [1.0, 2.0, 4.0])
    assert PoolOfPools.stack([one, one]) is one
    for other in (
        started(GRIDS["drawn"], [1.0, 2.0, 4.0]),
        started(GRIDS["small"], [1.0, 2.0, 4.0], names=("a", "b", "x")),
        one.start(NAMES, TrainingWindow([1.0, 2.0]), (1, 2)),
        alone(one, Lanes(1, 1), 0, orders(1, 12))[1],
    ):
        assert PoolOfPools.stack([one, other]) is None


def test_a_pool_without_lanes_is_that_of_any_lanes():
    pool = alone(started(GRIDS["small"], [1.0, 2.0]), Lanes(1, 1), 0, orders(1, 12))[1]
    assert pool.take(np.array([3, 1, 4])) is pool


def test_lanes_are_saved_and_restored():
    lanes, order = Lanes(3, 4, absent=0.1), orders(4, 12)
    pool = started(GRIDS["small"], [1.0, 2.0, 4.0])
    _, learned = together(pool, lanes, order)
    plain = json.loads(json.dumps(learned.saved(), allow_nan=False))
    again = PoolOfPools(grid=GRIDS["small"], groups=GROUPS).restored(plain)
    assert again.saved() == learned.saved()
    forecast_arrays = lanes.panels[11, 1]
    outcome = RevealedForecast(
        forecast_arrays.state, 1, forecast_arrays, None, np.array([0.5, 1.0, 2.0, 3.0])
    )
    one, two = learned.update_array(outcome), again.update_array(outcome)
    assert one.aggregate_array(forecast_arrays).each == two.aggregate_array(forecast_arrays).each
    plain["memory"]["1"]["errors"] = {"shape": [3, 5], "values": [0.0] * 15}
    with pytest.raises(DataError, match="3 and 4 lanes"):
        PoolOfPools(grid=GRIDS["small"], groups=GROUPS).restored(plain)


def test_games_without_any_forecast_have_no_weights_and_those_outside_all_pools_are_an_error():
    pool = started(PoolGrid((("old",),), (0.9,)), [1.0, 2.0, 4.0])
    state = StateArrays(0, np.zeros(3), np.zeros(3), np.zeros(3))
    here, away = np.zeros(3), np.array([0.0, np.nan, 0.0])
    said = [ActionArrays(away, 1.0), *(ActionArrays(np.nan),) * 4]
    found = pool.aggregate_array(ForecastArrays.of(state, said))
    assert found.weights.sum(axis=1).tolist() == [1.0, 0.0, 1.0]
    assert (found.means[1].tolist(), found.scales[1].tolist()) == ([0.0] * 5, [1.0] * 5)
    outside = [ActionArrays(away, 1.0), *(ActionArrays(np.nan),) * 3, ActionArrays(here, 1.0)]
    with pytest.raises(AgentError, match="no forecaster has a forecast at t = 0, horizon 1"):
        pool.aggregate_array(ForecastArrays.of(state, outside))


def test_what_is_given_away_shares_no_memory_with_what_is_remembered():
    lanes = Lanes(2, 3)
    pool = started(GRIDS["small"], [1.0, 2.0, 4.0])
    forecast_arrays = lanes.panels[0, 1]
    first = pool.aggregate_array(forecast_arrays)
    wanted = first.each
    for array in (first.weights, first.means, first.scales):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 7.0
        memory = array
        while isinstance(memory, np.ndarray):
            memory = memory.base
        assert isinstance(memory, bytes)
    assert pool.aggregate_array(forecast_arrays).each == wanted
    scalar = pool.aggregate(lanes.state(0, 0), lanes.actions(0, 1, 0))
    assert scalar == wanted[0]
    for array in (scalar.components.weights, scalar.components.means, scalar.components.scales):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


@pytest.mark.parametrize(
    "agent",
    [
        pytest.param(PoolOfPools(), marks=pytest.mark.slow),
        PoolOfPools(
            grid=PoolGrid((("old",), ()), (0.9,)), groups={"a walk": "old", "a drift": "old"}
        ),
    ],
)
def test_the_array_form_gives_the_bits_of_the_scalar_form(agent):
    check_array_form(agent, "aggregator")


def test_a_sum_over_pools_is_that_of_plain_loops():
    """The formula of the mixture against loops over pools and forecasters."""
    lanes, order = Lanes(6, 2), orders(6, 12)
    pool = started(GRIDS["reversed"], [1.0, 2.0, 4.0])
    _, learned = together(pool, lanes, order)
    forecast_arrays = lanes.panels[11, 3]
    pooled = learned._now.pooled_array(3, forecast_arrays)
    weighing = pooled.weighing
    weights, means, scales = pooled.mixture
    for lane in range(2):
        v, w = weighing.pools[lane], weighing.forecasters[lane]
        g, m = weighing.spread[lane], pooled.means[lane]
        for i in range(len(NAMES)):
            parts = []
            for s, d, t, r in np.ndindex(v.shape):
                centre = sum(w[s, d, t, j] * m[j] for j in range(len(NAMES)))
                draw = g[s, d, t] if learned.grid.recalibrate[r] else 1.0
                own = v[s, d, t, r] * w[s, d, t, i]
                spread = draw * pooled.scales[lane, d, i]
                parts.append((own, centre + draw * (m[i] - centre), spread))
            total = reduce(lambda a, b: a + b[0], parts, 0.0)
            mean = sum(p[0] * p[1] for p in parts) / total
            variance = sum(p[0] * (p[2] ** 2 + (p[1] - mean) ** 2) for p in parts) / total
            assert weights[lane, i] == pytest.approx(total, rel=1e-12)
            assert means[lane, i] == pytest.approx(mean, abs=1e-12)
            assert scales[lane, i] == pytest.approx(np.sqrt(variance), rel=1e-12)
