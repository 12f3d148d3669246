"""Lines of tables are those that `rich` draws."""

from __future__ import annotations

from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fg_backtest.drawing import Look
from fg_backtest.formatting import NO_MARK
from fg_backtest.plain_tables import plain_lines

texts = st.text(st.sampled_from(f"ab 0.-é漢{NO_MARK}"), max_size=6)
columns = st.tuples(
    texts,
    st.sampled_from(["left", "right"]),
    st.booleans(),
    st.sampled_from([None, 1, 9]),
)


@st.composite
def tables(draw: Any) -> Table:
    """Return a table such as the report has, of random texts and sections."""
    table = Table(
        box=Look(ascii_only=draw(st.booleans())).lines, header_style="bold", pad_edge=False
    )
    headings = draw(st.lists(columns, min_size=1, max_size=4))
    for i, (heading, justify, no_wrap, min_width) in enumerate(headings):
        is_inner = 0 < i < len(headings) - 1  # versions of rich differ on columns at the edge
        table.add_column(
            heading,
            justify=justify,
            no_wrap=no_wrap,
            min_width=min_width if is_inner else None,
            overflow=draw(st.sampled_from(["ellipsis", "fold"])),
        )
    for row in draw(st.lists(st.lists(texts, max_size=len(headings)), max_size=4)):
        if draw(st.booleans()):
            table.add_section()
        bold = draw(st.booleans())
        table.add_row(*(Text(one, style="bold") if bold else one for one in row), style="cyan")
    return table


def drawn_by_rich(table: Table, width: int) -> list[str]:
    """Return the lines that rich draws."""
    out = StringIO()
    Console(
        file=out, width=width, color_system=None, markup=False, emoji=False, highlight=False
    ).print(table)
    return out.getvalue().splitlines()


@given(tables(), st.integers(8, 60))
def test_lines_are_those_of_rich(table: Table, width: int) -> None:
    lines = plain_lines(table, width)
    if lines is not None:
        expected = drawn_by_rich(table, width)
        assert [line.rstrip() for line in lines] == [line.rstrip() for line in expected]


@given(tables())
def test_a_table_is_drawn_by_itself_just_where_rich_would_not_shorten_it(table: Table) -> None:
    wide = drawn_by_rich(table, 200)
    natural = max(map(len, wide))
    if any("漢" in line for line in wide):
        return  # a letter of two columns: characters are not the width
    assert plain_lines(table, natural) is not None
    assert plain_lines(table, natural - 1) is None


def test_what_only_rich_can_draw_is_left_to_it() -> None:
    many_lines = Table("a\nb", box=Look(ascii_only=True).lines)
    limited = Table(box=Look(ascii_only=True).lines)
    limited.add_column("a", max_width=3)
    centred = Table(box=Look(ascii_only=True).lines)
    centred.add_column("a", justify="center")
    nested = Table("a", box=Look(ascii_only=True).lines)
    nested.add_row(Table("b"))
    for table in (many_lines, limited, centred, nested):
        assert plain_lines(table, 80) is None
    assert plain_lines(Table("a", box=Look(ascii_only=True).lines), 80) is not None
