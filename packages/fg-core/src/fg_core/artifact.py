"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one, never a part.

    The bytes go to a temporary file in the same folder, are forced to the disk, and take the name
    of the target in one step. Whatever goes wrong before that step, a full disk or Ctrl-C
    included, leaves the target as it was and no temporary file behind.

    Args:
        path: File. Missing parent folders are made; a symbolic link is followed, so that it
            stays a link. Permissions are those of any new file (umask).
        data: Everything that the file shall hold, at once or piece by piece. What goes wrong while
            pieces are made leaves the target as it was, too.

    Raises:
        OSError: The file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "planning" / "report.json", b"{}")
    ...     (Path(folder) / "planning" / "report.json").read_bytes()
    b'{}'
    """
    # realpath, since replacing a link would leave its target with the old content.
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name[:64]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)  # noqa: PTH105 - as documented, and as tests break it
    except BaseException:
        # No other process can own the name: it is random, and O_EXCL refuses one that exists.
        with suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
