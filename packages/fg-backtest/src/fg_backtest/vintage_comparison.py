"""A backtest on the data as they stood beside one on revised data: what hindsight flatters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from fg_core import ConfigError

from .agents import ENSEMBLE
from .datasets import Data
from .drawing import Look, Part, drawn
from .formatting import decimals_of, number, percent
from .from_data import backtest
from .result import BacktestResult
from .tabular import Columns, frame_of

__all__ = ["VintageComparison", "compare_vintages"]


@dataclass(frozen=True, eq=False)
class VintageComparison:
    """Two backtests of the same series and origins, scored on the same values.

    Args:
        as_known: agents saw the data as they stood at each origin.
        revised: agents saw the latest values from the first one of each period on.
    """

    as_known: BacktestResult
    revised: BacktestResult

    @classmethod
    def of(cls, results: Sequence[BacktestResult]) -> VintageComparison:
        """Return the comparison of a result on the data as they stood, and one on revised data.

        Raises:
            ConfigError: The data have one value a period, so that there is nothing to compare.
        """
        as_known, revised = results
        if not any(one.revisions for one in as_known.report.series.values()):
            raise ConfigError(
                "nothing to compare: the data have one value a period. Vintages are compared where "
                "a table has a row for each value of a period and a column available_at, or a "
                "source gives all vintages"
            )
        return cls(as_known, revised)

    def columns(self) -> Columns:
        """Return the figures of both side by side.

        Returns:
            Columns `unique_id`, `horizon`, `contender`, `n`, `crps_as_known`, `crps_revised` (in
            the unit of the series), `flatters` (share by which the CRPS is lower on revised data),
            `skill_as_known`, `skill_revised`, `coverage_as_known` and `coverage_revised` (of the
            80 % interval).
        """
        names = (
            *("unique_id", "horizon", "contender", "n", "crps_as_known", "crps_revised"),
            *("flatters", "skill_as_known", "skill_revised"),
            *("coverage_as_known", "coverage_revised"),
        )
        rows: list[tuple[Any, ...]] = []
        for name, one in self.as_known.report.series.items():
            other = self.revised.report.series.get(name)
            if other is None:
                continue
            for horizon, cell in one.horizons.items():
                for contender, a in cell.contenders.items():
                    b = other.horizons[horizon].contenders[contender]
                    flatters = None
                    if a.crps and b.crps is not None:
                        flatters = 1.0 - b.crps / a.crps
                    rows.append(
                        (
                            *(name, int(horizon), contender, a.n, a.crps, b.crps, flatters),
                            *(a.skill, b.skill, a.coverage_80, b.coverage_80),
                        )
                    )
        return {key: [row[i] for row in rows] for i, key in enumerate(names)}

    def to_frame(self) -> Any:
        """Return the figures of both side by side as a pandas data frame; see `columns`.

        Returns:
            Frame with a row per series, horizon and contender.

        Raises:
            ConfigError: pandas is not installed.
        """
        return frame_of(self.columns())

    def table(self, *, width: int = 80, color: bool = False, ascii_only: bool = False) -> str:
        """Return the figures of the game's forecast as text.

        Args:
            width: characters in a line.
            color: whether to mark with colours (ANSI codes) too.
            ascii_only: whether to leave out all but ASCII characters.

        Returns:
            Text of several lines.
        """
        look = Look(width, color, ascii_only)
        table = Table(box=look.lines, header_style="bold", pad_edge=False)
        table.add_column("series", no_wrap=True, overflow="ellipsis")
        headings = ("h", "CRPS then", "revised", "flatters")
        for heading in (*headings, "cov. then", "revised"):
            table.add_column(heading, justify="right", no_wrap=True)
        found = self.columns()
        rows = [
            dict(zip(found, row, strict=True))
            for row in zip(*found.values(), strict=True)
            if row[2] == ENSEMBLE
        ]
        for row in rows:
            decimals = decimals_of([row["crps_as_known"], row["crps_revised"]])
            table.add_row(
                row["unique_id"],
                str(row["horizon"]),
                number(row["crps_as_known"], decimals),
                number(row["crps_revised"], decimals),
                percent(row["flatters"]),
                percent(row["coverage_as_known"]),
                percent(row["coverage_revised"]),
            )
        notes = (
            "Then: the game on the data as they stood at each origin. Revised: the same game on "
            "the latest values, which nobody had. Both are scored on the same values.",
        )
        part = Part("the data as they stood, and revised data", table, notes)
        return drawn([part], look)


def compare_vintages(
    data: Data, series: str | Sequence[str] | None = None, **options: Any
) -> VintageComparison:
    """Play a backtest on the data as they stood, and the same on revised data.

    Args:
        data: as for `backtest`, with several values of a period and when each came out.
        series: as for `backtest`.
        **options: further arguments of `backtest`, those of both runs.

    Returns:
        Both results.

    Raises:
        ConfigError: The data have one value a period, so that there is nothing to compare.
        DataError: As for `backtest`.
    """
    return VintageComparison.of(
        [backtest(data, series, **options, revised_data=revised) for revised in (False, True)]
    )
