"""The bytes of a file: bounded, of the kind that its name says, and decoded."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import BinaryIO

from fg_core import ConfigError, DataError

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_ROWS",
    "encoding_of",
    "kind_of",
    "read_bounded",
]

MAX_BYTES = 200 * 1024 * 1024
"""Largest file that is read."""

MAX_ROWS = 1_000_000
"""Most rows that are read from a file."""

MAX_CELLS = 20_000_000
"""Most cells, rows times columns, that are read from a file."""

_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"ARROW1", "an Arrow file"),
    (b"\x93NUMPY", "a numpy array"),
    (b"\x80\x04\x95", "a pickle, which is never read"),
    (b"\x80\x05\x95", "a pickle, which is never read"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|[a-z]+[\s>])", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\[\s*[\[{\]"\d-]|\{\s*["}])')
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bounded(path: Path, label: str) -> bytes:
    """Return the bytes of a file.

    Args:
        path: Path of the file.
        label: Name of the file in messages.

    Returns:
        All bytes of the file, at least one.

    Raises:
        DataError: It is too large (nothing is read then), empty, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = _size_of(file)
            if size > MAX_BYTES:
                raise DataError(_too_large(label, size))
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"{label} cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:  # it has grown
        raise DataError(_too_large(label, len(data)))
    if not data.strip():
        raise DataError(f"{label} is empty")
    return data


def _size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _too_large(label: str, size: int) -> str:
    return (
        f"{label} has {size:,} bytes ({size / 1024**2:,.0f} MB), and at most "
        f"{MAX_BYTES // 1024**2} MB are read; cut it into files of fewer series"
    )


def kind_of(data: bytes) -> str:
    r"""Return the kind of a file by its first bytes, in words; empty: it may be text.

    Args:
        data: Bytes of the file.

    Returns:
        Name of the kind, such as "JSON".

    >>> kind_of(b"PK\x03\x04"), kind_of(b'{"ds": []}'), kind_of(b"ds,y")
    ('a ZIP archive or an Excel workbook', 'JSON', '')
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            return what
    head = data[:200].removeprefix(codecs.BOM_UTF8)
    if _MARKUP.match(head):
        return "a page of HTML or XML"
    return "JSON" if _JSON.match(head) else ""


def encoding_of(data: bytes, label: str, named: str = "") -> str:
    """Return the encoding of a text: UTF-8, or what its byte order mark says.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.
        named: Encoding that somebody names; empty: UTF-8, or what its byte order mark says.

    Returns:
        Name of the encoding, as Python knows it.

    Raises:
        DataError: It is another encoding, or no text.
    """
    encoding = named or next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except LookupError:
        raise ConfigError(f"encoding {named!r} is not known; give one like cp1252") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{label}, line {line}: not in {encoding.removesuffix('-sig').upper()} (byte "
            f"0x{data[error.start]:02x}); save it as UTF-8, or name its encoding "
            "(--option encoding=cp1252)"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{label}, line {line}: a NUL byte, so this is no text, or UTF-16 without a byte order "
            "mark; save it as UTF-8"
        )
    return encoding
