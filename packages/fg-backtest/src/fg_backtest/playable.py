"""Which series can be played: each long enough, and each that moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fg_core import DataError, Observation, TrainingWindow
from fg_core.calendar import period_label

from .schedule import Schedule

__all__ = ["refuse_still", "schedules_of"]

_LISTED = 5


def schedules_of(
    rows: Mapping[str, Sequence[Observation]],
    schedule: Callable[[Sequence[Observation]], Schedule],
) -> dict[str, Schedule]:
    """Return the schedule of each series, or say which have none.

    Raises:
        DataError: A series is too short for what is asked; the message names the others too.
    """
    found: dict[str, Schedule] = {}
    failed: dict[str, DataError] = {}
    for name, ours in rows.items():
        try:
            found[name] = schedule(ours)
        except DataError as error:
            failed[name] = error
    if failed:
        first, *others = failed
        raise DataError(f"{failed[first]}{_others(others)}{_remedy(failed, rows)}")
    return found


def refuse_still(
    rows: Mapping[str, Sequence[Observation]],
    schedules: Mapping[str, Schedule],
    frequency: str,
) -> None:
    """Refuse series that do not move before their first origin: nothing measures a step of theirs.

    Raises:
        DataError: There are some; the message lists them.
    """
    still = {}
    for name, ours in rows.items():
        begin = schedules[name].first_played
        window = TrainingWindow(np.array([row.value for row in ours[:begin]]))
        if window.step_scale > 0.0:
            continue
        values = {row.value for row in ours}
        if len(values) == 1:
            still[name] = f"all of its {len(ours)} values are {values.pop():g}"
        else:
            until = period_label(ours[begin].timestamp, frequency)
            still[name] = f"its changes are all the same before its first origin {until}"
    if still:
        first, *others = still
        raise DataError(
            f"series {first!r} does not move: {still[first]}, so that one step has no "
            f"scale{_others(others)}{_remedy(still, rows)}"
        )


def _others(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"; the same goes for {', '.join(names[:_LISTED])}{more}"


def _remedy(refused: Mapping[str, object], rows: Mapping[str, object]) -> str:
    if len(refused) == len(rows):
        return ""
    them = "it" if len(refused) == 1 else "them"
    return f"; leave {them} out by naming the other series (--series)"
