"""Rows of a series that are played, and those that are scored."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fg_core import ConfigError, DataError, Dataset, Observation
from fg_core.calendar import period_label

__all__ = [
    "EVALUATED_FROM",
    "FROM_THE_FIRST",
    "MIN_TRAINING",
    "WARMUP",
    "Beginning",
    "Schedule",
    "Span",
    "default_horizons",
    "least_training",
    "warn_of_end",
]

MIN_TRAINING = 20
"""Fewest rows that a first fit sees; at least two seasons where there is one."""

WARMUP = 40
"""Origins played before the first scored one, unless the user chooses otherwise."""

EVALUATED_FROM = 0.6
"""Share of the rows before the first scored origin, unless the user chooses otherwise."""

_HORIZONS = {"Y": (1,), "Q": (1, 4), "M": (1, 3), "W": (1, 4), "B": (1, 5), "D": (1, 7)}


def least_training(season_length: int) -> int:
    """Return the fewest rows that a first fit sees: `MIN_TRAINING`, and two seasons.

    Args:
        season_length: periods in a season; 1: none.

    Returns:
        Number of rows.

    >>> least_training(1), least_training(52)
    (20, 104)
    """
    return max(MIN_TRAINING, 2 * season_length)


def default_horizons(frequency: str) -> tuple[int, ...]:
    """Return the horizons that `fg-backtest` forecasts if it is not told any.

    One step, and a year for quarters, a quarter for months, four weeks for weeks, a week for days
    and business days.

    Args:
        frequency: frequency of the series, such as "M".

    Returns:
        Steps ahead, increasing.

    >>> default_horizons("Q")
    (1, 4)
    """
    return _HORIZONS.get(frequency, (1,))


@dataclass(frozen=True)
class Beginning:
    """The first row of a series that can be played.

    Args:
        row: number of the row.
        why: words for what there is not before, as in "does not move".
        therefore: what follows from it, after a comma; may be empty.
    """

    row: int = 0
    why: str = ""
    therefore: str = ""


FROM_THE_FIRST = Beginning()
"""Nothing but the rows of a first fit keeps a series from being played from its first row."""


@dataclass(frozen=True)
class Span:
    """Periods that a user wants to be played and scored; None: the default.

    Args:
        start: First scored origin.
        warmup: First played origin, or how many origins are played before the scored ones.
        end: Last scored origin.

    Raises:
        ConfigError: A moment without a time zone, or a negative number.
    """

    start: datetime | None
    warmup: datetime | int | None
    end: datetime | None

    def __post_init__(self) -> None:
        for name in ("start", "warmup", "end"):
            value = getattr(self, name)
            if isinstance(value, datetime):
                if value.tzinfo is None:
                    raise ConfigError(
                        f"{name} {value} has no time zone; give it one, such as tzinfo=datetime.UTC"
                    )
            elif value is not None and (name != "warmup" or not _is_count(value)):
                raise ConfigError(f"{name} must be a datetime, got {value!r}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True)
class Schedule:
    """Rows of one series, all of them origins.

    Args:
        first_played: Origin at which the game begins.
        first_scored: The first origin whose forecasts are scored.
        last_scored: Last origin whose forecasts are scored.
        later_than: The dataset's own first scored origin, where that had to give way.
    """

    first_played: int
    first_scored: int
    last_scored: int
    later_than: str | None = None

    @property
    def rounds(self) -> int:
        """Number of rounds of the game: one per played origin."""
        return self.last_scored - self.first_played + 1

    @classmethod
    def of(
        cls,
        rows: Sequence[Observation],
        dataset: Dataset,
        span: Span,
        *,
        horizons: Sequence[int],
        refit_every: int,
        gap: int,
        earliest: Beginning = FROM_THE_FIRST,
    ) -> Schedule:
        """Return the schedule of one series.

        A default gives way where the series is too short for it: a first fit sees at least
        `MIN_TRAINING` rows, and two seasons. What was asked for explicitly does not give way; it
        is an error.

        The game refits at every `refit_every`-th origin from the first it plays. So that the
        first scored origin is one of these, the warm-up begins up to `refit_every - 1` origins
        earlier than asked for, or, where there are too few rows before it, later.

        Args:
            rows: rows of the series.
            dataset: dataset of the rows.
            span: periods that a user wants to be played and scored.
            horizons: steps ahead.
            refit_every: origins between fits; 0: only at the first.
            gap: latest rows that a fit does not see.
            earliest: first row that can be played, and what there is not before.

        Returns:
            Rows that are played and scored, as numbers of rows of the series.

        Raises:
            DataError: The series is too short for what is asked.
            ConfigError: The warm-up begins after the first scored origin.
        """
        where = _Where(rows, dataset.frequency)
        least = least_training(dataset.season_length) + gap
        if len(rows) < least + 2:
            raise DataError(_too_short(where, least, gap, dataset.season_length))
        if earliest.row > least:
            least = earliest.row
            where = replace(where, begins=earliest)
            if len(rows) < least + 2:
                raise DataError(
                    f"{where} {earliest.why} before {where.label(least)}, and has no origin with a "
                    "target from there on"
                )
        first = cls._first_scored(where, dataset, span, least)
        last = where.last_origin(span.end)
        if last < first:
            raise DataError(
                f"{where}: nothing to score from {where.label(first)} to {where.label(last)}"
            )
        for h in horizons:
            if first + h >= len(rows):
                raise DataError(
                    f"{where}: no origin from {where.label(first)} on has a target {h} steps "
                    "ahead; start earlier, or leave this horizon out"
                )
        begin = cls._first_played(where, dataset, span, first, least)
        if refit_every > 0 and (late := (first - begin) % refit_every):
            earlier = begin - (refit_every - late)
            begin = earlier if earlier >= least else begin + late
        stated = dataset.evaluation_start
        gave_way = span.start is None and stated is not None and first > where.first_from(stated)
        return cls(begin, first, last, stated.isoformat() if stated and gave_way else None)

    @classmethod
    def until_last(
        cls,
        rows: Sequence[Observation],
        dataset: Dataset,
        *,
        warmup: int = WARMUP,
        refit_every: int,
        gap: int,
        earliest: Beginning = FROM_THE_FIRST,
    ) -> Schedule:
        """Return the schedule of a series that is forecast from its last row.

        The `warmup` origins before the last row are played, so that weights and scales can learn,
        or as many as leave a first fit its rows; the last row is an origin at which the game fits
        anew. All of them but the last are scored, since their targets are known.

        Args:
            rows: rows of the series.
            dataset: dataset of the rows.
            warmup: number of origins that are played before the last row; 0: none.
            refit_every: origins between fits; 0: only at the first.
            gap: latest rows that a fit does not see.
            earliest: first row that can be played, whatever a fit needs, and what there is not
                before.

        Returns:
            Rows that are played and scored, as numbers of rows of the series.

        Raises:
            DataError: The series is too short for a first fit.
        """
        where = _Where(rows, dataset.frequency)
        least = least_training(dataset.season_length) + gap
        last = len(rows) - 1
        if last < earliest.row:
            raise DataError(f"{where} {earliest.why} before its last row")
        if last < least:
            season = _season_text(least, gap, dataset.season_length, extra=1)
            raise DataError(
                f"{where} has {len(rows)} rows; a forecast needs at least {least + 1}: {least} "
                f"for a first fit{season[0]} and the row that it is made in{season[1]}"
            )
        least = max(least, earliest.row)
        begin = max(least, last - warmup)
        if refit_every > 0 and (late := (last - begin) % refit_every):
            earlier = begin - (refit_every - late)
            begin = earlier if earlier >= least and warmup > 0 else begin + late
        return cls(begin, begin, last - 1)

    @staticmethod
    def _first_scored(where: _Where, dataset: Dataset, span: Span, least: int) -> int:
        if span.start is not None:
            row = where.first_from(span.start)
            if row < where.begins.row:
                raise DataError(
                    f"{where} {where.begins.why} before {where.label(least)}"
                    f"{where.begins.therefore}; start with {where.label(least)} or later (--start)"
                )
            if row < least:
                raise DataError(
                    f"{where}: {row} rows before the first scored origin {where.label(row)}, and "
                    f"{least} are wanted for a first fit; start with {where.label(least)} or later"
                )
            return row
        if dataset.evaluation_start is not None:
            return max(least, where.first_from(dataset.evaluation_start))
        return max(least, int(EVALUATED_FROM * len(where.rows)))

    @staticmethod
    def _first_played(where: _Where, dataset: Dataset, span: Span, first: int, least: int) -> int:
        wanted = span.warmup
        if wanted is None:
            begin = first - WARMUP
            if dataset.warmup_start is not None:
                stated = where.first_from(dataset.warmup_start)
                begin = stated if stated <= first else begin
            return min(first, max(least, begin))
        begin = where.first_from(wanted) if isinstance(wanted, datetime) else first - wanted
        if begin > first:
            raise ConfigError(
                f"{where}: the warm-up from {where.label(begin)} begins after the first scored "
                f"origin {where.label(first)}"
            )
        if 0 < where.begins.row > begin:
            raise DataError(
                f"{where} {where.begins.why} before {where.label(least)}{where.begins.therefore}; "
                f"begin the warm-up with {where.label(least)} or later (--warmup)"
            )
        if begin < least:
            raise DataError(
                f"{where}: {max(begin, 0)} rows before the warm-up, and {least} are wanted for a "
                f"first fit; begin it with {where.label(least)} or later"
            )
        return begin


def warn_of_end(
    end: datetime | None,
    rows: Mapping[str, Sequence[Observation]],
    schedules: Mapping[str, Schedule],
    frequency: str,
) -> None:
    """Say in one warning where the last scored origin that was asked for has no target.

    Args:
        end: last scored origin that was asked for; None: none was.
        rows: rows of each series, by name.
        schedules: rows that are played and scored, by name of the series that are.
        frequency: of the series, such as "M".
    """
    if end is None:
        return
    moved = [name for name in schedules if rows[name][-1].timestamp <= end]
    if moved:
        where, last = _Where(rows[moved[0]], frequency), schedules[moved[0]].last_scored
        others = f", and so for {len(moved) - 1} more" if moved[1:] else ""
        warnings.warn(
            f"end {end.date()}: {where} ends with {where.label(last + 1)}, from where no target is "
            f"known yet: the last scored origin is {where.label(last)}{others} (fg-forecast "
            "forecasts from the last row)",
            stacklevel=3,
        )


def _too_short(where: _Where, least: int, gap: int, season_length: int) -> str:
    seasons, remedy = _season_text(least, gap, season_length, extra=2)
    return (
        f"{where} has {len(where.rows)} rows; a backtest wants at least {least + 2}: {least} for a "
        f"first fit{seasons}, one origin and its target{remedy}"
    )


def _season_text(least: int, gap: int, season_length: int, *, extra: int) -> tuple[str, str]:
    """Return the reason for so many rows, and a remedy, where it is for the season."""
    if least <= MIN_TRAINING + gap:
        return "", ""
    remedy = f"; without a season (--season-length 1) {MIN_TRAINING + gap + extra} are enough"
    return f" (two seasons of {season_length})", remedy


@dataclass(frozen=True)
class _Where:
    """Finds rows by moment, and names them."""

    rows: Sequence[Observation]
    frequency: str
    begins: Beginning = FROM_THE_FIRST

    def __str__(self) -> str:
        return f"series {self.rows[0].series_id!r}"

    def label(self, row: int) -> str:
        if not 0 <= row < len(self.rows):
            return f"row {row} (of {len(self.rows)})"
        return period_label(self.rows[row].timestamp, self.frequency)

    def first_from(self, moment: datetime) -> int:
        for number, row in enumerate(self.rows):
            if row.timestamp >= moment:
                return number
        raise DataError(
            f"{self} ends with {self.label(len(self.rows) - 1)}, before "
            f"{period_label(moment, self.frequency)}"
        )

    def last_origin(self, moment: datetime | None) -> int:
        last = len(self.rows) - 2
        while moment is not None and last >= 0 and self.rows[last].timestamp > moment:
            last -= 1
        return last
