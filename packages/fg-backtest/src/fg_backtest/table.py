"""The report as tables for people: a table a series, a summary, and what must be known of them.

Without colour, marks alone carry the meaning, so that a table reads the same in a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .agents import BENCHMARK, ENSEMBLE, EQUAL_WEIGHTS
from .notes import notes
from .periods import period_label
from .records import Cell, Metrics, Report, SeriesReport

__all__ = ["render"]

_LABELS = {ENSEMBLE: "ensemble (game)", EQUAL_WEIGHTS: "equal weights"}
_SHOWN_BY_WINDOW = (ENSEMBLE, EQUAL_WEIGHTS, BENCHMARK)
_DIGITS = 4
_STEPS = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day"}


def render(
    report: Report,
    *,
    by_window: bool = False,
    width: int = 100,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the tables and notes of a report as text.

    Args:
        report: As made, or as read.
        by_window: Whether to show the windows of each series too.
        width: Of a line, in characters.
        color: Whether to mark with colours (ANSI codes) too.
        ascii_only: Whether to draw lines with ASCII characters alone.
    """
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    lines = box.ASCII_DOUBLE_HEAD if ascii_only else box.SIMPLE_HEAD
    tables = [
        table
        for name in report.provenance.series
        for table in (
            _series_table(report, name, lines),
            *((_window_table(report, name, lines),) if by_window else ()),
        )
    ]
    for title, table in (*tables, _summary_table(report, lines)):
        # rich would break a title of its own at the width of the table.
        console.print(Text(title, style="bold"))
        console.print(table)
    for note in notes(report):
        # A hanging indent, so that notes of several lines stay apart.
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row("-", Text(note))
        console.print(grid)
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    return text.encode("ascii", "replace").decode() if ascii_only else text


def _table(lines: box.Box) -> Table:
    return Table(box=lines, header_style="bold", pad_edge=False)


def _series_table(report: Report, name: str, lines: box.Box) -> tuple[str, Table]:
    one = report.series[name]
    table = _table(lines)
    table.add_column("contender", no_wrap=True, overflow="ellipsis")
    for heading in ("MAE", "RMSE", "CRPS", "80 % cov.", "skill vs RW", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    decimals = _decimals(cell.contenders for cell in one.horizons.values())
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, report.provenance.frequency), style="bold"))
        best = _best({key: m.crps for key, m in cell.contenders.items()}, decimals)
        for key in report.contenders:
            m = cell.contenders[key]
            table.add_row(
                _name(key),
                _number(m.mae, decimals),
                _number(m.rmse, decimals),
                _marked(_number(m.crps, decimals), key in best),
                _percent(m.coverage_80),
                _skill(m.skill),
                _count(m),
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
        table.add_column(_LABELS.get(key, key), justify="right", no_wrap=True, min_width=15)
    table.add_column("n", justify="right", no_wrap=True)
    decimals = _decimals(cell.contenders for cell in one.horizons.values())
    for h, cell in _by_horizon(one):
        table.add_section()
        table.add_row(Text(_ahead(h, frequency), style="bold"))
        for window in cell.windows:
            shown = {key: window.contenders[key] for key in _SHOWN_BY_WINDOW}
            best = _best({key: m.crps for key, m in shown.items()}, decimals)
            table.add_row(
                f"  {_label(window.first_period, frequency)} "
                f"to {_label(window.last_period, frequency)}",
                *(
                    f"{_marked(_number(m.crps, decimals), key in best)}{_percent(m.coverage_80):>8}"
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
    best = _best(
        {
            key: None if c.mean_skill is None else -c.mean_skill
            for key, c in summary.contenders.items()
            if c.cells == summary.cells
        },
        3,
    )
    for key in report.contenders:
        found = summary.contenders[key]
        table.add_row(
            _name(key),
            _marked(_skill(found.mean_skill), key in best),
            _percent(found.mean_coverage_80),
            str(found.cells),
            style=_style(key),
        )
    title = f"mean over {summary.cells} cells (series times horizons), each with equal weight"
    return title, table


def _scored_span(report: Report, one: SeriesReport) -> str:
    """Return which origins were scored and played, in words."""
    frequency = report.provenance.frequency
    origins = next(iter(one.horizons.values())).origins
    played = _label(one.played_from, frequency)
    window = report.configuration.get("train_window")
    return (
        f"{len(origins)} origins {_label(origins[0].period, frequency)} to "
        f"{_label(origins[-1].period, frequency)}, played from {played}, "
        f"{'expanding window' if window is None else f'window of {window} rows'}"
    )


def _by_horizon(one: SeriesReport) -> list[tuple[int, Cell]]:
    return sorted((int(h), cell) for h, cell in one.horizons.items())


def _ahead(h: int, frequency: str) -> str:
    step = _STEPS.get(frequency, "step")
    return f"{h} {step}{'' if h == 1 else 's'} ahead"


def _label(moment: str, frequency: str) -> str:
    return period_label(datetime.fromisoformat(moment), frequency)


def _name(key: str) -> str:
    """Return how a row is headed; the game's own row is marked."""
    return f"{'>' if key == ENSEMBLE else ' '} {_LABELS.get(key, key)}"


def _style(key: str) -> str:
    return "cyan" if key == ENSEMBLE else ""


def _decimals(cells: Iterable[Mapping[str, Metrics]]) -> int:
    """Return how many decimals give the smallest CRPS of a table its significant digits."""
    scores = [m.crps or m.mae for cell in cells for m in cell.values()]
    smallest = min((s for s in scores if s), default=1.0)
    return max(0, _DIGITS - 1 - math.floor(math.log10(smallest)))


def _number(value: float | None, decimals: int) -> str:
    if value is None:
        return "-"
    # Beyond that, digits of a fixed place would be a wall of zeros.
    if decimals > 7 or abs(value) >= 1e9:
        return f"{value:.{_DIGITS - 1}e}"
    return f"{value:.{decimals}f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.1f} %"


def _skill(skill: float | None) -> str:
    return "-" if skill is None else f"{skill:+.3f}"


def _count(m: Metrics) -> str:
    return str(m.n) if m.n_density == m.n else f"{m.n} ({m.n_density})"


def _best(scores: Mapping[str, float | None], decimals: int) -> set[str]:
    """Return who has the lowest score as it is shown: equal figures get equal marks."""
    shown = {key: _number(s, decimals) for key, s in scores.items() if s is not None}
    least = min((s for s in scores.values() if s is not None), default=None)
    return {key for key, text in shown.items() if text == _number(least, decimals)}


def _marked(text: str, is_best: bool) -> str:
    """Mark the best; the others get a space, so that the figures stay in line."""
    return f"{text}{'*' if is_best else ' '}"
