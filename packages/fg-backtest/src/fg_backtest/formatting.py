"""Figures, marks and names as the tables show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from .agents import ENSEMBLE, EQUAL_WEIGHTS

__all__ = [
    "LABELS",
    "NO_MARK",
    "count_text",
    "decimals_of",
    "fixed",
    "marks_of",
    "number",
    "percent",
    "row_name",
    "skill_text",
]

LABELS = {ENSEMBLE: "ensemble (game)", EQUAL_WEIGHTS: "equal weights"}
"""Names of contenders that are shown otherwise."""

NO_MARK = "\ue000"
"""Placeholder of a mark that becomes a space in the end, which rich would cut off a column."""

_DIGITS = 4


def row_name(key: str) -> str:
    """Return the heading of a contender's row; the game's own row is marked.

    Args:
        key: name of the contender.

    Returns:
        Text of the heading.
    """
    return f"{'>' if key == ENSEMBLE else ' '} {LABELS.get(key, key)}"


def decimals_of(scores: Iterable[float | None]) -> int:
    """Return the number of decimals that the smallest score of a table needs.

    Args:
        scores: scores that are shown, in one unit; those that are 0 or missing do not count.

    Returns:
        Number of decimals, at least 0.
    """
    smallest = min((s for s in scores if s), default=1.0)
    return max(0, _DIGITS - 1 - math.floor(math.log10(smallest)))


def number(value: float | None, decimals: int) -> str:
    """Return a score as it is shown; "-" where there is none.

    Args:
        value: score, in any unit; None: there is none.
        decimals: number of decimals.

    Returns:
        Text with that many decimals, or in scientific notation where the score is very large.

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
    """Return a share as it is shown.

    Args:
        share: share in [0, 1]; None: there is none.

    Returns:
        Text in percent, such as "50.0 %"; "-" where there is no share.
    """
    return "-" if share is None else f"{100.0 * share:.1f} %"


def skill_text(skill: float | None) -> str:
    """Return a skill as it is shown, with its sign.

    Args:
        skill: skill without a unit; None: there is none.

    Returns:
        Text with a sign; "-" where there is no skill.
    """
    return "-" if skill is None else f"{skill:+.3f}"


def fixed(text: Callable[[float | None], str]) -> Callable[[float | None, int], str]:
    """Return the text function of figures whose digits do not depend on their table.

    Args:
        text: function from a figure to its text.

    Returns:
        Function of a figure and a number of decimals, which it ignores.

    >>> fixed(percent)(0.5, 7)
    '50.0 %'
    """
    return lambda value, _decimals: text(value)


def count_text(n: int, n_density: int) -> str:
    """Return the number of scored origins, and in brackets of those with a scale, if fewer.

    Args:
        n: number of scored origins.
        n_density: number of scored origins with a scale.

    Returns:
        Text of the numbers.

    >>> count_text(8, 8), count_text(8, 3)
    ('8', '8 (3)')
    """
    return str(n) if n_density == n else f"{n} ({n_density})"


def marks_of(
    figures: Mapping[str, float | None],
    text: Callable[[float | None], str],
    *,
    better: Literal["lower", "higher"] = "lower",
) -> dict[str, str]:
    """Return the mark behind each figure: of the best, and of the best benchmark.

    Figures are compared as they are shown, so that equal texts get equal marks. Where there is
    none there is `NO_MARK`, so that the figures stay in line.

    Args:
        figures: figures by contender; None: it has none.
        text: function from a figure to the text that is shown.
        better: direction of better figures.

    Returns:
        Mark by contender, in the order of `figures`: `NO_MARK` where it is not among the best.

    >>> marks_of({"ar": 1.5, "ensemble": 1.2}, "{:.1f}".format)
    {'ar': '+', 'ensemble': '*'}
    >>> marks_of({"drift": 2.0, "ensemble": 2.01}, "{:.1f}".format)
    {'drift': '*', 'ensemble': '*'}
    >>> marks_of({"ar": 0.1, "ensemble": 0.2}, "{:.1f}".format, better="higher")
    {'ar': '+', 'ensemble': '*'}
    """
    of_all = {key: value for key, value in figures.items() if value is not None}
    best = _best(of_all, text, better)
    benchmarks = {key: value for key, value in of_all.items() if key != ENSEMBLE}
    benchmark = _best(benchmarks, text, better)
    return {key: "*" if key in best else "+" if key in benchmark else NO_MARK for key in figures}


def _best(
    figures: Mapping[str, float],
    text: Callable[[float | None], str],
    better: Literal["lower", "higher"],
) -> set[str]:
    if not figures:
        return set()
    best = text((min if better == "lower" else max)(figures.values()))
    return {key for key, value in figures.items() if text(value) == best}
