"""Asking data services over HTTP: spaced, bounded, retried where that helps, keys never shown."""

from __future__ import annotations

from .concurrency import map_concurrently
from .conditional import ConditionalTransport
from .json_body import decode_json
from .limits import HttpLimits
from .pacing import SPACING_SECONDS, Pace, shared_pace
from .redaction import REDACTED, redact
from .refusals import require_content
from .response import Response
from .transport import JSON, HttpTransport, Transport

__all__ = [
    "JSON",
    "REDACTED",
    "SPACING_SECONDS",
    "ConditionalTransport",
    "HttpLimits",
    "HttpTransport",
    "Pace",
    "Response",
    "Transport",
    "decode_json",
    "map_concurrently",
    "redact",
    "require_content",
    "shared_pace",
]
