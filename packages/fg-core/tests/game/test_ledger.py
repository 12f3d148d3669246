"""What may be shown of many games: revealed values, reported ones, and nothing that is hidden."""

import numpy as np
import pytest

from fg_core import DataError, ForecastState, TrainingWindow
from fg_core.game.history import GameHistory, PathPast
from fg_core.game.ledger import Ledger
from fg_core.game.world_batch import states_of

PATHS = np.array([0, 0, 1])


def first(value, name, secret):
    segments = {"x": 1.0, "y": value - 1.0}
    return ForecastState(3, value, 0.7, 0.3, name, segments, {"a": value, "secret": secret})


def past(values, name):
    training = TrainingWindow(
        np.array(values),
        2,
        contexts=[{"a": 1.0, "secret": 9.0}] * 3,
        segments=[{"x": 1.0, "y": 2.0}] * 3,
    )
    return PathPast.of(training, frozenset({"secret"}), name)


def ledger(lookback=3, observe_exogenous=False):
    """Two games on the path "s", one on "r"."""
    pasts = (past([1.0, 2.0, 3.0], "s"), past([10.0, 20.0, 30.0], "r"))
    initial = states_of([first(4.0, "s", 4.0), first(40.0, "r", 5.0)])
    history = GameHistory.until(pasts, initial, 3, 3)
    history = type(history)(
        **{**vars(history), "reported": tuple(one[PATHS] for one in history.values)}
    )
    return Ledger(
        history,
        PATHS,
        games=np.array([7, 8, 9]),
        lookback=lookback,
        observe_exogenous=observe_exogenous,
    )


def lists(arrays):
    return [one.tolist() for one in arrays]


def test_confirmed_states_hold_true_values_per_path_and_masked_fields():
    state = ledger().confirmed(3)
    assert (state.t, state.value.tolist(), state.n_unrevealed) == (3, [4.0, 40.0], 0)
    assert lists(state.history) == [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]
    assert not state.exogenous.any()
    assert not state.hidden_shift.any()
    each = state.each
    assert [one.segment_id for one in each] == ["s", "r"]
    assert [dict(one.macro_context) for one in each] == [{"a": 4.0}, {"a": 40.0}]
    assert [sum(one.segment_values.values()) for one in each] == [4.0, 40.0]
    # What games share has the number of the first of them.
    assert [one.game for one in each] == [7, 9]
    assert ledger(observe_exogenous=True).confirmed(3).exogenous.tolist() == [0.7, 0.7]


def test_history_is_cut_to_the_lookback():
    assert lists(ledger(lookback=2).confirmed(3).history) == [[2.0, 20.0], [3.0, 30.0]]
    with_less = ledger(lookback=1).observed(3, np.ones(3), revealed=2)
    assert lists(with_less.history) == [[3.0, 3.0, 30.0]]


def test_observations_show_what_was_reported_where_nothing_is_revealed():
    book = ledger()
    book.publish(3, np.array([4.5, 4.0, 44.0]))
    seen = book.observed(3, np.array([4.5, 4.0, 44.0]), revealed=2)
    assert (seen.value.tolist(), seen.n_unrevealed) == ([4.5, 4.0, 44.0], 0)
    assert [one.game for one in seen.each] == [7, 8, 9]
    assert [sum(one.segment_values.values()) for one in seen.each] == pytest.approx(seen.value)
    after = states_of([replaced(5.0, "s"), replaced(50.0, "r")])
    book.enter(after)
    value = np.array([5.0, 5.5, 55.0])
    unrevealed = book.observed(4, value, revealed=2)
    assert unrevealed.n_unrevealed == 1
    assert unrevealed.history[-1].tolist() == [4.5, 4.0, 44.0]
    revealed = book.observed(4, value, revealed=3)
    assert revealed.n_unrevealed == 0
    assert revealed.history[-1].tolist() == [4.0, 4.0, 40.0]
    some = book.observed(4, value[[2, 0]], revealed=2, lanes=np.array([2, 0]))
    assert [one.game for one in some.each] == [9, 7]
    assert lists(some.history) == [one[[2, 0]].tolist() for one in unrevealed.history]
    assert [one.segment_id for one in some.each] == ["r", "s"]


def test_observations_of_one_period_see_what_was_recorded_between_them():
    book, value = ledger(), np.array([5.0, 5.5, 55.0])
    book.publish(3, np.array([4.0, 4.0, 40.0]))
    book.enter(states_of([replaced(5.0, "s"), replaced(50.0, "r")]))
    before = book.observed(4, value, revealed=2)
    again = book.observed(4, value + 1.0, revealed=2)
    assert again.value.tolist() == [6.0, 6.5, 56.0]
    assert [sum(one.segment_values.values()) for one in again.each] == pytest.approx(again.value)
    assert before.value.tolist() == value.tolist()
    book.publish(3, np.array([4.5, 4.0, 44.0]))
    after = book.observed(4, value, revealed=2)
    assert before.history[-1].tolist() == [4.0, 4.0, 40.0]
    assert after.history[-1].tolist() == [4.5, 4.0, 44.0]
    true = [dict(one.macro_context) for one in after.each]
    hit = tuple({"a": 0.5} for _ in range(3))
    other = book.reporting(4, hit).observed(4, value, revealed=2)
    assert [one.macro_context for one in other.each] == list(hit)
    assert [dict(one.macro_context) for one in book.observed(4, value, revealed=2).each] == true
    book.publish_contexts(4, hit, 3)
    hit_now = book.observed(4, value, revealed=2).each
    assert [one.macro_context for one in hit_now] == list(hit)


def replaced(value, name):
    state = first(value, name, 1.0)
    return type(state)(**{**vars(state), "t": 4})


def test_true_values_by_path_and_by_game():
    book = ledger()
    assert book.known(3).tolist() == [4.0, 40.0]
    assert book.game_value(3).tolist() == [4.0, 4.0, 40.0]
    assert lists(book.true_history(3)) == [[1.0, 1.0, 10.0], [2.0, 2.0, 20.0], [3.0, 3.0, 30.0]]


def test_windows_hold_true_values_up_to_the_last_reveal_and_reported_ones_after_it():
    book = ledger()
    value = np.array([4.5, 4.0, 44.0])
    book.publish(3, value)
    shown = book.windows(3, revealed=2, value=value, n=None, gap=0)
    assert [one.values.tolist() for one in shown] == [
        [1.0, 2.0, 3.0, 4.5],
        [1.0, 2.0, 3.0, 4.0],
        [10.0, 20.0, 30.0, 44.0],
    ]
    assert shown[0].contexts == ({"a": 1.0},) * 3 + ({"a": 4.0},)
    assert sum(shown[0].segments[3].values()) == pytest.approx(4.5)
    true = book.windows(3, revealed=3, n=None, gap=0)
    assert [one.values[-1] for one in true] == [4.0, 40.0]
    cut = book.windows(3, revealed=3, n=2, gap=1)
    assert [one.values.tolist() for one in cut] == [[2.0, 3.0], [20.0, 30.0]]
    assert {one.end_t for one in cut} == {2}
    with pytest.raises(DataError, match="leaves nothing"):
        book.windows(3, revealed=3, n=None, gap=4)


def test_games_that_saw_the_same_share_a_window_and_a_true_report_gives_the_very_same():
    book = ledger()
    same = np.array([4.0, 4.0, 40.0])
    book.publish(3, same)
    shown = book.windows(3, revealed=2, value=same, n=None, gap=0)
    assert shown[0] is shown[1]
    assert shown[0] is not shown[2]
    true = book.windows(3, revealed=3, n=None, gap=0)
    assert [shown[0], shown[2]] == true
    other = book.windows(3, revealed=2, value=same + 0.5, n=None, gap=0)
    assert other[0] != true[0]


def test_what_lies_too_far_back_is_left_behind():
    history = ledger().history
    assert history.since(2).first_t == 2
    assert lists(history.since(2).values) == [[3.0, 30.0], [4.0, 40.0]]
    assert history.since(-5).first_t == 0
