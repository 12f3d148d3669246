"""Many series: the best and the worst, and all on demand."""

from __future__ import annotations

import re

import msgspec
import pytest

from fg_backtest import BacktestResult
from fg_backtest.schema import Report
from fg_backtest.summary_table import MANY


def with_series(played: BacktestResult, n: int) -> BacktestResult:
    """Return a report of many series; those of higher number have less skill."""
    one = played.report.series["a"]

    def worse(k: int) -> object:
        cells = {}
        for h, cell in one.horizons.items():
            game = msgspec.structs.replace(cell.contenders["ensemble"], skill=0.9 - 0.1 * k)
            cells[h] = msgspec.structs.replace(
                cell, contenders={**cell.contenders, "ensemble": game}
            )
        return msgspec.structs.replace(one, horizons=cells)

    names = tuple(f"series {k}" for k in range(n))
    report: Report = msgspec.structs.replace(
        played.report,
        series={name: worse(k) for k, name in enumerate(names)},
        provenance=msgspec.structs.replace(played.report.provenance, series=names),
    )
    return BacktestResult(report)


def test_a_dozen_series_have_a_table_each(played: BacktestResult) -> None:
    text = with_series(played, MANY).table()
    assert all(f"series {k}: 35 origins" in text for k in range(MANY))


def test_more_are_shown_in_a_line_each(played: BacktestResult) -> None:
    many = with_series(played, 20)
    text = many.table()
    assert "20 series; of these 10, by the game's CRPS skill vs RW (mean over horizons)" in text
    assert "35 origins" not in text
    lines = [line for line in text.splitlines() if re.match(r"   series \d+ +[+-]\d", line)]
    assert [line.split()[1] for line in lines] == [
        *("0", "1", "2", "3", "4"),
        *("15", "16", "17", "18", "19"),
    ]
    assert "+0.900*" in lines[0]
    assert "-1.000 " in lines[-1]
    assert lines[0].rstrip().endswith("35")
    assert "mean over 4 cells" in text
    assert len(text.splitlines()) < 60
    assert "--all shows each, and the report" in " ".join(text.split())
    asked = " ".join(many.table(by_window=True).split())
    assert "--all shows each with its windows, and the report" in asked
    full = many.table(all_series=True)
    assert all(f"series {k}: 35 origins" in full for k in range(20))


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit_and_figures_stand_below_each_other(played: BacktestResult, width: int) -> None:
    text = with_series(played, 20).table(width=width)
    assert max(map(len, text.splitlines())) <= width
    lines = [line for line in text.splitlines() if re.match(r"   series \d+ +[+-]\d", line)]
    assert len({re.search(r"[+-]\d\.\d{3}", line).start() for line in lines}) == 1  # type: ignore[union-attr]


def test_series_without_a_skill_are_left_out(played: BacktestResult) -> None:
    many = with_series(played, 20)
    one = many.report.series["series 0"]
    cell = one.horizons["1"]
    game = msgspec.structs.replace(cell.contenders["ensemble"], skill=None)
    cell = msgspec.structs.replace(cell, contenders={**cell.contenders, "ensemble": game})
    one = msgspec.structs.replace(one, horizons={**one.horizons, "1": cell})
    report = msgspec.structs.replace(many.report, series={**many.report.series, "series 0": one})
    assert "  series 0 " not in BacktestResult(report).table()
