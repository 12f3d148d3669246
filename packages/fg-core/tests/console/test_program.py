"""How a command ends: in this process where it can be seen there, else in one of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import warnings
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core import errors
from fg_core.console import (
    BROKEN_PIPE,
    CONTEXT_SETTINGS,
    FAILED,
    INTERRUPTED,
    MISUSED,
    OK,
    Interrupted,
    Program,
    debug_option,
    version_option,
)

# Ends a test whose child process hangs; nothing else depends on it.
HANGS_SECONDS = 240

PROGRAM = Program("toy", interrupted="nothing was played")

Captured = pytest.CaptureFixture[str]


def ended(
    monkeypatch: pytest.MonkeyPatch, what: BaseException | int, *args: str
) -> str | int | None:
    """Return the exit code of a command whose work returns a code or raises an error."""

    def work() -> int:
        if isinstance(what, int):
            return what
        raise what

    @click.command("toy", context_settings=CONTEXT_SETTINGS)
    @click.option("--n", type=int)
    @debug_option
    @version_option("toy", "1.2.3")
    def command(**_options: object) -> int:
        """Play with toys."""
        return PROGRAM.run(work)

    monkeypatch.setattr(sys, "argv", ["toy", *args])
    with pytest.raises(SystemExit) as left:
        PROGRAM.main(command)
    return left.value.code


@pytest.mark.parametrize("code", [OK, FAILED, 7])
def test_the_code_of_the_work_is_that_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, code: int
) -> None:
    assert ended(monkeypatch, code) == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError, MISUSED),
        (errors.DataError, MISUSED),
        (errors.UnknownSeriesError, MISUSED),
        (errors.ArtifactError, MISUSED),
        (errors.PluginLoadError, MISUSED),
        (errors.SourceKeyError, MISUSED),
        (errors.SourceRateError, FAILED),
        (errors.AgentError, FAILED),
        (errors.ForecastGameError, FAILED),
    ],
)
def test_an_error_on_purpose_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, error: type[Exception], code: int
) -> None:
    raised = error("too\n  few rows; give more")
    raised.add_note("in series 'a'")
    assert ended(monkeypatch, raised) == code
    assert capsys.readouterr() == ("", "toy: error: too few rows; give more (in series 'a')\n")


def test_an_unexpected_error_is_one_line_and_a_traceback_if_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    line = "toy: error: unexpected KeyError: 'quarter' (--debug shows where; please report it)\n"
    assert ended(monkeypatch, KeyError("quarter")) == FAILED
    assert capsys.readouterr() == ("", line)
    assert ended(monkeypatch, KeyError("quarter"), "--debug") == FAILED
    _, err = capsys.readouterr()
    assert err.startswith("Traceback (most recent call last)")
    assert err.endswith(line)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--n", "x"], "Invalid value for '--n': 'x' is not a valid integer. (see toy --help)"),
        (["--m"], "No such option"),
        (["more"], "Got unexpected extra argument (more) (see toy --help)"),
    ],
)
def test_wrong_usage_is_one_line_and_nothing_is_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, args: list[str], line: str
) -> None:
    assert ended(monkeypatch, AssertionError("begun"), *args) == MISUSED
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"toy: error: {line}")
    assert err.endswith("(see toy --help)\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("what", "line"),
    [
        (KeyboardInterrupt(), "nothing was played"),
        (Interrupted(), "nothing was played"),
        (Interrupted("the game is complete"), "the game is complete"),
        (click.Abort(), "nothing was played"),
    ],
)
def test_ctrl_c_says_what_became_of_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, what: BaseException, line: str
) -> None:
    assert ended(monkeypatch, what) == INTERRUPTED
    assert capsys.readouterr() == ("", f"toy: interrupted; {line}\n")


@pytest.mark.parametrize(("args", "text"), [(["-h"], "Play with toys."), (["--version"], "1.2.3")])
def test_help_and_version_begin_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, args: list[str], text: str
) -> None:
    assert ended(monkeypatch, AssertionError("begun"), *args) == OK
    out, err = capsys.readouterr()
    assert text in out
    assert err == ""


@given(text=st.text())
def test_a_message_is_one_line_whatever_is_in_it(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stream = Stream()
        patch.setattr(sys, "stderr", stream)
        PROGRAM.tell(text)
    line = "".join(stream.written)
    assert line.startswith("toy: ")
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert line.isascii()


class Stream:
    """Takes ASCII alone, as a terminal in the locale C does."""

    encoding = "ascii"

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        text.encode("ascii")
        self.written.append(text)


@pytest.mark.parametrize(("once", "n"), [(False, 2), (True, 1)])
def test_warnings_are_told_in_a_line(capsys: Captured, once: bool, n: int) -> None:
    outside = warnings.showwarning
    with PROGRAM.telling_warnings(once=once):
        warnings.simplefilter("always")
        for _ in range(2):
            warnings.warn("a round took\n2 s", stacklevel=1)
    assert capsys.readouterr().err == "toy: warning: a round took 2 s\n" * n
    assert warnings.showwarning is outside


# ------------------------------------------------------------------------- real processes

_CHILD = """
import sys, threading
import click
from fg_core.console import Program

PROGRAM = Program("toy", interrupted="nothing was played")

def wait():
    print("playing", flush=True)
    threading.Event().wait()

def talk():
    for number in range(100_000):
        print(number)
    return 0

@click.command("toy")
@click.argument("what")
def command(what):
    return PROGRAM.run({"wait": wait, "talk": talk}[what])

PROGRAM.main(command)
"""


def child(tmp_path: Path, what: str) -> subprocess.Popen[str]:
    script = tmp_path / "toy.py"
    script.write_text(_CHILD)
    return subprocess.Popen(
        [sys.executable, str(script), what],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A run in the background may ignore Ctrl-C, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_a_real_ctrl_c(tmp_path: Path) -> None:
    process = child(tmp_path, "wait")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "playing\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANGS_SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out) == (INTERRUPTED, "")
    assert err == "toy: interrupted; nothing was played\n"


def test_a_real_reader_that_leaves(tmp_path: Path) -> None:
    process = child(tmp_path, "talk")
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    process.stdout.close()
    _, err = process.communicate(timeout=HANGS_SECONDS)
    assert (process.returncode, err) == (BROKEN_PIPE, "")
