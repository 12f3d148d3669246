from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_data.http import side_by_side


@given(st.lists(st.integers()), st.integers(1, 5))
def test_results_come_in_the_order_of_the_items(items: list[int], workers: int) -> None:
    assert side_by_side(lambda n: 2 * n, items, workers) == [2 * n for n in items]


def test_as_many_run_at_a_time_as_there_are_workers() -> None:
    together = threading.Barrier(3)
    open_now: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def task(number: int) -> None:
        with lock:
            open_now.append(number)
            most.append(len(open_now))
        together.wait(timeout=10)  # breaks unless three run at once
        with lock:
            open_now.remove(number)

    side_by_side(task, range(9), 3)
    assert max(most) == 3


def test_an_exception_is_raised_and_what_has_not_begun_is_dropped() -> None:
    begun: list[int] = []

    def task(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError("the first one")
        time.sleep(0.2)

    with pytest.raises(ValueError, match="the first one"):
        side_by_side(task, range(100), 2)
    time.sleep(0.5)
    assert len(begun) < 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Windows cannot be sent to a child")
def test_an_interrupted_program_ends_though_its_tasks_do_not() -> None:
    code = """
        import time
        from fg_data.http import side_by_side

        def task(n):
            print(n, flush=True)
            time.sleep(60)

        try:
            side_by_side(task, range(5), 2)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    """
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert {program.stdout.readline(), program.stdout.readline()} == {"0\n", "1\n"}
    program.send_signal(signal.SIGINT)
    rest, _ = program.communicate(timeout=20)
    assert rest == "interrupted\n"
    assert program.returncode == 0
