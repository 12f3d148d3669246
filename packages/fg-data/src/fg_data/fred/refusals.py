"""FRED's refusals, as errors that say what to do.

The service answers 400 to nearly everything that is wrong with a request, and tells which it was in
words. Its words come as JSON, or as XML where the request failed before its format was read. A
series that is on its web site, and that its owner does not let it pass on (LIBOR, gold prices), is
404 with the words for one that there is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from fg_core import ForecastGameError, SourceError
from fg_core.errors import SourceKeyError, SourceUnavailableError, UnknownSeriesError
from fg_data.http import Response, redact

__all__ = ["KEY_VARIABLE", "NoVintagesError", "refusal"]

KEY_VARIABLE = "FRED_API_KEY"

_BAD_REQUEST, _NOT_FOUND, _LOCKED = 400, 404, 423
_LONGEST = 300
_XML_MESSAGE = re.compile(r'<error\b[^>]*\bmessage="([^"]*)"')
_STATUS_WORDS = re.compile(r"(Bad Request|Not Found|Forbidden)\.\s")
# "Variable api_key is not set.", "... has not been set.", "The value for variable api_key is not
# registered.", "... is not a 32 character alpha-numeric lower-case string."
_KEY = re.compile(r"\bapi_key\b")
_UNKNOWN = ("series does not exist", "variable series_id")
_NOT_ARCHIVED = "does not exist in alfred"


class NoVintagesError(SourceError):
    """The archive has no vintages of the series in the days asked about."""


class _Error(msgspec.Struct):
    error_message: str = ""
    message: str = ""


def refusal(
    response: Response, *, series_id: str, what: str, secrets: Collection[str]
) -> ForecastGameError:
    """Return the error that an answer other than 200 stands for.

    Args:
        response: Answer of the service.
        series_id: Series that was asked for.
        what: Name of the request in messages.
        secrets: Texts that are taken out of what the service says, should it repeat them.

    Returns:
        Error to raise, whose text holds no secret.
    """
    said = _message(response.body, secrets)
    quoted = f'the service says "{said}"' if said else "the service does not say why"
    if response.status == _LOCKED:
        return SourceUnavailableError(
            f"{what}: the service has locked this (status 423), and {quoted}; try again later"
        )
    if response.status == _NOT_FOUND and not said:
        return SourceError(
            f"{what}: there is nothing at this address (status 404); check the base address"
        )
    if response.status not in (_BAD_REQUEST, _NOT_FOUND):
        return SourceError(f"{what}: refused with status {response.status}; {quoted}")
    if _KEY.search(said):
        return SourceKeyError(
            f"{what}: the key is not accepted: {quoted}. Put a key of 32 small letters and digits "
            f"into the environment variable {KEY_VARIABLE}; one is free at "
            "https://fred.stlouisfed.org/docs/api/api_key.html"
        )
    # The message for a series that is not archived begins like the one for no series at all.
    if _NOT_ARCHIVED in said.lower():
        return NoVintagesError(f"{what}: {quoted}")
    if any(words in said.lower() for words in _UNKNOWN):
        return UnknownSeriesError(
            f"FRED has no series {series_id!r} for us ({quoted}); look its name up at "
            "https://fred.stlouisfed.org (names are in capitals); a few series there are licensed, "
            "and their owners do not let the service pass them on"
        )
    status = "" if response.status == _BAD_REQUEST else f" with status {response.status}"
    return SourceError(f"{what}: refused{status}; {quoted}")


def _message(body: bytes, secrets: Collection[str]) -> str:
    """Return what the service says, on one line, without keys and without its "Bad Request."."""
    text = body[:100_000].decode("utf-8", errors="replace")
    try:
        error = msgspec.json.decode(text, type=_Error)
        said = error.error_message or error.message
    except (msgspec.DecodeError, RecursionError):
        found = _XML_MESSAGE.search(text)
        said = found[1] if found else ""
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    # Keys go before the text is cut: half a key would not be found.
    return redact(_STATUS_WORDS.sub("", said, count=1).strip(), secrets)[:_LONGEST]
