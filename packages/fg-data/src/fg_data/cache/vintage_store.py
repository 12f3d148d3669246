"""Vintages of sources that keep none: what each fetch found, a file per fetch that found news.

Many services show today's figures only and rewrite their past without a mark. To know later what
was known when, a user has to record it. Each fetch that finds something new is kept as a file of
its own, named after its moment; together they make a `VintageHistory`, in which a figure counts as
published when a fetch first saw it. Older vintages may be added later, from files of the publisher.

Files of vintages are never changed. A fetch that finds nothing new adds its moment to a small
file beside the vintage that it confirms (`.seen`), so that an older vintage that is added later
ends where what came before it was seen again.

What was in the first vintage was published at some time before it: its dates of release are assumed
by a rule that the caller gives (a release lag), and without one the moment of the first vintage
stands for all of them, which is late and so never a leak. In either case these are revised values
and no first prints, which a note of the history says.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from fg_core import ArtifactError, ConfigError, DataError
from fg_core.artifact import write_atomically
from fg_core.documents import DocumentKind, read_document, write_document
from fg_data.snapshots import revised_note
from fg_data.vintages import Print, VintageHistory

from .kept_file import set_aside
from .locking import CacheWarning, locked

__all__ = ["ARCHIVED", "FETCHED", "KeptVintage", "VintageStore"]

FETCHED = "fetched"
"""Status of a vintage that a fetch of ours found at its moment."""
ARCHIVED = "archived"
"""Status of a vintage that was added later, from what its publisher or a user had kept."""

_KIND = DocumentKind("forecast-game-vintage", 1)
_NAME = "%Y-%m-%dT%H%M%S.%fZ"


class _Vintage(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    source: str
    series_id: str
    frequency: str
    units: str
    fetched_at: datetime
    values: list[tuple[datetime, float | None]]
    start: datetime | None = None
    end: datetime | None = None
    label: str = ""
    origin: str = ""
    status: str = FETCHED

    def covers(self, period: datetime) -> bool:
        """Whether a period is in the window that was asked for."""
        return (self.start is None or period >= self.start) and (
            self.end is None or period <= self.end
        )


@dataclass(frozen=True)
class KeptVintage:
    """Moment, edition, origin and window of a kept vintage.

    Args:
        moment: Moment from which on its figures count as known, UTC.
        label: Name of the edition; empty: it has none.
        origin: Where the figures come from, such as an address or a file.
        status: `FETCHED` or `ARCHIVED`.
        window: First and last period that were asked for; None at an end without a bound.
        n_values: Number of periods in it.
        seen_until: Moment of the last whole fetch that found the same; None: there was none.
    """

    moment: datetime
    label: str
    origin: str
    status: str
    window: tuple[datetime | None, datetime | None]
    n_values: int
    seen_until: datetime | None


@dataclass(frozen=True)
class VintageStore:
    """Files of vintages, below a folder per source and a folder per series.

    A file that is damaged is renamed to `NAME.damaged-1` (or -2, ...), with a warning, and the
    others make the history without it. Processes that write at a time wait for each other.

    Args:
        folder: Folder of the store, such as `vintages` in the folder of the cache.
        source: Name of the source.
        lock_timeout: Seconds to wait for another process that writes.

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
    _: KW_ONLY
    lock_timeout: float = 60.0

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
        start: datetime | None = None,
        end: datetime | None = None,
        label: str = "",
        origin: str = "",
        status: str = FETCHED,
    ) -> bool:
        """Keep what a fetch found, if it is not what was known before it.

        Args:
            series_id: Name of the series.
            values: Values by first moment of the period, UTC; None: the service marks it as
                missing.
            fetched_at: When it was asked for, UTC; later than the fetches that are kept, unless the
                status is `ARCHIVED`.
            frequency: One of `fg_core`'s frequencies.
            units: Unit in words.
            start: First period that was asked for; None: from the beginning. Periods out of the
                window are neither confirmed nor withdrawn.
            end: Last period that was asked for; None: to the end.
            label: Name of the edition, such as "World Economic Outlook (April 2026)".
            origin: Where the figures come from, such as an address or a file.
            status: `FETCHED`, or `ARCHIVED` for a vintage that is added later.

        Returns:
            Whether there was anything new.

        Raises:
            DataError: No values, values out of the window, a fetch that is earlier than one that is
                kept, or another vintage of the same moment.
            ConfigError: An unknown status.
            OSError: The file cannot be written.
        """
        where = f"series {series_id!r} of {self.source!r}"
        if status not in (FETCHED, ARCHIVED):
            raise ConfigError(f"{where}: status is {FETCHED} or {ARCHIVED}, got {status!r}")
        if not values:
            raise DataError(f"{where}: no values to keep")
        if fetched_at.tzinfo is None:
            raise DataError(f"series {series_id!r}: fetched_at {fetched_at} has no time zone")
        moment = fetched_at.astimezone(UTC)
        rows, whole = sorted(values.items()), start is None and end is None
        found = _Vintage(
            self.source,
            series_id,
            frequency,
            units,
            moment,
            rows,
            start,
            end,
            label,
            origin,
            status,
        )
        outside = [period for period in values if not found.covers(period)]
        if outside:
            raise DataError(f"{where}: {min(outside):%Y-%m-%d} is out of the window asked for")
        with self._locked():
            kept = self._vintages(series_id)
            before = [one for one in kept if one.fetched_at <= moment]
            last = before[-1] if before else None
            known = _standing(before)
            same = {period: x for period, x in known.items() if found.covers(period)} == values
            if last and same and (last.frequency, last.units) == (frequency, units):
                if whole and status == FETCHED and moment > last.fetched_at:
                    self._mark_seen(self._path(last), (*self._seen(self._path(last)), moment))
                return False
            late = [one for one in kept if one.fetched_at >= moment]
            if late and (status == FETCHED or late[0].fetched_at == moment):
                raise DataError(
                    f"{where}: a fetch of {moment} cannot be kept behind one of "
                    f"{late[-1].fetched_at}; the clock of one of them was wrong"
                )
            write_document(self._path(found), found, _KIND)
            after = [one for one in self._seen(self._path(last)) if one > moment] if last else []
            if last and after and (not late or after[0] < late[0].fetched_at):
                again = msgspec.structs.replace(
                    last, values=sorted(known.items()), fetched_at=after[0], start=None, end=None
                )
                write_document(self._path(again), again, _KIND)
                self._mark_seen(self._path(again), after[1:])
        return True

    def series_ids(self) -> tuple[str, ...]:
        """Return the series that have vintages, sorted.

        Returns:
            Names of the series; those of which every file is damaged are left out.
        """
        names: dict[Path, str] = {}
        with self._locked():
            for path in sorted((self.folder / self.source).glob("*/*.json")):
                one = None if path.parent in names else self._read(path, None)
                if one is not None:
                    names[path.parent] = one.series_id
        return tuple(sorted(set(names.values())))

    def vintages(self, series_id: str) -> tuple[KeptVintage, ...]:
        """Return what is known of the vintages of a series, by their moments.

        Args:
            series_id: Name of the series.

        Returns:
            One entry per vintage; none: nothing is kept.
        """
        with self._locked():
            return tuple(
                KeptVintage(
                    one.fetched_at,
                    one.label,
                    one.origin,
                    one.status,
                    (one.start, one.end),
                    len(one.values),
                    max(self._seen(self._path(one)), default=None),
                )
                for one in self._vintages(series_id)
            )

    def history(
        self, series_id: str, *, available_at: Callable[[datetime], datetime] | None = None
    ) -> VintageHistory:
        """Return every figure that a fetch has seen, and when it was first seen.

        A period that a later fetch asked for and does not have any more counts as withdrawn by
        then.

        Args:
            series_id: Name of the series.
            available_at: Function from the first moment of a period to the moment at which its
                first figure is assumed to have come out, for periods that the first fetch found
                that asked for them; never after that fetch. None: at that fetch.

        Returns:
            Prints in the unit of the series, by period and publication. A note tells how many
            periods have no first print.

        Raises:
            DataError: No vintage of the series is kept.
        """
        with self._locked():
            vintages = self._vintages(series_id)
        if not vintages:
            known = ", ".join(self.series_ids()) or "none"
            raise DataError(
                f"no vintage of series {series_id!r} of {self.source!r} is kept in {self.folder}; "
                f"kept: {known}"
            )
        first, last = vintages[0].fetched_at, vintages[-1]
        columns, n_revised = _columns(vintages, available_at)
        ordered = tuple(one for period in sorted(columns) for one in columns[period])
        notes = revised_note(n_revised, first)
        return VintageHistory(series_id, last.frequency, last.units, ordered, first, notes)

    # ------------------------------------------------------------------------------- files

    def _locked(self) -> AbstractContextManager[None]:
        doing = f"keeping vintages of {self.source!r}"
        return locked(self.folder, self.source, timeout=self.lock_timeout, doing=doing)

    def _folder_of(self, series_id: str) -> Path:
        # Where letter case does not count in names of folders, the digest parts what differs in it.
        digest = hashlib.sha256(series_id.encode()).hexdigest()[:8]
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", series_id)[:40]
        return self.folder / self.source / f"{readable}-{digest}"

    def _path(self, vintage: _Vintage) -> Path:
        name = f"{vintage.fetched_at.astimezone(UTC).strftime(_NAME)}.json"
        return self._folder_of(vintage.series_id) / name

    def _vintages(self, series_id: str) -> list[_Vintage]:
        """Return the vintages of a series by moment, and set damaged files aside."""
        paths = sorted(self._folder_of(series_id).glob("*.json"))
        found = (self._read(path, series_id) for path in paths)
        return [one for one in found if one is not None]

    def _read(self, path: Path, series_id: str | None) -> _Vintage | None:
        try:
            found = read_document(path, _Vintage, _KIND)
            if found.source != self.source or series_id not in (None, found.series_id):
                raise ArtifactError(
                    f"{path} is of series {found.series_id!r} of {found.source!r}; it was moved "
                    "here"
                )
            if found.fetched_at.tzinfo is None or self._path(found).name != path.name:
                raise ArtifactError(f"{path} is of another moment, {found.fetched_at}")
        except ArtifactError as error:
            text = f"{error}; {set_aside(path)}, and the history is without it"
            warnings.warn(text, CacheWarning, stacklevel=4)
            return None
        return found

    def _mark_seen(self, path: Path, moments: Sequence[datetime]) -> None:
        if moments:
            lines = "".join(f"{moment.isoformat()}\n" for moment in moments)
            write_atomically(path.with_suffix(".seen"), lines.encode())

    def _seen(self, path: Path) -> tuple[datetime, ...]:
        """Return the moments at which the vintage of a file was seen again, in their order."""
        try:
            lines = path.with_suffix(".seen").read_text(encoding="ascii").split()
            return tuple(sorted(datetime.fromisoformat(line) for line in lines))
        except (FileNotFoundError, ValueError):
            return ()  # never seen again, or marks that were cut off: they tell less, not wrong


def _columns(
    vintages: Sequence[_Vintage], available_at: Callable[[datetime], datetime] | None
) -> tuple[dict[datetime, list[Print]], int]:
    """Return the prints of each period, and the number of periods without a first print."""
    prints: dict[datetime, list[Print]] = {}
    n_revised = 0
    for number, vintage in enumerate(vintages):
        found = dict(vintage.values)
        for period in prints.keys() - found.keys():
            if vintage.covers(period):
                _end(prints[period], vintage.fetched_at)
        for period, value in found.items():
            column = prints.setdefault(period, [])
            if column and column[-1].superseded is None and column[-1].value == value:
                continue
            _end(column, vintage.fetched_at)
            published = vintage.fetched_at
            if not column and not any(one.covers(period) for one in vintages[:number]):
                n_revised += 1
                assumed = published if available_at is None else available_at(period)
                # Of later windows only what is surely older than the record counts as assumed.
                if number == 0 or assumed < vintages[0].fetched_at:
                    published = min(published, assumed)
            column.append(Print(period, value, published))
    return prints, n_revised


def _standing(vintages: Iterable[_Vintage]) -> dict[datetime, float | None]:
    """Return the values that stand after some vintages."""
    known: dict[datetime, float | None] = {}
    for vintage in vintages:
        for period in [period for period in known if vintage.covers(period)]:
            del known[period]
        known.update(vintage.values)
    return known


def _end(column: list[Print], moment: datetime) -> None:
    """Let the last figure of a period hold until a moment."""
    if column and column[-1].superseded is None:
        last = column[-1]
        column[-1] = Print(last.period, last.value, last.published, moment)
