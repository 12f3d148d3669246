"""The record of a refinement: JSON lines, only ever appended to.

    {"kind":"begin","format":"fg-refinement","version":1,...}
    {"kind":"answer","round":1,"number":1,"request":"<sha256>","answer":"...","tokens":120}
    {"kind":"decision","round":1,"number":1,"decision":"accepted","why":"...",...}
    {"kind":"end","stop":"rounds",...}

An answer is written as it came, before anything is made of it; one without an answer has the
`error` instead. Every answer has one decision. The record of a replayed run has the same lines.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fg_core.errors import ArtifactError
from fg_llm.answers import MAX_ANSWER_CHARACTERS
from fg_llm.appended import append_line, read_appended, storable

__all__ = ["RECORD_FORMAT", "RECORD_VERSION", "Record", "read_record"]

RECORD_FORMAT = "fg-refinement"
RECORD_VERSION = 1

MAX_RECORD_BYTES = 256 * 1024 * 1024


@dataclass
class Record:
    """Lines of a run, in memory and, where there is a path, in a file as they come.

    Args:
        path: File that is appended to; None: there is none.
        lines: Lines of this run.
    """

    path: Path | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)

    def write(self, kind: str, **fields: Any) -> None:
        """Append a line.

        Raises:
            ArtifactError: The file cannot be written.
        """
        line = {"kind": kind, **fields}
        self.lines.append(line)
        if self.path is None:
            return
        try:
            append_line(self.path, line)
        except OSError as error:
            raise ArtifactError(f"{self.path} cannot be written: {error}") from error


def kept_answer(text: str) -> dict[str, Any]:
    """Return the fields of an answer: its text, and of one that is too long the size and a hash.

    Either is as a file can hold it (`storable`).
    """
    whole = text.encode("utf-8", "surrogatepass")
    kept = storable(text[: MAX_ANSWER_CHARACTERS + 1])
    if len(text) <= MAX_ANSWER_CHARACTERS:
        return {"answer": kept}
    return {
        "answer": kept,  # still too long, when it is replayed
        "characters": len(text),
        "sha256": hashlib.sha256(whole).hexdigest(),
    }


def printable(text: str) -> str:
    """Return a text of a server or a file without what could move the cursor of a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def read_record(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the lines of a record, those of all runs in it.

    A line that is cut, as of a run that was killed, is left out, with a warning.

    Raises:
        ArtifactError: The file is not there, too large, or no record.
    """
    where = Path(path)
    try:
        if where.stat().st_size > MAX_RECORD_BYTES:
            raise ArtifactError(f"{where} is larger than {MAX_RECORD_BYTES} bytes")
    except OSError as error:
        raise ArtifactError(f"{where} cannot be read: {error.strerror or error}") from error
    found = read_appended(where)
    begin = found[0] if found else {}
    if not all(isinstance(one.get("kind"), str) for one in found):
        begin = {}
    if begin.get("format") != RECORD_FORMAT or begin.get("version") != RECORD_VERSION:
        raise ArtifactError(f"{where} is no record of a refinement of version {RECORD_VERSION}")
    return found
