"""A source of another distribution, whose service nobody here has heard of, is given everything."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from fg_core import Registry
from fg_core.testing import check_data_source
from fg_data import HistorySource, cli, load_dataset
from fg_data.datasets import open_source
from fg_data.http.pacing import shared_pace

OUTSIDE = Path(__file__).parent / "outside"
YEARS = {str(year): 2.0 + 0.1 * (year % 7) for year in range(1990, 2025)}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def toy(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HTTPServer:
    """Install the distribution, start its service, and count what is asked."""
    info = tmp_path / "site" / "toy_source-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-source\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[fg_core.sources]\ntoy_office = toy_source:ToySource\n")
    monkeypatch.syspath_prepend(str(OUTSIDE))
    monkeypatch.syspath_prepend(str(info.parent))
    for area in ("USA", "INDIA"):
        body = {"values": {"GROWTH": {area: YEARS}}}
        httpserver.expect_request(f"/api/GROWTH/{area}").respond_with_json(body)
    httpserver.expect_request(re.compile("/api/.*")).respond_with_json({"values": {}})
    monkeypatch.setenv("TOY_BASE_URL", httpserver.url_for("/api"))
    for name in ("FG_CACHE_DIR", "FG_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return httpserver


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fg-data", *args])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return call


def test_it_is_a_source_with_histories(toy: HTTPServer) -> None:
    source = open_source("toy_office")
    assert isinstance(source, HistorySource)
    assert source.service.transport().spacing_seconds == 30.0
    check_data_source(source)
    rows = load_dataset("toy_office", series="GROWTH.USA")
    assert [row.value for row in rows] == list(YEARS.values())
    assert rows[0].available_at.isoformat() == "1991-04-11T00:00:00+00:00"
    assert Registry("fg_core.sources").distribution("toy_office") == "toy-source"
    assert toy.log


def test_it_is_asked_once_and_kept_in_a_folder_of_its_own(toy: HTTPServer, run: Run) -> None:
    assert run("fetch", "--source", "toy_office")[0] == 0
    assert len(toy.log) == 2
    code, out, err = run("fetch", "--source", "toy_office", "--json")
    assert (code, err, len(toy.log)) == (0, "", 2)
    assert [one["last"] for one in json.loads(out)["series"]] == ["2024", "2024"]
    assert run("fetch", "--source", "toy_office", "--offline", "--series", "GROWTH.USA")[0] == 0
    assert run("fetch", "--source", "toy_office", "--refresh")[0] == 0
    assert len(toy.log) == 4
    kept = {path.parent.name for path in Path("data/cache").rglob("history-*.json")}
    assert kept == {"toy_office"}


def test_every_command_knows_it(toy: HTTPServer, run: Run) -> None:
    assert run("fetch", "--source", "toy_office", "--series", "GROWTH.USA")[0] == 0
    code, out, _ = run("list", "--source", "toy_office")
    assert code == 0
    assert "GROWTH.INDIA  -" in out  # a default series that is not kept yet
    assert (
        "Any other series of the Toy Office by its name: fg-data fetch --source toy_office" in out
    )
    for args in (("vintages",), ("show", "--aligned"), ("check", "--as-of", "2025-12-31")):
        code, out, err = run(*args, "--source", "toy_office")
        assert (code, err) == (0, ""), args
        # What its terms want comes before its other notices.
        assert out.index("Growth of the Toy Office") < out.index("Note.") or args[0] == "check"
    code, _, err = run("vintages", "--source", "us_macro")
    assert code == 2
    assert re.search(r"for the sources .*'fred'.*'toy_office'.* only, not for 'us_macro'", err)
    code, _, err = run("show", "--aligned", "--source", "us_macro")
    assert code == 2
    assert re.search(r"which of the sources here only .*fred.* and toy_office have", err)


def test_a_series_that_fails_says_why_and_options_are_those_of_all(
    toy: HTTPServer, run: Run
) -> None:
    code, out, err = run(
        "fetch", "--source", "toy_office", "--series", "GROWTH.USA,GROWTH.ATLANTIS"
    )
    assert code == 1
    assert "GROWTH.USA" in out
    assert "the Toy Office has no series GROWTH.ATLANTIS" in err
    code, out, _ = run(
        "show",
        "--source",
        "toy_office",
        "--series",
        "GROWTH.USA",
        "--json",
        "--option",
        "units=chg",
        "--option",
        "release_lag=0",
    )
    first = json.loads(out)["series"]["GROWTH.USA"]["rows"][0]
    change = YEARS["1991"] - YEARS["1990"]
    assert (first["ds"], first["y"]) == ("1991-01-01", pytest.approx(change))
    assert first["available_at"] == "1992-01-01T00:00:00+00:00"
    code, _, err = run("fetch", "--source", "toy_office", "--option", "unit=chg")
    assert (code, "the source 'toy_office' has no option 'unit'" in err) == (2, True)


def test_a_hybrid_of_it_says_what_its_terms_want_first(toy: HTTPServer, run: Run) -> None:
    code, out, _ = run(
        "show", "--source", "hybrid", "--option", "base=toy_office", "--option", "like=GDP"
    )
    assert code == 0
    assert out.index("Growth of the Toy Office") < out.index("Hybrid data")


def test_its_pace_is_that_of_all_requests_to_its_host(toy: HTTPServer) -> None:
    source = open_source("toy_office")
    assert isinstance(source, HistorySource)
    source.service.transport().get(toy.url_for("/api/GROWTH/USA"), {})
    assert shared_pace(f"{toy.host}:{toy.port}", {}).spacing_seconds == 30.0
