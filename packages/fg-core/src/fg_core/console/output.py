"""Output of a command: its width, what it can show, whether it can be written."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fg_core.errors import ConfigError

__all__ = ["OutputStyle", "check_output_path", "output_style", "takes_unicode"]

_WIDTH = 100
_NARROWEST = 40


@dataclass(frozen=True)
class OutputStyle:
    """Looks of a table.

    Args:
        width: Characters in a line.
        color: Whether colours are welcome.
        unicode: Whether characters beyond ASCII come out as they are.
    """

    width: int
    color: bool
    unicode: bool


def takes_unicode(stream: TextIO | None = None) -> bool:
    """Return whether characters beyond ASCII come out of a stream as they are.

    Args:
        stream: Stream that is written to; None: stdout.

    Returns:
        Whether its encoding is one of Unicode.
    """
    encoding = (stream or sys.stdout).encoding or "utf-8"
    return encoding.lower().startswith("utf")


def output_style(stream: TextIO | None = None) -> OutputStyle:
    """Return what tables on a stream may look like.

    Args:
        stream: Stream that is written to; None: stdout.

    Returns:
        On a terminal its own width, at least 40 characters, and colours, unless `NO_COLOR` is set
        or `TERM` is "dumb". In a file or a pipe 100 characters and no colours, so that what a
        program reads does not depend on a window.
    """
    out = stream or sys.stdout
    terminal = out.isatty()
    plain = not terminal or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    width = max(_NARROWEST, shutil.get_terminal_size().columns) if terminal else _WIDTH
    return OutputStyle(width, not plain, takes_unicode(out))


def check_output_path(option: str, path: str | os.PathLike[str]) -> None:
    """Find out before the work, and not after it, whether its result can be written.

    Nothing is left behind, and missing folders are not made yet.

    Args:
        option: Name of the option that names the file, such as "--out".
        path: File. It may be there already, and is then replaced later.

    Raises:
        ConfigError: It is a folder or something else than a file, is read-only, or its folder
            cannot be made or written to.

    >>> check_output_path("--out", ".")
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: --out . is a folder; give the name of a file
    """
    target = Path(path)
    where = f"{option} {target}"
    try:
        if target.is_dir():
            raise ConfigError(f"{where} is a folder; give the name of a file")
        if target.exists() and not target.is_file():
            raise ConfigError(f"{where} is not a regular file")
        if target.exists() and not os.access(target, os.W_OK):
            raise ConfigError(f"{where} cannot be written: the file is read-only")
        folder = Path(os.path.realpath(target)).parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            raise ConfigError(f"{where} cannot be written: {folder} is not a folder")
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(f"{where} cannot be written: {error.strerror or error}") from error
