"""The report as tables for people: a table a series, a summary, and what must be known of them.

Without colour, marks alone carry the meaning, so that a table reads the same in a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rich import box
from rich.table import Table
from rich.text import Text

from fg_core.calendar import counted_periods, period_label

from .agents import BENCHMARK, ENSEMBLE, EQUAL_WEIGHTS
from .checks import in_short
from .drawing import Look, Part, explained
from .formatting import (
    LABELS,
    count_text,
    decimals_of,
    marks_of,
    number,
    percent,
    row_name,
)
from .frames import cells_of
from .latest.trust_checks import report_checks
from .metric import Metric
from .metrics import METRICS, SUMMARY, columns
from .notes import notes
from .schema import Cell, Report, SeriesReport, Summary
from .summary_table import MANY, summary_tables

__all__ = ["render"]

_SHOWN_CHECKS = 8
_SUMMARY_DECIMALS = 3

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
        report: Report as it was made or read.
        by_window: Whether to show the windows of each series too.
        all_series: Whether to show a table for each series even if there are many; otherwise
            shares, quantiles, and the ten series that the game does best and worst on are
            shown.
        width: Width of a line, in characters.
        color: Whether to mark with colours (ANSI codes) too.
        ascii_only: Whether to draw lines with ASCII characters alone.

    Returns:
        Text of several lines, for a page of `width` characters.
    """
    look = Look(width, color, ascii_only)
    lines = look.lines
    names = report.provenance.series
    is_short = len(names) > MANY and not all_series
    parts = [
        Part(title, table)
        for name in (() if is_short else names)
        for title, table in (
            _series_table(report, name, lines, columns(width)),
            *((_window_table(report, name, lines),) if by_window else ()),
        )
    ]
    if is_short:
        parts += summary_tables(report, lines, by_window=by_window)
    parts += [
        Part(*_summary_table(report, lines)),
        Part(notes=(*notes(report, width), *_checks(report))),
    ]
    return explained(parts, look)


def _checks(report: Report) -> list[str]:
    """Return what the coded checks found, where there are so few series that each is shown."""
    if any(cell.origins is None for _, _, cell in cells_of(report)):
        return []  # the notes say what is left out
    if len(report.series) > MANY:
        return [f"Coded checks of more than {MANY} series: BacktestResult.checks()."]
    return in_short(report_checks(report), _SHOWN_CHECKS)


def _table(lines: box.Box) -> Table:
    return Table(box=lines, header_style="bold", pad_edge=False)


def _series_table(
    report: Report, name: str, lines: box.Box, shown: Mapping[str, Metric]
) -> tuple[str, Table]:
    one = report.series[name]
    table = _table(lines)
    table.add_column("contender", no_wrap=True, overflow="ellipsis")
    for heading in (*(metric.heading for metric in shown.values()), "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    decimals = _decimals(one)
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, _frequency(report, one)), style="bold"))
        texts = [_column(cell, name, decimals) for name in shown]
        for key in report.contenders:
            m = cell.contenders[key]
            table.add_row(
                row_name(key),
                *(column[key] for column in texts),
                count_text(m.n, m.n_density),
                style=_style(key),
            )
    unit = report.provenance.units.get(name)
    title = name if unit is None else f"{name} ({unit})"
    return f"{title}: {_scored_span(report, one)}", table


def _decimals(one: SeriesReport) -> int:
    """Return the decimals of the scores of a series: those of its smallest CRPS."""
    cells = one.horizons.values()
    return decimals_of(m.crps or m.mae for cell in cells for m in cell.contenders.values())


def _column(cell: Cell, name: str, decimals: int) -> dict[str, str]:
    """Return the texts of a metric, with its marks, by contender."""
    metric = METRICS[name]
    figures = {key: getattr(m, name) for key, m in cell.contenders.items()}
    texts = {key: metric.text(value, decimals) for key, value in figures.items()}
    if not metric.is_marked or not metric.better:
        return texts
    marks = marks_of(figures, lambda value: metric.text(value, decimals), better=metric.better)
    return {key: text + marks[key] for key, text in texts.items()}


def _window_table(report: Report, name: str, lines: box.Box) -> tuple[str, Table]:
    one = report.series[name]
    frequency = _frequency(report, one)
    table = _table(lines)
    table.add_column("window", no_wrap=True)
    for key in _SHOWN_BY_WINDOW:
        table.add_column(LABELS.get(key, key), justify="right", no_wrap=True, min_width=15)
    table.add_column("n", justify="right", no_wrap=True)
    decimals = _decimals(one)
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, frequency), style="bold"))
        for window in cell.windows:
            shown = {key: window.contenders[key] for key in _SHOWN_BY_WINDOW}
            scores = {key: m.crps for key, m in shown.items()}
            marks = marks_of(scores, lambda value: number(value, decimals))
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
    for heading in (*(column.heading for column in SUMMARY.values()), "cells"):
        table.add_column(heading, justify="right", no_wrap=True)
    texts = [_summary_column(summary, name) for name in SUMMARY]
    for key in report.contenders:
        table.add_row(
            row_name(key),
            *(column[key] for column in texts),
            str(summary.contenders[key].cells),
            style=_style(key),
        )
    title = f"mean over {summary.cells} cells (series times horizons), each with equal weight"
    return title, table


def _summary_column(summary: Summary, name: str) -> dict[str, str]:
    """Return the texts of a column of the summary, with its marks, by contender."""
    column = SUMMARY[name]
    metric = METRICS[column.metric]
    figures = {key: getattr(one, name) for key, one in summary.contenders.items()}
    texts = {key: metric.text(value, _SUMMARY_DECIMALS) for key, value in figures.items()}
    if not column.is_marked or not metric.better:
        return texts
    comparable = {
        key: value if summary.contenders[key].cells == summary.cells else None
        for key, value in figures.items()
    }
    marks = marks_of(
        comparable, lambda value: metric.text(value, _SUMMARY_DECIMALS), better=metric.better
    )
    return {key: text + marks[key] for key, text in texts.items()}


def _scored_span(report: Report, one: SeriesReport) -> str:
    """Return the origins that were scored and played, in words."""
    frequency = _frequency(report, one)
    cell = next(iter(one.horizons.values()))
    played = _label(one.played_from, frequency)
    window = report.configuration.get("train_window")
    return (
        f"{cell.n_origins} origins {_label(cell.windows[0].first_period, frequency)} to "
        f"{_label(cell.windows[-1].last_period, frequency)}, played from {played}, "
        f"{'expanding window' if window is None else f'window of {window} rows'}"
    )


def _frequency(report: Report, one: SeriesReport) -> str:
    """Return the frequency that the steps of a series have: quarters of GDP among months."""
    return one.frequency or report.provenance.frequency


def _by_horizon(one: SeriesReport) -> list[tuple[int, Cell]]:
    return sorted((int(h), cell) for h, cell in one.horizons.items())


def _ahead(h: int, frequency: str) -> str:
    return f"{counted_periods(h, frequency)} ahead"


def _label(moment: str, frequency: str) -> str:
    return period_label(datetime.fromisoformat(moment), frequency)


def _style(key: str) -> str:
    return "cyan" if key == ENSEMBLE else ""
