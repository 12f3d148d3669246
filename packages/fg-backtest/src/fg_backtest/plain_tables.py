"""Tables that fit on the page as lines of text, without the layout that `rich` works out for each.

`rich` measures, wraps and styles every cell on its own, which takes as long as a third of a short
backtest's rounds. Where a table fits and there is no colour, nothing of that is needed: the lines
are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

from .formatting import NO_MARK

__all__ = ["plain_lines"]


def plain_lines(table: Table, width: int) -> list[str] | None:
    """Return the lines of a table as `rich` draws it without colour, if it fits.

    Args:
        table: Table of texts, with lines around it and a header, as `drawing` makes them.
        width: Characters in a line of the page.

    Returns:
        Lines that may end with white space; None: the table is wider than the page, or has what
        only `rich` can draw (widths that are set, texts of several lines).

    >>> from rich import box
    >>> table = Table("name", "n", box=box.ASCII_DOUBLE_HEAD)
    >>> table.add_row("ar", "98")
    >>> plain_lines(table, 80)[3]
    '| ar   | 98 |'
    """
    box, columns = table.box, table.columns
    if box is None or not columns or not _is_plain(table):
        return None
    cells = [_texts(column) for column in columns]
    if not all(text is not None and _is_one_line(text) for column in cells for text in column):
        return None
    _, right, _, left = table.padding
    last = len(columns) - 1
    pads = [
        (left if i or table.pad_edge else 0, right if i < last or table.pad_edge else 0)
        for i in range(last + 1)
    ]
    widths = [
        max(
            sum(pad) + max(cell_len(text or "") for text in texts),
            0 if column.min_width is None else column.min_width + sum(pad),
            1,
        )
        for column, texts, pad in zip(columns, cells, pads, strict=True)
    ]
    if sum(widths) + last + 2 > width:
        return None
    header, *rows = zip(
        *(
            [_in_cell(text or "", column, size, pad) for text in texts]
            for column, texts, size, pad in zip(columns, cells, widths, pads, strict=True)
        ),
        strict=True,
    )
    lines = [
        box.get_top(widths),
        box.head_left + box.head_vertical.join(header) + box.head_right,
        box.get_row(widths, "head"),
    ]
    for i, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        lines.append(box.mid_left + box.mid_vertical.join(texts) + box.mid_right)
        if row.end_section and i < len(rows) - 1:
            lines.append(box.get_row(widths, "row"))
    return [*lines, box.get_bottom(widths)]


def _is_plain(table: Table) -> bool:
    """Return whether the table has nothing but a header, rows and sections."""
    more = table.title, table.caption, table.width, table.min_width
    flags = table.show_footer, table.show_lines, table.leading, table.expand, table.collapse_padding
    return (
        not any(one is not None for one in more)
        and not any(flags)
        and table.show_header
        and table.show_edge
        and all(
            column.width is column.max_width is column.ratio is None
            and column.justify in ("left", "right")
            for column in table.columns
        )
    )


def _is_one_line(text: str) -> bool:
    return text.isprintable() or text.replace(NO_MARK, "").isprintable()


def _texts(column: Column) -> Sequence[str | None]:
    """Return header and cells; None in the place of what is no text."""
    return [
        one if isinstance(one, str) else one.plain if isinstance(one, Text) else None
        for one in (column.header, *column.cells)
    ]


def _in_cell(text: str, column: Column, width: int, pad: tuple[int, int]) -> str:
    """Return a text between the spaces that make it as wide as its column."""
    left, right = pad
    if column.justify == "right":
        text = text.rstrip()
    space = " " * (width - left - right - cell_len(text))
    filled = space + text if column.justify == "right" else text + space
    return " " * left + filled + " " * right
