"""A server that misbehaves below HTTP, and a transport that does not wait."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from fg_data.http import HttpLimits, HttpTransport, Pace

Handler = Callable[[socket.socket], None]

KEY = "0123456789abcdef0123456789abcdef"

# Ends a test that hangs; nothing else depends on it.
HANGS_SECONDS = 240


class RawServer:
    """Answers every connection by a function that gets the socket after the request was read."""

    def __init__(self, handlers: list[Handler]) -> None:
        self.requests: list[bytes] = []
        self._handlers = handlers
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/fred"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._closing:
                connection.close()
                return
            handler = self._handlers[min(len(self.requests), len(self._handlers) - 1)]
            self.requests.append(connection.recv(65536))
            thread = threading.Thread(target=self._serve, args=(handler, connection), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, handler: Handler, connection: socket.socket) -> None:
        # Most of these tests want the client to go before it has all.
        with connection, contextlib.suppress(OSError):
            handler(connection)

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        # Closing a listener does not wake its thread everywhere; a connection does.
        with socket.create_connection(("127.0.0.1", self._port), timeout=HANGS_SECONDS):
            pass
        self._threads[0].join(timeout=HANGS_SECONDS)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=HANGS_SECONDS)


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    """Start servers: one handler a connection, the last one for all that follow."""
    servers: list[RawServer] = []

    def start(*handlers: Handler) -> RawServer:
        servers.append(RawServer(list(handlers)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def transport() -> Callable[..., HttpTransport]:
    """Make transports that neither space requests nor wait between attempts."""

    def make(*, pace: Pace | None = None, **bounds: float) -> HttpTransport:
        quick = {"first_wait_seconds": 0.0, "max_wait_seconds": 0.0, "jitter_seconds": 0.0}
        limits = HttpLimits(**{**quick, "attempts": 2, **bounds})
        return HttpTransport(limits, pace if pace is not None else Pace(0.0))

    return make


@pytest.fixture
def key() -> str:
    return KEY
