"""What is kept between fits: a period counts once, and a gap brings nothing new."""

import pytest

from fg_agents.linear.memory import ContextMemory, LevelMemory
from fg_core import AgentError, ForecastState, ForecastUnavailable


def state(t, value=1.0, history=(), segments=None, **context):
    return ForecastState(
        t, value, 0.0, 0.0, "", segments or {}, context, history=tuple(map(float, history))
    )


KNOWN = ContextMemory(("a", "b"), 10, ((1.0, 10.0), (2.0, 20.0), (3.0, 30.0)), 2)


def test_the_state_has_its_own_row_and_the_memory_those_before():
    assert KNOWN.others(state(11, a=4.0, b=40.0), 2) == [(4.0, 40.0), (3.0, 30.0)]
    # It may have seen the period already, with another print.
    assert KNOWN.others(state(10, a=9.0, b=90.0), 2) == [(9.0, 90.0), (2.0, 20.0)]
    assert KNOWN.others(state(11, a=4.0, b=40.0), 1) == [(4.0, 40.0)]


def test_what_was_published_stays_published():
    assert KNOWN.others(state(11, a=4.0), 2)[0] == (4.0, 30.0)
    assert KNOWN.extended(state(11, a=4.0)).rows[-1] == (4.0, 30.0)
    assert KNOWN.extended(state(11)).rows[-1] == (3.0, 30.0)


def test_a_period_that_was_not_shown_brings_nothing_new():
    assert KNOWN.others(state(12, a=5.0, b=50.0), 2) == [(5.0, 50.0), (3.0, 30.0)]
    later = KNOWN.extended(state(13, a=5.0, b=50.0))
    assert later.end_t == 13
    assert later.rows[-3:] == ((3.0, 30.0), (3.0, 30.0), (5.0, 50.0))


def test_too_far_away():
    for far in (14, 8):
        with pytest.raises(ForecastUnavailable, match="contexts are known of periods 8 to 10"):
            KNOWN.others(state(far, a=1.0), 2)
    anew = KNOWN.extended(state(40, a=1.0, b=2.0))
    assert (anew.end_t, anew.rows) == (40, ((1.0, 2.0),))
    with pytest.raises(ForecastUnavailable):
        anew.others(state(41, a=1.0), 3)


def test_a_state_without_the_columns():
    with pytest.raises(ForecastUnavailable, match="period 11 shows none of the columns a, b"):
        KNOWN.others(state(11, c=1.0), 2)


def test_a_period_shown_again_replaces_what_was_known_of_it():
    again = KNOWN.extended(state(10, a=7.0, b=70.0))
    assert again.rows == (*KNOWN.rows[:-1], (7.0, 70.0))
    assert KNOWN.extended(state(7, a=7.0)) is KNOWN


def test_a_new_window_keeps_later_periods():
    fresh = ContextMemory(("a", "b"), 8, ((0.0, 0.0), (5.0, 5.0)), 2)
    merged = KNOWN.refitted(fresh)
    assert (merged.end_t, merged.rows) == (10, (*fresh.rows, *KNOWN.rows[1:]))
    assert KNOWN.refitted(ContextMemory(("a",), 8, ((0.0,),), 2)).names == ("a",)
    newer = ContextMemory(("a", "b"), 11, ((0.0, 0.0),), 2)
    assert KNOWN.refitted(newer) is newer


def test_only_the_latest_rows_are_kept():
    memory = KNOWN
    for t in range(11, 60):
        memory = memory.extended(state(t, a=float(t), b=0.0))
    assert len(memory.rows) == 10
    assert memory.rows[-1] == (59.0, 0.0)


def test_segments_add_up_to_the_value():
    memory = ContextMemory(("a", "segments.x"), 3, ((1.0, 2.0), (1.0, 3.0)), 2)
    shown = state(4, 8.0, segments={"x": 1.0, "y": 3.0}, a=5.0)
    assert memory.others(shown, 2) == [(5.0, 2.0), (1.0, 3.0)]
    for lacking in (state(4, 8.0, a=5.0), state(4, 8.0, segments={"y": 8.0}, a=5.0)):
        with pytest.raises(ForecastUnavailable, match="or lacks segments"):
            memory.others(lacking, 2)


def test_a_level_follows_the_values():
    memory = LevelMemory(0.25, 5, (4.0, 8.0))
    assert memory.others(state(6, 0.0), 1) == [(8.0,)]
    assert memory.others(state(5, 0.0), 1) == [(4.0,)]
    assert memory.others(state(8, 0.0, history=[1.0, 12.0, 9.0]), 1) == [(9.0,)]
    extended = memory.extended(state(6, 12.0))
    assert (extended.end_t, extended.levels[-1]) == (6, 9.0)
    assert extended.extended(state(6, 4.0)).levels == (4.0, 8.0, 7.0)
    skipped = memory.extended(state(7, 13.0, history=[12.0]))
    assert (skipped.end_t, skipped.levels) == (7, (9.0, 10.0))


def test_a_level_that_cannot_be_known():
    memory = LevelMemory(0.25, 5, (4.0, 8.0))
    with pytest.raises(AgentError, match="set lookback to 2 or more"):
        memory.others(state(8, 0.0, history=[1.0]), 1)
    with pytest.raises(ForecastUnavailable, match="levels are known from period 4 on"):
        memory.others(state(4, 0.0), 1)


def test_a_new_window_keeps_later_levels():
    memory = LevelMemory(0.25, 5, (4.0, 8.0))
    assert memory.refitted(LevelMemory(0.25, 4, (1.0,))).levels == (1.0, 8.0)
    fresh = LevelMemory(0.25, 5, (1.0,))
    assert memory.refitted(fresh) is fresh
