"""Tables and notes as text, for a terminal or a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .formatting import NO_MARK
from .glossary import glossary_notes
from .plain_tables import plain_lines

__all__ = ["PAGE", "Look", "Part", "drawn", "explained"]


@dataclass(frozen=True)
class Look:
    """How a page of tables and notes looks.

    Args:
        width: characters in a line.
        color: whether to mark with colours (ANSI codes) too.
        ascii_only: whether to leave out all but ASCII characters.
    """

    width: int = 80
    color: bool = False
    ascii_only: bool = False

    @property
    def lines(self) -> box.Box:
        """Line style of its tables, for `rich`."""
        return box.ASCII_DOUBLE_HEAD if self.ascii_only else box.SIMPLE_HEAD


PAGE = Look()
"""Look of a page unless told otherwise."""


@dataclass(frozen=True)
class Part:
    """A table with its title, and notes below it.

    Args:
        title: title of the table.
        table: the table; None: there are only notes.
        notes: notes of the series, one paragraph each.
    """

    title: str = ""
    table: Table | None = None
    notes: Sequence[str] = ()


def drawn(parts: Sequence[Part], look: Look) -> str:
    """Return tables and notes as text.

    Args:
        parts: tables and notes, in order.
        look: how the page looks.

    Returns:
        Lines without white space at their ends, each with a line break.
    """
    out = StringIO()
    console = Console(
        file=out,
        width=look.width,
        color_system="standard" if look.color else None,
        force_terminal=look.color,
        no_color=not look.color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    for part in parts:
        if part.table is not None:
            # rich would break a title of its own at the width of the table.
            console.print(Text(part.title, style="bold"))
            lines = None if look.color else plain_lines(part.table, look.width)
            if lines is None:
                console.print(part.table)
            else:
                out.write("\n".join([*lines, ""]))
        for note in part.notes:
            # A hanging indent, so that notes of several lines stay apart.
            grid = Table.grid(padding=(0, 1, 0, 0))
            grid.add_row("-", Text(note))
            console.print(grid)
    text = out.getvalue().replace(NO_MARK, " ")
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    return text.encode("ascii", "replace").decode() if look.ascii_only else text


def explained(parts: Sequence[Part], look: Look) -> str:
    """Return tables and notes as text, with a last note on the words that they use.

    Args:
        parts: tables and notes, in order.
        look: how the page looks.

    Returns:
        Lines as `drawn` returns them.
    """
    text = drawn(parts, look)
    words = Part(notes=glossary_notes(text))
    return text + (drawn([words], replace(look, color=False)) if words.notes else "")
