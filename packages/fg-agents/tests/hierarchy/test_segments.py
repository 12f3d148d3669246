"""The history of segments: every period once, gaps filled, sums kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.hierarchy import SegmentHistory
from fg_core import AgentError, ForecastState, TrainingWindow
from fg_core.segments import rescale_segments

ROWS = [{"b": 2.0 + t, "a": 1.0 - t} for t in range(6)]
WINDOW = TrainingWindow([3.0] * 6, 5, segments=ROWS)


def state(t, value=3.0, history=(), **parts):
    return ForecastState(t, value, 0.0, 0.0, segment_values=parts, history=history)


def test_it_begins_with_the_window():
    known = SegmentHistory.of(WINDOW)
    assert known.names == ("a", "b")
    assert (known.start_t, known.end_t, len(known)) == (0, 5, 6)
    assert known.rows[-1] == (-4.0, 7.0)
    assert SegmentHistory.of(TrainingWindow([1.0, 2.0])) is None
    assert SegmentHistory.of(TrainingWindow([1.0, 2.0], segments=[{"a": 1.0}, {}])) is None


def test_rows_of_another_breakdown_are_left_out():
    rows = [{"a": 1.0, "b": 2.0}, {"c": 3.0}, {"a": 1.0, "b": 2.0}, {"a": 0.0, "b": 3.0}]
    known = SegmentHistory.of(TrainingWindow([3.0] * 4, 9, segments=rows))
    assert (known.start_t, known.end_t) == (8, 9)


def test_the_order_of_names_does_not_matter():
    turned = [dict(reversed(row.items())) for row in ROWS]
    assert SegmentHistory.of(replace(WINDOW, segments=turned)) == SegmentHistory.of(WINDOW)


def test_a_period_counts_once():
    confirmed = SegmentHistory.of(WINDOW)
    now = state(6, 4.0, (3.0,) * 6, a=-5.0, b=9.0)
    provisional = confirmed.extended(now)
    for known in (confirmed, provisional):
        assert known.before(now) == confirmed.rows
        east, west = known.states(now)
        assert (east.value, west.value) == (-5.0, 9.0)
        assert len(east.history) == len(west.history) == 6
    # The confirmed team is asked about another value of the same period.
    instead = replace(now, value=10.0, segment_values=rescale_segments(now.segment_values, 10.0))
    assert [part.value for part in provisional.states(instead)] == [-2.0, 12.0]
    assert provisional.states(instead) == confirmed.states(instead)


def test_an_earlier_state_sees_nothing_later():
    known = SegmentHistory.of(WINDOW)
    past = state(3, 3.0, (3.0,) * 3, a=-2.0, b=5.0)
    assert known.before(past) == known.rows[:3]
    assert known.before(state(0, a=1.0, b=2.0)) == ()
    assert known.before(state(-5, a=1.0, b=2.0)) == ()
    assert [part.history for part in known.states(state(0, a=1.0, b=2.0))] == [(), ()]


def test_missing_periods_are_filled_by_rescaling():
    known = SegmentHistory.of(WINDOW)
    late = state(8, 5.0, (3.0, 7.0, 1.0), a=0.0, b=5.0)
    # The last known segments are -4 and 7: of mixed sign, so they keep their difference.
    assert known.before(late)[-2:] == ((-2.0, 9.0), (-5.0, 6.0))
    assert known.extended(late).rows[-3:] == ((-2.0, 9.0), (-5.0, 6.0), (0.0, 5.0))
    with pytest.raises(AgentError, match="set lookback to 2 or more"):
        known.before(replace(late, history=(1.0,)))


def test_filled_periods_give_way_to_real_ones():
    late = SegmentHistory.of(WINDOW).extended(state(7, 5.0, (3.0, 1.0), a=0.0, b=5.0))
    real = late.extended(state(6, 1.0, (3.0,), a=-9.0, b=10.0))
    assert real.rows[-2:] == ((-9.0, 10.0), (0.0, 5.0))
    assert (real.end_t, len(real)) == (late.end_t, len(late))
    assert late.extended(state(-3, a=1.0, b=2.0)) == late


def test_a_gap_out_of_reach_begins_anew():
    known = SegmentHistory.of(WINDOW).extended(state(90, 3.0, (3.0,) * 4, a=1.0, b=2.0))
    assert (known.start_t, known.end_t, known.rows) == (90, 90, ((1.0, 2.0),))


@pytest.mark.parametrize("parts", [{}, {"a": 3.0}, {"a": 1.0, "c": 2.0}, {"a": 1, "b": 1, "c": 1}])
def test_other_segments_are_not_mixed_in(parts):
    known = SegmentHistory.of(WINDOW)
    assert known.extended(state(6, 3.0, (3.0,), **parts)) is known
    assert known.states(state(6, 3.0, (3.0,), **parts)) is None


def test_memory_is_bounded():
    known = SegmentHistory.of(WINDOW, lookback=4)
    assert len(known) == 6  # members are fitted on all of it
    assert known.recent().rows == known.rows[-4:]
    after = known.extended(state(6, 3.0, (3.0,), a=-5.0, b=8.0))
    assert (len(after), after.end_t) == (4, 6)


def test_a_refit_keeps_what_its_window_leaves_out():
    known = SegmentHistory.of(WINDOW)
    for t in (6, 7, 8):
        known = known.extended(state(t, 3.0, (3.0,) * 3, a=-9.0 - t, b=12.0 + t))
    # fit_gap = 2, train_window = 3: the window shows periods 4 to 6, and period 6 revised.
    rows = [*ROWS[4:6], {"a": 0.0, "b": 3.0}]
    fresh = SegmentHistory.of(TrainingWindow([3.0] * 3, 6, segments=rows))
    both = known.refitted(fresh)
    assert (both.start_t, both.end_t) == (4, 8)
    assert both.rows[2:] == ((0.0, 3.0), (-16.0, 19.0), (-17.0, 20.0))
    assert fresh.refitted(SegmentHistory.of(WINDOW)).end_t == 6
    later = SegmentHistory.of(TrainingWindow([3.0], 20, segments=[{"a": 1.0, "b": 2.0}]))
    assert both.refitted(later) == later
    assert later.refitted(fresh) == later  # it knows nothing in between: no gaps
    renamed = SegmentHistory.of(TrainingWindow([3.0], 2, segments=[{"a": 1.0, "c": 2.0}]))
    assert both.refitted(renamed) == renamed


@given(
    steps=st.lists(st.integers(1, 3), min_size=1, max_size=12),
    totals=st.lists(st.integers(-40, 40).map(float), min_size=60, max_size=60),
    seed=st.integers(0, 99),
)
def test_every_period_has_one_row_that_adds_up(steps, totals, seed):
    rng = np.random.default_rng(seed)
    rows = [{"a": float(x), "b": 1.0, "c": -2.0} for x in rng.normal(0, 5, 6)]
    known = SegmentHistory.of(TrainingWindow(totals[:6], 5, segments=rows))
    t = 5
    for step in steps:
        t += step
        parts = rescale_segments({"a": float(rng.normal()), "b": 3.0, "c": 0.5}, totals[t])
        now = state(t, totals[t], tuple(totals[:t]), **parts)
        known = known.extended(now).extended(now)
        assert known.end_t == t
        assert len(known) == t + 1
        assert np.sum(known.rows, axis=1) == pytest.approx(totals[: t + 1], abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ({"a": 1.0, "b": 3.0}, 4.0),
        ({"a": 1.0, "b": 3.0}, 9.0),
        ({"a": -1.0, "b": -3.0}, -5.0),
        ({"a": 3.0, "b": -1.0}, 10.0),  # both positive after rescaling, but not before
        ({"a": 1.0, "b": 3.0}, -2.0),
        ({"a": 0.0, "b": 3.0}, 3.0),
    ],
)
def test_shares_are_the_derivative_of_rescaling(parts, value):
    now = state(0, value, **parts)
    step = 1e-6
    up, down = (rescale_segments(parts, value + side * step) for side in (1, -1))
    for name, share in SegmentHistory.shares(now).items():
        assert share == pytest.approx((up[name] - down[name]) / (2 * step), abs=1e-6)
