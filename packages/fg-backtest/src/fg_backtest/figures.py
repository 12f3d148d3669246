"""Figures, marks and names as the tables show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from .agents import ENSEMBLE, EQUAL_WEIGHTS
from .records import Cell, Metrics

__all__ = [
    "LABELS",
    "NO_MARK",
    "count_text",
    "decimals_of",
    "marks_of",
    "number",
    "percent",
    "row_name",
    "scored_origins",
    "skill_text",
]

LABELS = {ENSEMBLE: "ensemble (game)", EQUAL_WEIGHTS: "equal weights"}
"""Names of contenders that are shown otherwise."""

NO_MARK = "\ue000"
"""Where a mark could be: a space in the end, which rich would cut off a column."""

_DIGITS = 4


def row_name(key: str) -> str:
    """Return how a row of a contender is headed; the game's own row is marked."""
    return f"{'>' if key == ENSEMBLE else ' '} {LABELS.get(key, key)}"


def decimals_of(cells: Iterable[Mapping[str, Metrics]]) -> int:
    """Return how many decimals give the smallest CRPS of a table its significant digits."""
    scores = [m.crps or m.mae for cell in cells for m in cell.values()]
    smallest = min((s for s in scores if s), default=1.0)
    return max(0, _DIGITS - 1 - math.floor(math.log10(smallest)))


def number(value: float | None, decimals: int) -> str:
    """Return a score as it is shown; "-" where there is none.

    >>> number(1.5, 2), number(1.5e12, 2), number(None, 2)
    ('1.50', '1.500e+12', '-')
    """
    if value is None:
        return "-"
    # Beyond that, digits of a fixed place would be a wall of zeros.
    if decimals > 7 or abs(value) >= 1e9:
        return f"{value:.{_DIGITS - 1}e}"
    return f"{value:.{decimals}f}"


def percent(share: float | None) -> str:
    """Return a share as it is shown."""
    return "-" if share is None else f"{100.0 * share:.1f} %"


def skill_text(skill: float | None) -> str:
    """Return a skill as it is shown, with its sign."""
    return "-" if skill is None else f"{skill:+.3f}"


def count_text(m: Metrics) -> str:
    """Return how many origins were scored, and in brackets how many with a scale, if fewer."""
    return str(m.n) if m.n_density == m.n else f"{m.n} ({m.n_density})"


def scored_origins(cell: Cell) -> int:
    """Return how many origins a cell has, whether or not its report holds their forecasts."""
    return sum(one.last_origin - one.first_origin + 1 for one in cell.windows)


def marks_of(scores: Mapping[str, float | None], decimals: int) -> dict[str, str]:
    """Return the mark behind each score: of the best, and of the best benchmark.

    Scores are compared as they are shown, so that equal figures get equal marks. Where there is
    none there is `NO_MARK`, so that the figures stay in line.

    Args:
        scores: By contender; lower is better.
        decimals: That are shown.

    >>> marks_of({"ar": 1.5, "ensemble": 1.2}, 1)
    {'ar': '+', 'ensemble': '*'}
    >>> marks_of({"drift": 2.0, "ensemble": 2.01}, 1)
    {'drift': '*', 'ensemble': '*'}
    """
    best = _lowest(scores, decimals)
    benchmark = _lowest({key: s for key, s in scores.items() if key != ENSEMBLE}, decimals)
    return {key: "*" if key in best else "+" if key in benchmark else NO_MARK for key in scores}


def _lowest(scores: Mapping[str, float | None], decimals: int) -> set[str]:
    shown = {key: number(s, decimals) for key, s in scores.items() if s is not None}
    least = min((s for s in scores.values() if s is not None), default=None)
    return {key for key, text in shown.items() if text == number(least, decimals)}
