"""What the README says of a user's own data runs as it stands there."""

import math
import re
import shlex
import sys
from pathlib import Path

import pytest

from fg_backtest import cli, forecast_cli, read_report
from fg_core import Registry

README = Path(__file__).resolve().parents[2] / "README.md"


def blocks(title):
    """Return the code blocks of a section, by paragraph."""
    text = README.read_text(encoding="utf-8")
    section = re.search(rf"^## {title}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE).group(1)
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", section, re.MULTILINE)
    return ["\n".join(line[4:] for line in block.splitlines()) for block in found]


COMMANDS = [line for block in blocks("Your own data") for line in block.splitlines() if line]


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    months = [f"{2015 + t // 12}-{t % 12 + 1:02}" for t in range(60)]
    values = [round(50 + t % 12 + 3 * math.sin(t * t), 2) for t in range(60)]
    rows = [
        f"{name},{ds},{half},{y / 2}\n"
        for name in ("north", "south")
        for half in ("a", "b")
        for ds, y in zip(months, values, strict=True)
    ]
    Path("sales.csv").write_text("unique_id,ds,segment_id,y\n" + "".join(rows))
    wide = (f"{ds},{y}\n" for ds, y in zip(months, values, strict=True))
    Path("shop.csv").write_text("month,sales\n" + "".join(wide))


FORECASTS = blocks("What is the forecast\\?")


def test_there_are_commands():
    assert len(COMMANDS) == 3
    assert len(FORECASTS[0].splitlines()) == 2


@pytest.mark.parametrize("line", FORECASTS[0].splitlines())
def test_forecasts_run_and_print_what_stands_below(monkeypatch, capsys, line):
    program = shlex.split(line)
    assert program[:3] == ["uv", "run", "fg-forecast"]
    monkeypatch.setattr(sys, "argv", program[2:])
    with pytest.raises(SystemExit) as left:
        forecast_cli.main()
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    for option in ("--plot", "--out"):
        if option in program:
            assert Path(program[program.index(option) + 1]).stat().st_size > 200
    if "us_macro" in program:
        assert out.startswith("\n".join(FORECASTS[1:]) + "\n")


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_run(monkeypatch, capsys, line):
    program = shlex.split(line)
    assert program[:3] == ["uv", "run", "fg-backtest"]
    wanted = program[program.index("--forecasters") + 1] if "--forecasters" in program else ""
    assert set(filter(None, [wanted])) <= set(Registry("fg_core.forecasters").names())
    monkeypatch.setattr(sys, "argv", program[2:])
    with pytest.raises(SystemExit) as left:
        cli.main()
    out, err = capsys.readouterr()
    assert (left.value.code, err) == (0, "")
    assert "ensemble (game)" in out
    read_report("planning/backtest_report.json")


def test_the_three_lines_run(capsys):
    code = blocks("From Python")[0]
    assert len(code.splitlines()) == 3
    exec(compile(code, str(README), "exec"), {})
    assert "north: 23 origins" in capsys.readouterr().out


def test_the_forecast_of_a_frame_runs(capsys):
    code = blocks("From Python")[1]
    assert "forecast(" in code
    exec(compile(code, str(README), "exec"), {})
    assert "unique_id" in capsys.readouterr().out
    assert Path("north.png").read_bytes().startswith(b"\x89PNG")
