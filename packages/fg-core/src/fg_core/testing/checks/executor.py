"""Conformance of executors."""

from __future__ import annotations

from typing import Any

from fg_core.protocols import Executor
from fg_core.testing._play import Promises

__all__ = ["check_executor"]


def check_executor(executor: Executor) -> None:
    """Check an executor: all results, each once, and no error is swallowed or ends other tasks.

    `stream` yields every position once, in any order, with the result of its task or the
    exception that the task raised, and can be left early. `map` returns the results in the order
    of the tasks and raises the exception of the first task that raised one.

    Args:
        executor: Executor that is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.executors import SerialExecutor
    >>> check_executor(SerialExecutor())
    """
    promises = Promises("Executor", executor)
    promises.members("stream", "map")
    promises.named()
    for tasks in ([], [3], list(range(40, 0, -1)), [5, 5, 5]):
        expected = [twice_plus_one(task) for task in tasks]
        streamed = promises.pure("stream", _streamed, executor, twice_plus_one, tasks)
        promises.require(
            [position for position, _ in streamed] == list(range(len(tasks))),
            "stream yields the position of every task once",
            f"for {len(tasks)} tasks it yielded {[position for position, _ in streamed]}, sorted",
        )
        promises.require(
            [result for _, result in streamed] == expected,
            "stream yields the result of a task with its position",
            f"for {tasks} it yielded {streamed!r}",
        )
        found = promises.pure("map", executor.map, twice_plus_one, tasks)
        promises.require(
            isinstance(found, list) and found == expected,
            "map returns a list of the results, in the order of the tasks",
            f"for {tasks} it returned {found!r}",
        )
    _judge_failures(promises, executor)
    early = iter(executor.stream(twice_plus_one, range(8)))
    position, result = promises.call("stream", next, early)
    promises.require(
        result == twice_plus_one(position),
        "stream yields the result of a task with its position",
        f"for task {position} it yielded {result!r}",
    )
    if hasattr(early, "close"):
        promises.call("close of a stream that is left early", early.close)


def _streamed(executor: Executor, function: Any, tasks: Any) -> list[tuple[int, Any]]:
    """Return what a stream yields, by position."""
    return sorted(executor.stream(function, tasks), key=lambda pair: int(pair[0]))


def _judge_failures(promises: Promises, executor: Executor) -> None:
    tasks = [6, 7, 8, 77, 9]
    found = promises.call("stream", _streamed, executor, refuse_sevens, tasks)
    results = [result for _, result in found]
    promises.require(
        len(found) == len(tasks) and [results[i] for i in (0, 2, 4)] == [6, 8, 9],
        "a task that raises ends no other",
        f"two of {len(tasks)} tasks raised, and it yielded {found!r}",
    )
    for position in (1, 3):
        promises.require(
            isinstance(results[position], Exception)
            and f"task {tasks[position]}" in str(results[position]),
            "stream yields the exception of a task that raised as its result",
            f"for task {position} it yielded {results[position]!r}",
        )
    try:
        mapped = executor.map(refuse_sevens, tasks)
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        if "task 7 " not in str(error):
            promises.broken(
                "map raises the exception of the first task that raised one",
                f"tasks 7 and 77 raise, and it raised {type(error).__name__}: {error}",
                error,
            )
    else:
        promises.broken("an error in a task is raised, not swallowed", f"map returned {mapped!r}")


def twice_plus_one(task: int) -> int:
    """Return 2 task + 1; importable by name, so that any executor can run it.

    Args:
        task: Number of the task.

    Returns:
        Twice the number, plus one.

    >>> twice_plus_one(3)
    7
    """
    return 2 * task + 1


def refuse_sevens(task: int) -> int:
    """Return the task, or raise for 7 and 77.

    Args:
        task: Number of the task.

    Returns:
        The same number.

    Raises:
        ValueError: The number is 7 or 77.

    >>> refuse_sevens(6)
    6
    """
    if task in (7, 77):
        raise ValueError(f"task {task} fails on purpose")
    return task
