"""Charts, drawn by matplotlib (the extra `fg-core[plot]`).

Nothing here is imported by the rest of the package, and matplotlib only when a chart is drawn.
Figures belong to no window: they work in scripts, notebooks and commands without a display.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .errors import ConfigError, DataError

__all__ = ["budget_chart", "fan_chart", "new_figure"]

_INK = "#1f2937"
_FAN = "#2563eb"


def new_figure(width: float = 8.0, height: float = 4.5) -> Any:
    """Return an empty matplotlib figure.

    Args:
        width: Width in inches.
        height: Height in inches.

    Returns:
        `matplotlib.figure.Figure` of 150 dots per inch.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError(
            "charts need matplotlib, which is not installed: pip install 'fg-core[plot]'"
        ) from error
    return Figure(figsize=(width, height), dpi=150, layout="constrained")


def fan_chart(
    times: Sequence[datetime] | Sequence[int],
    values: ArrayLike,
    target_times: Sequence[datetime] | Sequence[int],
    medians: ArrayLike,
    bands: Mapping[float, ArrayLike],
    *,
    title: str = "",
    unit: str = "",
) -> Any:
    """Return a chart of a series and the fan of its forecasts.

    Args:
        times: times of the last values, or numbers of their periods, increasing.
        values: last values, shape (row,), in the unit of the series.
        target_times: times that are forecast, likewise, after the last of `times`.
        medians: medians of the forecasts, shape (horizon,).
        bands: central intervals by their probability, each of shape (horizon, 2): low, high.
        title: title of the chart.
        unit: label of the vertical axis.

    Returns:
        A matplotlib figure; `.savefig("fan.png")` or `.savefig("fan.svg")` writes it.

    Raises:
        ConfigError: matplotlib is not installed.
        DataError: No values, no forecasts, or lengths that do not fit.
    """
    y, middle = (np.asarray(one, dtype=np.float64) for one in (values, medians))
    edges = {level: np.asarray(band, dtype=np.float64) for level, band in bands.items()}
    n, k = len(times), len(target_times)
    if n == 0 or k == 0:
        raise DataError("a fan chart needs at least one value and one forecast")
    if y.shape != (n,) or middle.shape != (k,) or any(b.shape != (k, 2) for b in edges.values()):
        raise DataError(
            f"{n} times need as many values, and {k} forecasts a median and two ends each; got "
            f"shapes {y.shape}, {middle.shape} and {[b.shape for b in edges.values()]}"
        )
    figure = new_figure()
    axes = figure.add_subplot()
    axes.plot(times, y, color=_INK, linewidth=1.4, label="values")
    # The fan begins at the last value, where nothing is uncertain any more.
    ahead = [times[-1], *target_times]
    shades = np.linspace(0.2, 0.55, len(edges)) if len(edges) > 1 else [0.35]
    for level, shade in zip(sorted(edges, reverse=True), shades, strict=True):
        low, high = (np.concatenate([y[-1:], edges[level][:, end]]) for end in (0, 1))
        colour = _mixed_with_white(_FAN, float(shade))
        label = f"{100.0 * level:g} % interval"
        axes.fill_between(ahead, low, high, color=colour, linewidth=0.0, label=label)
    marker = "o" if k <= 12 else None
    axes.plot(
        ahead,
        np.concatenate([y[-1:], middle]),
        color=_FAN,
        linewidth=1.4,
        marker=marker,
        markersize=3.5,
        markevery=slice(1, None),
        label="median",
    )
    if unit:
        axes.set_ylabel(unit)
    axes.set_title(title, loc="left", color=_INK)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize="small", loc="upper left")
    return figure


def budget_chart(
    budgets: Sequence[float],
    damage: Mapping[str, Sequence[float]],
    coverage: Mapping[str, Sequence[float]],
    *,
    half_widths: Mapping[str, Sequence[float]] | None = None,
    certified: Mapping[str, Sequence[float]] | None = None,
    nominal: float = 0.8,
    title: str = "",
) -> Any:
    """Return a chart of damage and coverage against the budget of an attack.

    Args:
        budgets: units that the attack may spend, in step scales, increasing.
        damage: share of the clean score that is lost, a number per budget, by name of the line.
        coverage: share of targets in the central interval, likewise.
        half_widths: half of the interval of each damage, likewise, drawn as a band where it is not
            0; None: there are none.
        certified: upper bounds of the damage, likewise, dotted in the colour of the line of that
            name; None: none is known.
        nominal: probability of that interval.
        title: text above the chart.

    Returns:
        `matplotlib.figure.Figure` with a panel for each.

    Raises:
        ConfigError: matplotlib is not installed.

    >>> figure = budget_chart((0, 4), {"none": (0.0, 0.2)}, {"none": (0.8, 0.7)})
    >>> len(figure.axes)
    2
    """
    figure = new_figure(9.0, 4.0)
    left, right = figure.subplots(1, 2)
    for axes, lines, label in (
        (left, damage, "CRPS beyond clean and undefended, %"),
        (right, coverage, f"coverage of the {100 * nominal:g} % interval, %"),
    ):
        for name, numbers in lines.items():
            axes.plot(budgets, 100.0 * np.asarray(numbers), marker="o", markersize=3.5, label=name)
        axes.set_xlabel("budget, step scales")
        axes.set_ylabel(label)
        axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for line, (name, numbers) in zip(left.get_lines(), damage.items(), strict=True):
        widths = np.asarray((half_widths or {}).get(name, 0.0))
        if widths.any():
            low, high = (100.0 * (np.asarray(numbers) + sign * widths) for sign in (-1.0, 1.0))
            left.fill_between(budgets, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    colours = {line.get_label(): line.get_color() for line in left.get_lines()}
    for name, numbers in (certified or {}).items():
        label = "certified" if name == next(iter(certified or {})) else "_"
        bound = 100.0 * np.asarray(numbers)
        left.plot(budgets, bound, ":", color=colours[name], linewidth=1.2, label=label)
    left.axhline(0.0, color=_INK, linewidth=0.8)
    right.axhline(100.0 * nominal, color=_INK, linewidth=0.8, linestyle="--")
    left.legend(frameon=False, fontsize="small")
    figure.suptitle(title, color=_INK)
    return figure


def _mixed_with_white(colour: str, share: float) -> tuple[float, ...]:
    """Return a colour `#rrggbb` thinned with white; the share is its own."""
    parts = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return tuple(share * part + 1.0 - share for part in parts)
