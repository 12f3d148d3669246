"""Fan charts, as matplotlib has drawn them."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from fg_core import ConfigError, DataError
from fg_core.plotting import fan_chart

DAYS = [datetime(2024, month, 1, tzinfo=UTC) for month in range(1, 7)]
BANDS = {0.5: [[1.0, 3.0], [0.5, 4.0]], 0.9: [[0.0, 5.0], [-2.0, 7.0]]}


def chart(**settings):
    return fan_chart(DAYS[:4], [1.0, 2.0, 1.5, 2.5], DAYS[4:], [2.0, 2.2], BANDS, **settings)


def test_the_fan_has_the_numbers_it_was_given():
    figure = chart(title="sales", unit="pieces")
    (axes,) = figure.axes
    history, median = axes.lines
    assert history.get_ydata().tolist() == [1.0, 2.0, 1.5, 2.5]
    assert median.get_ydata().tolist() == [2.5, 2.0, 2.2]
    for band, level in zip(axes.collections, (0.9, 0.5), strict=True):
        y = band.get_paths()[0].vertices[:, 1]
        assert {*np.ravel(BANDS[level])} <= {*y.tolist()}
        assert band.get_label() == f"{100 * level:g} % interval"
    assert axes.get_title(loc="left") == "sales"
    assert axes.get_ylabel() == "pieces"


@pytest.mark.parametrize(("kind", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_figures_are_written_without_a_display(kind, magic):
    buffer = io.BytesIO()
    chart().savefig(buffer, format=kind)
    assert buffer.getvalue().startswith(magic)


def test_matplotlib_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"fg-core\[plot\]"):
        chart()


@pytest.mark.parametrize(
    ("values", "medians", "message"),
    [([1.0], [2.0], "4 times need as many values"), ([1.0] * 4, [2.0], "and 2 forecasts")],
)
def test_lengths_must_fit(values, medians, message):
    with pytest.raises(DataError, match=message):
        fan_chart(DAYS[:4], values, DAYS[4:], medians, BANDS)


def test_a_chart_of_nothing_is_refused():
    with pytest.raises(DataError, match="at least one value"):
        fan_chart([], [], DAYS[4:], [1.0, 2.0], {})
