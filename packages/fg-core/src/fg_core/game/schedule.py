"""When values are printed and settled: after a fixed lag, or as a world's vintages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from fg_core.errors import DataError
from fg_core.protocols import World
from fg_core.vintage import Vintage

__all__ = ["Schedule", "periods_ahead"]


def periods_ahead(horizons: Sequence[int], printed: int, settled: int) -> int:
    """Return how many periods ahead states look at an origin.

    They look as far as forecasts do, those of the newest value from the last settled one included.
    No later origin counts: that values will be late is not known before.

    Args:
        horizons: Horizons of the forecasts that are issued, in periods.
        printed: Number of the last period that has a value at the origin.
        settled: Number of the last period that is settled there.

    Returns:
        Number of periods, at least 1.

    >>> periods_ahead((1, 4), printed=9, settled=8), periods_ahead((1,), printed=9, settled=6)
    (4, 3)
    """
    return max(*horizons, printed - settled)


@dataclass(frozen=True)
class Schedule:
    """Periods in which the values of a series are printed and settled, by origin.

    Without vintages the value of a period is printed in the round of the period and settled after
    a fixed lag.

    Args:
        lag: Rounds until a value is settled, where there are no vintages.
        first_t: Number of the first origin that has a vintage here.
        printed_by: Last period printed, by origin from `first_t` on; empty: no vintages.
        settled_by: Last period settled together with all before it, by origin.
        missing_by: Periods up to the last printed one that have no value yet, by origin.
        certain_by: Last period that is not doubted any more together with all before, by origin;
            empty: `settled_by`.

    >>> plain = Schedule(lag=2)
    >>> plain.printed(9), plain.settled(9), plain.distances((1, 4), 0, 9)
    (9, 7, (1, 2, 4))
    """

    lag: int
    first_t: int = 0
    printed_by: tuple[int, ...] = field(default=())
    settled_by: tuple[int, ...] = field(default=())
    missing_by: tuple[tuple[int, ...], ...] = field(default=())
    certain_by: tuple[int, ...] = field(default=())

    @classmethod
    def of(cls, world: World, lag: int, first_t: int, rounds: int) -> Self:
        """Return the schedule of games in a world, from before their first origin to their last.

        Args:
            world: World in which the series moves; it has vintages if it has `vintage(t)`.
            lag: Rounds until a value is settled, where it has none.
            first_t: First origin of the games.
            rounds: Number of rounds that are played.

        Raises:
            DataError: Vintages that contradict each other.
        """
        said: Any = getattr(world, "vintage", None)
        if said is None:
            return cls(lag)
        start = first_t - 1
        found: list[Vintage] = []
        for t in range(start, first_t + rounds + 1):
            one = said(t)
            _check(world, t, one, found)
            found.append(one)
        return cls(
            lag,
            start,
            tuple(one.printed for one in found),
            tuple(one.settled for one in found),
            tuple(one.missing for one in found),
            tuple([_certain(one) for one in found])
            if any(_certain(one) < one.settled for one in found)
            else (),
        )

    @property
    def is_plain(self) -> bool:
        """Whether there are no vintages."""
        return not self.printed_by

    @property
    def last_t(self) -> int:
        """Number of the last origin that has a vintage here."""
        return self.first_t + len(self.printed_by) - 1

    def printed(self, t: int) -> int:
        """Return the last period that has a value at origin `t`."""
        return self.printed_by[t - self.first_t] if self.printed_by else t

    def settled(self, t: int) -> int:
        """Return the last period that is settled at origin `t` together with all before it."""
        return self.settled_by[t - self.first_t] if self.settled_by else t - self.lag

    def certain(self, t: int) -> int:
        """Return the last period that nobody doubts any more at origin `t`, nor any before it."""
        return self.certain_by[t - self.first_t] if self.certain_by else self.settled(t)

    def missing(self, t: int) -> tuple[int, ...]:
        """Return the periods up to the last printed one that have no value at origin `t`."""
        return self.missing_by[t - self.first_t] if self.missing_by else ()

    def is_new(self, t: int) -> bool:
        """Return whether a further period is printed at origin `t`."""
        return not self.printed_by or self.printed(t) > self.printed(t - 1)

    def predicted_from(self, period: int, t: int) -> tuple[int, int] | None:
        """Return from where the first value of a period was forecast, when it came out.

        Args:
            period: Number of the period.
            t: Origin at which it is out.

        Returns:
            The last settled period then, and how far before `period` that was; None where it came
            out before the games, or was settled at once.
        """
        if not self.printed_by:
            return period - self.lag, self.lag
        origin = t
        while origin > self.first_t and self.printed(origin - 1) >= period:
            origin -= 1
        if origin == self.first_t or self.printed(origin) != period:
            return None
        settled = self.settled(origin)
        return (settled, period - settled) if settled < period else None

    def distances(self, horizons: Sequence[int], first_t: int, last_t: int) -> tuple[int, ...]:
        """Return how far ahead agents are asked to forecast from the value that they see last.

        Args:
            horizons: Horizons of the forecasts that are issued, counted from their origins.
            first_t: Number of the first origin.
            last_t: Number of the last origin.

        Returns:
            Numbers of periods, ascending: those of the issued forecasts, and those of the
            predictives of prints that defenders are given.
        """
        if not self.printed_by:
            return tuple(sorted({*horizons, self.lag}))
        found: set[int] = set()
        for t in range(first_t, last_t + 1):
            printed, settled = self.printed(t), self.settled(t)
            found.update(t + h - printed for h in horizons)
            if settled < printed:
                found.add(printed - settled)
        return tuple(sorted(found))

    def ahead(self, t: int, horizons: Sequence[int]) -> int:
        """Return how many periods ahead states look at origin `t`; see `periods_ahead`.

        Args:
            t: Number of the origin.
            horizons: Horizons of the forecasts that are issued.
        """
        return periods_ahead(horizons, self.printed(t), self.settled(t))

    @property
    def most_doubtful(self) -> int:
        """Largest number of printed values that may be doubted at the same origin."""
        if not self.settled_by:
            return self.lag
        pairs = zip(self.printed_by, self.certain_by or self.settled_by, strict=True)
        return max(printed - certain for printed, certain in pairs)

    @property
    def longest_lag(self) -> int:
        """The most periods between an origin and the last that is settled there."""
        if not self.settled_by:
            return self.lag
        return max(self.first_t + i - one for i, one in enumerate(self.settled_by))


def _certain(one: Vintage) -> int:
    return one.settled if one.certain is None else one.certain


def _check(world: World, t: int, one: object, before: Sequence[Vintage]) -> None:
    name = type(world).__name__
    if not isinstance(one, Vintage):
        raise DataError(f"world {name} returned a {type(one).__name__} from vintage({t})")
    if one.printed > t:
        raise DataError(f"world {name} prints period {one.printed} at origin {t}, before it is")
    if not before:
        return
    last = before[-1]
    went_on = one.printed >= last.printed and one.settled >= last.settled
    if not went_on or _certain(one) < _certain(last):
        raise DataError(
            f"world {name} takes back at origin {t} what was printed, settled or certain at origin "
            f"{t - 1}"
        )
    for period in range(last.printed + 1, one.printed + 1):
        if period not in one.values and period not in one.missing:
            raise DataError(
                f"world {name} prints period {one.printed} at origin {t}, but period {period} has "
                "neither a value nor is it missing"
            )
    for period in last.missing:
        if period not in one.values and period not in one.missing:
            raise DataError(
                f"world {name} has no value of period {period}, which was missing, at origin {t}"
            )
