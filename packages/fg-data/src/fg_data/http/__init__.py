"""Asking data services over HTTP: spaced, bounded, retried where that helps, keys never shown."""

from __future__ import annotations

from .json_body import decode_json
from .limits import HttpLimits
from .pacing import SPACING_SECONDS, Pace, shared_pace
from .redaction import REDACTED, redact
from .response import Response
from .side_by_side import side_by_side
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
    "redact",
    "shared_pace",
    "side_by_side",
]
