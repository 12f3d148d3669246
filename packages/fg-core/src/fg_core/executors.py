"""Where independent tasks run: here one after the other, and what other executors build on.

An executor yields results as they come (`stream`). `ordered` makes of that a list in the order of
the tasks (`map`): the same list, and the same error, whatever the order that results came in.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ForecastGameError

__all__ = ["SerialExecutor", "ordered"]


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
