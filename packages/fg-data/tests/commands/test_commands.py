"""The commands in this process, on a local service whose requests need not be spaced."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fg_data import cli, load_dataset
from fg_data.fred import FRED_NOTICE

FakeFred = Any
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fred(fake_fred: FakeFred, monkeypatch: pytest.MonkeyPatch) -> FakeFred:
    adapter = fake_fred.adapter()
    for place in ("fg_data.fred.source", "fg_data.fred.training.builder"):
        monkeypatch.setattr(f"{place}.FredMacroAdapter", lambda **_: adapter)
    return fake_fred


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command in a folder of its own; returns its code, output and messages."""
    monkeypatch.chdir(tmp_path)
    for name in ("FG_CACHE_DIR", "FG_OFFLINE"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fg-data", *args])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return call


def lines_of(out: str, first_word: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines() if line.startswith(first_word)]


# ------------------------------------------------------------------------------- fetch


def test_fetch_keeps_shows_and_writes(fred: FakeFred, run: Run) -> None:
    code, out, err = run("fetch", "--series", "CPIAUCSL,UNRATE", "--out", "out/two.csv")
    assert (code, err) == (0, "")
    (line,) = lines_of(out, "UNRATE")
    assert line[1:5] == ["monthly", "2018-01", "2024-12", "84"]
    assert FRED_NOTICE in out
    assert "168 rows written to out/two.csv" in out
    assert fred.key not in out
    with Path("out/two.csv").open() as file:
        rows = list(csv.DictReader(file))
    history = fred.histories["UNRATE"]
    expected = [
        {
            "unique_id": "UNRATE",
            "ds": known.period.date().isoformat(),
            "y": repr(known.value),
            "available_at": known.available_at.isoformat(),
        }
        for known in history.first_prints()
    ]
    assert [row for row in rows if row["unique_id"] == "UNRATE"] == expected
    # The file is one that the source `file` reads.
    back = load_dataset("out/two.csv")
    assert [row.value for row in back.series("UNRATE")] == [float(r["y"]) for r in expected]
    assert {path.parent.name for path in Path("data/cache").rglob("history-*.json")} == {"fred"}


def test_fetch_writes_all_vintages_where_that_is_asked(fred: FakeFred, run: Run) -> None:
    code, _, err = run("fetch", "--series", "GDP", "--option", "vintage=all", "--out", "gdp.csv")
    assert (code, err) == (0, "")
    with Path("gdp.csv").open() as file:
        rows = [(r["ds"], float(r["y"]), r["available_at"]) for r in csv.DictReader(file)]
    assert rows == [
        (one.period.date().isoformat(), one.value, one.available_at.isoformat())
        for one in fred.histories["GDP"].every_value()
    ]
    back = load_dataset("gdp.csv")
    kept = load_dataset("fred", series="GDP", options={"vintage": "all"})
    assert len(rows) == len(back) + len(back.earlier_values) > 2 * len(back)
    assert [v.value for v in back.values_of("GDP")] == [v.value for v in kept.values_of("GDP")]


def test_fetch_uses_the_cache_until_told_to_refresh(fred: FakeFred, run: Run) -> None:
    run("fetch", "--series", "UNRATE")
    code, out, _ = run("fetch", "--series", "UNRATE")
    assert code == 0
    assert "less than a minute ago" in out
    assert fred.asked("series") == ["UNRATE"]
    run("fetch", "--series", "UNRATE", "--refresh")
    assert fred.asked("series") == ["UNRATE", "UNRATE"]


def test_fetch_as_json_and_as_of(fred: FakeFred, run: Run) -> None:
    code, out, _ = run("fetch", "--series", "GDP", "--as-of", "2020-06-30", "--json")
    facts = json.loads(out)
    assert code == 0
    (one,) = facts["series"]
    known = fred.histories["GDP"].as_of(datetime(2020, 7, 1, tzinfo=UTC))
    assert (one["rows"], one["last"]) == (len(known), "2020Q1")
    assert facts["provenance"]["notices"][1] == FRED_NOTICE
    code, _, _ = run("fetch", "--series", "GDP", "--out", "gdp.json", "--start", "2020Q1")
    rows = json.loads(Path("gdp.json").read_text())
    assert rows[0]["ds"] == "2020-01-01"


def test_a_series_that_fails_does_not_spoil_the_others(fred: FakeFred, run: Run) -> None:
    code, out, err = run("fetch", "--series", "UNRATE,NOSUCH")
    assert code == 1
    assert lines_of(out, "UNRATE")
    assert err.count("\n") == 1
    assert err.startswith("fg-data: error: NOSUCH: ")
    code, _, err = run("fetch", "--series", "NOSUCH")
    assert code == 2
    assert "NOSUCH" in err


def test_offline_without_anything_kept_says_what_is_missing(fred: FakeFred, run: Run) -> None:
    code, out, err = run("fetch", "--series", "UNRATE", "--offline")
    assert (code, out) == (2, "")
    assert "offline, and not in the cache at data/cache: history of UNRATE from 'fred'" in err
    assert fred.requests == []
    assert "FG_OFFLINE" not in os.environ
    run("fetch", "--series", "UNRATE")
    assert run("fetch", "--series", "UNRATE", "--offline")[0] == 0


@pytest.mark.parametrize(
    ("option", "place"), [(["--cache-dir", "mine"], "mine"), ([], "from_settings")]
)
def test_the_cache_is_where_it_is_told_to_be(
    fred: FakeFred, run: Run, option: list[str], place: str
) -> None:
    Path("forecast-game.toml").write_text('cache_dir = "from_settings"\n')
    run("fetch", "--series", "UNRATE", *option)
    assert {path.parts[0] for path in Path().rglob("history-*.json")} == {place}


# ------------------------------------------------------------------------------- show


def test_show_has_table_line_origin_and_picture(fred: FakeFred, run: Run) -> None:
    code, out, err = run("show", "--series", "GDP", "--rows", "2", "--svg", "gdp.svg")
    assert (code, err) == (0, "")
    last = fred.histories["GDP"].first_prints()[-2:]
    assert [line[:2] for line in lines_of(out, "2024Q")] == [
        ["2024Q3", f"{last[0].value:g}"],
        ["2024Q4", f"{last[1].value:g}"],
    ]
    assert "2018Q1 to 2024Q4, 28 rows" in out
    assert "█" in out
    assert "next: 2025Q1" in out
    assert FRED_NOTICE in out
    root = ElementTree.fromstring(Path("gdp.svg").read_text())
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    assert "GDP (Billions of Dollars)" in texts
    assert any(FRED_NOTICE[:60] in text for text in texts)
    points = [e.get("points") for e in root.iter() if e.tag.endswith("polyline")]
    assert len(points) == 1
    assert len((points[0] or "").split()) == 28
    assert fred.key not in Path("gdp.svg").read_text() + out


def test_show_as_of_is_what_stood_that_day(fred: FakeFred, run: Run) -> None:
    history = fred.histories["GDP"]
    args = ("show", "--series", "GDP", "--as-of", "2021-08-31", "--json")
    known = history.as_of(datetime(2021, 9, 1, tzinfo=UTC))
    firsts = {one.period: one.value for one in history.first_prints()}
    assert any(one.value != firsts[one.period] for one in known)  # else it would not show
    code, out, _ = run(*args)
    shown = {row["ds"]: row["y"] for row in json.loads(out)["series"]["GDP"]["rows"]}
    assert code == 0
    assert shown == {one.period.date().isoformat(): one.value for one in known}
    # What is asked for by name is shown, and rows for a backtest are first prints as before.
    for command in (("show", "--option", "vintage=first"), ("fetch", "--out", "gdp.json")):
        code, out, _ = run(command[0], *args[1:], *command[1:])
        assert code == 0
        if command[0] == "show":
            rows = json.loads(out)["series"]["GDP"]["rows"]
        else:
            rows = json.loads(Path("gdp.json").read_text())
        assert [row["y"] for row in rows] == [firsts[one.period] for one in known]


@pytest.mark.parametrize("source", ["fred", "us_macro"])
@pytest.mark.parametrize("command", ["show", "fetch", "check"])
def test_a_series_of_one_row_is_one(fred: FakeFred, run: Run, source: str, command: str) -> None:
    name = {"fred": "GDP", "us_macro": "unemp"}[source]
    at = "2019Q2" if source == "fred" else "2001Q2"
    args = ("--source", source, "--series", name, "--start", at, "--end", at)
    code, out, err = run(command, *args)
    assert "Traceback" not in err
    assert name in out
    if command == "show":
        assert (code, f"{at} to {at}, 1 row\n" in out) == (0, True)
    elif command == "fetch":
        assert (code, lines_of(out, name)[0][1:5]) == (0, ["quarterly", at, at, "1"])
    else:
        assert "1 series, 1 row" in out


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("vintage=latest", "LOOK-AHEAD: values are revised ones"),
        ("vintage=first", "Values are first prints"),
        ("units=pca", "All series: compounded annual rate of change"),
    ],
)
def test_what_was_made_of_the_figures_is_said(
    fred: FakeFred, run: Run, option: str, said: str
) -> None:
    for command in ("show", "fetch"):
        code, out, _ = run(command, "--series", "GDP,UNRATE", "--option", option)
        assert code == 0
        assert out.count(said) == 1


def test_show_aligned_is_what_was_known_at_each_origin(fred: FakeFred, run: Run) -> None:
    code, out, _ = run("show", "--aligned", "--as-of", "2021-05-31", "--rows", "2", "--json")
    assert code == 0
    columns = json.loads(out)["columns"]
    assert columns["origin"][-1].startswith("2021-06-01")
    for name, history in fred.histories.items():
        known = history.latest(datetime(2021, 6, 1, tzinfo=UTC))
        assert columns[name][-1] == known.value
        assert columns[f"{name}_age_days"][-1] >= 0.0
    code, out, _ = run("show", "--aligned", "--as-of", "2021-05-31", "--rows", "2")
    assert [line[0] for line in lines_of(out, "2021-")] == ["2021-05-01", "2021-06-01"]
    assert run("show", "--source", "us_macro", "--aligned")[0] == 2


def test_show_other_sources_and_files(run: Run) -> None:
    code, out, _ = run("show", "--source", "us_macro", "--series", "unemp", "--rows", "1")
    assert code == 0
    assert lines_of(out, "2009Q3") == [["2009Q3", "9.6", "2009-10-08", "00:00"]]
    Path("sales.csv").write_text("ds,y\n" + "".join(f"2020-{m:02},{m}\n" for m in range(1, 13)))
    code, out, _ = run("show", "--source", "sales.csv", "--json")
    assert code == 0
    assert [row["y"] for row in json.loads(out)["series"]["y"]["rows"]] == list(range(1, 13))


# ------------------------------------------------------------------------------- vintages


def test_vintages_of_a_period_are_every_print_of_it(fred: FakeFred, run: Run) -> None:
    code, out, err = run("vintages", "--series", "GDP", "--period", "2020Q2")
    assert (code, err) == (0, "")
    prints = fred.histories["GDP"].revisions(datetime(2020, 4, 1, tzinfo=UTC))
    shown = lines_of(out, "202")[1:]  # the first is the period itself
    assert [(line[0], line[1]) for line in shown] == [
        (p.published.date().isoformat(), f"{p.value:.6g}") for p in prints
    ]
    assert len(prints) > 2
    code, out, _ = run("vintages", "--series", "GDP", "--period", "2020-05", "--json")
    (one,) = json.loads(out)["series"]["GDP"]
    assert one["ds"] == "2020-04-01"
    assert [p["value"] for p in one["prints"]] == [p.value for p in prints]


def test_vintages_as_a_table_of_first_and_latest(fred: FakeFred, run: Run) -> None:
    args = ("vintages", "--series", "CPIAUCSL", "--rows", "3", "--svg", "v.svg")
    code, out, _ = run(*args)
    assert code == 0
    history = fred.histories["CPIAUCSL"]
    for line in lines_of(out, "2024-1"):
        prints = history.revisions(datetime.fromisoformat(f"{line[0]}-01T00:00:00+00:00"))
        assert float(line[1]) == pytest.approx(prints[0].value, rel=1e-5)
        assert float(line[2]) == pytest.approx(prints[-1].value, rel=1e-5)
        assert int(line[4]) == len(prints)
    root = ElementTree.fromstring(Path("v.svg").read_text())
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"latest", "first print"} <= set(texts)
    assert run("vintages", "--series", "CPIAUCSL", "--period", "1950-01")[0] == 2
    code, _, err = run("vintages", "--source", "us_macro")
    assert code == 2
    assert re.search(r"vintages are on record for the sources? .*'fred'.* only, not for 'us_", err)


# ------------------------------------------------------------------------------- check, list


def test_check_of_a_training_set_looks_at_its_vintages(fred: FakeFred, run: Run) -> None:
    # The local service stopped at the end of 2024, and that is found.
    code, out, err = run("check", "--source", "fred_training", "--as-of", "2024-12-31")
    assert (code, err) == (0, "")
    assert "sound: 0 faults" in out
    code, out, _ = run("check", "--source", "fred_training", "--json")
    facts = json.loads(out)
    assert (code, facts["sound"]) == (3, False)
    assert {one["series"] for one in facts["findings"] if one["kind"] == "stale"} == set(
        fred.histories
    )


def test_check_finds_a_training_file_that_knows_the_future(fred: FakeFred, run: Run) -> None:
    """The file is sound by itself; the vintages say that its figures came out a month later."""
    late = fred.histories["UNRATE"]
    month = timedelta(days=30)
    delayed = tuple(
        replace(
            p,
            published=p.published + month,
            superseded=None if p.superseded is None else p.superseded + month,
        )
        for p in late.prints
    )
    run("fetch", "--source", "fred_training")
    fred.histories["UNRATE"] = replace(late, prints=delayed)
    run("fetch", "--series", "UNRATE", "--refresh")
    code, out, _ = run("check", "--source", "fred_training", "--as-of", "2024-12-31")
    assert code == 3
    assert "fault (leak) UNRATE: value leak of series 'UNRATE'" in out
    assert "fault (leak) CPIAUCSL: context leak of series 'CPIAUCSL'" in out


def test_check_is_strict_if_asked(run: Run) -> None:
    code, out, _ = run("check", "--source", "us_macro")
    assert code == 0
    assert "sound: 0 faults, 4 oddities" in out
    assert run("check", "--source", "us_macro", "--fail-on-poisoning")[:2] == (0, out)
    assert run("check", "--source", "us_macro", "--strict")[0] == 3


def test_check_of_a_file_with_a_leak(run: Run) -> None:
    rows = "".join(f"2020-{m:02},{m % 3},2020-{m:02}-02\n" for m in range(1, 13))
    Path("leaky.csv").write_text("ds,y,available_at\n" + rows)
    code, out, _ = run("check", "--source", "leaky.csv")
    assert code == 3
    assert "fault (leak) y: early leak of series 'y', data: 12 rows" in out
    assert "NOT SOUND: 1 fault" in out


def test_check_refuses_a_forged_print_if_asked(run: Run) -> None:
    days = [(y, m) for y in range(2010, 2016) for m in range(1, 13)]
    rows = "".join(
        f"{y}-{m:02}-01,{10 + (7 * k) % 5 + (90 if k == 40 else 0)}\n"
        for k, (y, m) in enumerate(days)
    )
    Path("sales.csv").write_text("ds,y\n" + rows)
    code, out, _ = run("check", "--source", "sales.csv")
    assert (code, "oddity (spike) y: " in out, "poison" in out) == (0, True, False)
    code, out, _ = run("check", "--source", "sales.csv", "--fail-on-poisoning")
    assert code == 3
    assert "fault (poison) y: 1 print is further out than its own tails explain" in out


def test_check_against_another_source(run: Run) -> None:
    data = load_dataset("us_macro", series="unemp")
    rows = "".join(f"{row.timestamp.date()},{10 * row.value:.0f}\n" for row in data)
    Path("tenths.csv").write_text("ds,y\n" + rows)
    check = ("check", "--source", "tenths.csv", "--against")
    assert run(*check, "us_macro:unemp,factor=10,tolerance=0.1%")[0] == 0
    assert run(*check, "us_macro:unemp,factor=auto")[0] == 0
    code, out, _ = run(*check, "us_macro:unemp")
    assert code == 3
    assert "fault (disagreement) y: against unemp of us_macro: 203 of 203 shared periods" in out
    assert "the median ratio of the two is 10: another unit or base" in out


@pytest.mark.parametrize(
    ("against", "words"),
    [
        ("", "--against names no source"),
        ("us_macro", "so add :NAME to --against: infl, unemp, tbilrate, growth"),
        ("us_macro:unmp", "has no series 'unmp'"),
        ("us_macro:unemp,tol=3", "no setting 'tol'; it has (nearest first) tolerance"),
        ("us_macro:unemp,factor", "'factor' is no setting"),
        ("us_macro:unemp,factor=0", "factor must be a number above 0 or auto, got '0'"),
        ("us_macro:unemp,by=mean", "by is one of avg, sum, eop, got 'mean'"),
        ("us_macro:unemp,tolerance=1%,tolerance=2%", "tolerance is given twice"),
        ("nosuch:unemp", "no plugin 'nosuch'"),
    ],
)
def test_what_a_series_is_compared_with_is_checked(run: Run, against: str, words: str) -> None:
    code, _, err = run("check", "--source", "us_macro", "--series", "unemp", "--against", against)
    assert code == 2
    assert words in err


def test_list_shows_sources_and_what_is_kept(fred: FakeFred, run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert [line[0] for line in lines_of(out, "fred")] == ["fred", "fred_training"]
    assert "Cache: data/cache (default)\n(empty)" in out
    run("fetch", "--series", "UNRATE")
    path = next(Path("data/cache/fred").glob("*.json"))
    path.with_name("broken.json").write_text("{")
    path.with_name(path.name + ".damaged-1").write_text("{")
    code, out, _ = run("list", "--json")
    files = {one["what"].split(":")[0] for one in json.loads(out)["cache"]["files"]}
    assert files == {"history of UNRATE from 'fred'", "cannot be read", "set aside as damaged"}
    code, out, _ = run("list", "--source", "fred")
    assert [line[3:5] for line in lines_of(out, "UNRATE")] == [["less", "than"]]
    assert "not in the cache" in out
    assert "Title of UNRATE, Percent" in out
    assert len(fred.asked("series")) == 1


def test_list_says_what_a_training_set_is_in_words(fred: FakeFred, run: Run) -> None:
    run("fetch", "--source", "fred_training")
    code, out, _ = run("list")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("fred_training.json")]
    assert line.endswith("from 'fred_training', train 0.7, valid 0.15")
    assert "{" not in out


def test_list_of_a_source(run: Run) -> None:
    code, out, _ = run("list", "--source", "us_macro")
    assert code == 0
    assert lines_of(out, "unemp")[0][:5] == ["unemp", "quarterly", "1959Q1", "2009Q3", "203"]
    assert run("list", "--source", "us_macr")[0] == 2


# ------------------------------------------------------------------------------- one clear line


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["fetch", "--source", "us_macro", "--refresh"], "keeps nothing that could be fetched"),
        (["fetch", "--out", "x.txt"], "--out x.txt: its name must end in .csv or .json"),
        (["fetch", "--out", "/dev/null/x.csv"], "--out /dev/null/x.csv cannot be written"),
        (["show", "--svg", "x.png"], "--svg x.png: its name must end in .svg"),
        (["show", "--start", "soon"], "period 'soon' is not understood"),
        (["show", "--series", "a,,b"], "an empty name"),
        (["show", "--option", "base"], "'base' is not NAME=VALUE"),
        (["show", "--option", "unit=pca"], r"no option 'unit'"),
        (["fetch", "--source", "us_macr"], "no plugin 'us_macr'"),
        (["fetch", "--source", "gone.csv"], "no such file: 'gone.csv'"),
        (["dance"], "No such command 'dance'"),
        (["fetch", "--seed", "-1"], "-1 is not in the range"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    fred: FakeFred, run: Run, args: list[str], message: str
) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert err.startswith("fg-data: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert fred.requests == []


def test_an_outage_is_a_failed_run_and_never_made_up(fred: FakeFred, run: Run) -> None:
    fred.broken = True
    code, out, err = run("fetch", "--series", "UNRATE")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert fred.key not in err
    code, _, err = run("fetch", "--series", "UNRATE", "--debug")
    assert "Traceback" in err
    assert fred.key not in err


def test_without_a_key_it_is_said_and_nothing_is_kept(
    fred: FakeFred, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    code, out, err = run("show", "--series", "UNRATE")
    assert code == 0
    assert err.startswith("fg-data: warning: FRED_API_KEY is not set")
    assert err.count("\n") == 1
    assert "SYNTHETIC" in out
    assert "FALLBACK: these data stand in for 'fred'." in out
    assert list(Path().rglob("*.json")) == []
