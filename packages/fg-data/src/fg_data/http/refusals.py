"""Answers without data that mean the same at every service, as errors that say what to do.

A service that has words of its own for what is wrong reads them itself; `require_content` is for
the statuses that services share: no content, not found, forbidden, too much, any other refusal.
"""

from __future__ import annotations

from fg_core import ForecastGameError, SourceError
from fg_core.errors import SourceUnavailableError, UnknownSeriesError

from .response import Response

__all__ = ["NO_CONTENT", "require_content"]

NO_CONTENT = 204
"""Status of an answer that has no body on purpose."""

_OK = 200
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _URL_TOO_LONG = 401, 403, 404, 413, 414
_LONGEST = 200


def require_content(response: Response, *, what: str, hint: str = "") -> bytes:
    """Return the body of an answer that has one.

    Args:
        response: Answer of a service.
        what: Name of what was asked for, in messages.
        hint: Advice for a name that the service does not know, such as where names are listed.

    Returns:
        Bytes of the body, one or more.

    Raises:
        UnknownSeriesError: Status 204 or 404, by which services say that a selection has no data.
        SourceUnavailableError: Status 401 or 403: services without keys answer so to addresses and
            programs that they keep out, for a time or for good.
        SourceError: The service finds the request too large, or refuses it for another reason, or
            sends an empty body with status 200.

    >>> require_content(Response(200, "text/csv", b"A"), what="example")
    b'A'
    >>> require_content(Response(204, "", b""), what="USA of the Office")
    Traceback (most recent call last):
    ...
    fg_core.errors.UnknownSeriesError: USA of the Office: the service has no data (status 204)
    """
    if response.status == _OK and response.body.strip():
        return response.body
    raise _refusal(response, what, hint)


def _refusal(response: Response, what: str, hint: str) -> ForecastGameError:
    status, then = response.status, f"; {hint}" if hint else ""
    said = _said(response)
    if status == _OK:
        return SourceError(f"{what}: the answer is empty (status 200)")
    if status in (NO_CONTENT, _NOT_FOUND):
        return UnknownSeriesError(f"{what}: the service has no data (status {status}){said}{then}")
    if status in (_UNAUTHORISED, _FORBIDDEN):
        return SourceUnavailableError(
            f"{what}: the service does not let us in (status {status}){said}; it asks for no key, "
            "so this is an outage, or it keeps this machine's address out: try again later"
        )
    if status in (_TOO_LARGE, _URL_TOO_LONG):
        return SourceError(
            f"{what}: too much was asked for at once (status {status}){said}; ask for fewer series "
            "or periods"
        )
    return SourceError(f"{what}: refused with status {status}{said}")


def _said(response: Response) -> str:
    """Return what the service says, on one line; nothing where it is a page or an empty body."""
    text = response.body[:10_000].decode("utf-8", errors="replace").strip()
    if not text or text.startswith("<"):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f', and says "{line[:_LONGEST]}"'
