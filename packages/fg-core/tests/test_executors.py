"""Executors: results in the order of the tasks, whatever the order that they came in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ConfigError, ForecastGameError
from fg_core.executors import ProcessExecutor, SerialExecutor, executor_for, ordered
from fg_core.plugins import Registry
from fg_core.protocols import Executor
from fg_core.testing import check_executor


def half(task: int) -> int:
    """Return half of an even number; an odd one is refused."""
    if task % 2:
        raise ValueError(f"{task} is odd")
    return task // 2


def test_it_conforms_and_is_found_by_name() -> None:
    check_executor(SerialExecutor())
    assert isinstance(SerialExecutor(), Executor)
    assert Registry("fg_core.executors").load("serial") is SerialExecutor


@given(st.permutations(range(9)))
def test_results_are_ordered_by_task(order: list[int]) -> None:
    assert ordered(iter([(i, str(i)) for i in order]), 9) == [str(i) for i in range(9)]


@given(st.permutations(range(9)), st.sets(st.integers(0, 8), min_size=1))
def test_the_error_raised_is_that_of_the_first_task(order: list[int], bad: set[int]) -> None:
    results: list[tuple[int, Any]] = [(i, KeyError(i) if i in bad else i) for i in order]
    with pytest.raises(KeyError) as caught:
        ordered(iter(results), 9)
    assert caught.value.args == (min(bad),)


def test_nothing_is_waited_for_after_the_error_and_the_stream_is_closed() -> None:
    seen: list[Any] = []

    def results() -> Iterator[tuple[int, Any]]:
        try:
            for pair in [(1, "b"), (0, "a"), (3, "d"), (2, ValueError("c")), (4, "e")]:
                seen.append(pair[0])
                yield pair
        finally:
            seen.append("closed")

    with pytest.raises(ValueError, match="c"):
        ordered(results(), 5)
    assert seen == [1, 0, 3, 2, "closed"]


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        ([0, 0, 1], "position 0 twice"),
        ([1, 1, 0], "position 1 twice"),
        ([0, 1, 2], "position 2 twice, or of 2 tasks"),
        ([-1, 0, 1], "position -1"),
        ([1], "no result for task 0"),
        ([0], "no result for task 1"),
    ],
)
def test_an_executor_that_loses_or_doubles_tasks_is_caught(
    positions: list[int], message: str
) -> None:
    with pytest.raises(ForecastGameError, match=message):
        ordered(iter([(i, i) for i in positions]), 2)


def test_a_failed_task_ends_no_other() -> None:
    found = dict(SerialExecutor().stream(half, [2, 3, 4, 5]))
    assert (found[0], found[2]) == (1, 2)
    assert [str(found[i]) for i in (1, 3)] == ["3 is odd", "5 is odd"]
    with pytest.raises(ValueError, match="3 is odd"):
        SerialExecutor().map(half, [2, 3, 4, 5])


def test_tasks_run_when_their_results_are_asked_for() -> None:
    ran: list[int] = []
    stream = SerialExecutor().stream(ran.append, [1, 2, 3])
    assert ran == []
    next(stream)
    assert ran == [1]


def test_an_interruption_is_no_result() -> None:
    def interrupted(task: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(SerialExecutor().stream(interrupted, [1]))


# ------------------------------------------------------------------------------------- processes


TASKS = """
import os
import threading
from pathlib import Path


def process_of(task):
    return os.getpid()


def die(task):
    if task == 3:
        os._exit(9)
    return task


def wait_for_ever(folder):
    (Path(folder) / str(os.getpid())).touch()
    threading.Event().wait()


def threads_of(task):
    return os.environ.get("OMP_NUM_THREADS")
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module that other processes can import, as they cannot a test's."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "tasks_of_executors.py").write_text(TASKS)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    yield __import__("tasks_of_executors")
    del sys.modules["tasks_of_executors"]


@pytest.mark.slow
def test_processes_conform_and_are_found_by_name() -> None:
    check_executor(ProcessExecutor(2))
    assert isinstance(ProcessExecutor(), Executor)
    assert Registry("fg_core.executors").load("process") is ProcessExecutor


@pytest.mark.slow
def test_tasks_run_in_other_processes_with_one_thread_each(tasks: Any) -> None:
    executor = ProcessExecutor(2)
    assert os.getpid() not in executor.map(tasks.process_of, range(4))
    assert executor.map(tasks.threads_of, range(2)) == [os.environ.get("OMP_NUM_THREADS")] * 2


@pytest.mark.slow
def test_a_process_that_dies_is_said_and_nothing_is_made_up(tasks: Any) -> None:
    found = []

    def collected() -> None:
        found.extend(ProcessExecutor(1).stream(tasks.die, range(6)))

    with pytest.raises(ForecastGameError, match="a process that ran tasks died"):
        collected()
    assert ProcessExecutor(1).map(tasks.die, [0, 1, 2]) == [0, 1, 2]


@pytest.mark.slow
def test_a_stream_that_is_left_ends_its_processes(tasks: Any, tmp_path: Path) -> None:
    """A signal like that of Ctrl-C comes while two tasks wait for ever."""
    folder = tmp_path / "waiting"
    folder.mkdir()
    script = tmp_path / "main.py"
    script.write_text(
        "from fg_core.executors import ProcessExecutor\n"
        f"from {tasks.__name__} import wait_for_ever\n"
        "if __name__ == '__main__':\n"
        f"    ProcessExecutor(2).map(wait_for_ever, [{str(folder)!r}] * 4)\n"
    )
    with subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "modules")},
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        text=True,
    ) as process:
        while len(workers := list(folder.iterdir())) < 2:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr is not None
        assert "KeyboardInterrupt" in process.stderr.read()
        process.wait()
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(int(worker.name), 0)


def test_what_cannot_be_sent_is_said_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match="the function cannot be sent to another process"):
        ProcessExecutor(2).map(lambda task: task, [1])
    with pytest.raises(ConfigError, match="a task cannot be sent to another process"):
        ProcessExecutor(2).map(half, [lambda: 1])
    assert ProcessExecutor(2).map(half, []) == []


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True])
def test_jobs_are_a_whole_number(jobs: Any) -> None:
    with pytest.raises(ConfigError, match="jobs must be a whole number"):
        ProcessExecutor(jobs)
    with pytest.raises(ConfigError, match="jobs must be a whole number"):
        executor_for(jobs)


def test_one_job_needs_no_process() -> None:
    assert isinstance(executor_for(1), SerialExecutor)
    assert executor_for(3) == ProcessExecutor(3)
