"""Many series: the best and the worst, and all on demand."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest

from fg_backtest import BacktestResult
from fg_backtest.schema import Report
from fg_backtest.series_scores import SeriesScores, series_scores, shares_of_best
from fg_backtest.summary_table import MANY, QUANTILES


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
    many = with_series(played, 30)
    text = many.table()
    assert "30 series: the share in which each contender is best" in text
    assert "35 origins" not in text
    assert [line.split()[1] for line in each(text)] == list(map(str, (*range(10), *range(20, 30))))
    assert "+0.900*" in each(text)[0]
    assert "-2.000 " in each(text)[-1]
    assert each(text)[0].rstrip().endswith("35")
    assert "mean over 4 cells" in text
    assert "--all shows each, --csv writes" in " ".join(text.split())
    asked = " ".join(many.table(by_window=True).split())
    assert "--all shows each with its windows, --csv" in asked
    full = many.table(all_series=True)
    assert all(f"series {k}: 35 origins" in full for k in range(30))


def each(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"   series \d+ +[+-]\d", line)]


@pytest.mark.parametrize("width", [80, 100])
def test_lines_fit_and_figures_stand_below_each_other(played: BacktestResult, width: int) -> None:
    text = with_series(played, 20).table(width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "\u2026" not in text
    assert len({re.search(r"[+-]\d\.\d{3}", line).start() for line in each(text)}) == 1  # type: ignore[union-attr]


def test_shares_and_quantiles_are_those_of_the_series(played: BacktestResult) -> None:
    many = with_series(played, 21)
    scores = series_scores(many.report)
    shares = shares_of_best(scores)
    assert sum(shares.values()) == pytest.approx(1.0)
    others = max(skill for key, skill in scores[0].skills.items() if key != "ensemble")  # type: ignore[type-var]
    won = sum(0.9 - 0.1 * k > others for k in range(21))
    assert shares["ensemble"] == pytest.approx(won / 21)
    (line,) = [
        line
        for line in many.table().splitlines()
        if re.match(r" > ensemble .*%( +[+-]\S+){5}$", line)
    ]
    assert f"{100 * won / 21:.1f} %" in line
    expected = np.quantile([0.9 - 0.1 * k for k in range(21)], QUANTILES)
    assert re.findall(r"[+-]\d\.\d{3}", line) == [f"{skill:+.3f}" for skill in expected]


def test_equals_share_a_series() -> None:
    tied = SeriesScores("a", 9, 3, {"walk": 0.0, "ar": 0.2, "ensemble": 0.2}, None)
    none = SeriesScores("b", 9, 3, {"walk": None, "ar": None, "ensemble": None}, None)
    assert shares_of_best([tied, none]) == {"walk": 0.0, "ar": 0.5, "ensemble": 0.5}
    assert (tied.best, tied.best_benchmark, none.best) == ("ar", "ar", None)
    assert shares_of_best([none]) == {}


def test_series_without_a_skill_are_left_out(played: BacktestResult) -> None:
    many = with_series(played, 20)
    one = many.report.series["series 0"]
    cell = one.horizons["1"]
    game = msgspec.structs.replace(cell.contenders["ensemble"], skill=None)
    cell = msgspec.structs.replace(cell, contenders={**cell.contenders, "ensemble": game})
    one = msgspec.structs.replace(one, horizons={**one.horizons, "1": cell})
    report = msgspec.structs.replace(many.report, series={**many.report.series, "series 0": one})
    assert "  series 0 " not in BacktestResult(report).table()
