"""Files that are compressed with gzip, such as sales.csv.gz."""

from __future__ import annotations

import gzip
import io
import zlib

from fg_core import DataError

from .content import MAX_BYTES, kind_of

__all__ = ["SUFFIX", "unzipped"]

SUFFIX = ".gz"
"""End of the names of such files, after that of the file inside."""


def unzipped(data: bytes, label: str) -> bytes:
    """Return the bytes of the file inside.

    Args:
        data: Bytes of the file.
        label: Name of the file in messages.

    Returns:
        Bytes, at least one that is no blank.

    Raises:
        DataError: It is no gzip archive, damaged or empty, or unpacks to more than is read.

    >>> unzipped(gzip.compress(b"ds,y"), "t.csv.gz")
    b'ds,y'
    """
    kind = kind_of(data)
    if kind != "a gzip archive":
        raise DataError(f"{label} is not gzip but {kind or 'text'}; name it what it is")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{label}: a damaged gzip archive ({error})") from None
    if len(found) > MAX_BYTES:
        raise DataError(
            f"{label} unpacks to more than {MAX_BYTES // 1024**2} MB, which is the most that is "
            "read; cut it into files of fewer series"
        )
    if not found.strip():
        raise DataError(f"{label} is empty")
    return found
