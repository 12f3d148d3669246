"""The command `fg-forecast`, as its user meets it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from fg_backtest import forecast, forecast_cli


class Command(Protocol):
    folder: Path
    env: dict[str, str]


Here = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Here]:
    """Play `fg-forecast` in this process, with the toy plugins installed."""
    monkeypatch.syspath_prepend(str(command.folder.with_name("plugins")))
    monkeypatch.chdir(command.folder)
    monkeypatch.delenv("FRED_API_KEY", raising=False)

    def play(*args: str) -> subprocess.CompletedProcess[str]:
        line_up = [] if "--fan" in args else ["--agents", "baselines"]
        monkeypatch.setattr(sys, "argv", ["fg-forecast", *line_up, *args])
        with pytest.raises(SystemExit) as left:
            forecast_cli.main()
        assert isinstance(left.value.code, int)
        return subprocess.CompletedProcess(args, left.value.code, *capsys.readouterr())

    yield play
    sys.modules.pop("toy_plugins", None)


def test_the_table_has_a_row_per_period(here: Here) -> None:
    done = here("--source", "toy", "--series", "a", "--horizons", "1-3", "--above", "0.5")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("a: forecasts from 1972Q2, ")
    assert "period" in lines[2]
    for heading in ("mean", "80 % interval", "95 % interval", "> 0.5", "skill", "cov.", "n"):
        assert heading in lines[2]
    found = forecast("toy", "a", horizons=(1, 2, 3), agents="baselines")["a"]
    for line, one in zip(lines[4:7], found.horizons, strict=True):
        fields = line.split()
        assert fields[0] == ("1972Q3", "1972Q4", "1973Q1")[one.horizon - 1]
        assert float(fields[1]) == pytest.approx(one.forecast.mean, abs=0.051)
        assert f"{one.probability(above=0.5):.1%}" in line
        assert fields[-1] == str(41 - one.horizon)
    assert max(map(len, lines)) <= 80
    assert "Largest weights 1 quarter ahead: " in done.stdout
    assert "Licence: none." in done.stdout
    assert not list(Path().glob("*.csv"))


def test_files_are_what_the_api_gives(here: Here) -> None:
    args = ("--source", "toy", "--horizons", "1,4", "--levels", "80", "--below", "0", "--quiet")
    done = here(*args, "--out", "made/f.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = list(csv.DictReader(Path("made/f.csv").read_text().splitlines()))
    columns = forecast("toy", horizons=(1, 4), agents="baselines").columns(
        (0.1, 0.5, 0.9), below=(0.0,)
    )
    assert list(rows[0]) == list(columns)
    assert [row["unique_id"] for row in rows] == ["a", "a", "b", "b"]
    assert [float(row["q90"]) for row in rows] == columns["q90"]
    assert here(*args, "--out", "f.json").returncode == 0
    assert [row["mean"] for row in json.loads(Path("f.json").read_text())] == columns["mean"]


def test_charts_are_drawn_per_series(here: Here) -> None:
    done = here("--source", "toy", "--plot", "fan.svg", "--fast")
    assert done.returncode == 0
    assert sorted(path.name for path in Path().glob("*.svg")) == ["fan_a.svg", "fan_b.svg"]
    assert Path("fan_a.svg").read_text().startswith("<?xml")
    assert "No past origin was played" in done.stdout
    assert "Chart: fan.svg" in done.stdout


def test_the_best_forecaster_is_named_with_its_lead(here: Here) -> None:
    done = here("--source", "toy", "--horizons", "1", "--best")
    assert done.returncode == 0
    first, second = (
        line for line in done.stdout.splitlines() if line.lstrip().startswith(("a ", "b "))
    )
    for line, name in ((first, "a"), (second, "b")):
        record = forecast("toy", name, horizons=(1,), agents="baselines")[name].at(1).track_record
        assert record is not None
        assert record.best in line
        verdicts = ("the pool is ahead", "may be luck", "more than luck")
        assert any(line.endswith(verdict) for verdict in verdicts)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--source", "nowhere"), "no plugin 'nowhere' in group fg_core.sources"),
        (("--source", "toy", "--series", "z"), "source 'toy' has no series 'z'"),
        (("--source", "toy", "--levels", "80,x"), "is not a list of numbers such as 50,80,95"),
        (("--source", "toy", "--levels", "0"), "levels are above 0 and below 100"),
        (("--source", "toy", "--horizons", "4-1"), "is not a list of whole numbers"),
        (("--source", "toy", "--out", "f.xls"), "must end in .csv, .json, .parquet"),
        (("--source", "toy", "--plot", "f.csv"), "must end in .png, .svg, .pdf"),
        (("--source", "toy", "--best", "--fast"), "--fast plays none"),
        (("--source", "toy", "--check", "--best"), "--best is of forecasts"),
        (("--source", "toy", "--check", "--plot", "f.png"), "--plot is of forecasts"),
        (("--source", "toy", "--threshold", "0.1"), "--threshold is for --check"),
        (("--source", "toy", "--check", "--threshold", "0"), "0.0 is not in the range"),
        (("--source", "toy", "--exclusions", "bad.csv"), "bad.csv: there is no such file"),
        (("--source", "toy", "--agents", "none"), "no plugin 'none' in group fg_core.lineups"),
        (("--source", "toy", "--season-length", "60"), "--season-length 1"),
        (("--source", "toy_nothing"), "which is not a data source"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(here: Here, args: tuple[str, ...], message: str) -> None:
    done = here(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fg-forecast: error: ")
    assert message in done.stderr
    assert not [path for path in Path().iterdir() if path.name != "fetched"]


def test_a_doubted_print_ends_the_command_with_3_and_is_excluded_from_then_on(here: Here) -> None:
    args = ("--source", "toy", "--check", "--horizons", "1", "--exclusions", "bad.csv")
    done = here(*args)
    assert (done.returncode, done.stderr) == (0, "")
    assert "last values of 2 series: none doubted" in done.stdout
    assert not Path("bad.csv").exists()
    # So low a threshold doubts any print.
    done = here(*args, "--threshold", "1e-9", "--out", "f.csv")
    assert (done.returncode, done.stderr) == (3, "")
    assert "Exclusions: 2 added to bad.csv" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    rows = list(csv.DictReader(Path("f.csv").read_text().splitlines()))
    assert [row["doubted"] for row in rows] == ["True", "True"]
    excluded = list(csv.DictReader(Path("bad.csv").read_text().splitlines()))
    assert {(row["unique_id"], row["ds"]) for row in excluded} == {
        ("a", "1972-04-01"),
        ("b", "1972-04-01"),
    }
    done = here("--source", "toy", "--horizons", "1", "--exclusions", "bad.csv")
    assert done.returncode == 0
    assert "a: forecasts from 1972Q1, " in done.stdout
    told = " ".join(done.stdout.split("Excluded as bad: ")[1].split())
    assert told.count(" 1972Q2 (") == 2
    assert here(*args, "--quiet").stdout == ""


@pytest.mark.slow
def test_the_exit_code_reaches_the_shell(command: Command) -> None:
    code = "from fg_backtest.forecast_cli import main; main()"
    args = ["--source", "toy", "--agents", "baselines", "--check", "--quiet", "--threshold"]
    for threshold, wanted in (("1e-9", 3), ("1", 0)):
        done = subprocess.run(
            [sys.executable, "-c", code, *args, threshold],
            cwd=command.folder,
            env=command.env,
            check=False,
        )
        assert done.returncode == wanted


def test_without_a_source_synthetic_data_stand_in_or_it_is_said(here: Here) -> None:
    done = here()
    assert done.stderr.startswith("fg-forecast: ")
    assert done.returncode in (0, 2)


@pytest.mark.slow
def test_a_whole_process_can_be_interrupted_and_its_output_cut(command: Command) -> None:
    args = ["--source", "toy", "--agents", "baselines"]
    code = (
        "import sys; sys.argv[0] = 'fg-forecast'; from fg_backtest.forecast_cli import main; main()"
    )
    base: dict[str, Any] = {
        "cwd": command.folder,
        "env": command.env,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    with subprocess.Popen(
        [sys.executable, "-c", code, *args], stdout=subprocess.PIPE, **base
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141
    waiting = [*args, "--aggregator", "toy_waiting", "--out", "f.csv"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *waiting],
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **base,
    ) as process:
        assert process.stderr is not None
        while not (command.folder / "playing").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr.read() == "fg-forecast: interrupted; no file was written\n"
        assert process.wait() == 130
    assert not (command.folder / "f.csv").exists()


def test_paths_are_written_and_their_total_is_shown(here: Here) -> None:
    args = ("--source", "toy", "--horizons", "1-3", "--levels", "80")
    done = here(*args, "--paths", "400", "--paths-out", "made/paths.csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(Path("made/paths.csv").read_text().splitlines()))
    found = forecast("toy", horizons=(1, 2, 3), agents="baselines")
    columns = found.paths(400)
    assert columns == found.paths(400, seed=7) != found.paths(400, seed=8)
    assert list(rows[0]) == list(columns) == ["unique_id", "path", "ds", "value"]
    assert len(rows) == 2 * 400 * 3
    assert [float(row["value"]) for row in rows] == columns["value"]
    assert [row["path"] for row in rows[:4]] == ["1", "1", "1", "2"]
    assert [row["ds"] for row in rows[:3]] == ["1972-07-01", "1972-10-01", "1973-01-01"]
    for name in ("a", "b"):
        mean, (low, high) = found[name].total((0.1, 0.9), 400)
        sums = np.array([float(r["value"]) for r in rows if r["unique_id"] == name])
        sums = sums.reshape(400, 3).sum(axis=1)
        assert (low, high) == tuple(np.quantile(sums, (0.1, 0.9)))
        assert abs(mean - sums.mean()) < 4.0 * sums.std() / 20.0
        line = next(x for x in done.stdout.split(f"{name}: ")[1].splitlines() if "total" in x)
        fields = [float(x) for x in line.split() if x not in ("total", "..")]
        assert fields == pytest.approx([mean, low, high], abs=0.051)
    assert "Total is the sum over the 3 quarters shown" in done.stdout
    assert "Paths: made/paths.csv" in done.stdout


def test_paths_are_a_thousand_unless_told_and_no_total_is_shown_without(here: Here) -> None:
    assert "total" not in here("--source", "toy", "--series", "a").stdout.lower()
    here("--source", "toy", "--series", "a", "--fast", "--horizons", "1", "--paths-out", "p.json")
    rows = json.loads(Path("p.json").read_text())
    assert [row["path"] for row in rows] == list(range(1, 1001))


def test_a_fan_is_a_table_a_file_and_paths(here: Here) -> None:
    files = ("--out", "fan.csv", "--paths-out", "paths.json")
    asked = ("--paths", "200", "--horizons", "3", "--levels", "80", "--above", "0", *files)
    done = here("--source", "toy", "--series", "a", "--fan", *asked)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("a: fan from 1972Q2, ")
    assert lines[2].split() == ["period", "p10", "p50", "p90", "error", ">", "0"]
    with Path("fan.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["ds"] for row in rows] == ["1972-07-01", "1972-10-01", "1973-01-01"]
    paths = json.loads(Path("paths.json").read_text())
    values = np.array([row["value"] for row in paths]).reshape(200, 3)
    for i, (line, row) in enumerate(zip(lines[4:7], rows, strict=True)):
        fields = line.split()
        assert fields[0] == ("1972Q3", "1972Q4", "1973Q1")[i]
        exact = np.percentile(values[:, i], (10, 50, 90))
        assert [float(row[name]) for name in ("p10", "p50", "p90")] == pytest.approx(exact)
        assert [float(x) for x in fields[1:4]] == pytest.approx(exact, abs=0.051)
        assert float(fields[4]) == pytest.approx(
            max(float(row[f"{name}_error"]) for name in ("p10", "p50", "p90")), abs=0.0051
        )
        assert float(row["above_0"]) == (values[:, i] > 0.0).mean()
    assert lines[8].split()[1] == f"{(values > 0.0).any(axis=1).mean():.1%}"
    assert "10 % of 200 simulated paths" in done.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--warmup", "x"), "Invalid value for '--warmup': 'x' is not a valid whole number."),
        (("--paths", "0"), "0 is not in the range x>=1"),
        (("--paths-out", "p.txt"), "p.txt: the name of the file must end in .csv, .json, .parquet"),
        (("--best", "--paths", "5"), "--best shows no forecasts, and so no totals"),
        (("--given", "rate=5"), "--given says what a fan is conditional on: add --fan"),
        (("--fan", "--given", "rate"), "'rate' is not NAME=VALUE, such as FEDFUNDS=5"),
        (("--fan", "--given", "rate=x"), "--given rate=x: a number, or several with commas"),
        (("--fan", "--given", "rate=5"), "no fan of any of 2 series: series 'a' has no context"),
        (("--fan", "--best"), "--fan simulates a calibrated world: leave out --best"),
        (("--fan", "--no-nonnegative"), "leave out --nonnegative"),
        (("--future", "promo"), "'promo' is no context column of the data"),
    ],
)
def test_what_is_refused_in_one_line(here: Here, args: tuple[str, ...], message: str) -> None:
    done = here("--source", "toy", *args)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
