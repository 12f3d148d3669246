"""The cache: what was fetched, kept in files, one fetch for however many processes want it.

A file is written whole or not at all, so readers need no lock. A process that has to fetch takes
the lock of the source first, looks again whether another one has fetched meanwhile, and only then
asks: a hundred processes that start together ask once, and no two of them share the service's limit
of requests without knowing of each other. A process that dies releases its lock with its life.

A file that is damaged is renamed to `NAME.damaged-1` (or -2, ...), with a warning, and its content
is fetched again. What the service does not deliver is answered from the cache however old it is,
with a warning that says how old and why; without anything kept, its error stands. A service that
is down, a sign-in page in between, a refusal and an answer that makes no sense are alike in that;
a key that is not accepted and a series that there is not are for the user to mend.

What cannot be kept, on a disk that is full or read-only, is answered all the same, with a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from fg_core import ArtifactError, ConfigError, DataError, ForecastGameError, SourceError
from fg_core.documents import write_document
from fg_core.errors import SourceKeyError

from .freshness import age_text, is_fresh
from .kept_file import Cached, Format, KeptFile, read_kept, remove_leftovers, set_aside
from .key import SYNTHETIC, CacheKey
from .locking import CacheWarning, locked

__all__ = ["CacheStore", "CacheWarning", "utc_now"]

T = TypeVar("T")

_REDACTED = b"***"
_SHORTEST_SECRET = 8
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ForecastGameError)


def utc_now() -> datetime:
    """Return the present moment, in UTC: the one clock of this package."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class CacheStore:
    """Values by key, in the files of one folder.

    Args:
        folder: The folder; it is made when something is kept. See `cache_location`.
        clock: Function that returns the present moment.
        offline: Never fetch: answer with what is kept, however old.
        refresh: Fetch even what is fresh.
        lock_timeout: Seconds to wait for another process that is fetching from the same source.
        secrets: Tells what must not be written; it is blotted out wherever it appears.
    """

    folder: Path
    _: KW_ONLY
    clock: Callable[[], datetime] = utc_now
    offline: bool = False
    refresh: bool = False
    lock_timeout: float = 900.0
    secrets: Callable[[], Sequence[str]] = tuple

    def path(self, key: CacheKey) -> Path:
        """Return the path of a value.

        Returns:
            Path of the file, whether it is there or not.
        """
        return self.folder / key.path

    def peek(self, key: CacheKey, how: Format[T]) -> Cached[T] | None:
        """Return the value that is kept, however old; None if there is none, or a damaged one.

        Returns:
            Value with the moment of its fetch.
        """
        with suppress(ArtifactError):
            return self._read(key, how)
        return None

    def peek_all(self, source: str, kind: str, how: Format[T]) -> Iterator[Cached[T]]:
        """Return all values of one kind that are kept of a source, however old, by path.

        Damaged files are left out.

        Args:
            source: Name of the source.
            kind: Kind of what is kept, as in the keys.
            how: Format of the file.

        Returns:
            Iterator over values with the moments of their fetch.

        Raises:
            ConfigError: A file cannot be read.
        """
        for path in sorted((self.folder / source).glob(f"{kind}-*.json")):
            with suppress(ArtifactError):
                kept = read_kept(path, how)
                if kept is not None:
                    yield self._value(kept, path, source, how)

    def get(
        self,
        key: CacheKey,
        how: Format[T],
        fetch: Callable[[], T],
    ) -> Cached[T]:
        """Return a value: the one that is kept if it is fresh, else a new one, which is kept.

        Args:
            key: Name of the value in the cache.
            how: Format of the file.
            fetch: Function that gets the value from the service.

        Returns:
            Value with the moment of its fetch.

        Raises:
            DataError: It is not kept, and offline was asked for; or another process fetches for too
                long.
            ConfigError: The cache cannot be read.
            ForecastGameError: Whatever `fetch` raises, if nothing is kept to answer with.
        """

        def fetch_all(_names: Sequence[str]) -> Mapping[str, T | ForecastGameError]:
            return {"it": fetch()}

        found, errors = self.get_many({"it": key}, how, fetch_all)
        for error in errors.values():
            raise error
        return found["it"]

    def get_many(
        self,
        keys: Mapping[str, CacheKey],
        how: Format[T],
        fetch: Callable[[Sequence[str]], Mapping[str, T | ForecastGameError]],
    ) -> tuple[dict[str, Cached[T]], dict[str, ForecastGameError]]:
        """Return several values of one source; those that must be fetched are asked for together.

        Args:
            keys: Key of each value by a name for it; all of one source.
            how: Format of the files.
            fetch: Function that gets those named from the service; of each the value, or why there
                is none.

        Returns:
            The values, and for each name without one the error.

        Raises:
            DataError: Some are not kept, and offline was asked for; the message lists them. Or
                another process fetches for too long.
            ConfigError: The cache cannot be read, or the keys are of two sources.
        """
        sources = {key.source for key in keys.values()}
        if len(sources) > 1:
            raise ConfigError(f"keys of one source are wanted, got {', '.join(sorted(sources))}")
        before = {name: self.peek(key, how) for name, key in keys.items()}
        found = {name: kept for name, kept in before.items() if self._will_do(kept, how)}
        ready = {name: kept for name, kept in found.items() if kept is not None}
        missing = [name for name in keys if name not in ready]
        if not missing:
            return ready, {}
        if self.offline:
            unkept = [keys[name] for name in missing]
            listed = "; ".join(f"{key}{self._damage(key, how)}" for key in unkept)
            raise DataError(
                f"offline, and not in the cache at {self.folder}: {listed}; fetch it once with a "
                "connection (fg-data fetch), or leave offline off"
            )
        with self._locked(sources.pop()):
            return self._fill(keys, how, fetch, before, ready)

    def _fill(
        self,
        keys: Mapping[str, CacheKey],
        how: Format[T],
        fetch: Callable[[Sequence[str]], Mapping[str, T | ForecastGameError]],
        before: Mapping[str, Cached[T] | None],
        ready: dict[str, Cached[T]],
    ) -> tuple[dict[str, Cached[T]], dict[str, ForecastGameError]]:
        """Fetch and keep what is missing; the lock is held."""
        kept: dict[str, Cached[T] | None] = {}
        for name, key in keys.items():
            if name in ready:
                continue
            kept[name] = now = self._read_or_set_aside(key, how)
            was = before[name]
            # Another process has fetched it while this one waited: asking again would tell no more.
            news = now is not None and (was is None or now.fetched_at != was.fetched_at)
            if now is not None and (self._will_do(now, how) or (self.refresh and news)):
                ready[name] = now
        wanted = [name for name in keys if name not in ready]
        errors: dict[str, ForecastGameError] = {}
        if wanted:
            asked_at = self.clock()
            answers = self._ask(wanted, fetch)
            for name in wanted:
                answer = answers[name]
                if isinstance(answer, ForecastGameError):
                    old = kept[name]
                    if old is not None and _is_outage(answer):
                        ready[name] = self._in_spite_of(answer, keys[name], old)
                    else:
                        errors[name] = answer
                        self._tell_of(old, keys[name])
                else:
                    ready[name] = self._keep(keys[name], how, answer, asked_at)
        return {name: ready[name] for name in keys if name in ready}, errors

    def _ask(
        self,
        wanted: Sequence[str],
        fetch: Callable[[Sequence[str]], Mapping[str, T | ForecastGameError]],
    ) -> Mapping[str, T | ForecastGameError]:
        try:
            return fetch(wanted)
        except SourceError as error:
            if not _is_outage(error):
                raise
            return dict.fromkeys(wanted, error)

    def _will_do(self, kept: Cached[T] | None, how: Format[T]) -> bool:
        if kept is None:
            return False
        if self.offline:
            return True
        fresh = is_fresh(kept.fetched_at, self.clock(), how.max_age(kept.value))
        return fresh and not self.refresh

    def _in_spite_of(self, outage: ForecastGameError, key: CacheKey, old: Cached[T]) -> Cached[T]:
        text = (
            f"{key}: {outage}; using what was fetched {age_text(old.age)} ago, which offline "
            "(--offline, or FG_OFFLINE=1) is used without asking"
        )
        warnings.warn(text, CacheWarning, stacklevel=2)
        return Cached(old.value, old.fetched_at, old.age, old.path, outage=str(outage))

    def _tell_of(self, old: Cached[T] | None, key: CacheKey) -> None:
        if old is not None:
            text = (
                f"{key}: what was fetched {age_text(old.age)} ago is kept, and used offline "
                "(--offline, or FG_OFFLINE=1)"
            )
            warnings.warn(text, CacheWarning, stacklevel=2)

    # ------------------------------------------------------------------------------- files

    def _read(self, key: CacheKey, how: Format[T]) -> Cached[T] | None:
        """Return the value that is kept; None if there is none, or another under a fixed name.

        Raises:
            ArtifactError: The file is damaged.
            ConfigError: It cannot be read.
        """
        path = self.path(key)
        kept = read_kept(path, how)
        if kept is None:
            return None
        if kept.key != key.digest:
            if key.file:
                return None
            raise ArtifactError(f"{path} holds something else: {kept.what}")
        found = self._value(kept, path, key.source, how)
        series = how.series(found.value)
        if series and tuple(series) != key.series:
            raise ArtifactError(f"{path} holds another series: {', '.join(series)}")
        return found

    def _value(self, kept: KeptFile, path: Path, source: str, how: Format[T]) -> Cached[T]:
        try:
            content = msgspec.json.decode(bytes(kept.value), type=how.content)
            value: T = how.from_content(content)
        except _UNREADABLE as error:
            raise ArtifactError(f"{path} is damaged: {error}") from error
        if kept.is_synthetic != (source == SYNTHETIC):
            raise ArtifactError(f"{path} is damaged: made-up numbers are under a real name")
        if kept.fetched_at.tzinfo is None:
            raise ArtifactError(f"{path} is damaged: the moment of its fetch has no time zone")
        return Cached(value, kept.fetched_at, self.clock() - kept.fetched_at, path)

    def _damage(self, key: CacheKey, how: Format[T]) -> str:
        try:
            self._read(key, how)
        except ArtifactError as error:
            return f" ({error})"
        return ""

    def _read_or_set_aside(self, key: CacheKey, how: Format[T]) -> Cached[T] | None:
        """As `_read`, but a damaged file is renamed; the lock is held."""
        try:
            return self._read(key, how)
        except ArtifactError as error:
            done = set_aside(self.path(key))
            warnings.warn(f"{error}; {done}, and is fetched again", CacheWarning, stacklevel=2)
            return None

    def _keep(
        self,
        key: CacheKey,
        how: Format[T],
        value: T,
        fetched_at: datetime,
    ) -> Cached[T]:
        fetched_at = min(fetched_at, how.made_of(value) or fetched_at)
        synthetic = how.is_synthetic(value)
        if synthetic != (key.source == SYNTHETIC):
            raise ConfigError(
                f"{'made-up' if synthetic else 'real'} numbers cannot be kept under the source "
                f"{key.source!r}: {SYNTHETIC!r} is for made-up ones, and for nothing else"
            )
        body = msgspec.json.encode(how.to_content(value))
        for secret in self.secrets():
            if len(secret) >= _SHORTEST_SECRET:
                body = body.replace(secret.encode(), _REDACTED)
        path = self.path(key)
        kept = KeptFile(key.digest, str(key), fetched_at, synthetic, msgspec.Raw(body))
        try:
            remove_leftovers(path)
            write_document(path, kept, how.kind)
        except OSError as error:
            self._warn_unwritable(error)
            return Cached(value, fetched_at, self.clock() - fetched_at, None)
        return Cached(value, fetched_at, self.clock() - fetched_at, path)

    def _locked(self, source: str) -> AbstractContextManager[None]:
        doing = f"fetching from {source!r}"
        return locked(self.folder, source, timeout=self.lock_timeout, doing=doing)

    def _warn_unwritable(self, error: OSError) -> None:
        warnings.warn(
            f"the cache at {self.folder} cannot be written: {error.strerror or error}; what was "
            "fetched is used and not kept: name another folder (--cache-dir, or FG_CACHE_DIR)",
            CacheWarning,
            stacklevel=2,
        )


def _is_outage(error: ForecastGameError) -> bool:
    """Whether a service did not answer what was asked, for no fault of the one who asks."""
    return isinstance(error, SourceError) and not isinstance(error, SourceKeyError)
