"""Files of ours: versioned, checksummed, written whole or not at all, and checked when read.

Every document says what it is (a format and a version) and carries a SHA-256, so that a file that
is truncated, edited, of another version or of another program is refused with an `ArtifactError`
that says which, and is never half read. Which version is read, and what is in it, is a matter of
its owner, who gives a `DocumentKind` and types of msgspec. There are three layouts:

- *enveloped* (`write_document`, `read_document`): the content in an envelope, with the checksum
  over its bytes. The one to take where nothing speaks for another: checkpoints, caches, tables.

      {"format":"forecast-game-policy","version":1,"sha256":"...","content":{...}}

- *fields* (`write_fields`, `read_fields`): one JSON object in its canonical form, a field per line
  and the checksum among them. For reports, which people read and compare line by line, and which
  any reader can check with a few lines of code; written piece by piece, however long a field is.

- *lines* (`write_lines`, `read_lines`): a header, a record per line, and a line that closes the
  file. For records of what happened, read in order.

What is read may come from anywhere: nothing of it is executed, and its size is bounded.
"""

from __future__ import annotations

from .canonical import canonical, canonical_records
from .enveloped import read_document, read_format, write_document
from .fields import CHECKSUM, checksummed, read_fields, write_fields
from .kind import DocumentKind
from .lines import read_lines, write_lines
from .plain import check_plain, finite_number, whole_number

__all__ = [
    "CHECKSUM",
    "DocumentKind",
    "canonical",
    "canonical_records",
    "check_plain",
    "checksummed",
    "finite_number",
    "read_document",
    "read_fields",
    "read_format",
    "read_lines",
    "whole_number",
    "write_document",
    "write_fields",
    "write_lines",
]
