"""A child process that answers lines: one request at a time, every wait with an end.

The child leads a process group of its own, so that what it started dies with it. Nothing is read
or written without a deadline: a child that hangs, stops reading, drips or babbles is killed, and
the error says which it was.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

from fg_core.errors import ForecastGameError

__all__ = ["ChildError", "LineChild"]

MAX_LINE = 8 * 1024 * 1024
"""Longest answer that is read, in bytes."""

_TOLD_OF_STDERR = 400
_GRACE_SECONDS = 1.0


class ChildError(ForecastGameError):
    """A child process cannot be started, or does not answer as it should."""


class LineChild:
    """A running child process that answers each line with one line.

    Args:
        command: Program and arguments.
        folder: Folder to start it in; None is the present one.
        environment: Variables to set beside those that are there.

    Raises:
        ChildError: It cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the caller's
                list(command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            self._stderr.close()
            raise ChildError(f"{command[0]} cannot be started: {error.strerror}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        for pipe in (self._input, self._output):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def exchange(self, line: bytes, seconds: float) -> bytes:
        """Send a line and return the line that answers it; after an error the child is dead.

        Args:
            line: Request, without its end.
            seconds: Time for the whole exchange.

        Returns:
            The answer, without its end.

        Raises:
            ChildError: The child has ended, does not answer in time, answers with more than one
                line, or with one that is too long.
        """
        try:
            return self._exchange(memoryview(line + b"\n"), time.monotonic() + seconds, seconds)
        except ChildError:
            self.kill()
            raise

    def _exchange(self, unsent: memoryview, deadline: float, seconds: float) -> bytes:
        received = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(self._output, selectors.EVENT_READ)
            ready.register(self._input, selectors.EVENT_WRITE)
            while True:
                left = deadline - time.monotonic()
                if left <= 0.0:
                    raise ChildError(f"it did not answer within {seconds:g} s")
                for key, _ in ready.select(left):
                    if key.fileobj is self._output:
                        more = self._read()
                        received += more
                        if len(received) > MAX_LINE:
                            raise ChildError("its answer is too long")
                        if unsent:
                            raise ChildError("it spoke before it was asked")
                        if b"\n" in more:
                            return self._line(bytes(received))
                    else:
                        unsent = unsent[self._write(unsent) :]
                        if not unsent:
                            ready.unregister(self._input)

    def _read(self) -> bytes:
        more = os.read(self._output.fileno(), 1 << 16)
        if not more:
            raise ChildError(self._ended())
        return more

    def _write(self, unsent: memoryview) -> int:
        try:
            return os.write(self._input.fileno(), unsent[: 1 << 16])
        except BrokenPipeError:
            raise ChildError(self._ended()) from None

    def _line(self, received: bytes) -> bytes:
        line, _, rest = received.partition(b"\n")
        if rest:
            raise ChildError("it answered with more than one line")
        return line

    def _ended(self) -> str:
        """Return how the child ended, with the end of what it wrote to standard error."""
        try:
            code: int | str = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            code = "unknown"
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - _TOLD_OF_STDERR))
        said = " ".join(self._stderr.read().decode("utf-8", "replace").split())
        return f"it ended with code {code}" + (f": {said}" if said else "")

    def kill(self) -> None:
        """End the child and all that it started. May be called twice."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._input, self._output, self._stderr):
            pipe.close()

    def close(self) -> None:
        """Close the child's input, wait a moment for its end, and kill what is left of it."""
        if not self._input.closed:
            self._input.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_SECONDS)
        self.kill()
