"""Asking data services over HTTP: spaced, bounded, retried where that helps, keys never shown."""

from __future__ import annotations

from .concurrency import map_concurrently
from .json_body import decode_json
from .limits import HttpLimits
from .pacing import SPACING_SECONDS, Pace, shared_pace
from .redaction import REDACTED, redact
from .response import Response
from .transport import JSON, HttpTransport, Transport

__all__ = [
    "JSON",
    "REDACTED",
    "SPACING_SECONDS",
    "HttpLimits",
    "HttpTransport",
    "Pace",
    "Response",
    "Transport",
    "decode_json",
    "map_concurrently",
    "redact",
    "shared_pace",
]
