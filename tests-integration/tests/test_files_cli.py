"""Anybody's series from a file: the command and Python agree, and bad files are one clear line."""

import csv
import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fg_backtest import backtest, cli, read_report
from fg_backtest.report import results_hash
from fg_data import load_dataset

REPORT = "planning/backtest_report.json"


def month(t):
    return f"{2000 + t // 12}-{t % 12 + 1:02}"


def write_table(path, rows, header=("unique_id", "ds", "y")):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def four_series():
    """Four monthly series with trends, a season, different first months, gaps and empty cells."""
    chance = random.Random(11)
    rows = []
    for s in range(4):
        level = 100.0 * (s + 1)
        for t in range(6 * s, 72):
            level += 0.3 * s + chance.gauss(0.0, 1.0)
            if chance.random() < 0.04 and t > 6 * s:
                continue
            y = "" if chance.random() < 0.02 else round(level + 5.0 * math.sin(t * math.pi / 6), 3)
            rows.append((f"shop {s}", month(t), y, round(chance.gauss(15.0, 4.0), 1)))
    return rows


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch, *args):
    """Run the command in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["fg-backtest", *args])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code


def hash_of_report():
    return results_hash(read_report(REPORT))


# ------------------------------------------------------------------------------------ it works


@pytest.mark.slow
def test_a_file_gives_the_same_results_from_the_command_and_from_python(here):
    path = write_table(here / "shops.csv", four_series(), ("unique_id", "ds", "y", "temperature"))
    done = subprocess.run(
        [sys.executable, "-m", "fg_backtest", "--source", "shops.csv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "shops.csv: periods without a row: shop 0 " in done.stdout
    assert "shops.csv: rows without a value were left out: shop 0 " in done.stdout
    expected = hash_of_report()
    assert f"(results {expected[:16]})" in done.stdout

    frame = pd.read_csv(path)
    by_hand = {name: frame[name].tolist() for name in frame}
    dated = frame.assign(ds=pd.to_datetime(frame["ds"]) + pd.offsets.MonthEnd(0))
    for data in (frame, by_hand, load_dataset(str(path)), dated):
        result = backtest(data)
        assert result.results_hash == expected
    report = read_report(REPORT)
    assert report.provenance.season_length == 12
    assert "seasonal_naive" in report.contenders
    assert report.provenance.details["file"] == "shops.csv"
    assert report.provenance.details["bytes"] == path.stat().st_size
    played = {name: one.played_from for name, one in report.series.items()}
    assert len(set(played.values())) > 2  # each series has a schedule of its own


@pytest.mark.slow
def test_every_kind_of_file_gives_the_same_results(here, monkeypatch):
    frame = pd.DataFrame(
        {
            "unique_id": "a",
            "ds": [month(t) for t in range(60)],
            "y": [t * t % 17 for t in range(60)],
        }
    )
    frame.to_csv("t.csv", index=False)
    frame.assign(y=frame["y"] / 8).to_csv("eighths.csv", index=False, sep=";", decimal=",")
    frame.to_csv("utf16.csv", index=False, encoding="utf-16")
    frame.to_json("t.json", orient="records")
    frame.to_json("t.jsonl", orient="records", lines=True)
    frame.to_parquet("t.parquet")
    frame.pivot(index="ds", columns="unique_id", values="y").reset_index().to_csv("wide.csv")
    hashes = {}
    for name in ("t.csv", "utf16.csv", "t.json", "t.jsonl", "t.parquet"):
        assert run(monkeypatch, "--source", name, "--quiet") == 0
        hashes[name] = hash_of_report()
    assert run(monkeypatch, "--source", "wide.csv", "--ds", "ds", "--y", "a", "--quiet") == 0
    hashes["wide.csv"] = hash_of_report()
    assert len(set(hashes.values())) == 1
    assert run(monkeypatch, "--source", str(here / "eighths.csv"), "--quiet") == 0
    assert hash_of_report() == backtest(frame.assign(y=frame["y"] / 8)).results_hash
    assert str(here) not in Path(REPORT).read_text()


@pytest.mark.parametrize(
    ("alias", "rows", "season", "step"),
    [
        *(("D", 60, 7, "1 day ahead"), ("B", 60, 5, "1 business day ahead")),
        *(("W-MON", 160, 52, "4 weeks ahead"), ("MS", 60, 12, "3 months ahead")),
        *(("QE", 60, 4, "4 quarters ahead"), ("YS", 40, 1, "1 year ahead")),
    ],
)
def test_seasons_by_frequency(here, monkeypatch, capsys, alias, rows, season, step):
    stamps = pd.date_range("2001-01-01", periods=rows, freq=alias)
    noise = np.random.default_rng(1).standard_normal(rows)
    values = 10.0 * np.sin(2.0 * np.pi * np.arange(rows) / max(season, 2)) + noise
    frame = pd.DataFrame({"when": stamps, "y": values.round(3)})
    frame.to_csv("t.csv", index=False)
    assert run(monkeypatch, "--source", "t.csv", "--ds", "when") == 0
    assert step in capsys.readouterr().out
    report = read_report(REPORT)
    assert report.provenance.season_length == season
    if season > 2:
        skill = report.summary.contenders["seasonal_naive"].mean_skill
        assert skill > 0.3  # what a season is for
    assert run(monkeypatch, "--source", "t.csv", "--ds", "when", "--season-length", "1") == 0
    assert "seasonal_naive" not in read_report(REPORT).contenders


def test_segments_and_context_of_a_file_reach_the_game(here, monkeypatch):
    chance = random.Random(2)
    rows = [
        ("total", month(t), name, round(chance.gauss(50.0, 5.0), 2), t % 5)
        for t in range(60)
        for name in ("north", "south")
    ]
    write_table(here / "t.csv", rows, ("unique_id", "ds", "segment_id", "y", "price"))
    data = load_dataset("t.csv")
    assert set(data[5].segment_values) == {"north", "south"}
    assert dict(data[5].macro_context) == {"price": 0.0}
    assert run(monkeypatch, "--source", "t.csv", "--quiet") == 0


# -------------------------------------------------------------- what must not move, and how


def forecasts(result):
    """Return everything that was forecast, without dates."""
    return {
        (name, h): [
            (o.origin, o.target, o.base, o.p_bad, o.claims, o.ensemble) for o in cell.origins
        ]
        for name, one in result.report.series.items()
        for h, cell in one.horizons.items()
    }


@pytest.mark.parametrize("k", [-13, 1, 240])
def test_shifting_dates_changes_nothing(here, k):
    rows = [row[:3] for row in four_series() if row[0] in ("shop 1", "shop 3")]
    number = {month(t): t for t in range(200)}
    moved = [(name, month(number[ds] + 12 * 30 + k), y) for name, ds, y in rows]
    first = backtest(load_dataset(str(write_table(here / "t.csv", rows))))
    second = backtest(load_dataset(str(write_table(here / "moved.csv", moved))))
    assert forecasts(first) == forecasts(second)
    assert first.summary == second.summary
    assert first.results_hash != second.results_hash  # which has the dates in it


@pytest.mark.parametrize(
    "alias",
    ["B", "QE", *(pytest.param(alias, marks=pytest.mark.slow) for alias in ("D", "W-FRI", "YE"))],
)
def test_shifting_dates_changes_nothing_at_other_frequencies(alias):
    values = np.cumsum(np.random.default_rng(3).standard_normal(130)).round(3)
    stamps = pd.date_range("1900-01-01", periods=147, freq=alias)
    first = backtest({"ds": stamps[:130], "y": values})
    second = backtest({"ds": stamps[17:], "y": values})
    assert forecasts(first) == forecasts(second)


@pytest.mark.parametrize("k", [-20, -1, 3, 20])
def test_scaling_by_a_power_of_two_scales_closed_forms_exactly(here, k):
    rows = [row[:3] for row in four_series() if row[0] == "shop 3" and row[2] != ""]
    unit = 2.0**k
    scaled = [(name, ds, repr(y * unit)) for name, ds, y in rows]
    first = backtest(str(write_table(here / "t.csv", rows)), agents="baselines")
    second = backtest(str(write_table(here / "scaled.csv", scaled)), agents="baselines")
    for h in ("1", "3"):
        ours = first.report.series["shop 3"].horizons[h].origins
        theirs = second.report.series["shop 3"].horizons[h].origins
        for a, b in zip(ours, theirs, strict=True):
            assert b.base == a.base * unit
            for name in ("random_walk", "drift", "seasonal_naive", "ar4", "ar"):
                assert b.claims[name].mean == a.claims[name].mean * unit
                assert b.claims[name].scale == a.claims[name].scale * unit
            assert b.ensemble.mean == pytest.approx(a.ensemble.mean * unit, rel=1e-9)


# ------------------------------------------------------------------------------- bad input

HEADER = "unique_id,ds,y\n"
ROWS = "".join(f"a,{month(t)},{t * t % 17}\n" for t in range(40))
GOOD = HEADER + ROWS


def changed(line, text):
    """Return the good file with another line, counted from 1."""
    lines = GOOD.splitlines()
    lines[line - 1] = text
    return "\n".join(lines) + "\n"


_NUMBER = (
    "is not a number; write numbers like 1234.5, without separators of thousands, units or "
    "currency signs, and leave missing ones empty"
)
_DATE = "is not a date; write dates like 2001, 2001Q3, 2001-07, 2001-07-31, 2001-07-31T00:00"
_SHAPES = (
    'a list of records [{"ds": ..., "y": ...}, ...], columns {"ds": [...], "y": [...]}, or a '
    "record a line"
)

BAD = {
    "missing column": (
        "t.csv",
        "unique_id,ds,sales,price\n" + ROWS.replace("\n", ",1\n"),
        "t.csv: no column 'y' for the values; there are (nearest first) ds, price, sales, "
        "unique_id; name it with y (--y)",
    ),
    "duplicate timestamps": (
        "t.csv",
        GOOD + f"a,{month(7)},3\n",
        "t.csv, series 'a': 2000-08-01 appears twice, in row 8 (line 9) and row 41 (line 42); keep "
        "one row a period, or say in a column available_at when each value became known",
    ),
    "infinite": (
        "t.csv",
        changed(5, f"a,{month(3)},inf"),
        "t.csv, row 4 (line 5), column 'y': 'inf' is infinite; leave the cell empty if the value "
        "is missing",
    ),
    "not a number": (
        "t.csv",
        changed(5, f"a,{month(3)},ca. 5"),
        f"t.csv, row 4 (line 5), column 'y': 'ca. 5' {_NUMBER}",
    ),
    "true or false": (
        "t.json",
        json.dumps([{"ds": f"{2000 + t}", "y": t if t != 3 else True} for t in range(40)]),
        "t.json, row 4, column 'y': 'True' is true or false, not a number; write numbers like "
        "1234.5, without separators of thousands, units or currency signs",
    ),
    "one row": (
        "t.csv",
        HEADER + "a,2001-01,3\n",
        "t.csv, series 'a': 1 row, and its frequency shows from 3 on (a backtest wants more than "
        "20); give more rows, or leave the series out",
    ),
    "too short": (
        "t.csv",
        HEADER + ROWS[: ROWS.index(month(20)) - 2],
        "series 'a' has 20 rows; a backtest wants at least 26: 24 for a first fit (two seasons of "
        "12), one origin and its target; without a season (--season-length 1) 22 are enough",
    ),
    "constant": (
        "t.csv",
        HEADER + "".join(f"{s},{month(t)},2.5\n" for s in "bc" for t in range(40)),
        "series 'b' does not move: all of its 40 values are 2.5, so that one step has no scale; "
        "the same goes for c",
    ),
    "mixed frequencies between series": (
        "t.csv",
        GOOD + "".join(f"b,{month(3 * t)},{t}\n" for t in range(40)),
        "t.csv: series of different frequencies (monthly: a; quarterly: b); choose those of one "
        "with series (--series)",
    ),
    "mixed frequencies in a series": (
        "t.csv",
        GOOD + "".join(f"a,{month(39 + 3 * t)},{t}\n" for t in range(1, 20)),
        "t.csv, series 'a': its rows are monthly, but quarterly from 2003-04-01 on; give one "
        "frequency",
    ),
    "dates in two forms": (
        "t.csv",
        changed(9, "a,2000Q3,4"),
        "t.csv, row 8 (line 9), column 'ds': '2000Q3' is a quarter and '2000-01' in row 1 (line 2) "
        "is a month; write all dates in one form",
    ),
    "no date": (
        "t.csv",
        changed(9, "a,08/2000,4"),
        f"t.csv, row 8 (line 9), column 'ds': '08/2000' {_DATE} (row 1 (line 2) has '2000-01')",
    ),
    "time zones": (
        "t.csv",
        HEADER + "a,2001-01-01T00:00Z,1\na,2001-01-02T00:00,2\n",
        "t.csv, row 2 (line 3), column 'ds': time zones mixed: '2001-01-01T00:00Z' in row 1 "
        "(line 2) has one and '2001-01-02T00:00' in row 2 (line 3) has none; write all dates in "
        "one zone, or all without",
    ),
    "hourly": (
        "t.csv",
        HEADER + "".join(f"a,2001-01-01T{h:02}:00,{h}\n" for h in range(24)),
        "t.csv, series 'a': two moments of 2001-01-01, in row 1 (line 2) and row 2 (line 3); "
        "hourly and finer data are not supported, so give one row a day",
    ),
    "an Excel workbook": (
        "t.csv",
        b"PK\x03\x04" + b"\x14\0" * 40,
        "t.csv is not CSV but a ZIP archive or an Excel workbook; save it as CSV, or name it what "
        "it is",
    ),
    "JSON by another name": (
        "t.csv",
        '[{"ds": "2001", "y": 1}]',
        "t.csv is not CSV but JSON; save it as CSV, or name it what it is",
    ),
    "CSV by another name": (
        "t.parquet",
        GOOD,
        "t.parquet is not Parquet but text; name it what it is",
    ),
    "JSON cut short": (
        "t.json",
        '[{"ds": "2001",\n',
        "t.json, line 2: not JSON, or cut short (Expecting property name enclosed in double "
        "quotes)",
    ),
    "JSON of another shape": (
        "t.json",
        '"sales"',
        f"t.json holds no table: {_SHAPES} is wanted",
    ),
    "another encoding": (
        "t.csv",
        changed(9, f"a,{month(7)},4").replace("a,2000-08", "é,2000-08").encode("latin-1"),
        "t.csv, line 9: not in UTF-8 (byte 0xe9); save it as UTF-8, or name its encoding "
        "(--option encoding=cp1252)",
    ),
    "UTF-16 without a mark": (
        "t.csv",
        GOOD.encode("utf-16-le"),
        "t.csv, line 1: a NUL byte, so this is no text, or UTF-16 without a byte order mark; save "
        "it as UTF-8",
    ),
    "UTF-16 cut in two": (
        "t.csv",
        GOOD.encode("utf-16")[:-1],
        "t.csv, line 41: not in UTF-16 (byte 0x0a); save it as UTF-8, or name its encoding "
        "(--option encoding=cp1252)",
    ),
    "separators of thousands": (
        "t.csv",
        "ds;y\n" + "".join(f"{month(t)};1.{t:03}\n" for t in range(40)),
        "t.csv, row 1 (line 2), column 'y': '1.000' could be 1000 or 1.000; write numbers without "
        "separators of thousands",
    ),
    "ragged": (
        "t.csv",
        changed(9, f"a,{month(7)},4,5"),
        "t.csv, line 9: 4 cells, and the header has 3 (delimiter ',')",
    ),
    "a quote without an end": (
        "t.csv",
        changed(9, f'a,"{month(7)},4'),
        "t.csv, line 9: unexpected end of data; check the quotes in it, each begun is to be ended",
    ),
    "two columns of one name": (
        "t.csv",
        "ds,y,y\n2001,1,2\n",
        "t.csv, line 1: two columns are named 'y'; rename one of them",
    ),
    "empty": ("t.csv", "", "t.csv is empty"),
    "a header alone": ("t.csv", HEADER, "t.csv: there are no rows below the header"),
    "another suffix": (
        "./t.xls",
        b"PK\x03\x04",
        "t.xls: files that are read end with .csv, .tsv, .csv.gz, .tsv.gz, .json, .jsonl, "
        ".parquet, .xlsx; save it as one of them",
    ),
    "segments that do not add up": (
        "t.csv",
        "ds,segment_id,y\n"
        + "".join(f"{month(t)},n,1\n{month(t)},s,{t}\n{month(t)},,{t + 2}\n" for t in range(9)),
        "t.csv, series 'y': the segments of 2000-01-01 add up to 1, and the total in row 3 "
        "(line 4) is 2; mend them, or leave the totals out (rows with an empty segment_id), which "
        "are then computed",
    ),
    "known before its time": (
        "t.csv",
        "ds,y,available_at\n2001-01,1,2001-02-03\n2001-02,2,2001-01-31\n2001-03,3,2001-04-01\n",
        "t.csv, row 2 (line 3), column 'available_at': known at 2001-01-31T00:00:00+00:00, before "
        "its period began (2001-02-01); mend one of the dates",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line_and_nothing_is_written(
    here, monkeypatch, capsys, name, content, message
):
    path = here / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert run(monkeypatch, "--source", name) == 2
    assert capsys.readouterr() == ("", f"fg-backtest: error: {message}\n")
    assert [p for p in here.rglob("*") if p.is_file()] == [path]


def test_two_gigabytes_are_refused_before_they_are_read(here, monkeypatch, capsys):
    path = here / "t.csv"
    path.write_text(GOOD)
    os.truncate(path, 2 * 1024**3)
    assert run(monkeypatch, "--source", "t.csv") == 2
    assert capsys.readouterr().err == (
        "fg-backtest: error: t.csv has 2,147,483,648 bytes (2,048 MB), and at most 200 MB are "
        "read; cut it into files of fewer series\n"
    )


def test_series_that_cannot_be_played_are_left_out_with_one_warning(here, monkeypatch, capsys):
    (here / "t.csv").write_text(GOOD)
    assert run(monkeypatch, "--source", "t.csv", "--quiet") == 0
    alone = hash_of_report()
    dead = "".join(f"{s},{month(t)},2.5\n" for s in "bc" for t in range(40))
    (here / "t.csv").write_text(GOOD + dead + f"d,{month(0)},1\nd,{month(1)},2\nd,{month(2)},4\n")
    assert run(monkeypatch, "--source", "t.csv", "--quiet") == 0
    warning = capsys.readouterr().err
    assert warning.startswith("fg-backtest: warning: left out 3 series: series 'b' does not move")
    assert "the same goes for c, d (--strict refuses them)" in warning
    assert warning.count("\n") == 1
    assert run(monkeypatch, "--source", "t.csv", "--quiet", "--strict") == 2
    (here / "t.csv").write_text(GOOD)
    assert run(monkeypatch, "--source", "t.csv", "--quiet") == 0
    assert hash_of_report() == alone


def test_a_bad_series_can_be_left_out(here, monkeypatch):
    constant = "".join(f"b,{month(t)},2.5\n" for t in range(40))
    wrong = "".join(f"c,{month(t)},wrong\n" for t in range(40))
    (here / "t.csv").write_text(GOOD + constant + wrong)
    assert run(monkeypatch, "--source", "t.csv", "--series", "a", "--quiet") == 0
    alone = hash_of_report()
    (here / "t.csv").write_text(GOOD)
    assert run(monkeypatch, "--source", "t.csv", "--quiet") == 0
    assert hash_of_report() == alone


def test_rows_out_of_order_are_sorted_with_a_note(here, monkeypatch, capsys):
    (here / "t.csv").write_text(GOOD)
    assert run(monkeypatch, "--source", "t.csv") == 0
    expected = hash_of_report()
    assert "out of order" not in capsys.readouterr().out
    lines = ROWS.splitlines()
    random.Random(5).shuffle(lines)
    (here / "t.csv").write_text(HEADER + "\n".join(lines) + "\n")
    assert run(monkeypatch, "--source", "t.csv") == 0
    assert hash_of_report() == expected
    assert "- t.csv: rows were out of order and were sorted: a." in capsys.readouterr().out
