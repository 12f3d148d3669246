"""Small charts as SVG text: axes, lines and stems, on a white ground; the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

GREY, INK, FAINT = "#8a8f98", "#22262d", "#d9dce1"
COLOURS = ("#0b6fb8", "#c2410c", "#15803d", "#7c3aed", "#b4810a", "#be185d")


def _n(x: float) -> str:
    """A coordinate with one digit, without trailing zero or minus zero."""
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _ticks(low: float, high: float, at_least: int = 3) -> list[float]:
    """Return round numbers between low and high, as few as are enough."""
    for step in (k * 10.0**e for e in (3, 2, 1, 0, -1, -2, -3) for k in (5, 2, 1)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 >= at_least:
            return [k * step for k in range(first, last + 1)]
    return [low, high]


@dataclass
class Panel:
    """A pair of axes.

    Args:
        left: Of the plotting area, in pixels, as are top, width and height.
        x_range: What the width stands for.
        y_range: What the height stands for.
    """

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Return where a value lies, in pixels from the left."""
        low, high = self.x_range
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Return where a value lies, in pixels from the top."""
        low, high = self.y_range
        return self.top + self.height * (high - value) / (high - low)

    def text(self, x: float, y: float, words: str, *, colour: str = INK, anchor: str = "start"):
        """Write at a place in pixels."""
        self.parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" fill="{colour}" text-anchor="{anchor}">'
            f"{escape(words)}</text>"
        )

    def axes(self, y_label: str, x_label: str = "") -> None:
        """Draw grid lines and numbers; the x axis has numbers where it has a label."""
        for tick in _ticks(*self.y_range):
            y = self.y(tick)
            self.parts.append(
                f'<path d="M{_n(self.left)} {_n(y)}H{_n(self.left + self.width)}" '
                f'stroke="{FAINT}"/>'
            )
            self.text(self.left - 6, y + 4, f"{tick:g}", colour=GREY, anchor="end")
        self.text(self.left, self.top - 7, y_label)
        if x_label:
            bottom = self.top + self.height
            for tick in _ticks(*self.x_range, at_least=5):
                self.text(self.x(tick), bottom + 16, f"{tick:g}", colour=GREY, anchor="middle")
            self.text(self.left + self.width, bottom + 32, x_label, anchor="end")

    def line(
        self, xs: Sequence[float], ys: Sequence[float], colour: str, *, dash: str = ""
    ) -> None:
        """Draw a line through points."""
        points = "L".join(f"{_n(self.x(x))} {_n(self.y(y))}" for x, y in zip(xs, ys, strict=True))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="M{points}" fill="none" stroke="{colour}" stroke-width="1.8" '
            f'stroke-linejoin="round"{dashed}/>'
        )

    def stems(self, xs: Sequence[float], ys: Sequence[float], colour: str) -> None:
        """Draw a stem with a head for every value that is not 0."""
        base = self.y(0.0)
        for x, y in zip(xs, ys, strict=True):
            if y != 0.0:
                at, top = _n(self.x(x)), _n(self.y(y))
                self.parts.append(f'<path d="M{at} {_n(base)}V{top}" stroke="{colour}"/>')
                self.parts.append(f'<circle cx="{at}" cy="{top}" r="2.2" fill="{colour}"/>')


def write_svg(path: Path, size: tuple[int, int], title: str, panels: Sequence[Panel]) -> None:
    """Write a picture of some panels; `title` is what a screen reader says."""
    width, height = size
    body = "\n".join(part for panel in panels for part in panel.parts)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )
