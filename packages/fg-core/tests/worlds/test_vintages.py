from datetime import UTC, datetime, timedelta

import pytest

from fg_core import DataError, Observation, ReplayWorld
from fg_core.vintage import Vintage
from fg_core.worlds import Release, VintageWorld

DAYS = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(7)]
RECORD = ReplayWorld(
    tuple(
        Observation(day, 10.0 + i, {"a": float(i)}, day, "x", "test") for i, day in enumerate(DAYS)
    )
)


def releases():
    return [Release(t, t, float(t)) for t in range(7)]


def test_values_as_they_stand_at_an_origin():
    late = [Release(4, 5, 4.0) if one.period == 4 else one for one in releases()]
    world = VintageWorld.of(RECORD, [*late, Release(2, 4, 2.5), Release(2, 6, 2.9)])
    assert world.vintage(4) == Vintage(3, 3, {2: 2.5}) == world.vintages[4]
    assert world.vintage(5) == Vintage(5, 3, {4: 4.0, 5: 5.0})
    assert world.training(world.initial_state(5)).values.tolist() == [0.0, 1.0, 2.5, 3.0, 4.0]
    assert world.training(world.initial_state(6)).values.tolist() == [0.0, 1.0, 2.9, 3.0, 4.0, 5.0]
    # What had been published when nothing newer was out.
    rows = world.training(world.initial_state(6)).contexts
    assert [row["a"] for row in rows] == [0.0, 1.0, 2.0, 4.0, 4.0, 5.0]


def test_what_is_missing_has_the_value_before():
    late = [Release(3, 6, 3.0) if one.period == 3 else one for one in releases()]
    world = VintageWorld.of(RECORD, late)
    assert world.vintage(5) == Vintage(5, 2, {5: 5.0}, (3,))
    assert world.training(world.initial_state(5)).values.tolist() == [0.0, 1.0, 2.0, 2.0, 4.0]
    assert world.vintage(6) == Vintage(6, 2, {3: 3.0, 6: 6.0})


def test_a_period_is_settled_after_all_before_it():
    world = VintageWorld.of(RECORD, releases(), settled_after=3)
    assert [one.settled for one in world.vintages] == [-1, -1, -1, 0, 1, 2, 3]
    with pytest.raises(DataError, match="no value is settled"):
        world.initial_state(2)


def test_a_settled_value_may_be_doubted_for_longer():
    world = VintageWorld.of(RECORD, releases(), settled_after=1, doubted_for=3)
    assert [one.settled for one in world.vintages] == [-1, 0, 1, 2, 3, 4, 5]
    assert [one.certain for one in world.vintages] == [-1, -1, -1, 0, 1, 2, 3]
    with pytest.raises(DataError, match="certain no sooner than it is settled"):
        Vintage(5, 3, {5: 1.0}, certain=4)


def test_the_record_moves_as_a_replay_does():
    world = VintageWorld.of(RECORD, releases())
    state = world.initial_state(3)
    moved = world.advance(state, noise=0.0, disturbance=0.5, persistence=1.0)
    assert moved == RECORD.advance(state, noise=0.0, disturbance=0.5, persistence=1.0)
    assert world.rounds(state) == 3
    assert world.withheld == frozenset()


@pytest.mark.parametrize(
    ("some", "options", "message"),
    [
        ([Release(4, 3, 1.0)], {}, "cannot come out at origin 3"),
        ([Release(7, 7, 1.0)], {}, "cannot come out at origin 7"),
        ([Release(1, 1.5, 1.0)], {}, "must be whole numbers"),
        ([Release(0, 0, 1.0)], {}, "period 1 has no value at any origin"),
        ([Release(0, 0, 1.0)], {"settled_after": 0}, "settled_after must be at least 1"),
        (
            [Release(0, 0, 1.0)],
            {"settled_after": 2, "doubted_for": 1},
            "doubted_for must be at least settled_after = 2",
        ),
    ],
)
def test_releases_that_cannot_be_are_refused(some, options, message):
    with pytest.raises(DataError, match=message):
        VintageWorld.of(RECORD, some, **options)


def test_vintages_are_as_many_as_rows():
    with pytest.raises(DataError, match="needs as many vintages"):
        VintageWorld(RECORD, ())
    with pytest.raises(DataError, match="origins 0 to 6, not 7"):
        VintageWorld.of(RECORD, releases()).vintage(7)
