"""Calls over HTTP that end: one deadline, one size limit, and failures as errors of ours.

Time limits of HTTP clients are per read, so a server that drips could hold a caller for hours. Here
the whole call has one deadline, and an answer a size limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

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

__all__ = [
    "MAX_ANSWER_BYTES",
    "bounded_transport",
    "extra_installed",
    "http_failures",
    "refusal",
    "within",
]

MAX_ANSWER_BYTES = 1 << 20
"""Largest body that is read; what is over it is no answer."""

_TOLD = 200

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
            response = super().handle_request(request)
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
    return Bounded()


def within(seconds: float, call: Callable[[], T], who: str) -> T:
    """Return what `call` returns, or raise after so many seconds whatever it does.

    Args:
        seconds: Time for the whole call.
        call: Call without arguments; it goes on in a thread of its own where it is given up.
        who: Name of what is asked, for messages.

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
        raise type(error)(f"{who}: {error}") from error
    if error is not None:
        raise error
    value: T = found
    return value


@contextmanager
def http_failures() -> Iterator[None]:
    """Raise failures of httpx in the block as errors of ours.

    Raises:
        ModelError: The connection failed; the class says how.
    """
    import httpx

    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise ModelTimeoutError("no answer in time") from error
    except (httpx.ConnectError, ConnectionError) as error:
        raise ModelUnavailableError("nothing answers") from error
    except httpx.HTTPError as error:
        raise AnswerCutError(f"the connection ended: {type(error).__name__}") from error


def refusal(model: str, status: int, said: object) -> ModelError:
    """Return the error that a status stands for.

    Args:
        model: Name of the model.
        status: Status of the response.
        said: What the server said of it; the beginning of it is told.

    Returns:
        Error, not raised.
    """
    text = " ".join(str(said).split())[:_TOLD]
    if status == 404:
        return ModelMissingError(f"no model {model!r} (404)")
    if status == 503:
        return ModelBusyError(f"the server is busy (503): {text}")
    if 400 <= status < 500:
        return ModelRefusedError(f"the request is refused ({status}): {text}")
    return ModelServerError(f"the server failed ({status}): {text}")
