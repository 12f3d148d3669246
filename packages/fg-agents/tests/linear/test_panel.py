"""A panel is what was known by its rows, and nothing more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_agents.linear import DataPanel, row_sizes, row_weights
from fg_core import DataError, TrainingWindow


def window(contexts, values=None, **more):
    values = np.arange(float(len(contexts))) if values is None else values
    return TrainingWindow(values, len(contexts) - 1, contexts=contexts, **more)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(-9, 9)), min_size=1))
def test_what_was_published_stays_published(contexts):
    panel = DataPanel.of(window(contexts))
    for j, name in enumerate(panel.names):
        last = np.nan
        for t, row in enumerate(contexts):
            last = row.get(name, last)
            np.testing.assert_equal(panel.values[t, 1 + j], last)
            assert panel.present[t, j] == (name in row)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(-9, 9)), min_size=2))
def test_usable_and_seen_by_a_row(contexts):
    panel = DataPanel.of(window(contexts))
    for end in range(len(contexts)):
        rows = contexts[: end + 1]
        seen = {name for row in rows for name in row}
        often = {name for name in seen if sum(name in row for row in rows) >= len(rows) / 2}
        assert set(panel.seen(end)) == seen
        assert set(panel.usable(end)) == often


def test_columns_count_from_where_all_have_begun():
    panel = DataPanel.of(window([{"a": 1.0}, {"a": 2.0}, {"a": 3.0, "b": 1.0}, {}]))
    assert panel.start((0,)) == panel.start((0, panel.column("a"))) == 0
    assert panel.start((0, panel.column("a"), panel.column("b"))) == 2


def test_the_head_is_the_panel_of_the_first_rows(quarters):
    whole = quarters(60)
    for n in (1, 30, 60):
        first = TrainingWindow(whole.values[:n], n - 1, contexts=whole.contexts[:n])
        assert DataPanel.of(whole).head(n) == DataPanel.of(first)
        assert hash(DataPanel.of(whole).head(n)) == hash(DataPanel.of(first))
    with pytest.raises(DataError, match="the first 61 rows of a panel of 60"):
        DataPanel.of(whole).head(61)


def test_persistence_is_that_of_a_window_of_these_rows(quarters):
    whole = quarters(60)
    panel = DataPanel.of(whole)
    rates = np.array([row["tbilrate"] for row in whole.contexts])
    for end in (20, 59):
        assert panel.persistence(0, end) == TrainingWindow(whole.values[: end + 1]).persistence
        column = panel.column("tbilrate")
        assert panel.persistence(column, end) == TrainingWindow(rates[: end + 1]).persistence


def test_weights_are_those_of_the_series_and_its_context(growth):
    panel = DataPanel.of(growth)
    assert any(name.startswith("segments.") for name in panel.names)
    own = panel.values[:, : 1 + sum(not name.startswith("segments.") for name in panel.names)]
    np.testing.assert_array_equal(panel.weights(2.0, 4), row_weights(row_sizes(own), 2.0, 4))
    assert panel.weights(2.0, 4).min() < 1.0
    np.testing.assert_array_equal(panel.weights(None, 4), np.ones(len(panel)))


def test_sizes_do_not_depend_on_what_was_asked_before(quarters):
    long, other = quarters(90), quarters(90, seed=8)
    apart = [DataPanel.of(one).head(n).weights(1.0, 2) for one in (long, other) for n in (50, 90)]
    mixed = {
        (name, n): DataPanel.of(one).head(n).weights(1.0, 2)
        for n in (90, 50)
        for name, one in (("other", other), ("long", long))
    }
    order = [("long", 50), ("long", 90), ("other", 50), ("other", 90)]
    for expected, key in zip(apart, order, strict=True):
        np.testing.assert_array_equal(mixed[key], expected)


def test_segments_add_up_and_move_with_the_series(growth):
    panel = DataPanel.of(growth)
    columns = [1 + i for i, name in enumerate(panel.names) if name.startswith("segments.")]
    np.testing.assert_allclose(panel.values[:, columns].sum(axis=1), panel.values[:, 0])
    shares = panel.segment_shares()
    np.testing.assert_allclose(shares[:, columns].sum(axis=1), 1.0)
    assert (shares[:, 0] == 1.0).all()
    context = [i for i in range(1, panel.values.shape[1]) if i not in columns]
    assert (shares[:, context] == 0.0).all()


def test_shares_of_segments_of_one_sign_and_of_mixed_sign():
    parts = [{"a": 1.0, "b": 3.0}, {"a": -1.0, "b": 3.0}, {"a": -1.0, "b": -3.0}]
    values = np.array([4.0, 2.0, -4.0])
    shares = DataPanel.of(TrainingWindow(values, 2, segments=parts)).segment_shares()[:, 1:]
    assert shares.tolist() == [[0.25, 0.75], [0.5, 0.5], [0.25, 0.75]]


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(DataError, match="a panel of 1 context columns has values of shape"):
        DataPanel(("a",), np.zeros((3, 1)), np.ones((3, 1), dtype=bool), 2)
    with pytest.raises(DataError, match="not finite"):
        DataPanel((), np.full((3, 1), np.nan), np.ones((3, 0), dtype=bool), 2)
