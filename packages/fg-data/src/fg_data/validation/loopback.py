"""A service on the loopback interface: made-up bodies over real HTTP, on this machine alone.

So what a scenario checks is the whole way that a figure goes: the request, its parameters, the
transport, the envelope, the parsing, the alignment. Neither a network nor a key is needed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from fg_data.http import HttpLimits, HttpTransport, Pace

__all__ = ["Answer", "Loopback"]

_JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """Answer of a service.

    Args:
        body: Bytes of the body.
        status: Status of HTTP.
        content_type: Media type of the body.
    """

    body: bytes
    status: int = 200
    content_type: str = _JSON


class Loopback:
    """A server that answers by a function, while its `with` lasts.

    Args:
        answer: Function of path and parameters of a request.

    >>> with Loopback(lambda path, asked: Answer(path.encode())) as service:
    ...     service.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, answer: Callable[[str, Mapping[str, str]], Answer]) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._asked: list[tuple[str, Mapping[str, str]]] = []

    @property
    def url(self) -> str:
        """Address of the service, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Path and parameters of every request so far."""
        with self._lock:
            return tuple(self._asked)

    def transport(self) -> HttpTransport:
        """Return a transport that neither spaces requests nor tries them again."""
        return HttpTransport(HttpLimits(attempts=1), Pace(0.0))

    def __enter__(self) -> Self:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = dict(parse_qsl(parts.query))
                with loopback._lock:
                    loopback._asked.append((parts.path, asked))
                answer = loopback._answer(parts.path, asked)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_args: object) -> None:
                """Say nothing: stderr is for what the command tells."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # Closing waits for the next look whether to close, half a second by default.
        look = {"poll_interval": 0.05}
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs=look, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
