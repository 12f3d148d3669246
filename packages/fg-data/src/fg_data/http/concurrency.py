"""Tasks that mostly wait, run side by side in threads that do not hold the program up.

The threads of the standard library's pools are waited for when a program ends, even one that a user
wants to stop: a request that is retried would keep it for minutes. These are not.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["map_concurrently"]

T = TypeVar("T")
R = TypeVar("R")

_LOOK_UP_SECONDS = (
    0.5  # where waiting for a queue cannot be interrupted, interruptions wait so long
)


def map_concurrently(function: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Return the results for all items, in the order of the items.

    An exception of one of them is raised here; those that have not begun by then are dropped, as
    they are when the caller is interrupted.

    Args:
        function: Function that is called once per item, in some thread.
        items: Arguments of the calls.
        workers: Largest number of calls at a time, 1 or more.

    Returns:
        One result per item.

    >>> map_concurrently(abs, [-3, 2, -1], 2)
    [3, 2, 1]
    """
    todo: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    for task in enumerate(items):
        todo.put(task)
    n_tasks = todo.qsize()
    done: queue.SimpleQueue[tuple[int, R | None, BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            try:
                number, item = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, function(item), None))
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                done.put((number, None, error))

    results: dict[int, R] = {}
    try:
        for _ in range(min(workers, n_tasks)):
            _start(threading.Thread(target=work, name="fg-data-task", daemon=True))
        while len(results) < n_tasks:
            try:
                number, result, error = done.get(timeout=_LOOK_UP_SECONDS)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            results[number] = result  # type: ignore[assignment]
    finally:
        stopped.set()
    return [results[number] for number in range(n_tasks)]


def _start(thread: threading.Thread) -> None:
    """Start a thread; an interruption while it starts stays one."""
    try:
        thread.start()
    except RuntimeError as error:
        # Thread.start waits under a lock. Where the interruption comes between the lock's release
        # and its return, leaving the lock fails in turn and hides what happened.
        if isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        raise
