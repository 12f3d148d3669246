"""The report as tables for people: a table a series, a summary, and what must be known of them.

Without colour, marks alone carry the meaning, so that a table reads the same in a file.
"""

from __future__ import annotations

from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from fg_core.calendar import counted_periods, period_label

from .agents import BENCHMARK, ENSEMBLE, EQUAL_WEIGHTS
from .digest import MANY, digest_table
from .drawing import Part, box_lines, drawn
from .figures import (
    LABELS,
    count_text,
    decimals_of,
    marks_of,
    number,
    percent,
    row_name,
    scored_origins,
    skill_text,
)
from .notes import notes
from .records import Cell, Report, SeriesReport

__all__ = ["render"]

_SHOWN_BY_WINDOW = (ENSEMBLE, EQUAL_WEIGHTS, BENCHMARK)


def render(
    report: Report,
    *,
    by_window: bool = False,
    all_series: bool = False,
    width: int = 100,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the tables and notes of a report as text.

    Args:
        report: As made, or as read.
        by_window: Whether to show the windows of each series too.
        all_series: Whether to show a table for each series even if there are many; otherwise
            those that the game does best and worst on are shown, in a line each.
        width: Of a line, in characters.
        color: Whether to mark with colours (ANSI codes) too.
        ascii_only: Whether to draw lines with ASCII characters alone.
    """
    lines = box_lines(ascii_only)
    names = report.provenance.series
    is_short = len(names) > MANY and not all_series
    tables = [
        table
        for name in (() if is_short else names)
        for table in (
            _series_table(report, name, lines),
            *((_window_table(report, name, lines),) if by_window else ()),
        )
    ]
    if is_short:
        tables.append(digest_table(report, lines, by_window=by_window))
    parts = [Part(title, table) for title, table in (*tables, _summary_table(report, lines))]
    parts.append(Part(notes=notes(report)))
    return drawn(parts, width=width, color=color, ascii_only=ascii_only)


def _table(lines: box.Box) -> Table:
    return Table(box=lines, header_style="bold", pad_edge=False)


def _series_table(report: Report, name: str, lines: box.Box) -> tuple[str, Table]:
    one = report.series[name]
    table = _table(lines)
    table.add_column("contender", no_wrap=True, overflow="ellipsis")
    for heading in ("MAE", "RMSE", "CRPS", "80 % cov.", "skill vs RW", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    decimals = decimals_of(cell.contenders for cell in one.horizons.values())
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, report.provenance.frequency), style="bold"))
        marks = marks_of({key: m.crps for key, m in cell.contenders.items()}, decimals)
        for key in report.contenders:
            m = cell.contenders[key]
            table.add_row(
                row_name(key),
                number(m.mae, decimals),
                number(m.rmse, decimals),
                number(m.crps, decimals) + marks[key],
                percent(m.coverage_80),
                skill_text(m.skill),
                count_text(m),
                style=_style(key),
            )
    unit = report.provenance.units.get(name)
    title = name if unit is None else f"{name} ({unit})"
    return f"{title}: {_scored_span(report, one)}", table


def _window_table(report: Report, name: str, lines: box.Box) -> tuple[str, Table]:
    one = report.series[name]
    frequency = report.provenance.frequency
    table = _table(lines)
    table.add_column("window", no_wrap=True)
    for key in _SHOWN_BY_WINDOW:
        table.add_column(LABELS.get(key, key), justify="right", no_wrap=True, min_width=15)
    table.add_column("n", justify="right", no_wrap=True)
    decimals = decimals_of(cell.contenders for cell in one.horizons.values())
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, frequency), style="bold"))
        for window in cell.windows:
            shown = {key: window.contenders[key] for key in _SHOWN_BY_WINDOW}
            marks = marks_of({key: m.crps for key, m in shown.items()}, decimals)
            table.add_row(
                f"  {_label(window.first_period, frequency)} "
                f"to {_label(window.last_period, frequency)}",
                *(
                    f"{number(m.crps, decimals)}{marks[key]}{percent(m.coverage_80):>8}"
                    for key, m in shown.items()
                ),
                str(shown[ENSEMBLE].n),
            )
    return f"{name} by window of origins: CRPS, and coverage of the 80 % interval", table


def _summary_table(report: Report, lines: box.Box) -> tuple[str, Table]:
    summary = report.summary
    table = _table(lines)
    table.add_column("contender", no_wrap=True, overflow="ellipsis")
    for heading in ("CRPS skill vs RW", "80 % cov.", "cells"):
        table.add_column(heading, justify="right", no_wrap=True)
    marks = marks_of(
        {
            key: None if c.mean_skill is None or c.cells < summary.cells else -c.mean_skill
            for key, c in summary.contenders.items()
        },
        3,
    )
    for key in report.contenders:
        found = summary.contenders[key]
        table.add_row(
            row_name(key),
            skill_text(found.mean_skill) + marks[key],
            percent(found.mean_coverage_80),
            str(found.cells),
            style=_style(key),
        )
    title = f"mean over {summary.cells} cells (series times horizons), each with equal weight"
    return title, table


def _scored_span(report: Report, one: SeriesReport) -> str:
    """Return which origins were scored and played, in words."""
    frequency = report.provenance.frequency
    cell = next(iter(one.horizons.values()))
    played = _label(one.played_from, frequency)
    window = report.configuration.get("train_window")
    return (
        f"{scored_origins(cell)} origins {_label(cell.windows[0].first_period, frequency)} to "
        f"{_label(cell.windows[-1].last_period, frequency)}, played from {played}, "
        f"{'expanding window' if window is None else f'window of {window} rows'}"
    )


def _by_horizon(one: SeriesReport) -> list[tuple[int, Cell]]:
    return sorted((int(h), cell) for h, cell in one.horizons.items())


def _ahead(h: int, frequency: str) -> str:
    return f"{counted_periods(h, frequency)} ahead"


def _label(moment: str, frequency: str) -> str:
    return period_label(datetime.fromisoformat(moment), frequency)


def _style(key: str) -> str:
    return "cyan" if key == ENSEMBLE else ""
