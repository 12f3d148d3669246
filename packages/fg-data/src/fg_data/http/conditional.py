"""Answers that are asked for again only if they changed.

A service that names the state of an answer (`ETag`, `Last-Modified`) need not send it twice: the
next request carries the name, and the service says "not modified" (304) instead of the body. The
body is kept for that in a file with a checksum; where the file is damaged, the answer is asked for
whole. An answer to a request with a secret is not kept.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fg_core import ArtifactError, SourceError, frozen_mapping
from fg_core.documents import DocumentKind, read_document, write_document

from .response import Response
from .transport import JSON, Transport

__all__ = ["ConditionalTransport"]

_OK, _NOT_MODIFIED = 200, 304
_KIND = DocumentKind("forecast-game-answer", 1)
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_KEPT_HEADERS = ("content-type", "date", *_CONDITIONS)

_logger = logging.getLogger(__name__)


class _Kept(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    what: str
    fetched_at: datetime
    request: str
    content_type: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class ConditionalTransport:
    """Asks through another transport, and keeps the answers that have names.

    Args:
        transport: Transport that sends the requests.
        folder: Folder of the kept answers; it is made when the first one is kept.
    """

    transport: Transport
    folder: Path = field(repr=False)

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        secrets: Mapping[str, str] = frozen_mapping(),
        accept: Collection[str] = JSON,
        headers: Mapping[str, str] = frozen_mapping(),
    ) -> Response:
        """Return the response of a service, or the kept one where it says that nothing changed.

        Args:
            url: Address, without parameters.
            params: Parameters that may be shown.
            secrets: Parameters that are sent and never shown.
            accept: Content types of a good answer.
            headers: Headers of the request.

        Returns:
            Response with status 200 and the kept body where the service answers 304.

        Raises:
            ForecastGameError: As `HttpTransport.get`; SourceError: "not modified", though nothing
                was kept.
        """
        if secrets:
            return self.transport.get(url, params, secrets=secrets, accept=accept, headers=headers)
        request = json.dumps([url, sorted(params.items()), sorted(accept), sorted(headers.items())])
        path = self.folder / f"answer-{hashlib.sha256(request.encode()).hexdigest()[:24]}.json"
        kept = _read(path, request)
        conditions: dict[str, str] = {}
        if kept is not None:
            conditions = {
                condition: kept.headers[name]
                for name, condition in _CONDITIONS.items()
                if name in kept.headers
            }
        answer = self.transport.get(url, params, accept=accept, headers={**headers, **conditions})
        if answer.status == _NOT_MODIFIED:
            if kept is None:
                raise SourceError(
                    f"{url}: the service says that nothing changed (status 304), and was not told "
                    "what we have"
                )
            return Response(_OK, kept.content_type, kept.body, {**kept.headers, **answer.headers})
        if answer.status == _OK and any(_sendable(answer.headers.get(n)) for n in _CONDITIONS):
            _write(path, request, url, answer)
        return answer


def _read(path: Path, request: str) -> _Kept | None:
    try:
        kept = read_document(path, _Kept, _KIND)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ArtifactError, OSError) as error:
        _logger.warning("%s cannot be used: %s; the answer is asked for whole", path, error)
        return None
    return kept if kept.request == request else None


def _write(path: Path, request: str, url: str, answer: Response) -> None:
    headers = {
        name: answer.headers[name] for name in _KEPT_HEADERS if _sendable(answer.headers.get(name))
    }
    kept = _Kept(
        f"answer of {url}", datetime.now(UTC), request, answer.content_type, headers, answer.body
    )
    try:
        write_document(path, kept, _KIND)
    except OSError as error:
        _logger.warning("%s cannot be written: %s; the next request asks again", path, error)


def _sendable(value: str | None) -> bool:
    """Whether a header can go back as a condition: what cannot be sent is no name of a state."""
    return bool(value) and value is not None and value.isascii() and value.isprintable()
