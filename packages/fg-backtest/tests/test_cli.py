"""The command as a user meets it: real entry points, and real child processes and signals where
a process of its own can make a difference.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec
import pytest

from fg_backtest import WalkForwardBacktester, _command, cli, datasets, read_report
from fg_backtest.report import without_origins
from fg_core import Dataset, Observation, Provenance, Query, Registry

# Ends a test whose child process hangs; nothing else depends on it.
HANGS_SECONDS = 240


class Command(Protocol):
    folder: Path
    env: dict[str, str]

    def start(self, *args: str) -> subprocess.Popen[str]: ...
    def __call__(self, *args: str) -> subprocess.CompletedProcess[str]: ...


class Here(Protocol):
    def __call__(self, *args: str) -> subprocess.CompletedProcess[str]: ...


def files(folder: Path) -> set[str]:
    found = (str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    return set(found) - {"fetched", "playing"}


# ------------------------------------------------------------------------------- it works


def test_a_run_prints_tables_and_writes_a_report(command: Command) -> None:
    done = command("--source", "toy", "--agents", "baselines")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a: 35 origins 1963Q3 to 1972Q1" in done.stdout
    assert "4 quarters ahead" in done.stdout
    assert "mean over 4 cells" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert files(command.folder) == {"planning/backtest_report.json"}
    report = read_report(command.folder / "planning" / "backtest_report.json")
    assert report.provenance.series == ("a", "b")
    assert report.provenance.fallback_for == ""
    assert report.configuration["agent_factory"] == (
        "AgentsWith(aggregator='pool', forecasters=())"
    )
    assert report.command["source"] == "toy"
    assert "out" not in report.command


def test_options_reach_the_backtest(command: Command, here: Here) -> None:
    done = here(
        *("--source", "toy", "--series", "b", "--horizons", "2", "--start", "1965Q1"),
        *("--end", "1969", "--warmup", "1960-01-01", "--refit-every", "2", "--window", "30"),
        *("--gap", "1", "--step", "8", "--seed", "11", "--out", "x/y.json", "--by-window"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "b by window of origins" in done.stdout
    assert "window of 30 rows" in done.stdout
    report = read_report(command.folder / "x" / "y.json")
    assert report.seed == 11
    cell = report.series["b"].horizons["2"]
    assert cell.origins[0].period == "1965-01-01T00:00:00+00:00"
    assert cell.origins[-1].period == "1969-10-01T00:00:00+00:00"
    assert report.series["b"].played_from == "1960-01-01T00:00:00+00:00"
    assert (cell.windows[0].train_start, cell.windows[0].train_end) == (30, 59)
    assert report.configuration["refit_every"] == 2
    assert report.command["series"] == ["b"]
    assert report.command["start"] == "1965Q1"


def test_series_by_commas_or_repeated_and_a_warmup_by_number(command: Command, here: Here) -> None:
    done = here(
        *("--source", "toy", "--series", "b,a", "--series", "b", "--warmup", "8", "--quiet")
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    report = read_report(command.folder / "planning" / "backtest_report.json")
    assert report.provenance.series == ("b", "a")
    assert report.series["a"].first_played == 54 - 8


def test_a_report_of_the_summary_only(command: Command, here: Here) -> None:
    whole = here("--source", "toy", "--out", "whole.json")
    done = here("--source", "toy", "--summary-only", "--out", "summary.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "- SUMMARY ONLY: the report has no forecasts of single origins" in done.stdout
    # Beside that and the last line, with the name of the file, all is the same.
    told = [line for line in done.stdout.splitlines()[:-2] if line in whole.stdout.splitlines()]
    assert told == whole.stdout.splitlines()[:-2]
    report = read_report(command.folder / "summary.json")
    assert report.command["summary_only"] is True
    assert report == msgspec.structs.replace(
        without_origins(read_report(command.folder / "whole.json")),
        created=report.created,
        command=report.command,
    )


def test_equal_commands_give_equal_results_in_any_process(command: Command, here: Here) -> None:
    # This process has another seed for hashes, at random.
    command.env["PYTHONHASHSEED"] = "1"
    hashes = [
        run("--source", "toy", "--series", "a", "--agents", "baselines").stdout.splitlines()[-1]
        for run in (command, here)
    ]
    assert "results " in hashes[0]
    assert hashes[0] == hashes[1]


def test_list_shows_every_plugin_and_its_distribution(command: Command, here: Here) -> None:
    done = here("--list")
    assert (done.returncode, done.stderr) == (0, "")
    line = next(x for x in done.stdout.splitlines() if "toy_plugins:Toy" in x)
    assert line.split() == ["toy", "toy_plugins:Toy", "toy-plugins", "1.0"]
    assert "fg_core.aggregators (" in done.stdout
    assert "fg_core.policies (" in done.stdout
    assert files(command.folder) == set()


def test_the_script_is_the_module(command: Command) -> None:
    script = Path(sys.executable).with_name("fg-backtest")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == command("--version").stdout


# -------------------------------------------------------------------------- one clear line


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--source", "tos"],
            "no plugin 'tos' in group fg_core.sources; known, nearest first: toy",
        ),
        (["--source", "toy", "--series", "c"], "source 'toy' has no series 'c'; it has a, b"),
        (["--source", "toy", "--series", "a,,b"], "'--series': an empty name"),
        (["--source", "toy", "--aggregator", "pol"], "known, nearest first: pool"),
        (["--source", "toy_nothing"], "makes a NoSource, which is not a data source"),
        (["--source", "toy", "--start", "1965Q9"], "period '1965Q9' has no such quarter"),
        (["--source", "toy", "--start", "soon"], "period 'soon' is not understood; give a quarter"),
        (["--source", "toy", "--start", "1951Q1"], "20 are wanted for a first fit"),
        (["--source", "toy", "--warmup", "999"], "0 rows before the warm-up"),
        (["--source", "toy", "--horizons", "1,x"], "'1,x' is not a list of whole numbers"),
        (["--source", "toy", "--horizons", "2,2"], "'2,2' names a horizon twice"),
        (["--source", "toy", "--horizons", "99"], "has a target 99 steps ahead"),
        (["--source", "toy", "--window", "2"], "(in the game on series 'a')"),
        (["--source", "toy", "--gap", "-1"], "-1 is not in the range x>=0"),
        (["--source", "toy", "--seed", "many"], "'many' is not a valid whole number"),
        (["--source", "toy", "--option", "origin"], "'origin' is not NAME=VALUE"),
        (["--source", "toy", "--option", "=x"], "'=x' is not NAME=VALUE"),
        (["--sauce", "toy"], "--sauce"),
        (["toy"], "unexpected extra argument (toy)"),
        (["--source", "toy", "--out", "."], "is a folder; give the name of a file"),
        (["--source", "toy", "--out", "/dev/null"], "is not a regular file"),
        (["--source", "toy", "--out", "/dev/null/x/y.json"], "/dev/null is not a folder"),
        (["--source", "toy", "--out", "/proc/x/y.json"], "--out /proc/x/y.json cannot be written"),
        (["--source", "toy", "--out", "x" * 300], "cannot be written: File name too long"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    command: Command, here: Here, args: list[str], message: str
) -> None:
    done = here(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("fg-backtest: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(command.folder) == set()


def test_a_wrong_path_is_found_before_anything_is_fetched(command: Command, here: Here) -> None:
    assert here("--source", "toy", "--out", ".").returncode == 2
    assert not (command.folder / "fetched").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--source", "toy", "--aggregator", "toy_failing"],
            "RuntimeError: out of ideas (in the game on series 'a')",
        ),
        (["--source", "toy_broken"], "unexpected KeyError: 'quarter' (--debug shows where"),
    ],
)
def test_a_failed_run_is_one_line_and_code_1(
    command: Command, here: Here, args: list[str], message: str
) -> None:
    done = here(*args)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(command.folder) == set()

    debugged = here(*args, "--debug")
    assert debugged.returncode == 1
    assert "Traceback (most recent call last)" in debugged.stderr
    assert debugged.stderr.splitlines()[-1] == done.stderr.rstrip()


def test_a_report_that_is_there_survives_a_failed_run(command: Command, here: Here) -> None:
    path = command.folder / "planning" / "backtest_report.json"
    path.parent.mkdir()
    path.write_text("an earlier one")
    assert here("--source", "toy", "--aggregator", "toy_failing").returncode == 1
    assert path.read_text() == "an earlier one"


# -------------------------------------------------------------------------------- signals


def test_ctrl_c_is_one_line_and_no_report(command: Command) -> None:
    process = command.start("--source", "toy", "--aggregator", "toy_waiting")
    try:
        while not (command.folder / "playing").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANGS_SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert (out, err) == ("", "fg-backtest: interrupted; no report was written\n")
    assert files(command.folder) == set()


def test_a_reader_that_leaves_is_no_error(command: Command) -> None:
    process = command.start("--source", "toy")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=HANGS_SECONDS) == 141
    assert err == ""
    assert files(command.folder) == {"planning/backtest_report.json"}


@pytest.mark.slow
def test_an_output_without_unicode_gets_ascii(command: Command) -> None:
    command.env["PYTHONIOENCODING"] = "ascii"
    done = command("--source", "toy")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "ensemble (game)" in done.stdout


# ------------------------------------------------------------------- without a source named


class Proxy:
    """Stands in for the source `synthetic` of fg-data, which may not be installed here."""

    name = "synthetic"

    def fetch(self, query: Query, as_of: object = None) -> Dataset:
        rows = []
        for t in range(90):
            when = datetime(1950 + t // 4, t % 4 * 3 + 1, 1, tzinfo=UTC)
            rows.append(Observation(when, float(t * t % 17), {}, when, "x", "synthetic"))
        provenance = Provenance("synthetic", "made up", "none", "none", is_synthetic=True)
        return Dataset(tuple(rows), provenance, frequency="Q")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """In this process, with `Proxy` as the only source and a folder of its own."""

    class Point(EntryPoint):
        def load(self) -> Any:
            return Proxy

    point = Point("synthetic", "here:Proxy", "fg_core.sources")
    monkeypatch.setattr(datasets, "Registry", lambda group: Registry(group, [point]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    return monkeypatch


def run(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["fg-backtest", *args])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert isinstance(left.value.code, int)
    return left.value.code


class MadeUpTraining(Proxy):
    """Stands in for the source `fred_training` where it has no key, and warns of it."""

    name = "fred_training"

    def fetch(self, query: Query, as_of: object = None) -> Dataset:
        warnings.warn("FRED_API_KEY is not set: these numbers are made up", stacklevel=1)
        made = Proxy().fetch(query)
        return replace(made, provenance=replace(made.provenance, is_synthetic=True))


@pytest.mark.parametrize("key", ["", "  "])
def test_the_stand_in_is_announced_everywhere(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    class Point(EntryPoint):
        def load(self) -> Any:
            return MadeUpTraining

    point = Point("fred_training", "here:X", "fg_core.sources")
    alone.setattr(datasets, "Registry", lambda group: Registry(group, [point]))
    alone.setenv("FRED_API_KEY", key)
    assert run(alone) == 0
    out, err = capsys.readouterr()
    assert err == (
        "fg-backtest: warning: no FRED_API_KEY: using the synthetic proxy; real data at hand: "
        "--source us_macro, or a file of yours (--source sales.csv)\n"
    )
    assert "FALLBACK: these data stand in for 'fred_training'." in out
    report = Path("planning/backtest_report.json").read_text()
    assert json.loads(report)["provenance"]["fallback_for"] == "fred_training"
    assert json.loads(report)["command"]["source"] is None


class FakeTraining(Proxy):
    """Stands in for the source `fred_training` of fg-data, and remembers what it was asked."""

    name = "fred_training"
    asked: ClassVar[list[Query]] = []

    def fetch(self, query: Query, as_of: object = None) -> Dataset:
        self.asked.append(query)
        provenance = Provenance("fred_training", "five series", "terms", "first prints")
        return replace(Proxy().fetch(query), provenance=provenance)


def test_with_a_key_fred_is_used_and_nothing_stands_in(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Point(EntryPoint):
        def load(self) -> Any:
            return {"fred_training": FakeTraining, "synthetic": Proxy}[self.name]

    points = [Point(name, "here:X", "fg_core.sources") for name in ("fred_training", "synthetic")]
    alone.setattr(datasets, "Registry", lambda group: Registry(group, points))
    alone.setenv("FRED_API_KEY", "secret-key")
    FakeTraining.asked.clear()
    assert run(alone, "--seed", "3") == 0
    assert FakeTraining.asked == [Query(seed=3)]
    out, err = capsys.readouterr()
    assert err == ""
    assert "FALLBACK" not in out
    report = Path("planning/backtest_report.json").read_text()
    assert json.loads(report)["provenance"]["source"] == "fred_training"
    assert json.loads(report)["provenance"]["fallback_for"] == ""
    assert "secret-key" not in report + out + err


@pytest.mark.parametrize("key", ["secret-key", ""])
def test_without_its_source_nothing_stands_in(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    alone.setenv("FRED_API_KEY", key)
    assert run(alone) == 2
    out, err = capsys.readouterr()
    assert "no plugin 'fred_training' in group fg_core.sources" in err
    assert "secret-key" not in out + err
    assert not Path("planning").exists()


def test_a_source_that_was_named_is_no_stand_in(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(alone, "--source", "synthetic") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "FALLBACK" not in out
    assert "SYNTHETIC" in out


@pytest.mark.parametrize("args", [[], ["--source", "us_macro"]])
def test_without_any_source_it_says_what_to_install(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    alone.setattr(datasets, "Registry", lambda group: Registry(group, []))
    assert run(alone, *args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "no data source is installed: fg-data has some; install it from" in err


def test_a_read_only_file_is_left_alone(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.json").write_text("mine")
    # Root, whom tests may run as, can write to any file; what counts is what the system answers.
    alone.setattr(os, "access", lambda *_args: False)
    assert run(alone, "--source", "synthetic", "--out", "r.json") == 2
    assert "r.json cannot be written: the file is read-only" in capsys.readouterr().err
    assert Path("r.json").read_text() == "mine"


def test_a_disk_that_fills_is_a_failed_run(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    alone.setattr(os, "fsync", full)
    assert run(alone, "--source", "synthetic") == 1
    assert capsys.readouterr().err == (
        "fg-backtest: error: the report could not be written to planning/backtest_report.json: "
        "No space left on device\n"
    )
    assert [p for p in Path().rglob("*") if p.is_file()] == []


def test_ctrl_c_after_the_report_says_that_it_is_complete(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    alone.setattr(_command, "_print_table", interrupted)
    assert run(alone, "--source", "synthetic") == 130
    said = capsys.readouterr().err
    assert said == (
        "fg-backtest: interrupted; the report is complete: planning/backtest_report.json\n"
    )
    read_report("planning/backtest_report.json")


def test_a_warning_of_the_game_is_one_line(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch = Proxy.fetch

    def warned(self: Proxy, query: Query, as_of: object = None) -> Dataset:
        warnings.warn("a round took\n2 s", stacklevel=2)
        return fetch(self, query, as_of)

    alone.setattr(Proxy, "fetch", warned)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run(alone, "--source", "synthetic", "--quiet") == 0
    assert capsys.readouterr().err == "fg-backtest: warning: a round took 2 s\n"


# ------------------------------------------------------------------------------------- files


class FakeFile:
    """Stands in for the source `file` of fg-data, and remembers what it was asked."""

    name = "file"
    asked: ClassVar[list[Query]] = []

    def fetch(self, query: Query, as_of: object = None) -> Dataset:
        self.asked.append(query)
        return Proxy().fetch(query)


@pytest.fixture
def with_files(alone: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    class Point(EntryPoint):
        def load(self) -> Any:
            return {"file": FakeFile, "synthetic": Proxy}[self.name]

    points = [Point(name, "here:X", "fg_core.sources") for name in ("file", "synthetic")]
    alone.setattr(datasets, "Registry", lambda group: Registry(group, points))
    FakeFile.asked.clear()
    return alone


def test_a_path_goes_to_the_file_source_with_its_columns(
    with_files: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "some folder" / "sales.csv"
    path.parent.mkdir()
    path.write_text("day,sales\n")
    args = ("--ds", "day", "--y", "sales", "--id", "shop", "--season-length", "4", "--seed", "3")
    assert run(with_files, "--source", str(path), *args, "--quiet") == 0
    options = {"ds": "day", "y": "sales", "unique_id": "shop"}
    assert FakeFile.asked == [Query(seed=3, location=str(path), options=options)]
    text = Path("planning/backtest_report.json").read_text()
    assert "some folder" not in text
    report = json.loads(text)
    assert report["command"]["source"] == "sales.csv"
    assert report["command"]["ds"] == "day"
    assert report["provenance"]["season_length"] == 4
    assert "seasonal_naive" in report["contenders"]
    assert "all_series" not in report["command"]


def test_other_options_of_a_source_reach_it_and_the_report(
    with_files: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("day,sales\n")
    args = ("--option", "release_lag=3", "--option", "note=a=b", "--ds", "day")
    assert run(with_files, "--source", str(path), *args, "--quiet") == 0
    wanted = {"release_lag": "3", "note": "a=b", "ds": "day"}
    assert FakeFile.asked == [Query(location=str(path), options=wanted)]
    report = json.loads(Path("planning/backtest_report.json").read_text())
    assert report["command"]["source_options"] == {"release_lag": "3", "note": "a=b"}


def test_a_source_goes_before_a_file_of_its_name(with_files: pytest.MonkeyPatch) -> None:
    Path("synthetic").write_text("x")
    Path("sales").write_text("x")
    assert run(with_files, "--source", "synthetic", "--quiet") == 0
    assert FakeFile.asked == []
    assert run(with_files, "--source", "sales", "--quiet") == 0
    assert FakeFile.asked == [Query(seed=7, location="sales")]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--source", "gone.csv"], "no such file: 'gone.csv'"),
        (["--source", "gone/x"], "no such file: 'gone/x'"),
        (["--source", "planning.json/"], "no such file: 'planning.json/'"),
        (
            ["--source", "synthetic", "--ds", "day"],
            "--ds says what is in a file; give the file with --source, such as --source sales.csv",
        ),
        (
            ["--id", "shop"],
            "--id says what is in a file; give the file with --source, such as --source sales.csv",
        ),
        (
            ["--source", "synthetic", "--season-length", "0"],
            "Invalid value for '--season-length': 0 is not in the range x>=1. (see fg-backtest "
            "--help)",
        ),
        (
            ["--source", "synthetic", "--forecasters", "drift"],
            "forecaster 'drift': one named 'drift' is there already; there are random_walk, drift, "
            "ar4, ar",
        ),
        (
            ["--source", "synthetic", "--forecasters", "equal_weights"],
            "a forecaster is named 'equal_weights', which is the name of another row of the "
            "report; give it another name",
        ),
    ],
)
def test_wrong_files_and_forecasters_are_one_line(
    with_files: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    args: list[str],
    message: str,
) -> None:
    assert run(with_files, *args) == 2
    assert capsys.readouterr() == ("", f"fg-backtest: error: {message}\n")
    assert [p for p in Path().rglob("*") if p.is_file()] == []


def test_a_file_without_its_source_says_what_to_install(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("sales.csv").write_text("ds,y\n")
    assert run(alone, "--source", "sales.csv") == 2
    assert "no plugin 'file' in group fg_core.sources" in capsys.readouterr().err
    alone.setattr(datasets, "Registry", lambda group: Registry(group, []))
    assert run(alone, "--source", "sales.csv") == 2
    assert "no data source is installed: fg-data has some" in capsys.readouterr().err


def test_more_forecasters_join(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(alone, "--source", "synthetic", "--forecasters", "seasonal_naive,runtime") == 0
    report = read_report("planning/backtest_report.json")
    assert report.contenders[:4] == ("random_walk", "drift", "ar4", "ar")
    assert report.contenders[4] == "seasonal_naive"
    assert len(report.contenders) == 8
    assert report.command["forecasters"] == ["seasonal_naive", "runtime"]
    assert "seasonal_naive" in capsys.readouterr().out


def test_defaults_of_the_command_are_those_of_the_backtester() -> None:
    defaults = {p.name: p.default for p in cli.command.params}
    backtester = WalkForwardBacktester()
    for option, setting in (
        ("refit_every", "refit_every"),
        ("gap", "gap"),
        ("step", "step"),
        ("seed", "seed"),
    ):
        assert defaults[option] == getattr(backtester, setting)
    assert backtester.train_window is None


def test_a_runtime_joins_and_who_answers_is_told(
    alone: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(alone, "--source", "synthetic", "--runtime", "python") == 0
    assert read_report("planning/backtest_report.json").contenders[4] == "runtime:python"
    assert "Runtime python: python 3" in capsys.readouterr().err

    assert run(alone, "--source", "synthetic", "--runtime", "pyhton") == 2
    told = capsys.readouterr().err
    assert "no plugin 'pyhton' in group fg_core.runtimes" in told
    assert told.count("\n") == 1
