"""Executors: results in the order of the tasks, whatever the order that they came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fg_core.errors import ForecastGameError
from fg_core.executors import SerialExecutor, ordered
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
