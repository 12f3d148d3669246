"""Kinds of documents."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

__all__ = ["DocumentKind"]


@dataclass(frozen=True)
class DocumentKind:
    """A format of files, in one version.

    Args:
        format: Name of the format, in every file: "forecast-game-policy".
        version: Version that is written, and the only one that is read.
        noun: Name of such a file in messages: "trajectory".
        record: Name of one of its records in messages, where it has lines.
        reader: Package that reads it, in messages.
        max_bytes: Size of the largest file that is read.
        max_line_bytes: Size of the longest line that is written and read, where it has lines.
    """

    format: str
    version: int
    _: KW_ONLY
    noun: str = "document"
    record: str = "record"
    reader: str = "fg-core"
    max_bytes: int = 512 * 1024 * 1024
    max_line_bytes: int = 4 * 1024 * 1024
