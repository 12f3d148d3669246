import numpy as np
import pytest

from fg_core import ForecastState, TrainingWindow
from fg_core.game.ledger import Ledger
from fg_core.game.rows import Rows


def ledger(lookback=3, **more):
    training = TrainingWindow(
        np.array([1.0, 2.0, 3.0]),
        2,
        contexts=[{"a": 1.0, "secret": 9.0}] * 3,
        segments=[{"x": 1.0, "y": 2.0}] * 3,
    )
    first = ForecastState(3, 4.0, 0.7, 0.3, "s", {"x": 1.0, "y": 3.0}, {"a": 5.0, "secret": 4.0})
    more = {"withheld": frozenset({"secret"}), "observe_exogenous": False} | more
    return Ledger(Rows.until(training, first), lookback=lookback, **more)


def test_confirmed_states_hold_true_values_and_masked_fields():
    state = ledger().confirmed(3)
    assert (state.t, state.value, state.history) == (3, 4.0, (1.0, 2.0, 3.0))
    assert (state.exogenous, state.hidden_shift, state.n_unrevealed) == (0.0, 0.0, 0)
    assert dict(state.macro_context) == {"a": 5.0}
    assert state.segment_id == "s"
    assert ledger(observe_exogenous=True).confirmed(3).exogenous == 0.7


def test_history_is_cut_to_the_lookback():
    assert ledger(lookback=2).confirmed(3).history == (2.0, 3.0)


def test_observations_show_prints_where_nothing_is_revealed():
    book = ledger()
    book.publish(3, 40.0)
    book.enter(ForecastState(4, 5.0, 0.0, 0.0, segment_values={"x": 2.0, "y": 3.0}))
    seen = book.observed(4, 50.0, revealed=2)
    assert seen.value == 50.0
    assert seen.history == (2.0, 3.0, 40.0)
    assert seen.n_unrevealed == 1
    assert sum(seen.segment_values.values()) == pytest.approx(50.0)
    assert book.observed(4, 50.0, revealed=3).history == (2.0, 3.0, 4.0)


def test_windows_hold_true_values_up_to_the_last_reveal_and_prints_after_it():
    book = ledger()
    book.publish(3, 40.0)
    assert book.window(3, revealed=2).values.tolist() == [1.0, 2.0, 3.0, 40.0]
    assert book.window(3, revealed=3).values.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert book.window(3, revealed=2, printed=7.0).values[-1] == 7.0
    assert book.window(3, revealed=2).contexts[0] == {"a": 1.0}
    assert sum(book.window(3, revealed=2).segments[3].values()) == pytest.approx(40.0)


def test_a_true_print_gives_the_very_same_window():
    book = ledger()
    assert book.window(3, revealed=2) == book.window(3, revealed=3)
    book.publish(3, 4.5)
    assert book.window(3, revealed=2) != book.window(3, revealed=3)
