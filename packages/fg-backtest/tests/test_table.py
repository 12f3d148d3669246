from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest

from fg_backtest import BacktestResult
from fg_backtest.metrics import METRICS, columns
from fg_backtest.report import without_origins
from fg_backtest.schema import Metrics
from fg_backtest.table import render


def rows(text: str, start: str) -> list[str]:
    """Return the lines of the section that begins with the line that holds `start`."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if start in line)
    return [line for line in lines[first:] if line.strip()]


def test_a_table_a_series_a_section_a_horizon_a_row_a_contender(played: BacktestResult) -> None:
    text = played.table()
    assert "a: 35 origins 1963Q3 to 1972Q1, played from 1955Q3, expanding window" in text
    heads = ["contender", *(metric.heading for metric in columns(100).values()), "n"]
    assert heads[:6] == ["contender", "MAE", "RMSE", "CRPS", "80 % cov.", "skill vs RW"]
    for series in ("a: ", "b: "):
        lines = rows(text, series)
        assert re.split(r"\s{2,}", lines[1].strip()) == heads
        assert lines[3].strip() == "1 quarter ahead"
        assert lines[10].strip() == "4 quarters ahead"
        names = ["random_walk", "drift", "ar4", "ar", "equal weights", "> ensemble (game)"]
        for at in (4, 11):
            got = [re.split(r"\s{2,}", line.strip())[0] for line in lines[at : at + 6]]
            assert got == names


def test_a_column_may_want_a_wide_page(
    played: BacktestResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow one neither the tables nor what is said below them have it."""
    wide = {"mae": replace(METRICS["mae"], min_width=90)}
    monkeypatch.setattr("fg_backtest.metrics.METRICS", {**METRICS, **wide})
    assert "MAE" in played.table(width=90)
    assert "MAE" not in played.table(width=89)


def test_the_figures_are_those_of_the_report(played: BacktestResult) -> None:
    line = next(x for x in rows(played.table(), "b: ")[10:] if "ensemble" in x)
    m = played.metrics("b", 4)["ensemble"]
    assert [float(x.rstrip("*")) for x in line.split()[3:6]] == pytest.approx(
        [m.mae, m.rmse, m.crps], abs=5e-4
    )
    assert f"{100 * m.coverage_80:.1f} %" in line  # type: ignore[operator]
    assert f"{m.skill:+.3f}" in line
    assert line.split()[-1] == str(m.n)


def test_the_best_score_is_marked_and_ties_share_the_mark(played: BacktestResult) -> None:
    for h, at in ((1, 4), (4, 11)):
        lines = rows(played.table(), "a: ")[at : at + 6]
        scores = [m.crps for m in played.metrics("a", h).values()]
        best = f"{min(scores):.4f}"[: len(f"{min(scores):.3f}")]  # type: ignore[type-var]
        marked = [line for line in lines if "*" in line]
        assert marked
        assert all(best[:4] in line for line in marked)


def test_a_summary_alone_gives_the_same_tables(played: BacktestResult) -> None:
    whole, summary = (
        render(report, by_window=True) for report in (played.report, without_origins(played.report))
    )
    # Words that only checks use are explained only where there are checks.
    checks = re.compile(r"\n- (SUMMARY ONLY|FG\d+|Words:)")
    notes = [
        [" ".join(note.split()) for note in text.split("\n- ") if not checks.match(f"\n- {note}")]
        for text in (whole, summary)
    ]
    assert len(notes[0]) > 4
    assert notes[0][:-1] == notes[1][:-1]
    assert "SUMMARY ONLY" in summary
    assert "\n- FG" not in summary


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("by_window", [False, True])
def test_no_line_is_wider_than_the_terminal(
    played: BacktestResult, width: int, by_window: bool
) -> None:
    text = played.table(width=width, by_window=by_window)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text  # nothing is cut


def test_without_a_terminal_there_are_no_codes(played: BacktestResult) -> None:
    assert "\x1b" not in played.table(by_window=True)
    assert "\x1b[" in render(played.report, color=True)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", render(played.report, color=True))
    assert [line.rstrip() for line in bare.splitlines()] == played.table().splitlines()


def test_ascii_only(played: BacktestResult) -> None:
    text = render(played.report, by_window=True, ascii_only=True, width=80)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80


def test_the_environment_does_not_change_it(
    played: BacktestResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = played.table()
    for name, value in (("COLUMNS", "30"), ("FORCE_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
    assert played.table() == before


def test_figures_stand_below_each_other_with_or_without_a_mark(played: BacktestResult) -> None:
    for text in (played.table(), played.table(by_window=True), played.table(all_series=True)):
        lines = rows(text, "a: ")[4:10]
        points = [[m.start() for m in re.finditer(r"\.\d", line)] for line in lines]
        assert len({tuple(found) for found in points}) == 1
        assert "\ue000" not in text


def test_windows(played: BacktestResult) -> None:
    lines = rows(played.table(by_window=True), "a by window of origins")
    heads = ["window", "ensemble (game)", "equal weights", "random_walk", "n"]
    assert re.split(r"\s{2,}", lines[1].strip()) == heads
    assert lines[4].startswith("   1963Q3 to 1965Q4")
    window = played.cell("a", 1).windows[0].contenders
    assert f"{100 * window['random_walk'].coverage_80:.1f} %" in lines[4]  # type: ignore[operator]
    assert lines[4].split()[-1] == "10"


def test_the_summary_is_last_and_marks_the_best(played: BacktestResult) -> None:
    lines = rows(played.table(), "mean over 4 cells")[3:9]
    skills = {n: c.mean_skill for n, c in played.summary.contenders.items()}
    best = max(skills.values())  # type: ignore[type-var]
    assert [line for line in lines if "*" in line] == [x for x in lines if f"{best:+.3f}" in x]


def test_tiny_huge_and_missing_figures_keep_their_columns(played: BacktestResult) -> None:
    def scaled(m: Metrics, by: float) -> Metrics:
        parts = {k: v * by for k in ("mae", "rmse", "crps") if (v := getattr(m, k)) is not None}
        return msgspec.structs.replace(m, **parts)

    def with_cell(change: object) -> str:
        one = played.report.series["a"]
        cell = one.horizons["1"]
        changed = {k: change(m) for k, m in cell.contenders.items()}  # type: ignore[operator]
        one = msgspec.structs.replace(
            one, horizons={"1": msgspec.structs.replace(cell, contenders=changed)}
        )
        return render(
            msgspec.structs.replace(played.report, series={**played.report.series, "a": one})
        )

    tiny = with_cell(lambda m: scaled(m, 1e-12))
    assert re.search(r"random_walk +\d\.\d{3}e-1\d", tiny)
    huge = with_cell(lambda m: scaled(m, 1e12))
    assert re.search(r"random_walk +\d\.\d{3}e\+1\d", huge)
    none = with_cell(
        lambda m: Metrics(3, 0, 1.0, 2.0, *(None,) * 6, pit_counts=(0,) * 10)  # type: ignore[misc]
    )
    dashes = " +-" * (len(columns(100)) - 2)
    assert re.search(rf"random_walk +1\.000 +2\.000{dashes} +3 \(0\)", none)
