"""Some lanes of arrays of games: each is what it was among all."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core import AgentAction, DataError, PoolAggregator, TrainingWindow
from fg_core.batch import ActionArrays, ForecastArrays, MixtureArrays, StateArrays
from fg_core.batch.calibration import QuantileCalibration
from fg_core.batch.states import known_ahead_of
from fg_core.components import Components
from fg_core.distributions import Mass, QuantileGrid, StatedDistribution, pack
from fg_core.forecast import ProbabilisticForecast

N = 5
LANES = st.lists(st.integers(0, N - 1), max_size=8).map(lambda rows: np.array(rows, dtype=np.intp))


def states(seed, displaced=True):
    rng = np.random.default_rng(seed)
    return StateArrays(
        7,
        rng.normal(size=N),
        rng.normal(size=N),
        np.zeros(N),
        macro_context={"rate": 0.2},
        history=tuple(rng.normal(size=(3, N))),
        n_unrevealed=1,
        displacement=rng.normal(size=N) if displaced else None,
        known_ahead=known_ahead_of(
            [
                tuple({"sale": float(number)} for number in rng.normal(size=rng.integers(0, 3)))
                for _ in range(N)
            ]
        ),
    )


def forecast_arrays(seed):
    rng = np.random.default_rng(seed + 1)
    absent = np.where(rng.uniform(size=N) < 0.4, np.nan, 1.0)
    return ForecastArrays.of(
        states(seed),
        (
            ActionArrays(rng.normal(size=N), rng.uniform(0.5, 1, N)),
            ActionArrays(absent, reason=[f"why {i}" for i in range(N)]),
            ActionArrays(absent, 2.0, reason="one reason"),
        ),
    )


def mixtures(seed, absent):
    rng = np.random.default_rng(seed + 2)
    present = rng.uniform(size=(N, 3)) < 0.7 if absent else np.ones((N, 3), dtype=np.bool_)
    present[:, 0] = True
    weights = np.where(present, rng.uniform(0.1, 1, (N, 3)), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    means = np.where(present, rng.normal(size=(N, 3)), 0.0)
    scales = np.where(present, rng.uniform(0.5, 2, (N, 3)), 1.0)
    return MixtureArrays(weights, means, scales, ("a", "b", "c"), present if absent else None)


def stating(seed):
    """Return what is said where one forecaster states grids in some games, and one is absent."""
    rng = np.random.default_rng(seed + 3)
    state = states(seed)
    rows = []
    for value in state.value:
        n = int(rng.integers(2, 5))
        levels = np.sort(rng.choice(np.arange(1, 10) / 10.0, n, replace=False))
        quantiles = np.sort(value + rng.normal(size=n))
        masses = (Mass(0.0, 0.25),) if rng.uniform() < 0.5 else ()
        grid = QuantileGrid(tuple(levels.tolist()), tuple(quantiles.tolist()))
        rows.append(StatedDistribution(grid, masses) if rng.uniform() < 0.7 else None)
    whole = [AgentAction("s", 0.1, scale=1.0)] * N
    for i, row in enumerate(rows):
        if row is not None:
            whole[i] = AgentAction.stating("s", float(state.value[i]), row)
    said = ActionArrays(
        np.array([one.delta for one in whole]),
        np.array([one.scale for one in whole]),
        "",
        pack(rows),
    )
    absent = np.where(rng.uniform(size=N) < 0.4, np.nan, 1.0)
    others = ActionArrays(rng.normal(size=N), 1.0), ActionArrays(absent, 2.0, "not now")
    return whole, ForecastArrays.of(state, (said, *others))


def pooled(forecast_arrays):
    pool = PoolAggregator().start(("s", "n", "a"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    return pool, pool.aggregate_array(forecast_arrays, inflation=np.full((N, 3), 0.3))


@given(LANES, st.integers(0, 20), st.booleans())
def test_states(lanes, seed, displaced):
    whole = states(seed, displaced)
    assert whole.take(lanes).each == tuple(whole.each[i] for i in lanes)


def test_what_is_known_ahead_is_nan_where_a_game_does_not_know_it():
    rows = (({"a": 1.0}, {"b": 2.0}), ({}, {"a": 3.0}), ())
    first, second = known_ahead_of(rows)
    assert (list(first), list(second)) == (["a"], ["b", "a"])
    assert np.array_equal(first["a"], [1.0, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(second["b"], [2.0, np.nan, np.nan], equal_nan=True)
    assert known_ahead_of((rows[0],) * 3) is rows[0]


@given(LANES, st.integers(0, 20))
def test_panels(lanes, seed):
    whole = forecast_arrays(seed)
    assert whole.present.any()  # computed before: the lanes must not be those of all games
    some = whole.take(lanes)
    assert some.state.each == tuple(whole.state.each[i] for i in lanes)
    for name in ("deltas", "stated_scales", "means", "present"):
        np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[lanes])
    for forecaster in range(3):
        for reason, games in some.why_absent(forecaster).items():
            expected = whole.why_absent(forecaster).get(reason, np.zeros(N, dtype=np.bool_))
            np.testing.assert_array_equal(games, expected[lanes])


@given(LANES, st.integers(0, 20), st.booleans())
def test_mixtures(lanes, seed, absent):
    whole = mixtures(seed, absent)
    assert whole.mean.shape == (N,)
    some = whole.take(lanes)
    assert some.each == tuple(whole.each[i] for i in lanes)
    np.testing.assert_array_equal(some.variance, whole.variance[lanes])


@pytest.mark.parametrize("made", [states(0), forecast_arrays(0), mixtures(0, absent=True)])
def test_all_lanes_are_the_whole(made):
    some = made.take(np.arange(N))
    for item in fields(made):
        mine, theirs = getattr(some, item.name), getattr(made, item.name)
        if isinstance(theirs, np.ndarray):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    "labels",
    [
        (("c",), ("a", "b", "c")),
        (("a", "c"), ("a", "b"), ("b", "c")),
        (("b",), ("a",), ("a", "b", "c", "d"), ("c", "d", "e")),
        (("a", "b"), ("b", "a")),  # no common order: columns have no names
    ],
    ids=str,
)
def test_forecasts_with_other_components_keep_their_sums_to_the_last_bit(labels):
    rng = np.random.default_rng(1)
    each = []
    for names in labels:
        weights = rng.random(len(names))
        means, scales = rng.normal(size=(2, len(names)))
        parts = Components(weights / weights.sum(), means, np.abs(scales), names)
        each.append(ProbabilisticForecast.from_components(parts))
    together = MixtureArrays.of(each)
    assert together.mean.tolist() == [one.mean for one in each]
    assert together.variance.tolist() == [one.variance for one in each]
    assert (together.labels == ("component 0", "component 1")) is (labels[1] == ("b", "a"))


@settings(max_examples=settings.default.max_examples // 2)
@given(LANES, st.integers(0, 20))
def test_what_is_stated_goes_with_its_lane(lanes, seed):
    said, whole = stating(seed)
    some = whole.take(lanes)
    for row, i in zip(some.actions, lanes.tolist(), strict=True):
        assert (row[0].shape is None) == (said[i].shape is None)
        if row[0].shape is not None:
            assert row[0].shape.arrays == said[i].shape.arrays
        assert (row[2] is None) == np.isnan(whole.deltas[i, 2])
    pool, forecasts = pooled(whole)
    taken = forecasts.take(lanes)
    y = np.linspace(-1.0, 1.0, N)
    assert taken.each == tuple(forecasts.each[i] for i in lanes)
    for i, state in enumerate(whole.state.each):
        acted = [None if a is None else a for a in whole.actions[i]]
        alone = pool.aggregate(state, acted, inflation=[0.3] * 3)
        assert forecasts.each[i] == alone
        assert forecasts.crps(y)[i] == MixtureArrays.of((alone,)).crps(y[i : i + 1])[0]
        assert forecasts.quantile([0.9, 0.2])[i].tolist() == alone.quantile([0.9, 0.2]).tolist()
        assert forecasts.cdf(y)[i] == alone.cdf(float(y[i]))


@settings(max_examples=settings.default.max_examples // 2)
@given(st.integers(0, 20), st.floats(-2.0, 2.0))
def test_single_forecasts_become_arrays_and_are_themselves_again(seed, bias):
    _, forecasts = pooled(stating(seed)[1])
    whole = MixtureArrays.of(forecasts.each)
    again = MixtureArrays(
        whole.weights, whole.means, whole.scales, whole.labels, whole.present, shapes=whole.shapes
    )
    assert again.each == forecasts.each
    moved = forecasts.shifted(np.full(N, bias))
    for i, one in enumerate(forecasts.each):
        alone = MixtureArrays.of((one,)).shifted(bias)
        # Not `==`: a shift of 0.0 leaves a single forecast as it is.
        assert moved.mean[i] == pytest.approx(float(alone.mean[0]), abs=1e-14)
        assert moved.mean[i] == pytest.approx(one.mean + bias, abs=1e-12)
        assert moved.take(np.array([i])).pit(np.zeros(1)) == alone.pit(np.zeros(1))


class Halved:
    """Reads quantiles off at half the level."""

    def levels(self, levels, parameters):
        return levels * parameters[..., :1]

    def forecast(self, made, plain, parameters):
        return made


def test_adapted_quantiles_are_read_off_what_was_stated():
    _, plain = pooled(stating(4)[1])
    assert plain.shapes is not None
    rates = np.linspace(0.5, 0.9, N)[:, np.newaxis]
    parts = plain.weights, plain.means, plain.scales, plain.labels, plain.present
    adapted = MixtureArrays(*parts, QuantileCalibration(Halved(), rates), plain.shapes)
    for i, rate in enumerate(rates[:, 0].tolist()):
        wanted = plain.each[i].quantile([0.8 * rate, 0.4 * rate]).tolist()
        assert adapted.quantile([0.8, 0.4])[i].tolist() == wanted


def test_one_forecast_for_all_answers_for_many_values():
    _, whole = pooled(stating(4)[1])
    stated = int(np.flatnonzero(whole.shapes.stated[:, 0])[0])
    one, values = whole.take(np.array([stated])), np.array([-0.5, 0.0, 0.4])
    several = whole.take(np.full(3, stated))
    for name in ("cdf", "pit", "probability_below"):
        assert getattr(one, name)(values).tolist() == getattr(several, name)(values).tolist()
    with pytest.raises(DataError, match="uniform must be between 0 and 1"):
        one.pit(values, 1.5)
