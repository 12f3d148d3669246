"""Calls over HTTP that end: one deadline, one size limit, and failures as errors of ours.

Time limits of HTTP clients are per read, so a server that drips could hold a caller for hours. Here
the whole call has one deadline, and an answer a size limit, which no compression evades. No message
holds a key.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from .chat import ChatReply
from .errors import (
    AnswerCutError,
    BadAnswerError,
    ModelBusyError,
    ModelError,
    ModelMissingError,
    ModelRefusedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)

if TYPE_CHECKING:
    import ssl

__all__ = [
    "MAX_ANSWER_BYTES",
    "bounded_reply",
    "bounded_transport",
    "extra_installed",
    "http_failures",
    "key_from",
    "refusal",
    "shown_address",
    "within",
]

MAX_ANSWER_BYTES = 1 << 20
"""Largest body that is read; what is over it is no answer."""

_TOLD = 200
_WITHHELD = "***"

T = TypeVar("T")


@contextmanager
def extra_installed() -> Iterator[None]:
    """Say what to install where an import in the block fails.

    Raises:
        ModelUnavailableError: A package of the extra `[ollama]` is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModelUnavailableError(
            f"the package {error.name} is not installed: pip install 'fg-llm[ollama]'"
        ) from None


def bounded_transport(seconds: float) -> Any:
    """Return a transport of httpx whose bodies end in time and size.

    Args:
        seconds: Time from now until a body must have ended.

    Returns:
        Transport; what is longer or later raises a `ModelError` while it is read.
    """
    import httpx

    class Bounded(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            # A megabyte that is compressed may be a gigabyte that is not.
            request.headers["Accept-Encoding"] = "identity"
            response = super().handle_request(request)
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                response.close()
                raise BadAnswerError("the answer is compressed, though none was asked for")
            response.stream = Body(response.stream)
            return response

    class Body(httpx.SyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._stream:
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    raise BadAnswerError(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise ModelTimeoutError(f"no whole answer within {seconds:g} s")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    deadline = time.monotonic() + seconds
    return Bounded(verify=_tls())


@cache
def _tls() -> ssl.SSLContext:
    """Return the settings of secure connections, which take longer to load than an answer."""
    import httpx

    return httpx.create_ssl_context()


def within(seconds: float, call: Callable[[], T], who: str, key: str = "") -> T:
    """Return what `call` returns, or raise after so many seconds whatever it does.

    Args:
        seconds: Time for the whole call.
        call: Call without arguments; it goes on in a thread of its own where it is given up.
        who: Name of what is asked, for messages.
        key: Key that is taken out of messages; empty for none.

    Returns:
        What the call returns.

    Raises:
        ModelError: The call raised one, or the time is over; the message begins with `who`.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((call(), None))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, below
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True, name="language model")
    thread.start()
    thread.join(seconds + 0.25)
    if not outcome:
        raise ModelTimeoutError(f"{who}: no whole answer within {seconds:g} s")
    found, error = outcome[0]
    if isinstance(error, ModelError):
        # Not from the error itself, whose message may hold the key.
        raise type(error)(f"{who}: {_without(key, str(error))}") from error.__cause__
    if error is not None:
        raise error
    value: T = found
    return value


def bounded_reply(seconds: float, call: Callable[[], ChatReply], who: str, key: str) -> ChatReply:
    """Return the answer that `call` returns, as `within` does.

    Raises:
        ModelError: As `within`, or the answer repeats the key, which no record must hold.
    """
    reply = within(seconds, call, who, key)
    if key and key in reply.text:
        raise BadAnswerError(f"{who}: the answer repeats the key")
    return reply


def key_from(variable: str) -> str:
    """Return the key that an environment variable holds; empty where there is none.

    Raises:
        ModelRefusedError: No header can carry it.
    """
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ModelRefusedError(f"{variable} holds characters that are in no key")
    return key


def shown_address(address: str) -> str:
    """Return an address for messages, without the name and password that it may hold.

    >>> shown_address("https://me:secret@models.example/v1")
    'https://***@models.example/v1'
    """
    return re.sub(r"(^|//)[^/]*@", rf"\1{_WITHHELD}@", address)


@contextmanager
def http_failures() -> Iterator[None]:
    """Raise failures of httpx in the block as errors of ours.

    Raises:
        ModelError: The connection failed; the class says how.
    """
    import httpx

    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ModelUnavailableError("that is no address of a server") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise ModelTimeoutError("no answer in time") from error
    except (httpx.ConnectError, ConnectionError) as error:
        raise ModelUnavailableError("nothing answers") from error
    except httpx.HTTPError as error:
        raise AnswerCutError(f"the connection ended: {type(error).__name__}") from error


def refusal(model: str, status: int, said: object, key: str = "") -> ModelError:
    """Return the error that a status stands for.

    Args:
        model: Name of the model.
        status: Status of the response.
        said: What the server said of it; the beginning of it is told.
        key: Key that is taken out of it; empty for none.

    Returns:
        Error, not raised.
    """
    text = _without(key, " ".join(str(said).split()))[:_TOLD]
    if status == 404:
        return ModelMissingError(f"no model {model!r} (404)")
    if status == 503:
        return ModelBusyError(f"the server is busy (503): {text}")
    if 400 <= status < 500:
        return ModelRefusedError(f"the request is refused ({status}): {text}")
    return ModelServerError(f"the server failed ({status}): {text}")


def _without(key: str, text: str) -> str:
    return text.replace(key, _WITHHELD) if key else text
