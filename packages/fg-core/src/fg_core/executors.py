"""Executors of independent tasks: one after the other, or in several processes of this machine.

An executor yields results as they come (`stream`). `ordered` makes of that a list in the order of
the tasks (`map`): the same list, and the same error, whatever the order that results came in.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ConfigError, ForecastGameError
from .garbage import spared_objects

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

__all__ = ["ProcessExecutor", "SerialExecutor", "executor_for", "ordered"]


def ordered(results: Iterator[tuple[int, Any]], n_tasks: int) -> list[Any]:
    """Return the results of `Executor.stream` in the order of the tasks.

    Args:
        results: Pairs of the position of a task and its result, or the exception that it raised;
            every position from 0 to `n_tasks - 1` once, in any order.
        n_tasks: Number of tasks.

    Returns:
        One result per task.

    Raises:
        Exception: That of the first task (not the first to come) that raised one. No further
            result is waited for, and the stream is closed.
        ForecastGameError: A position is missing, comes twice or belongs to no task.

    >>> ordered(iter([(1, "b"), (0, "a")]), 2)
    ['a', 'b']
    """
    waiting: dict[int, Any] = {}
    found: list[Any] = []
    try:
        for position, result in results:
            if not len(found) <= position < n_tasks or position in waiting:
                raise ForecastGameError(
                    f"an executor yielded position {position} twice, or of {n_tasks} tasks"
                )
            waiting[position] = result
            while len(found) in waiting:
                first = waiting.pop(len(found))
                if isinstance(first, Exception):
                    raise first
                found.append(first)
    finally:
        if isinstance(results, Generator):
            results.close()
    if len(found) != n_tasks:
        raise ForecastGameError(
            f"an executor yielded no result for task {len(found)} of {n_tasks} tasks"
        )
    return found


@dataclass(frozen=True)
class SerialExecutor:
    """Runs one task after the other, in this process.

    Args:
        name: Name of the executor.

    >>> SerialExecutor().map(abs, [-2, 1])
    [2, 1]
    >>> [(i, type(found).__name__) for i, found in SerialExecutor().stream(int, ["7", "seven"])]
    [(0, 'int'), (1, 'ValueError')]
    """

    name: str = "serial"

    def stream(
        self, function: Callable[[Any], Any], tasks: Sequence[Any]
    ) -> Iterator[tuple[int, Any]]:
        """Yield the position of each task and its result, or the exception that it raised.

        A task runs when its result is asked for.
        """
        for position, task in enumerate(tasks):
            try:
                with spared_objects():
                    result = function(task)
            except Exception as error:  # noqa: BLE001 - handed on, to be raised or reported there
                result = error
            yield position, result

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
        """Return the results in the order of the tasks.

        Raises:
            Exception: That of the first task that raised one; later tasks are not run.
        """
        return ordered(self.stream(function, tasks), len(tasks))


@dataclass(frozen=True)
class ProcessExecutor:
    """Runs tasks in several processes of this machine, which are started anew for each call.

    Workers are spawned, so that they share no memory, lock or open file with this process: they
    import the function of the tasks by name, and results are the bits that `SerialExecutor` gives.
    A script that uses it needs `if __name__ == "__main__":`, as with `multiprocessing`.

    Args:
        jobs: Number of processes; None: as many as this process may use cores.
        name: Name of the executor.

    Raises:
        ConfigError: `jobs` is not a whole number of at least 1.

    >>> ProcessExecutor(jobs=0)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: jobs must be a whole number >= 1, got 0
    """

    jobs: int | None = None
    name: str = "process"

    def __post_init__(self) -> None:
        jobs = self.jobs
        if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
            raise ConfigError(f"jobs must be a whole number >= 1, got {jobs!r}")

    def stream(
        self, function: Callable[[Any], Any], tasks: Sequence[Any]
    ) -> Iterator[tuple[int, Any]]:
        """Yield the position of each task and its result, or its exception, as they come.

        A stream that is closed early ends its processes.

        Raises:
            ConfigError: The function or a task cannot be sent to another process.
            ForecastGameError: A process died, such as for want of memory; results that had come
                by then were yielded.
        """
        if not tasks:
            return
        # Loaded here, with sockets and logs, since most runs stay in one process.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor, as_completed

        _require_sendable(function, tasks[0])
        pool = ProcessPoolExecutor(
            min(self.jobs or _usable_cores(), len(tasks)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_worker,
        )
        done = False
        try:
            futures = {pool.submit(_run, function, task): i for i, task in enumerate(tasks)}
            for future in as_completed(futures):
                yield futures[future], _result_of(future)
            done = True
        finally:
            if not done:
                _end_workers(pool)
            pool.shutdown(wait=True, cancel_futures=True)

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
        """Return the results in the order of the tasks.

        Raises:
            Exception: That of the first task that raised one; or as for `stream`.
        """
        return ordered(self.stream(function, tasks), len(tasks))


def executor_for(jobs: int) -> SerialExecutor | ProcessExecutor:
    """Return the executor for a number of processes; one needs no other process than this.

    Args:
        jobs: Number of processes, at least 1.

    Returns:
        Executor that runs tasks in this process, or in `jobs` others.

    Raises:
        ConfigError: `jobs` is not a whole number of at least 1.

    >>> executor_for(1).name, executor_for(2).name
    ('serial', 'process')
    """
    executor = ProcessExecutor(jobs)
    return SerialExecutor() if jobs == 1 else executor


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _require_sendable(function: Callable[[Any], Any], task: Any) -> None:
    """Refuse what cannot be pickled, before a worker fails to say what it was."""
    for what, thing in (("the function", function), ("a task", task)):
        try:
            pickle.dumps(thing)
        except Exception as error:
            raise ConfigError(
                f"{what} cannot be sent to another process ({error}); agents, functions and "
                "factories must be importable by name (no lambda), or run with one job"
            ) from error


def _begin_worker() -> None:
    """Let Ctrl-C end a worker at once and without a word: the main process speaks."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # between tasks, which arrive as many objects that stay


def _run(function: Callable[[Any], Any], task: Any) -> Any:
    """Run a task in a worker, which has imported much that stays and been sent the task."""
    with spared_objects():
        gc.enable()
        try:
            return function(task)
        finally:
            gc.disable()


def _result_of(future: Future[Any]) -> Any:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ForecastGameError(
            "a process that ran tasks died before it was done; either the machine is short of "
            "memory (try fewer jobs), or the process could not import the function of the tasks"
        ) from error
    except Exception as error:  # noqa: BLE001 - handed on, to be raised or reported there
        return error


def _end_workers(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool without waiting for their tasks.

    Python 3.14 has a public method for it; before, it is what that method does.
    """
    if hasattr(pool, "terminate_workers"):
        pool.terminate_workers()
        return
    for process in list((pool._processes or {}).values()):
        process.terminate()
