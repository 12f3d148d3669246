"""One attempt at a request: bounded in time and size, and its failures without the address.

The exceptions of the HTTP library carry the request, and with it the key. They stay in here: what
comes out is a response, or a failure in our own words.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fg_core import ConfigError, frozen_mapping

from .limits import HttpLimits
from .redaction import redact
from .response import Response
from .unpacking import BodyError, BodyTooLargeError, Unpacker

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["Failure", "host_of", "prepare", "single_request"]

_OK = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_CHARSETS = ("", "utf-8", "utf8", "us-ascii", "ascii")
# A client asks once. A connection kept alive would outlive it where the answer comes after we gave
# up: the pool is closed by then, and nothing else would close what goes back into it.
_HEADERS = {"Accept-Encoding": "gzip", "Connection": "close", "User-Agent": "forecast-game"}


@dataclass(frozen=True)
class Failure:
    """Reason why there is no response.

    Args:
        reason: Reason in words, to follow the name of the host; without secrets.
        again: Whether another attempt may go better.
        status: Status code, if the service sent one; 0: it did not get that far.
        retry_after: Text of the header Retry-After.
        date: Text of the header Date.
        setting: Whether the address as it was set cannot be asked at all.
        slow: Whether the attempt took all the time that it may.
    """

    reason: str
    again: bool
    status: int = 0
    retry_after: str = ""
    date: str = ""
    setting: bool = False
    slow: bool = False


def single_request(
    url: str,
    params: Mapping[str, str],
    secrets: Mapping[str, str],
    limits: HttpLimits,
    accept: Collection[str],
    *,
    turn: Callable[[], None],
    headers: Mapping[str, str] = frozen_mapping(),
) -> Response | Failure:
    """Ask once, and come back by the deadline whatever the service does.

    The request runs in a thread of its own: neither looking a host up nor a service that sends its
    headers byte by byte can be bounded from within.

    Args:
        url: Address, without parameters.
        params: Parameters that may be shown.
        secrets: Parameters that are sent and never shown.
        limits: Bounds.
        accept: Content types of a good answer.
        turn: Comes back when it is this request's turn, which is waited for outside the deadline.
        headers: Headers of the request beside ours, which they go before.

    Returns:
        Answer of the service, or why there is none and whether another attempt may help.
    """
    import httpx

    try:
        client = httpx.Client(
            verify=_certificates(),
            timeout=httpx.Timeout(limits.silence_seconds, connect=limits.connect_seconds),
            headers={**_HEADERS, "Accept": ", ".join(accept), **headers},
        )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, ImportError) as error:
        # Settings of the machine: proxies and certificates that the environment names.
        kind = type(error).__name__
        reason = redact(f"cannot be asked from this machine ({kind}: {error})", secrets.values())
        return Failure(reason, again=False, setting=True)
    given_up = threading.Event()
    answers: queue.SimpleQueue[Response | Failure | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(_follow(client, url, {**params, **secrets}, limits, accept, given_up))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            answers.put(_failure(error, secrets, limits))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            answers.put(error)

    try:
        turn()
        threading.Thread(target=work, name="fg-data-request", daemon=True).start()
        answer = answers.get(timeout=limits.deadline_seconds)
    except queue.Empty:
        reason = f"did not answer within {limits.deadline_seconds:g} seconds"
        answer = Failure(reason, again=True, slow=True)
    finally:
        given_up.set()
        client.close()
    if isinstance(answer, BaseException):
        raise answer
    return answer


def prepare() -> None:
    """Load what a request needs, once in a process.

    It takes longer than a request. Done between a request's turn and its sending, it would have
    the first requests of several threads go out together after all.

    Raises:
        ConfigError: The certificates that the environment names cannot be read.
    """
    with _preparing:
        try:
            _certificates()
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the certificates of this machine cannot be read ({type(error).__name__}: "
                f"{error}); check the environment variables SSL_CERT_FILE and SSL_CERT_DIR"
            ) from error


_preparing = threading.Lock()


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Return the certificates that the HTTP library trusts."""
    import httpx

    return httpx.create_ssl_context()


def _follow(
    client: httpx.Client,
    url: str,
    params: Mapping[str, str],
    limits: HttpLimits,
    accept: Collection[str],
    given_up: threading.Event,
) -> Response | Failure:
    """Ask, and follow redirects within the host: another one must not get the key."""
    request = client.build_request("GET", url, params=dict(params))
    for _ in range(limits.max_redirects + 1):
        answer = client.send(request, stream=True)
        try:
            if answer.status_code not in _REDIRECTS:
                return _read(answer, limits, accept, given_up)
            target = answer.headers.get("location", "")
        finally:
            answer.close()
        there = request.url.join(target)
        if _origin(there) != _origin(request.url):
            return Failure(
                f"sends us to another address ({there.scheme}://{there.host}), which is not "
                "followed; set the base address to the one that the service has now",
                again=False,
                status=answer.status_code,
            )
        request = client.build_request("GET", there)
    return Failure(f"redirects more than {limits.max_redirects} times", again=False)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _read(
    answer: httpx.Response, limits: HttpLimits, accept: Collection[str], given_up: threading.Event
) -> Response | Failure:
    status = answer.status_code
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERRORS:
        return Failure(
            "answers that it was asked too often (status 429)"
            if status == _TOO_MANY_REQUESTS
            else f"answers with an error of its own (status {status})",
            again=True,
            status=status,
            retry_after=answer.headers.get("retry-after", ""),
            date=answer.headers.get("date", ""),
        )
    content_type, _, parameters = answer.headers.get("content-type", "").partition(";")
    content_type = content_type.strip().lower()
    if status == _OK and content_type and content_type not in accept:
        page = " (a web page)" if "html" in content_type else ""
        return Failure(
            f"sends {content_type[:60]!r}{page} where {' or '.join(accept)} was asked for; "
            "check the base address, and whether a proxy or a sign-in page is in between",
            again=False,
            status=status,
        )
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "').lower()
    if charset not in _CHARSETS:
        return Failure(f"sends text in {charset[:40]!r}, not in UTF-8", again=False, status=status)
    try:
        body = _body(answer, limits, given_up)
    except BodyTooLargeError as error:
        return Failure(f"sends too much: {error}", again=False, status=status)
    except BodyError as error:
        return Failure(f"sends a damaged answer: {error}", again=True, status=status)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status, content_type, body, headers)


def _body(answer: httpx.Response, limits: HttpLimits, given_up: threading.Event) -> bytes:
    unpacker = Unpacker(answer.headers.get("content-encoding", ""), limits.max_body_bytes)
    declared = answer.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limits.max_body_bytes:
        raise BodyTooLargeError(
            f"{int(declared[:20]) / 1e6:,.0f} MB, and at most "
            f"{limits.max_body_bytes / 1e6:,.0f} MB are read"
        )
    for piece in answer.iter_raw():
        if given_up.is_set():
            break
        unpacker.feed(piece)
    return unpacker.finish()


def _failure(error: Exception, secrets: Mapping[str, str], limits: HttpLimits) -> Failure:
    import httpx

    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        reason = redact(f"is no address that can be asked ({error})", secrets.values())
        return Failure(reason, again=False, setting=True)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Failure(
            f"could not be connected to within {limits.connect_seconds:g} seconds", again=True
        )
    if isinstance(error, httpx.TimeoutException):
        return Failure(f"was silent for {limits.silence_seconds:g} seconds", again=True)
    text = redact(f"{type(error).__name__}: {error}", secrets.values())
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return Failure(f"has a certificate that is not trusted ({text})", again=False)
    if isinstance(error, httpx.ConnectError):
        return Failure(f"could not be reached ({text})", again=True)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | OSError):
        return Failure(f"broke the connection off ({text})", again=True)
    return Failure(f"could not be asked ({text})", again=False)


def host_of(url: str) -> str:
    """Return the host of an address, with its port if it names one.

    Args:
        url: Address.

    Returns:
        Text such as "example.org".

    >>> host_of("http://localhost:8080/data")
    'localhost:8080'
    """
    return urlsplit(url).netloc.rpartition("@")[2]
