"""Keys that make two requests the same one: source, series, window, vintage and transformation."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from fg_core import ConfigError

__all__ = ["SYNTHETIC", "CacheKey"]

SYNTHETIC = "synthetic"
"""The one source under whose name made-up numbers are kept."""

_READABLE = 60
_HASH = 12
_LONGEST_SOURCE = 40


@dataclass(frozen=True)
class CacheKey:
    """The name of one thing in the cache. Anything that could change the answer is part of it.

    Args:
        source: Name of the source; its entries have a folder of their own.
        series: Name of the series, or several.
        kind: Kind of what is kept: "history", "training".
        start: First period asked for; None: from the beginning.
        end: Last period asked for; None: to the end.
        vintage: "history" (every print), "latest", or the moment of a past vintage.
        transformation: Transformation of the values after they came, with its settings.
        file: Name of a file directly in the folder of the cache, for what has a name that people
            know; empty: a name made from the key. The digest, kept in the file, still tells
            whether it is the thing asked for.
        words: Transformation in words, for people; empty: as it is.

    Raises:
        ConfigError: No series, a source or file whose name cannot be that of a folder or a file,
            or a moment without a time zone.

    >>> key = CacheKey("mine", ("CPIAUCSL",), "history")
    >>> key.path.parent.name, key.path.name.startswith("history-CPIAUCSL-")
    ('mine', True)
    """

    source: str
    series: tuple[str, ...]
    kind: str
    _: KW_ONLY
    start: datetime | None = None
    end: datetime | None = None
    vintage: str = "history"
    transformation: str = ""
    file: str = ""
    words: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))
        if not self.series:
            raise ConfigError("a key of the cache needs at least one series")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", self.source) or len(self.source) > _LONGEST_SOURCE:
            raise ConfigError(
                f"source {self.source!r} cannot be the name of a folder: letters, digits, _ and - "
                f"only, at most {_LONGEST_SOURCE} of them"
            )
        if self.file and not re.fullmatch(r"[A-Za-z0-9_-]+\.json", self.file):
            raise ConfigError(f"{self.file!r} cannot be the name of a file of the cache")
        for name in ("start", "end"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ConfigError(f"a key of the cache: {name} {moment} has no time zone")

    @property
    def digest(self) -> str:
        """First digits of the SHA-256 over every field, as hexadecimal."""
        fields = [self.source, list(self.series), self.kind, self.vintage, self.transformation]
        moments = [None if m is None else _utc(m) for m in (self.start, self.end)]
        text = json.dumps([*fields, *moments], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_HASH]

    @property
    def path(self) -> PurePosixPath:
        """Path of its file, below the folder of the cache: a name to read, and the digest.

        Series whose names differ in letter case alone, or in characters that no file name may
        have, differ in the digest.
        """
        if self.file:
            return PurePosixPath(self.file)
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", "-".join((self.kind, *self.series)))[:_READABLE]
        return PurePosixPath(self.source, f"{readable}-{self.digest}.json")

    def __str__(self) -> str:
        parts = [f"{self.kind} of {', '.join(self.series)} from {self.source!r}"]
        parts += [f"from {self.start.date()}"] if self.start else []
        parts += [f"to {self.end.date()}"] if self.end else []
        parts += [f"vintage {self.vintage}"] if self.vintage != "history" else []
        parts += [text for text in (self.words or self.transformation,) if text]
        return ", ".join(parts)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
