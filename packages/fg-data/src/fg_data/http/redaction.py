"""Keys stay out of what people read: messages, and what the HTTP library writes to the log.

Services that take the key as a part of the address make it show up wherever the address does. The
HTTP library logs every address that it asks for; a filter on its loggers takes the keys out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

__all__ = ["REDACTED", "keep_out_of_logs", "redact"]

REDACTED = "***"

# Filters see the records of their own logger only, not those of the loggers below it.
_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text with secrets replaced, as they are and as addresses spell them.

    Args:
        text: Text that may hold secrets.
        secrets: Secrets that are replaced.

    Returns:
        Text in which "***" stands for each secret.

    >>> redact("GET /data?api_key=a%2Fb", ["a/b"])
    'GET /data?api_key=***'
    """
    spellings = {
        spelt
        for secret in secrets
        if secret
        for spelt in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret))
    }
    for spelt in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelt, REDACTED)
    return text


class _KeyFilter(logging.Filter):
    """Takes known secrets out of records before any handler sees them."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def learn(self, secrets: Iterable[str]) -> None:
        with self._lock:
            self._secrets |= {secret for secret in secrets if secret}

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact(message, self._secrets)
        if clean != message:
            record.msg, record.args = clean, ()
        return True


_filter = _KeyFilter()


def keep_out_of_logs(secrets: Iterable[str]) -> None:
    """Have these secrets replaced in everything that the HTTP library logs from now on.

    Args:
        secrets: Secrets that no log may hold.
    """
    _filter.learn(secrets)
    for name in _LOGGERS:
        # A filter that is there already is not added twice.
        logging.getLogger(name).addFilter(_filter)
