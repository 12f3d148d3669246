"""Backtests with prints that were excluded later: each origin sees what was known at it.

At origins before the decision the print is there, since nobody knew; the forecasts there may have
been spoiled by it, and that is what happened. At origins known after the day of the decision it is
missing. So the scored origins are cut where a decision begins to count. Each part is played as a
series of its own, from the same first origin on, without the rows that were excluded by then, and
only the forecasts of its origins are taken. Scored against an excluded print is no forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import ConfigError

from .as_known import SeriesAsKnown
from .schedule import Schedule
from .series_block import SeriesBlock
from .series_forecasts import SeriesForecasts
from .series_reports import PlayedSeries

__all__ = ["without_excluded"]

Array = NDArray[np.float64]

_DOUBTFUL = 0.5


@dataclass(frozen=True)
class _Part:
    """Scored origins of a series at which the same rows are excluded.

    Args:
        first: row of the first of these origins.
        last: row of the last.
        removed: rows that are excluded there, increasing; all of them are before `first`.
    """

    first: int
    last: int
    removed: tuple[int, ...]

    def place(self, row: int) -> int:
        """Return the number of a row among those that are left."""
        return row - int(np.searchsorted(self.removed, row))


def without_excluded(
    played: PlayedSeries,
    block: SeriesBlock,
    play: Callable[[SeriesBlock], Sequence[PlayedSeries]],
) -> PlayedSeries:
    """Return a series as it is forecast where prints are missing from their exclusion on.

    Args:
        played: the series, played with all of its rows.
        block: block that it was played in, with what is excluded.
        play: plays a block.

    Returns:
        The series with forecasts that saw at each origin what was known, and without targets that
        are excluded.

    Raises:
        ConfigError: An exclusion begins to count at a scored origin, and agents see all series at
            once, so that no series can be played alone.
    """
    decided = block.excluded.get(played.name)
    if not decided:
        return played
    excluded = {row: _missing_from(row, day, played.known) for row, day in decided.items()}
    parts = _parts(excluded, played.schedule)
    if block.panel is not None and any(part.removed for part in parts):
        raise ConfigError(
            f"series {played.name!r} has exclusions that begin to count inside the backtest, and "
            f"{', '.join(block.panel.agents)} are fitted on all series at once: start later, or "
            "leave these agents or the exclusions out"
        )
    values = np.array([row.value for row in played.known.rows], dtype=np.float64)
    values[sorted(excluded)] = np.nan
    found = [
        played if not part.removed else play(_shortened(block, played, part))[0] for part in parts
    ]
    forecasts = {
        h: _joined([_cut(own.forecasts[h], part) for own, part in zip(found, parts, strict=True)])
        for h in played.forecasts
    }
    return replace(
        played,
        forecasts={h: _with_targets(one, values) for h, one in forecasts.items()},
        weights=found[-1].weights,
        prints_doubted=_doubted(found, parts),
        step_scale=found[0].step_scale,
    )


def _missing_from(row: int, decided: date, known: SeriesAsKnown) -> int:
    """Return the first row whose origin is after the day of a decision; after the last: none."""
    n = len(known.moments)
    return next((i for i in range(row + 1, n) if known.moments[i].date() > decided), n)


def _parts(excluded: Mapping[int, int], schedule: Schedule) -> list[_Part]:
    """Return the scored origins in parts, in order."""
    first, last = schedule.first_scored, schedule.last_scored
    begins = sorted({first, *(max(first, at) for at in excluded.values() if at <= last)})
    return [
        _Part(begin, end - 1, tuple(sorted(row for row, at in excluded.items() if at <= begin)))
        for begin, end in zip(begins, [*begins[1:], last + 1], strict=True)
    ]


def _shortened(block: SeriesBlock, played: PlayedSeries, part: _Part) -> SeriesBlock:
    """Return a block of the series alone, without the rows that are excluded in a part."""
    known, removed = played.known, set(part.removed)
    left = [i for i in range(len(known.rows)) if i not in removed]
    # What came out at the origin of such a row is there at the next one.
    releases = (
        replace(one, period=part.place(one.period), origin=part.place(one.origin))
        for one in known.releases
        if one.period not in removed and part.place(one.origin) < len(left)
    )
    shortened = SeriesAsKnown(
        tuple(known.rows[i] for i in left), tuple(known.moments[i] for i in left), tuple(releases)
    )
    schedule = Schedule(
        part.place(played.schedule.first_played), part.place(part.first), part.place(part.last)
    )
    support = block.support(played.name)
    if support.below_zero_from is not None:
        support = replace(support, below_zero_from=part.place(support.below_zero_from))
    return replace(
        block,
        names=(played.name,),
        supports={played.name: support},
        known={played.name: shortened},
        schedules={played.name: schedule},
        excluded={},
    )


def _cut(forecasts: SeriesForecasts, part: _Part) -> SeriesForecasts:
    """Return the forecasts of a part, with origins numbered as in all rows."""
    places = [part.place(part.first), part.place(part.last)]
    begin, end = np.searchsorted(forecasts.origins, [places[0], places[1] + 1]).tolist()
    own = slice(begin, end)
    arrays = {name: getattr(forecasts, name)[own] for name in (*_ARRAYS, *_COMPONENTS)}
    return replace(
        forecasts,
        **arrays,
        origins=np.arange(part.first, part.last + 1, dtype=np.intp),
        labels=list(forecasts.labels)[own],
        unavailable={
            at - begin: why for at, why in forecasts.unavailable.items() if begin <= at < end
        },
    )


_ARRAYS = (
    "targets",
    "reported",
    "p_bad",
    "expert_means",
    "stated_scales",
    "means",
    "variances",
    "quantiles",
)
_COMPONENTS = {"weights": 0.0, "component_means": 0.0, "component_scales": 1.0, "present": False}
"""Fields with an axis of components, and what those hold that an origin does not have."""


def _joined(parts: Sequence[SeriesForecasts]) -> SeriesForecasts:
    """Return the forecasts of all parts."""
    begins = np.cumsum([0, *(len(one) for one in parts)])
    width = max(one.weights.shape[1] for one in parts)
    arrays: dict[str, Any] = {}
    for name in ("origins", *_ARRAYS):
        arrays[name] = np.concatenate([getattr(one, name) for one in parts])
    for name, fill in _COMPONENTS.items():
        rows = [getattr(one, name) for one in parts]
        wide = [((0, 0), (0, width - one.shape[1])) for one in rows]
        arrays[name] = np.concatenate(
            [np.pad(one, by, constant_values=fill) for one, by in zip(rows, wide, strict=True)]
        )
    return replace(
        parts[0],
        **arrays,
        labels=[label for one in parts for label in one.labels],
        unavailable={
            at + int(begin): why
            for one, begin in zip(parts, begins[:-1], strict=True)
            for at, why in one.unavailable.items()
        },
    )


def _with_targets(forecasts: SeriesForecasts, values: Array) -> SeriesForecasts:
    """Return forecasts with the targets of a series; NaN: there is none."""
    ahead = forecasts.origins + forecasts.horizon
    targets = np.full(ahead.size, np.nan)
    inside = ahead < values.size
    targets[inside] = values[ahead[inside]]
    return replace(forecasts, targets=targets)


def _doubted(found: Sequence[PlayedSeries], parts: Sequence[_Part]) -> int:
    """Return how many prints were doubted: in the warm-up of the first part, and at all origins."""
    warm_up = found[0].prints_doubted - _count(next(iter(found[0].forecasts.values())))
    some = (next(iter(one.forecasts.values())) for one in found)
    return warm_up + sum(_count(_cut(one, part)) for one, part in zip(some, parts, strict=True))


def _count(forecasts: SeriesForecasts) -> int:
    return int(np.count_nonzero(forecasts.p_bad > _DOUBTFUL))
