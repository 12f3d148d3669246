"""Series as a picture: SVG with everything in it, a panel a series, the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

__all__ = ["Line", "Panel", "picture"]

_WIDTH, _PANEL, _GAP = 840, 180, 56
_LEFT, _RIGHT, _TOP = 72, 20, 48
_INK, _GREY, _FAINT = "#22262d", "#6b7280", "#d9dce1"
_COLOURS = ("#0b6fb8", "#c2410c")
_LINE = 15
_NOTE_WIDTH = 130


@dataclass(frozen=True)
class Line:
    """Points of one line.

    Args:
        label: Name of the line; empty: it needs none.
        points: Moment and value, by moment; None: the line is broken there.
    """

    label: str
    points: tuple[tuple[datetime, float | None], ...]


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Args:
        title: Name and unit.
        lines: Lines of the panel, at most two.
    """

    title: str
    lines: tuple[Line, ...]


def picture(title: str, panels: Sequence[Panel], notes: Sequence[str] = ()) -> str:
    """Return the text of an SVG file.

    Args:
        title: Title of the whole picture.
        panels: Panels, drawn one below the other.
        notes: Lines below them all: sources and required notices.

    Returns:
        Text in SVG.
    """
    wrapped = [line for note in notes for line in _wrapped(note)]
    height = _TOP + len(panels) * (_PANEL + _GAP) + _LINE * len(wrapped) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(_LEFT, 24, title, size=15, colour=_INK),
    ]
    top = _TOP
    for panel in panels:
        parts += _panel(panel, top)
        top += _PANEL + _GAP
    parts += [_text(12, top + _LINE * k, line) for k, line in enumerate(wrapped)]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, top: float) -> list[str]:
    points = [(m, v) for line in panel.lines for m, v in line.points if v is not None]
    parts = [_text(_LEFT, top + 4, panel.title, colour=_INK)]
    if not points:
        return [*parts, _text(_LEFT, top + _PANEL / 2, "no figures")]
    seconds = [moment.timestamp() for moment, _ in points]
    x_low, x_high = _widened(min(seconds), max(seconds), 86400.0)
    values = [value for _, value in points]
    y_low, y_high = _widened(min(values), max(values), max(1e-9, 0.05 * abs(values[0])))
    begin, height, width = top + 14, _PANEL - 30, _WIDTH - _LEFT - _RIGHT

    def x(moment: float) -> float:
        return _LEFT + width * (moment - x_low) / (x_high - x_low)

    def y(value: float) -> float:
        return begin + height * (y_high - value) / (y_high - y_low)

    for tick in _ticks(y_low, y_high):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_n(y(tick))}" y2="{_n(y(tick))}" '
            f'stroke="{_FAINT}"/>'
        )
        parts.append(_text(_LEFT - 6, y(tick) + 4, f"{tick:g}", anchor="end"))
    for label, moment in _years(x_low, x_high):
        parts.append(_text(x(moment), begin + height + 16, label, anchor="middle"))
    for number, line in enumerate(panel.lines):
        colour = _COLOURS[number % len(_COLOURS)]
        for run in _runs(line):
            path = " ".join(f"{_n(x(m.timestamp()))},{_n(y(v))}" for m, v in run)
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
            )
        if line.label:
            place = _WIDTH - _RIGHT - 130 * (len(panel.lines) - 1 - number)
            parts.append(_text(place, top + 4, line.label, colour=colour, anchor="end"))
    return parts


def _runs(line: Line) -> list[list[tuple[datetime, float]]]:
    runs: list[list[tuple[datetime, float]]] = [[]]
    for moment, value in line.points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((moment, value))
    # A single point would be invisible as a line of no length.
    return [run if len(run) > 1 else [run[0], run[0]] for run in runs if run]


def _widened(low: float, high: float, least: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - least, high + least)


def _ticks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers between low and high."""
    step = 10.0 ** math.floor(math.log10(high - low))
    while (high - low) / step > 6.0:
        step *= 2.0 if (high - low) / step <= 12.0 else 5.0
    while (high - low) / step < 2.0:
        step /= 2.0
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _years(low: float, high: float) -> list[tuple[str, float]]:
    """Return labels of time: years, or months of a short span."""
    first, last = (datetime.fromtimestamp(s, UTC) for s in (low, high))
    n_years = last.year - first.year
    if n_years >= 2:
        step = next(s for s in (1, 2, 5, 10, 20, 50, 1000) if n_years / s <= 10)
        years = [y for y in range(first.year, last.year + 1) if y % step == 0]
        moments = [datetime(y, 1, 1, tzinfo=UTC) for y in years]
        return [(f"{m.year}", m.timestamp()) for m in moments if low <= m.timestamp() <= high]
    return [(f"{m:%Y-%m-%d}", m.timestamp()) for m in (first, last)]


def _text(
    x: float, y: float, words: str, *, size: int = 11, colour: str = _GREY, anchor: str = "start"
) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _wrapped(note: str) -> list[str]:
    lines, line = [], ""
    for word in note.split():
        if line and len(line) + 1 + len(word) > _NOTE_WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines


def _n(x: float) -> str:
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
