"""Requests to a data service: spaced, bounded, retried where that can help, the key never shown."""

from __future__ import annotations

import email.utils
import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from fg_core import ConfigError, ForecastGameError, SourceError, frozen_mapping
from fg_core.errors import SourceRateError, SourceUnavailableError

from .limits import HttpLimits
from .pacing import SPACING_SECONDS, Pace, is_local, shared_pace
from .redaction import keep_out_of_logs, redact
from .response import Response
from .single_request import Failure, host_of, prepare, single_request

__all__ = ["JSON", "HttpTransport", "Transport"]

JSON = ("application/json",)

_MOST_SLOW = 2
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
# Those that the bounds of a request rest on.
_OWN_HEADERS = ("accept-encoding", "connection", "content-length", "host", "transfer-encoding")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")

_logger = logging.getLogger(__name__)


class Transport(Protocol):
    """Gets what is at an address; what the adapters of services ask through."""

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        secrets: Mapping[str, str] = ...,
        accept: Collection[str] = ...,
        headers: Mapping[str, str] = ...,
    ) -> Response:
        """Return the response from an address; see `HttpTransport.get`.

        Returns:
            Status, headers and body.
        """
        ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class HttpTransport:
    """Asks over HTTP.

    An attempt is repeated after a time-out, a broken connection, and the statuses 429 and 500 to
    599, never after another one. One that took all its time, as from a service that drips, is
    repeated once. A pause that the service asks for (Retry-After) holds for every
    request with the same key.

    Args:
        limits: Bounds of a request.
        pace: Spacing of requests; None: the one that all requests of this process to the same host
            with the same key share.
        now: The time of day, for services that give the end of a pause as a date.
        spacing_seconds: Least time between two requests by the shared pace; the widest that a
            transport of this process asked for counts.
    """

    limits: HttpLimits = field(default_factory=HttpLimits)
    pace: Pace | None = field(default=None, compare=False)
    now: Callable[[], datetime] = field(default=_utc_now, repr=False)
    spacing_seconds: float = SPACING_SECONDS

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        secrets: Mapping[str, str] = frozen_mapping(),
        accept: Collection[str] = JSON,
        headers: Mapping[str, str] = frozen_mapping(),
    ) -> Response:
        """Return the response of a service, whatever its status below 429 is.

        Args:
            url: Address, without parameters.
            params: Parameters that may be shown.
            secrets: Parameters that are sent and never shown: not in an error, not in a log.
            accept: Content types of a good answer (status 200).
            headers: Headers of the request, such as `Accept` with the parameters of a format, or
                the conditions of `ConditionalTransport`. They are no place for a secret.

        Returns:
            Status, headers and body, unpacked.

        Raises:
            ConfigError: An address that cannot be asked, or that would send a secret in the clear,
                or a header that the transport sets itself or that no request can carry.
            SourceRateError: The service still says that it was asked too often.
            SourceUnavailableError: It could not be reached, or failed, at every attempt.
            SourceError: It redirects elsewhere, or sends too much, or something else than asked.
        """
        import stamina

        _require_private(url, secrets)
        _require_sendable(headers)
        keep_out_of_logs(secrets.values())
        prepare()
        # Its line for a retry says nothing to a person; ours does.
        logging.getLogger("stamina").addHandler(_SILENT)
        limits = self.limits
        pace = self.pace or shared_pace(host_of(url), secrets, self.spacing_seconds)
        failure: Failure
        n_attempts = n_slow = 0
        try:
            for turn in stamina.retry_context(
                on=_AgainError,
                attempts=limits.attempts,
                timeout=None,
                wait_initial=limits.first_wait_seconds,
                wait_max=limits.max_wait_seconds,
                wait_jitter=limits.jitter_seconds,
            ):
                with turn:
                    n_attempts += 1
                    answer = single_request(
                        url, params, secrets, limits, accept, turn=pace.wait, headers=headers
                    )
                    if isinstance(answer, Response):
                        return answer
                    failure = answer
                    n_slow += failure.slow
                    if failure.again and n_slow < _MOST_SLOW:
                        self._pause(failure, pace)
                        if n_attempts < limits.attempts:
                            _logger.warning(
                                "%s %s; asking again (attempt %d of %d)",
                                host_of(url),
                                failure.reason,
                                n_attempts + 1,
                                limits.attempts,
                            )
                        raise _AgainError(failure.reason)
        except _AgainError:
            pass  # the last attempt failed as well
        except _TooLongError as pause:
            failure = pause.failure
        # Raised out here, so that nothing that carries the address is its context.
        raise _error(url, params, secrets, failure, n_attempts)

    def _pause(self, failure: Failure, pace: Pace) -> None:
        seconds = _retry_after_seconds(failure, self.now)
        if seconds > self.limits.max_retry_after_seconds:
            raise _TooLongError(failure, seconds)
        if seconds > 0.0:
            pace.hold(seconds)


class _AgainError(Exception):
    """Another attempt may go better."""


class _TooLongError(Exception):
    """The service asks for a longer pause than is waited for."""

    def __init__(self, failure: Failure, seconds: float) -> None:
        super().__init__(failure.reason)
        self.failure = Failure(
            f"{failure.reason} and asks for a pause of {seconds:,.0f} seconds",
            again=False,
            status=failure.status,
        )


_SILENT = logging.NullHandler()


def _require_private(url: str, secrets: Mapping[str, str]) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False  # brackets that do not match, a port that is no number or too large
    if not usable:
        raise ConfigError(f"{redact(url, secrets.values())!r} is no address of a data service")
    if parts.scheme == "http" and secrets and not is_local(parts.netloc.rpartition("@")[2]):
        raise ConfigError(
            f"the base address of {parts.hostname} begins with http://, which would send the key "
            "in the clear; use https://"
        )


def _require_sendable(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if name.lower() in _OWN_HEADERS:
            raise ConfigError(f"the header {name!r} is set by the transport itself")
        if not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise ConfigError(
                f"no request can carry the header {name!r}: its name is of letters, digits and -, "
                "and its value one line of ASCII"
            )


def _retry_after_seconds(failure: Failure, now: Callable[[], datetime]) -> float:
    """Return the pause that a service asks for: seconds, or the date at which it ends."""
    text = failure.retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    end = _http_date(text)
    if end is None:
        return 0.0
    # Its own clock is the one that its date is of.
    start = _http_date(failure.date) or now()
    return max(0.0, (end - start).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _error(
    url: str,
    params: Mapping[str, str],
    secrets: Mapping[str, str],
    failure: Failure,
    n_attempts: int,
) -> ForecastGameError:
    asked = ", ".join(f"{name}={value}" for name, value in params.items()) or urlsplit(url).path
    tried = f" ({n_attempts} attempts)" if n_attempts > 1 else ""
    text = redact(f"{host_of(url)} {failure.reason}{tried}; asked for {asked}", secrets.values())
    if failure.setting:
        return ConfigError(text)
    if failure.status == _TOO_MANY_REQUESTS:
        return SourceRateError(f"{text}; wait a minute, or ask for fewer series")
    if failure.again or failure.status >= _SERVER_ERRORS:
        return SourceUnavailableError(f"{text}; try again later")
    return SourceError(text)
