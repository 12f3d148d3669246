"""Some lanes of arrays of games: each is what it was among all."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.batch import ActionArrays, MixtureArrays, Panel, StateArrays
from fg_core.forecast import Components, ProbabilisticForecast

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
    )


def panel(seed):
    rng = np.random.default_rng(seed + 1)
    absent = np.where(rng.uniform(size=N) < 0.4, np.nan, 1.0)
    return Panel.of(
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


@given(LANES, st.integers(0, 20), st.booleans())
def test_states(lanes, seed, displaced):
    whole = states(seed, displaced)
    assert whole.take(lanes).each == tuple(whole.each[i] for i in lanes)


@given(LANES, st.integers(0, 20))
def test_panels(lanes, seed):
    whole = panel(seed)
    assert whole.present.any()  # computed before: the lanes must not be those of all games
    some = whole.take(lanes)
    assert some.state.each == tuple(whole.state.each[i] for i in lanes)
    for name in ("deltas", "claimed", "means", "present"):
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


@pytest.mark.parametrize("made", [states(0), panel(0), mixtures(0, absent=True)])
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
