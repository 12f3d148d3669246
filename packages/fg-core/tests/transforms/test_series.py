"""Transforms of a series: there and back, nothing of the future, and the map at each origin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fg_core.errors import ConfigError, DataError
from fg_core.transforms import ExpMap, LogTransform, PredictiveMap, StandardisedChanges, Transform
from fg_core.window import TrainingWindow

quiet = settings(derandomize=True, database=None, deadline=None)
paths = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40)
positive = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40)
WINDOW = TrainingWindow([1.0, 3.0, 2.0, 4.0, 4.5, 3.0])


def steps(**settings):
    return StandardisedChanges(**settings).fit(WINDOW)


@pytest.mark.parametrize("transform", [LogTransform(), LogTransform(2.0), steps()], ids=repr)
def test_they_are_what_the_protocol_says(transform):
    assert isinstance(transform, Transform)
    fitted = transform.fit(WINDOW)
    assert isinstance(fitted.after(WINDOW.values), PredictiveMap)
    assert fitted.fit(WINDOW) == fitted
    assert fitted.forward([]).shape == fitted.inverse([]).shape == (0,)


@quiet
@given(positive, st.floats(0.0, 10.0))
def test_logarithms_and_back(path, offset):
    transform = LogTransform(offset)
    forward = transform.forward(path)
    assert forward == pytest.approx([math.log(value + offset) for value in path], rel=1e-12)
    back = transform.inverse(forward)
    np.testing.assert_allclose(back, path, rtol=1e-12, atol=1e-12 * (offset + 1.0))


@quiet
@given(paths, st.floats(1.0, 50.0))
def test_standardised_changes_and_back(path, half_life):
    transform = steps(half_life=half_life)
    back = transform.inverse(transform.forward(path))
    np.testing.assert_allclose(back, path, rtol=0.0, atol=1e-8 * max(1.0, np.max(np.abs(path))))


def test_standardised_changes_by_hand():
    transform = StandardisedChanges(half_life=1.0, floor=0.5, start=1.0, scale=2.0)
    path = [1.0, 3.0, 3.0, 9.0]
    # Half-life 1: half of the variance is new. 4, (4 + 4) / 2, (4 + 0) / 2, (2 + 36) / 2.
    scales = np.sqrt([4.0, 4.0, 2.0, 19.0])
    assert transform.scales(path) == pytest.approx(scales)
    expected = np.cumsum([0.0, 2.0 / scales[0], 0.0, 6.0 / scales[2]])
    assert transform.forward(path) == pytest.approx(expected)
    calm = transform.scales([1.0] * 9)
    assert calm[-1] == 1.0, "the floor is half of the scale of the training window"


def test_fit_takes_the_first_value_and_the_step_scale():
    fitted = steps()
    assert (fitted.start, fitted.scale) == (1.0, WINDOW.step_scale)
    assert fitted.forward(WINDOW.values)[0] == 0.0


@quiet
@given(st.lists(st.floats(-100.0, 100.0), min_size=3, max_size=20), st.integers(1, 19))
def test_nothing_of_the_future_is_in_a_number(path, cut):
    cut = min(cut, len(path) - 1)
    other = [*path[:cut], *(value + 7.0 for value in path[cut:])]
    for transform in (LogTransform(200.0), steps()):
        one, two = transform.forward(path)[:cut], transform.forward(other)[:cut]
        assert one.tobytes() == two.tobytes()
        assert transform.forward(path[:cut]).tobytes() == one.tobytes()


@quiet
@given(paths, st.floats(-3.0, 3.0))
def test_the_map_at_an_origin_goes_on_from_it(path, step):
    """One step on: what the map says is what the inverse of the longer path says."""
    transform = steps(half_life=5.0)
    forward = transform.forward(path)
    after = transform.after(path)
    size = 1e-9 * max(1.0, float(np.max(np.abs(path))))
    assert float(after.to_original(forward[-1])) == path[-1]
    longer = transform.inverse([*forward, forward[-1] + step])
    assert float(after.to_original(forward[-1] + step)) == pytest.approx(longer[-1], abs=10 * size)
    assert after.slope == transform.scales(path)[-1]
    assert LogTransform(3.0).after([1.0]) == ExpMap(3.0)


def test_a_growing_series_takes_steps_of_one_size():
    rng = np.random.default_rng(2)
    level = 100.0 * np.exp(np.cumsum(rng.normal(0.02, 0.02, 400)))
    forward = StandardisedChanges(half_life=20.0).fit(TrainingWindow(level[:100])).forward(level)
    early, late = np.diff(forward[40:140]), np.diff(forward[300:])
    assert np.std(np.diff(level[300:])) > 20.0 * np.std(np.diff(level[40:140]))
    assert 0.5 < np.std(late) / np.std(early) < 2.0


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: LogTransform().forward([1.0, 0.0]), "row 1 is 0 and has no logarithm"),
        (lambda: LogTransform(2.0).fit(TrainingWindow([1.0, -3.0])), "row 1 is -3"),
        (lambda: LogTransform().forward([math.nan]), "values must be finite"),
        (lambda: steps().fit(TrainingWindow([1.0] * 9)), "does not move"),
        (lambda: steps().fit(TrainingWindow([1.0, 2.0])), "does not move"),
        (lambda: steps().forward([[1.0, 2.0]]), r"shape \(time,\)"),
        (lambda: steps().inverse([math.inf]), "transformed must be finite"),
        (lambda: steps().after([]), "an empty path has none"),
    ],
)
def test_series_that_cannot_be_transformed_are_refused(action, message):
    with pytest.raises(DataError, match=message):
        action()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"half_life": 0.0}, "half_life"),
        ({"half_life": math.inf}, "half_life"),
        ({"floor": 0.0}, "floor"),
        ({"floor": 1.1}, "floor"),
        ({"scale": 0.0}, "scale"),
        ({"start": math.nan}, "start"),
    ],
)
def test_constants_out_of_range_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        StandardisedChanges(**settings)
    with pytest.raises(ConfigError, match="offset"):
        LogTransform(math.nan)
