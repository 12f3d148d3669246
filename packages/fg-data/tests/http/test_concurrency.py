from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.http import map_concurrently

# Ends a test that hangs; nothing else depends on it.
HANGS_SECONDS = 240


@given(st.lists(st.integers()), st.integers(1, 5))
def test_results_come_in_the_order_of_the_items(items: list[int], workers: int) -> None:
    assert map_concurrently(lambda n: 2 * n, items, workers) == [2 * n for n in items]


def test_as_many_run_at_a_time_as_there_are_workers() -> None:
    together = threading.Barrier(3)
    open_now: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def task(number: int) -> None:
        with lock:
            open_now.append(number)
            most.append(len(open_now))
        together.wait(timeout=HANGS_SECONDS)  # breaks unless three run at once
        with lock:
            open_now.remove(number)

    map_concurrently(task, range(9), 3)
    assert max(most) == 3


def test_an_exception_is_raised_and_what_has_not_begun_is_dropped() -> None:
    begun: list[int] = []
    raised = threading.Event()

    def task(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError("the first one")
        raised.wait(HANGS_SECONDS)

    with pytest.raises(ValueError, match="the first one"):
        map_concurrently(task, range(100), 2)
    raised.set()
    for thread in threading.enumerate():
        if thread.name == "fg-data-task":
            thread.join(HANGS_SECONDS)
    # Each thread may have begun one more before the exception was seen, and no other after it.
    assert sorted(begun) == list(range(len(begun)))
    assert len(begun) <= 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Windows cannot be sent to a child")
def test_an_interrupted_program_ends_though_its_tasks_do_not() -> None:
    code = """
        import os, threading
        from fg_data.http import map_concurrently

        def task(n):
            os.write(1, b"%d\\n" % n)  # a whole line at once, whichever thread is first
            threading.Event().wait()

        try:
            map_concurrently(task, range(5), 2)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        # A run in the background may ignore Ctrl-C, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as program:
        try:
            assert program.stdout is not None
            assert {program.stdout.readline(), program.stdout.readline()} == {"0\n", "1\n"}
            program.send_signal(signal.SIGINT)
            rest, _ = program.communicate(timeout=HANGS_SECONDS)
        finally:
            program.kill()  # or what it leaves behind is the failure of a later test
    assert rest == "interrupted\n"
    assert program.returncode == 0


@pytest.mark.parametrize(
    ("first", "seen"), [(KeyboardInterrupt, KeyboardInterrupt), (ValueError, RuntimeError)]
)
def test_an_interruption_while_a_thread_starts_is_one(
    monkeypatch: pytest.MonkeyPatch, first: type[BaseException], seen: type[BaseException]
) -> None:
    def start(_thread: threading.Thread) -> None:
        try:
            raise first
        finally:
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(seen):
        map_concurrently(abs, [1], 1)
