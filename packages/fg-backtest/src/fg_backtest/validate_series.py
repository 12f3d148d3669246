"""Series that can be played: each long enough, and each from where it moves."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fg_core import DataError, Observation, TrainingWindow
from fg_core.calendar import period_label

from .schedule import FROM_THE_FIRST, Beginning, Schedule

__all__ = ["Playable", "first_moving_row", "playable_series"]

_LISTED = 5
_ROUNDING = 1e-12


class _Scheduler(Protocol):
    def __call__(self, rows: Sequence[Observation], earliest: Beginning) -> Schedule: ...


@dataclass(frozen=True)
class Playable:
    """Series that can be played, and why the others cannot.

    Args:
        schedules: rows of each series that are played and scored, by name.
        left_out: why a series is left out, by name.
        begun_later: words for how a series begins that could not be played from its first rows,
            and where it is played from, by name.
    """

    schedules: Mapping[str, Schedule]
    left_out: Mapping[str, str]
    begun_later: Mapping[str, str]

    def warn(self) -> None:
        """Say in one warning which series are left out, and in another which begin later."""
        if self.left_out:
            first, *others = self.left_out
            warnings.warn(
                f"left out {_count(self.left_out)}: {self.left_out[first]}{_others(others)} "
                "(--strict refuses them)",
                stacklevel=4,
            )
        if self.begun_later:
            first, *others = self.begun_later
            warnings.warn(
                f"series {first!r} {self.begun_later[first]}{_others(others)}",
                stacklevel=4,
            )


def playable_series(
    rows: Mapping[str, Sequence[Observation]],
    schedule: _Scheduler,
    frequency: str,
    *,
    must_move: bool = True,
    strict: bool = False,
    known_from: Mapping[str, int] | None = None,
) -> Playable:
    """Return the series that can be played.

    A series that does not move for a while is played from the first row before which it has moved,
    since nothing measures a step of it earlier.

    Args:
        rows: rows of each series, by name.
        schedule: returns the schedule of a series that is played from row `earliest` at the
            earliest.
        frequency: frequency of the dataset.
        must_move: whether series need a scale of one step; False where one is given.
        strict: whether to refuse series that cannot be played instead of leaving them out.
        known_from: first row before which enough values are out for a first fit, by name of the
            series; 0 where it is not there.

    Returns:
        Schedules of the series that can be played, and why each other one is left out.

    Raises:
        DataError: No series can be played, or, with `strict`, not all; the message names them.
    """
    found: dict[str, Schedule] = {}
    left_out: dict[str, str] = {}
    begun_later: dict[str, str] = {}
    for name, ours in rows.items():
        moving = first_moving_row([row.value for row in ours]) if must_move else 0
        if moving is None:
            left_out[name] = f"series {name!r} does not move: {_stillness(ours)}"
            continue
        earliest = Beginning(moving, "does not move", ", so that one step has no scale")
        if (known := (known_from or {}).get(name, 0)) > moving:
            earliest = Beginning(known, "has too few values that were out")
        try:
            found[name] = schedule(ours, earliest)
        except DataError as error:
            left_out[name] = str(error)
            continue
        begin = found[name].first_played
        if begin >= earliest.row > schedule(ours, FROM_THE_FIRST).first_played:
            label = period_label(ours[begin].timestamp, frequency)
            how = f"{earliest.why} before {label}"
            begun_later[name] = _beginning(ours, frequency) if earliest.row == moving else how
            begun_later[name] += f" and is played from {label}"
    if left_out and (strict or not found):
        first, *others = left_out
        raise DataError(f"{left_out[first]}{_others(others)}{_remedy(left_out, rows)}")
    return Playable(found, left_out, begun_later)


def first_moving_row(values: Sequence[float]) -> int | None:
    """Return the first row before which a series has moved; None: it never does.

    A series moves where its changes differ, so that one step has a scale.

    Args:
        values: values of the series, oldest first, in its unit.

    Returns:
        Number of the row, from 0.

    >>> first_moving_row([2.0, 2.0, 2.0, 3.0, 3.0]), first_moving_row([1.0, 2.0, 3.0])
    (4, None)
    """
    changes = np.diff(np.asarray(values, dtype=np.float64))
    differing = np.flatnonzero(changes != changes[:1])
    for at in differing.tolist():
        so_far = np.asarray(values[: at + 2], dtype=np.float64)
        # Sums of 0.1 differ by rounding, which is no movement.
        if TrainingWindow(so_far).step_scale > _ROUNDING * float(np.max(np.abs(so_far))):
            return int(at) + 2
    return None


def _stillness(rows: Sequence[Observation]) -> str:
    values = {row.value for row in rows}
    if len(values) == 1:
        return f"all of its {len(rows)} values are {values.pop():g}, so that one step has no scale"
    return "its changes are all the same, so that one step has no scale"


def _beginning(rows: Sequence[Observation], frequency: str) -> str:
    """Return how a series begins that has no scale of a step at first."""
    value = rows[0].value
    first = next(t for t, row in enumerate(rows) if row.value != value)
    if first == 1:
        return "takes the same step in each of its first periods,"
    moves = period_label(rows[first].timestamp, frequency)
    if value == 0.0:
        return f"begins in {moves}, after {first} rows of 0,"
    return f"is {value:g} in each of its first {first} periods, up to {moves},"


def _count(names: Mapping[str, object]) -> str:
    return "one series" if len(names) == 1 else f"{len(names)} series"


def _others(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"; the same goes for {', '.join(names[:_LISTED])}{more}"


def _remedy(refused: Mapping[str, object], rows: Mapping[str, object]) -> str:
    if len(refused) == len(rows):
        return ""
    them = "it" if len(refused) == 1 else "them"
    return f"; leave {them} out (without --strict that happens by itself)"
