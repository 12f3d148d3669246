"""Unpacking a body piece by piece, with a bound on what comes out.

A kilobyte can unpack to a megabyte, and packed twice to a gigabyte. So what comes out is bounded
while it comes out, and a body that is packed more than once is refused.
"""

from __future__ import annotations

import zlib

__all__ = ["BodyError", "BodyTooLargeError", "Unpacker"]

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = ("", "identity")
_PACKED = ("gzip", "x-gzip")


class BodyError(Exception):
    """The body cannot be unpacked."""


class BodyTooLargeError(BodyError):
    """The body is larger than the bound."""


class Unpacker:
    """Collects a body.

    Args:
        encoding: Value of the header Content-Encoding; empty: none.
        max_bytes: Bound on the unpacked body.

    Raises:
        BodyError: An encoding other than gzip.

    >>> import gzip
    >>> unpacker = Unpacker("gzip", max_bytes=10)
    >>> unpacker.feed(gzip.compress(b"123"))
    >>> unpacker.finish()
    b'123'
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        name = encoding.strip().lower()
        if name not in (*_PLAIN, *_PACKED):
            raise BodyError(f"the body is packed as {name[:40]!r}, and gzip was asked for")
        self._max_bytes = max_bytes
        self._body = bytearray()
        self._member = zlib.decompressobj(_GZIP) if name in _PACKED else None

    def feed(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            BodyError: It is damaged.
            BodyTooLargeError: The body passes the bound; what was unpacked by then is bounded too.
        """
        if self._member is None:
            self._add(data)
            return
        while data:
            # One byte more than there is room for tells that it is too much.
            room = self._max_bytes - len(self._body) + 1
            try:
                self._add(self._member.decompress(data, room))
            except zlib.error as error:
                raise BodyError(f"the packed body is damaged ({error})") from None
            if self._member.eof:
                # Another member may follow; together they are one body.
                data = self._member.unused_data
                if data:
                    self._member = zlib.decompressobj(_GZIP)
            else:
                data = self._member.unconsumed_tail

    def finish(self) -> bytes:
        """Return the body.

        Raises:
            BodyError: The packed body ends too early.
        """
        if self._member is not None and not self._member.eof:
            raise BodyError("the packed body ends too early")
        return bytes(self._body)

    def _add(self, data: bytes) -> None:
        if len(self._body) + len(data) > self._max_bytes:
            raise BodyTooLargeError(
                f"the body is larger than {self._max_bytes / 1e6:,.0f} MB, the most that is read"
            )
        self._body += data
