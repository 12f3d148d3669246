"""Servers over raw sockets that do what servers should not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection by hand, and give the address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                serve(connection)
        except OSError:
            pass  # the client has gone

    threading.Thread(target=run, daemon=True).start()
    with listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def drips(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for _ in range(40):
        connection.sendall(b"1\r\n \r\n")
        time.sleep(0.05)


def drips_its_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for i in range(40):
        connection.sendall(b"X-%d: y\r\n" % i)
        time.sleep(0.05)


def hangs(connection: socket.socket) -> None:
    time.sleep(2.0)


@pytest.fixture
def raw_server() -> Callable[..., AbstractContextManager[str]]:
    """Return a maker of servers that serve one connection by hand."""
    return serving


@pytest.fixture(params=[drips, drips_its_head, hangs], ids=lambda serve: serve.__name__)
def slow_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the address of a server that takes two seconds for nothing."""
    with serving(request.param) as address:
        yield address


@pytest.fixture
def dying_server() -> Callable[[str], AbstractContextManager[str]]:
    """Return a maker of servers that send the beginning of an answer and die."""

    def make(beginning: str) -> AbstractContextManager[str]:
        text = beginning.encode()
        return serving(lambda one: one.sendall(HEAD + b"%x\r\n%s\r\n" % (len(text), text)))

    return make


@pytest.fixture
def nobody() -> str:
    """Return an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"
