"""Values that come out at one origin of a series whose values are late or revised."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from .errors import DataError
from .frozen import FrozenMapping, frozen_mapping

__all__ = ["Vintage", "keep_own"]


@dataclass(frozen=True)
class Vintage:
    """The values of a series that come out at one origin, and how far the series is settled.

    A world that has vintages says by `vintage(t)` what comes out at origin `t`: first values of
    periods (prints, late ones among them) and new values of earlier periods (revisions). A period
    that is not named keeps the value that it had.

    Args:
        printed: Number of the last period that has a value at this origin, at most `t`.
        settled: Number of the last period that is settled together with all periods before it, at
            most `printed`. Agents learn from settled values for good; later revisions move the
            data and no score that was learned.
        values: Values that come out at this origin by period, in the unit of the series; periods
            are at most `printed`.
        missing: Periods before `printed` that have no value yet. The value before them stands in
            for theirs, and states name them.
        certain: Number of the last period whose value, like all before it, is taken for true by
            whoever doubts values, at most `settled`; None: `settled`. Until then a settled value
            may be doubted, and defenders are told when it is revised.

    Raises:
        DataError: `settled` is after `printed` or before `certain`, a period is after `printed`, a
            missing one is settled or has a value, or a value is not finite.

    >>> Vintage(printed=4, settled=2, values={4: 1.5, 3: 1.2}).values[3]
    1.2
    """

    printed: int
    settled: int
    values: Mapping[int, float] = field(default_factory=lambda: frozen_mapping())
    missing: tuple[int, ...] = ()
    certain: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen_mapping(self.values))
        object.__setattr__(self, "missing", tuple(sorted(self.missing)))
        if self.settled > self.printed:
            raise DataError(
                f"a period is settled after it is printed, got settled = {self.settled} and "
                f"printed = {self.printed}"
            )
        if self.certain is not None and self.certain > self.settled:
            raise DataError(
                f"a value is certain no sooner than it is settled, got certain = {self.certain} "
                f"and settled = {self.settled}"
            )
        for period in self.missing:
            if not self.settled < period < self.printed or period in self.values:
                raise DataError(
                    f"period {period} has no value yet: it must lie between the last settled "
                    f"period ({self.settled}) and the last printed one ({self.printed})"
                )
        for period, value in self.values.items():
            if period > self.printed:
                raise DataError(
                    f"period {period} has a value, but the last period printed is {self.printed}"
                )
            given: Any = value
            if isinstance(given, bool) or not (isinstance(given, Real) and math.isfinite(given)):
                raise DataError(
                    f"the value of period {period} must be a finite number, got {value!r}"
                )


def keep_own(
    own: Mapping[str, float], later: Mapping[str, float], known_ahead: frozenset[str]
) -> Mapping[str, float]:
    """Return the context that stands beside a value that came out late.

    Args:
        own: Context of the period of the value: number per column, in the unit of the column.
        later: Context that had been published when the value came out.
        known_ahead: Names of the columns that are known in advance; they stay those of the period.

    Returns:
        Number per column, in the unit of the column.

    >>> dict(keep_own({"sale": 1.0, "cpi": 2.0}, {"sale": 0.0, "cpi": 2.1}, frozenset({"sale"})))
    {'cpi': 2.1, 'sale': 1.0}
    """
    if not known_ahead:
        return later
    kept = {name: number for name, number in later.items() if name not in known_ahead}
    return FrozenMapping(kept | {name: own[name] for name in own if name in known_ahead})
