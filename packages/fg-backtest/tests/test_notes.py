from __future__ import annotations

import msgspec

from fg_backtest import BacktestResult
from fg_backtest.notes import notes
from fg_backtest.report import without_origins
from fg_backtest.schema import Contender, Report


def text(report: Report) -> str:
    return "\n".join(notes(report))


def test_data_vintage_and_notices_are_always_there(played: BacktestResult) -> None:
    found = text(played.report)
    assert "Data: test, AR(1) series. Licence: none. Vintage: never revised." in found
    assert played.report.provenance.content_hash[:16] in found
    assert "Notice." in found
    assert "FALLBACK" not in found
    assert "SYNTHETIC" not in found


def test_a_fallback_and_synthetic_data_are_announced(played: BacktestResult) -> None:
    source = msgspec.structs.replace(
        played.report.provenance, fallback_for="fred_training", is_synthetic=True
    )
    found = text(msgspec.structs.replace(played.report, provenance=source))
    assert "FALLBACK: these data stand in for 'fred_training'." in found
    assert "SYNTHETIC: the numbers are made up." in found


def test_a_report_of_the_summary_only_says_so(played: BacktestResult) -> None:
    assert "SUMMARY ONLY" not in text(played.report)
    assert "SUMMARY ONLY: the report has no forecasts of single origins" in text(
        without_origins(played.report)
    )


def test_unscored_origins_are_counted(played: BacktestResult) -> None:
    assert "the target is not in the data: 6 (a h4 3, b h4 3)" in text(played.report)


def test_who_beats_the_ensemble_is_told(played: BacktestResult) -> None:
    summary = played.report.summary
    ours, other = Contender(0.1, 0.8, 4), Contender(0.2, 0.8, 4)
    beaten = msgspec.structs.replace(
        summary,
        contenders={**summary.contenders, "ensemble": ours, "ar4": other},
        beaten_by=("ar4",),
    )
    best = msgspec.structs.replace(beaten, beaten_by=())
    found = text(msgspec.structs.replace(played.report, summary=beaten))
    assert "The ensemble (+0.100) is beaten on mean CRPS skill by ar4 (+0.200)." in found
    found = text(msgspec.structs.replace(played.report, summary=best))
    assert "No other contender has a higher mean CRPS skill than the ensemble." in found


def test_a_file_is_named_with_its_size_and_checksum(played: BacktestResult) -> None:
    source = msgspec.structs.replace(
        played.report.provenance, details={"file": "t.csv", "bytes": 12345, "sha256": "ab"}
    )
    found = text(msgspec.structs.replace(played.report, provenance=source))
    assert "Read from: file t.csv, 12,345 bytes, sha256 ab." in found
    assert "Read from" not in text(played.report)


def test_long_lists_are_cut(played: BacktestResult) -> None:
    names = tuple(f"s{k}" for k in range(20))
    many = msgspec.structs.replace(
        played.report,
        series=dict.fromkeys(names, played.report.series["a"]),
        provenance=msgspec.structs.replace(played.report.provenance, series=names),
    )
    assert "not in the data: 60 (s0 h4 3, s1 h4 3, " in text(many)
    assert "s7 h4 3 and 12 more)" in text(many)


def test_gaps_are_counted(played: BacktestResult) -> None:
    one = played.report.series["a"]
    cell = one.horizons["1"]
    pointwise = msgspec.structs.replace(cell.contenders["drift"], n_density=5)
    cell = msgspec.structs.replace(
        cell,
        missing={"ar4": 9, "ar": 0},
        missing_reasons={"ar4": {"singular": 4, "too short": 2, "a": 1, "b": 1, "c": 1}},
        contenders={**cell.contenders, "drift": pointwise},
    )
    one = msgspec.structs.replace(
        one,
        horizons={"1": cell},
        prints_doubted=2,
        later_than="1960-01-01T00:00:00+00:00",
    )
    other = msgspec.structs.replace(played.report.series["b"], prints_doubted=0)
    found = text(msgspec.structs.replace(played.report, series={"a": one, "b": other}))
    assert "Without a forecast at some scored origins: ar4 9." in found
    assert "Why ar4 had none: singular (4); too short (2); a (1); other reasons (2)." in found
    assert "Without error bars at some origins: drift." in found
    assert "more likely false than not: a 2;" in found
    assert "a first fit needs more rows than there are before it: a (1960-01-01)." in found
