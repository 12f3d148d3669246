"""Vintages of sources that keep none: what each fetch found, a file per fetch that found news.

Many services show today's figures only and rewrite their past without a mark. To know later what
was known when, a user has to record it. Each fetch that finds something new is kept as a file of
its own, named after its moment; together they make a `VintageHistory`, in which a figure counts as
published when a fetch first saw it.

Files are never changed. What was in the first fetch was published at some time before it: its dates
of release are assumed by a rule that the caller gives (a release lag), and without one the moment
of the first fetch stands for all of them, which is late and so never a leak.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fg_core import ArtifactError, ConfigError, DataError
from fg_core.documents import DocumentKind, read_document, write_document
from fg_data.vintages import Print, VintageHistory

__all__ = ["VintageStore"]

_KIND = DocumentKind("forecast-game-vintage", 1)
_NAME = "%Y-%m-%dT%H%M%S.%fZ"


class _Vintage(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    source: str
    series_id: str
    frequency: str
    units: str
    fetched_at: datetime
    values: list[tuple[datetime, float | None]]


@dataclass(frozen=True)
class VintageStore:
    """Files of vintages, below a folder a source and a folder a series.

    Args:
        folder: Folder of the store, such as `vintages` in the folder of the cache.
        source: Name of the source.

    Raises:
        ConfigError: The name of the source cannot be that of a folder.

    >>> import tempfile
    >>> march, may = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = VintageStore(Path(folder), "oecd")
    ...     news = [store.add("CLI", {march: x}, when, frequency="M", units="index")
    ...             for when, x in ((march.replace(day=9), 99.1), (may, 99.1), (may, 99.3))]
    ...     history = store.history("CLI")
    >>> news, [one.value for one in history.revisions(march)]
    ([True, False, True], [99.1, 99.3])
    """

    folder: Path
    source: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", self.source):
            raise ConfigError(
                f"source {self.source!r} cannot be the name of a folder: letters, digits, _ and - "
                "only"
            )

    def add(
        self,
        series_id: str,
        values: Mapping[datetime, float | None],
        fetched_at: datetime,
        *,
        frequency: str,
        units: str,
    ) -> bool:
        """Keep what a fetch found, if it is not what the one before it found.

        Args:
            series_id: Name of the series.
            values: Values by first moment of the period, UTC; None: the service marks it as
                missing.
            fetched_at: When it was asked for, UTC; later than the fetches that are kept.
            frequency: One of `fg_core`'s frequencies.
            units: Unit in words.

        Returns:
            Whether there was anything new.

        Raises:
            DataError: No values, or a fetch that is earlier than one that is kept.
            ArtifactError: A kept file is damaged.
            OSError: The file cannot be written.
        """
        if not values:
            raise DataError(f"series {series_id!r} of {self.source!r}: no values to keep")
        if fetched_at.tzinfo is None:
            raise DataError(f"series {series_id!r}: fetched_at {fetched_at} has no time zone")
        moment = fetched_at.astimezone(UTC)
        found = _Vintage(self.source, series_id, frequency, units, moment, sorted(values.items()))
        kept = self._files(series_id)
        if kept:
            last = self._read(kept[-1], series_id)
            if (last.values, last.frequency, last.units) == (found.values, frequency, units):
                return False
            if last.fetched_at >= moment:
                raise DataError(
                    f"series {series_id!r} of {self.source!r}: a fetch of {moment} cannot be kept "
                    f"behind one of {last.fetched_at}; the clock of one of them was wrong"
                )
        path = self._folder_of(series_id) / f"{moment.strftime(_NAME)}.json"
        write_document(path, found, _KIND)
        return True

    def series_ids(self) -> tuple[str, ...]:
        """Return the series that have vintages, sorted.

        Raises:
            ArtifactError: A kept file is damaged.
        """
        below = sorted((self.folder / self.source).glob("*/*.json"))
        first = {path.parent: path for path in reversed(below)}
        found = (read_document(path, _Vintage, _KIND) for path in first.values())
        return tuple(sorted({one.series_id for one in found}))

    def history(
        self, series_id: str, *, available_at: Callable[[datetime], datetime] | None = None
    ) -> VintageHistory:
        """Return every figure that a fetch has seen, and when it was first seen.

        A period that a later fetch does not have any more counts as withdrawn by then.

        Args:
            series_id: Name of the series.
            available_at: Function from the first moment of a period to the moment at which its
                first figure is assumed to have come out, for periods that the first fetch found;
                never after that fetch. None: at that fetch.

        Returns:
            Prints in the unit of the series, by period and publication.

        Raises:
            DataError: No vintage of the series is kept.
            ArtifactError: A kept file is damaged; the message names it.
        """
        files = self._files(series_id)
        if not files:
            known = ", ".join(self.series_ids()) or "none"
            raise DataError(
                f"no vintage of series {series_id!r} of {self.source!r} is kept in {self.folder}; "
                f"kept: {known}"
            )
        vintages = [self._read(path, series_id) for path in files]
        first = vintages[0].fetched_at
        prints: dict[datetime, list[Print]] = {}
        for vintage in vintages:
            found = dict(vintage.values)
            for period in prints.keys() - found.keys():
                _end(prints[period], vintage.fetched_at)
            for period, value in found.items():
                column = prints.setdefault(period, [])
                if column and column[-1].superseded is None and column[-1].value == value:
                    continue
                _end(column, vintage.fetched_at)
                published = vintage.fetched_at
                if vintage is vintages[0] and available_at is not None:
                    published = min(published, available_at(period))
                column.append(Print(period, value, published))
        ordered = tuple(one for period in sorted(prints) for one in prints[period])
        last = vintages[-1]
        return VintageHistory(series_id, last.frequency, last.units, ordered, assumed_before=first)

    def _folder_of(self, series_id: str) -> Path:
        # Where letter case does not count in names of folders, the digest parts what differs in it.
        digest = hashlib.sha256(series_id.encode()).hexdigest()[:8]
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", series_id)[:40]
        return self.folder / self.source / f"{readable}-{digest}"

    def _files(self, series_id: str) -> list[Path]:
        return sorted(self._folder_of(series_id).glob("*.json"))

    def _read(self, path: Path, series_id: str) -> _Vintage:
        found = read_document(path, _Vintage, _KIND)
        if (found.source, found.series_id) != (self.source, series_id):
            raise ArtifactError(
                f"{path} is of series {found.series_id!r} of {found.source!r}; it was moved here"
            )
        return found


def _end(column: list[Print], moment: datetime) -> None:
    """Let the last figure of a period hold until a moment."""
    if column and column[-1].superseded is None:
        last = column[-1]
        column[-1] = Print(last.period, last.value, last.published, moment)
