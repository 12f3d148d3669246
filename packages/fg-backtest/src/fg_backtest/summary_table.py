"""Many series at a glance: who is best in how many, the spread of skill, the best and the worst."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from .agents import ENSEMBLE
from .drawing import Part
from .formatting import LABELS, NO_MARK, percent, row_name, skill_text
from .schema import Report
from .series_scores import SeriesScores, series_scores, shares_of_best

__all__ = ["MANY", "QUANTILES", "quantile_headings", "summary_tables"]

MANY = 12
"""More series than this are shown in a summary."""

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Levels at which skill is shown over series."""

_SHOWN = 10


def summary_tables(report: Report, lines: box.Box, *, by_window: bool = False) -> tuple[Part, ...]:
    """Return the tables of many series, with their titles.

    Args:
        report: Report of many series.
        lines: Lines of the tables, as `Look.lines` says.
        by_window: Whether windows were asked for; a title then says how to see them.

    Returns:
        Shares and quantiles by contender, and the series of the highest and the lowest skill.
    """
    scores = series_scores(report)
    return _by_contender(scores, report.contenders, lines), _extremes(scores, lines, by_window)


def quantile_headings() -> list[str]:
    """Return the headings of the columns of skill quantiles.

    >>> quantile_headings()
    ['10 %', '25 %', 'median', '75 %', '90 %']
    """
    return ["median" if level == 0.5 else f"{100.0 * level:g} %" for level in QUANTILES]


def _by_contender(
    scores: Sequence[SeriesScores], contenders: Sequence[str], lines: box.Box
) -> Part:
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("contender", no_wrap=True, overflow="ellipsis")
    for heading in ("best in", *quantile_headings()):
        table.add_column(heading, justify="right", no_wrap=True)
    shares = shares_of_best(scores)
    for key in contenders:
        skills = [skill for one in scores if (skill := one.skills[key]) is not None]
        found = np.quantile(skills, QUANTILES).tolist() if skills else [None] * len(QUANTILES)
        table.add_row(
            row_name(key),
            percent(shares.get(key)),
            *map(skill_text, found),
            style="cyan" if key == ENSEMBLE else "",
        )
    title = (
        f"{len(scores)} series: the share in which each contender is best, and quantiles of its "
        "CRPS skill vs RW over series (mean over horizons)"
    )
    return Part(title, table)


def _extremes(scores: Sequence[SeriesScores], lines: box.Box, by_window: bool) -> Part:
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("series", no_wrap=True, overflow="ellipsis", max_width=26)
    for heading in ("skill", "80 % cov."):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("best benchmark", no_wrap=True, overflow="ellipsis", max_width=18)
    for heading in ("its skill", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    ranked = sorted(
        ((one.skill, one) for one in scores if one.skill is not None and one.best_benchmark),
        key=lambda pair: -pair[0],
    )
    best, worst = ranked[:_SHOWN], ranked[_SHOWN:][-_SHOWN:]
    for title, chosen in (("highest skill", best), ("lowest skill", worst)):
        table.add_section()
        table.add_row(Text(title, style="bold"))
        for skill, one in chosen:
            benchmark = one.best_benchmark or ""
            its_skill = one.skills[benchmark]
            beaten = its_skill is not None and its_skill > skill
            table.add_row(
                f"  {one.name}",
                skill_text(skill) + (NO_MARK if beaten else "*"),
                percent(one.coverage_80),
                LABELS.get(benchmark, benchmark),
                skill_text(its_skill) + ("*" if beaten else "+"),
                str(one.origins),
            )
    each = "each with its windows" if by_window else "each"
    title = (
        f"the {len(best) + len(worst)} series of the highest and lowest skill of the ensemble; "
        f"--all shows {each}, --csv writes a row per series"
    )
    return Part(title, table)
