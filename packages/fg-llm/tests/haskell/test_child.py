"""A child that answers lines, and every way in which it does not: real processes."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from fg_llm.haskell.child import ChildError, LineChild

LOOP = "import os, sys, time\nfor line in sys.stdin:\n    "
REPLY = "sys.stdout.write({}); sys.stdout.flush()"
ECHO = LOOP + REPLY.format("line")


def child(program: str) -> LineChild:
    return LineChild([sys.executable, "-S", "-u", "-c", program])


def test_a_line_is_answered_by_a_line() -> None:
    echo = child(ECHO)

    assert echo.exchange(b"one", 20.0) == b"one"
    assert echo.exchange(b"x" * 3_000_000, 20.0) == b"x" * 3_000_000
    echo.close()
    echo.close()


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (LOOP + "time.sleep(60)", "did not answer within 0.5 s"),
        (LOOP + REPLY.format("'half'") + "; time.sleep(60)", "did not answer within 0.5 s"),
        ("import time; time.sleep(60)", "did not answer within 0.5 s"),
    ],
    ids=["hangs", "partial-line", "does-not-read"],
)
def test_a_child_that_hangs_is_killed(program: str, reason: str) -> None:
    hanging = child(program)

    with pytest.raises(ChildError, match=reason):
        hanging.exchange(b"x" * 2_000_000, 0.5)

    with pytest.raises(ProcessLookupError):
        os.kill(hanging.pid, 0)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (LOOP + REPLY.format("line * 2"), "more than one line"),
        ("import sys; sys.stderr.write('no heap\\n'); sys.exit(251)", "code 251: no heap"),
        (LOOP + "os.kill(os.getpid(), 9)", "code -9"),
        (LOOP + REPLY.format("'half'") + "; sys.exit(4)", "code 4"),
    ],
    ids=["two-lines", "dies-at-once", "killed", "partial-line-and-end"],
)
def test_a_child_that_fails_is_an_error_that_says_how(program: str, reason: str) -> None:
    failing = child(program)

    with pytest.raises(ChildError, match=reason):
        failing.exchange(b"hello", 20.0)


def test_a_child_that_speaks_first_is_an_error() -> None:
    babbling = child("import time; print('Up to date'); time.sleep(60)")
    time.sleep(0.3)  # it has spoken; else its line would be taken for the answer

    with pytest.raises(ChildError):
        babbling.exchange(b"x" * 1_000_000, 5.0)


def test_a_stopped_child_is_killed_and_what_it_started_with_it() -> None:
    parent = child(
        "import subprocess, sys\n"
        "held = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        + LOOP.partition("\n")[2]
        + REPLY.format("str(held.pid) + chr(10)")
    )
    grandchild = int(parent.exchange(b"who", 20.0))
    os.kill(parent.pid, signal.SIGSTOP)

    with pytest.raises(ChildError, match="did not answer"):
        parent.exchange(b"hello", 0.3)

    for _ in range(100):  # an orphan is reaped by another process
        if not _runs(grandchild):
            break
        time.sleep(0.05)
    assert not _runs(grandchild)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ChildError, match="cannot be started: No such file"):
        LineChild(["/no/such/program"])
