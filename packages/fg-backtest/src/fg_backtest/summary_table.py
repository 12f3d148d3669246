"""Many series at a glance: those that the game does best and worst on, in a line each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from .agents import ENSEMBLE
from .formatting import LABELS, NO_MARK, percent, skill_text
from .schema import Report, SeriesReport

__all__ = ["MANY", "summary_table"]

MANY = 12
"""More series than this are shown in a digest."""

_SHOWN = 5


@dataclass(frozen=True)
class _Line:
    """Means of one series over its horizons."""

    name: str
    skill: float
    coverage: float | None
    benchmark: str
    benchmark_skill: float
    origins: int


def summary_table(report: Report, lines: box.Box, *, by_window: bool = False) -> tuple[str, Table]:
    """Return a title, and a table of the series with the highest and the lowest skill.

    Args:
        report: Report of many series.
        lines: Lines of the table, as `box_lines` returns them.
        by_window: Whether windows were asked for; the title then says how to see them.

    Returns:
        Title, and the table as `rich` draws it.
    """
    every = [_line(name, report.series[name]) for name in report.provenance.series]
    found = sorted((line for line in every if line is not None), key=lambda one: -one.skill)
    table = Table(box=lines, header_style="bold", pad_edge=False)
    table.add_column("series", no_wrap=True, overflow="ellipsis", max_width=30)
    for heading in ("game's skill", "80 % cov."):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("best benchmark", no_wrap=True, overflow="ellipsis")
    for heading in ("its skill", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    best, worst = found[:_SHOWN], found[_SHOWN:][-_SHOWN:]
    for title, chosen in (("highest skill", best), ("lowest skill", worst)):
        table.add_section()
        table.add_row(Text(title, style="bold"))
        for line in chosen:
            beaten = line.benchmark_skill > line.skill
            table.add_row(
                f"  {line.name}",
                skill_text(line.skill) + (NO_MARK if beaten else "*"),
                percent(line.coverage),
                LABELS.get(line.benchmark, line.benchmark),
                skill_text(line.benchmark_skill) + ("*" if beaten else "+"),
                str(line.origins),
            )
    each = "each with its windows" if by_window else "each"
    title = (
        f"{len(every)} series; of these {len(best) + len(worst)}, by the game's CRPS skill vs RW "
        f"(mean over horizons); --all shows {each}, and the report has them all"
    )
    return title, table


def _line(name: str, one: SeriesReport) -> _Line | None:
    """Return a series in a line; None: it has no skill to be ranked by."""
    cells = one.horizons.values()
    skills: dict[str, float] = {}
    for key in next(iter(cells)).contenders:
        mean = _mean([cell.contenders[key].skill for cell in cells])
        if mean is not None:
            skills[key] = mean
    if ENSEMBLE not in skills or len(skills) < 2:
        return None
    benchmark = _best_but_the_game(skills)
    return _Line(
        name,
        skills[ENSEMBLE],
        _mean([cell.contenders[ENSEMBLE].coverage_80 for cell in cells]),
        benchmark,
        skills[benchmark],
        next(iter(cells)).n_origins,
    )


def _best_but_the_game(skills: Mapping[str, float]) -> str:
    return max((key for key in skills if key != ENSEMBLE), key=skills.__getitem__)


def _mean(values: list[float | None]) -> float | None:
    """Return the mean; None where any is missing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
