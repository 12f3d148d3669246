"""The check of executors passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fg_core.executors import SerialExecutor
from fg_core.testing import check_executor
from fg_core.testing.mutants import NotFrozen, refused

Stream = Callable[[Any, Sequence[Any]], Any]


def executor(stream: Stream | None = None, run: Stream | None = None) -> Any:
    @dataclass(frozen=True)
    class Mutant(SerialExecutor):
        def stream(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Any:
            return super().stream(function, tasks) if stream is None else stream(function, tasks)

        def map(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Any:
            return super().map(function, tasks) if run is None else run(function, tasks)

    return Mutant()


SERIAL = SerialExecutor()


def backwards(function: Any, tasks: Sequence[Any]) -> Any:
    """Yield the last result first: allowed."""
    yield from reversed(list(SERIAL.stream(function, tasks)))


def swallows(function: Any, tasks: Any) -> list[Any]:
    return [
        None if isinstance(result, Exception) else result
        for _, result in SERIAL.stream(function, tasks)
    ]


def last_error(function: Any, tasks: Any) -> list[Any]:
    results = [result for _, result in SERIAL.stream(function, tasks)]
    for result in reversed(results):
        if isinstance(result, Exception):
            raise result
    return results


def empties(function: Any, tasks: Any) -> list[Any]:
    results = SERIAL.map(function, tasks)
    if isinstance(tasks, list):
        tasks.clear()
    return results


def stops_at_errors(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        yield position, result
        if isinstance(result, Exception):
            return


def raises(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        if isinstance(result, Exception):
            raise result
        yield position, result


def in_words(function: Any, tasks: Any) -> Any:
    for position, result in SERIAL.stream(function, tasks):
        yield position, str(result) if isinstance(result, Exception) else result


def test_results_may_come_in_any_order() -> None:
    check_executor(executor(backwards))


def test_good_executors_pass() -> None:
    check_executor(SerialExecutor())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (executor(run=lambda f, tasks: sorted(map(f, tasks))), "in the order of the tasks"),
        (executor(run=lambda f, tasks: [f(t) for t in dict.fromkeys(tasks)]), "in the order"),
        (executor(run=lambda f, tasks: map(f, tasks)), "map is pure|returns a list"),
        (executor(run=lambda f, tasks: tuple(map(f, tasks))), "returns a list"),
        (executor(run=lambda f, t: [f(t[0]), *map(f, t[1:])]), "it raised IndexError"),
        (executor(run=swallows), "an error in a task is raised"),
        (executor(run=last_error), "map raises the exception of the first task"),
        (executor(run=empties), "leaves its arguments as they were"),
        (executor(lambda f, t: list(SERIAL.stream(f, t))[1:]), "position of every task once"),
        (executor(lambda f, t: [*SERIAL.stream(f, t)] * 2), "position of every task once"),
        (executor(lambda f, t: [(i, f(x)) for i, x in enumerate(sorted(t))]), "with its position"),
        (executor(stops_at_errors), "a task that raises ends no other"),
        (executor(raises), "stream works; it raised ValueError"),
        (executor(in_words), "stream yields the exception of a task"),
        (NotFrozen(), "it has stream, map"),
    ],
)
def test_a_broken_executor_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_executor(broken), promise)
