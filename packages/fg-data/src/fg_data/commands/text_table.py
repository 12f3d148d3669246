"""Plain tables: columns of text, two blanks apart, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["figure", "text_table"]


def figure(value: float | None, digits: int = 6) -> str:
    """Return a number as people read it; nothing for None.

    Args:
        value: Number; None: there is none.
        digits: Largest number of significant digits.

    Returns:
        Text with at most that many significant digits.

    >>> figure(28284.5), figure(0.1 + 0.2), figure(-0.0), figure(None)
    ('28284.5', '0.3', '0', '')
    """
    if value is None:
        return ""
    text = f"{value:.{digits}g}"
    if "e" in text:
        exact = f"{value:.0f}" if abs(value) >= 1.0 else text
        text = exact if len(exact) <= 15 else text
    return "0" if text == "-0" else text


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Return a table, each line ending with a newline.

    Args:
        header: Names of the columns.
        rows: Cells of each row, as many as there are columns.
        right: Numbers of the columns that are flush right.

    Returns:
        Text with one line for the header and one per row.

    >>> print(text_table(["ds", "y"], [["2024-01", "9"], ["2024-02", "10"]], right=[1]), end="")
    ds        y
    2024-01   9
    2024-02  10
    """
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    lines = []
    for row in cells:
        parts = [
            cell.rjust(widths[k]) if k in right else cell.ljust(widths[k])
            for k, cell in enumerate(row)
        ]
        lines.append("  ".join(parts).rstrip() + "\n")
    return "".join(lines)
