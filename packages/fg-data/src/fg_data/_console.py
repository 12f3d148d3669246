"""How the command speaks and leaves: the standard library alone, so that it is there at once."""

from __future__ import annotations

import sys

__all__ = ["BROKEN_PIPE", "FAILED", "INTERRUPTED", "MISUSED", "PROGRAM", "Interrupted", "tell"]

PROGRAM = "fg-data"

FAILED, MISUSED, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


class Interrupted(Exception):  # noqa: N818 - no error: the user wanted it
    """Ctrl-C."""


def tell(text: str) -> None:
    """Print one line to stderr, with the name of the program."""
    line = f"{PROGRAM}: {' '.join(text.split())}"
    encoding = sys.stderr.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
