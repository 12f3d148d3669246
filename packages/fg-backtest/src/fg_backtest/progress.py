"""Progress on the terminal, for runs that take longer than a moment."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["DelayedProgress"]

_DELAY_S = 1.0


class DelayedProgress:
    """A progress bar on stderr that appears once a run has taken a second.

    It is a `fg_backtest.games.Progress`, and only shows what happens: nothing depends on
    its clock.

    Args:
        shown: Whether to show anything at all.
    """

    def __init__(self, *, shown: bool) -> None:
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._state: tuple[int, int, str] = (0, 1, "")
        self._over = False
        self._timer = threading.Timer(_DELAY_S, self._begin) if shown else None

    def __enter__(self) -> Self:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __call__(self, done: int, total: int, name: str) -> None:
        """Note that `done` of `total` series are played and that `name` is next."""
        with self._lock:
            self._state = (done, total, name)
            self._show()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.stop()

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        with self._lock:
            if self._over:
                return
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("series"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            done, total, name = self._state
            self._task = self._bar.add_task(f"playing {name}", completed=done, total=total)
            self._bar.start()

    def _show(self) -> None:
        if self._bar is not None and self._task is not None:
            done, total, name = self._state
            self._bar.update(self._task, completed=done, total=total, description=f"playing {name}")
