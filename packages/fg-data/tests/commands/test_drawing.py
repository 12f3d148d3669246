"""Tables, lines and pictures of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.commands.picture import Line, Panel, picture
from fg_data.commands.sparkline import sparkline
from fg_data.commands.text_table import figure, text_table

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
NUMBERS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (313.548, "313.548"),
        (-0.25, "-0.25"),
        (27939.123, "27939.1"),
        (123456789.0, "123456789"),
        (1e-9, "1e-09"),
        (1e300, "1e+300"),
        (-0.0, "0"),
        (None, ""),
    ],
)
def test_numbers_are_short_and_plain(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_columns_line_up() -> None:
    text = text_table(["a", "number"], [["x", "1"], ["longer", "12345678"]], right=[1])
    assert text == "a         number\nx              1\nlonger  12345678\n"


@given(st.lists(NUMBERS, min_size=1, max_size=300), st.integers(1, 80))
def test_a_line_is_as_long_as_it_may_be_and_has_its_ends(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    if len(values) <= width and min(values) < max(values):
        assert line[values.index(min(values))] == "▁"
        assert line[values.index(max(values))] == "█"
    assert sparkline(values, width, ascii_only=True).isascii()


@given(
    st.lists(st.tuples(st.integers(1, 4000), st.none() | NUMBERS), min_size=1, max_size=60),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40),
)
def test_a_picture_is_xml_and_everything_is_inside_it(
    days: list[tuple[int, float | None]], title: str
) -> None:
    points = tuple((BEGIN + timedelta(days=day), value) for day, value in sorted(days, key=str))
    points = tuple(sorted(points, key=lambda point: point[0]))
    text = picture(
        title, [Panel(f"{title} & more", (Line("a", points), Line("b", points)))], [title]
    )
    root = ElementTree.fromstring(text)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    n_drawn = 0
    for element in root.iter():
        for pair in (element.get("points") or "").split():
            x, y = (float(part) for part in pair.split(","))
            assert 0.0 <= x <= width
            assert 0.0 <= y <= height
            n_drawn += 1
    n_values = 2 * sum(value is not None for _, value in points)
    # A point between two gaps is drawn twice, as a line of no length.
    assert n_values <= n_drawn <= 2 * n_values


def test_the_same_series_is_the_same_bytes() -> None:
    panel = Panel("x", (Line("", ((BEGIN, 1.0), (BEGIN + timedelta(days=40), 2.0))),))
    assert picture("t", [panel], ["note"]) == picture("t", [panel], ["note"])
    assert "<script" not in picture("<script>", [panel])
    assert "http" not in picture("t", [panel]).replace("http://www.w3.org/2000/svg", "")
