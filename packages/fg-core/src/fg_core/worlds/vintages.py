"""A recorded series with its vintages: prints that come late and values that are revised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from numbers import Integral
from typing import Any, Self

import numpy as np

from fg_core.batch import StateArrays
from fg_core.errors import DataError
from fg_core.frozen import replace_unchecked
from fg_core.state import ForecastState
from fg_core.vintage import Vintage, keep_own
from fg_core.window import TrainingWindow

from .replay import ReplayWorld

__all__ = ["Release", "VintageWorld"]


@dataclass(frozen=True)
class Release:
    """A value of a period, and the origin at which it came out.

    Args:
        period: Number of the period.
        origin: Number of the first origin at which the value is known, at least `period`.
        value: Value in the unit of the series.
    """

    period: int
    origin: int
    value: float


@dataclass(frozen=True)
class VintageWorld:
    """Moves along a real series of which agents see what had come out by each origin.

    Period t is row t of the record; its value is the one that forecasts are scored on. What agents
    see of it, fit on and learn from are its vintages. Undisturbed games go the same way; a
    disturbance displaces the record and every value of a period alike.

    Args:
        record: Values that forecasts are scored on.
        vintages: Values that come out at each origin, one vintage per row of the record.

    Raises:
        DataError: The vintages are not as many as the rows, or the first row is not period 0.

    >>> from datetime import UTC, datetime
    >>> from fg_core.observation import Observation
    >>> years = [datetime(2000 + i, 1, 1, tzinfo=UTC) for i in range(4)]
    >>> rows = [Observation(y, float(i), {}, y, "x", "made") for i, y in enumerate(years)]
    >>> first = [Release(i, i, i - 0.5) for i in range(4)]  # each is revised a year later
    >>> later = [Release(i, i + 1, float(i)) for i in range(3)]
    >>> world = VintageWorld.of(ReplayWorld(tuple(rows)), [*first, *later])
    >>> now = world.vintage(2)
    >>> now.printed, now.settled, dict(sorted(now.values.items()))
    (2, 1, {1: 1.0, 2: 1.5})
    >>> world.training(world.initial_state(3)).values.tolist()
    [0.0, 1.0, 2.0]
    """

    record: ReplayWorld
    vintages: tuple[Vintage, ...]

    replays = True
    """Undisturbed, it goes the same way in every game."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "vintages", tuple(self.vintages))
        if self.record.first_t != 0:
            raise DataError(
                f"a record with vintages begins in period 0, not in period {self.record.first_t}"
            )
        if len(self.vintages) != len(self.record.rows):
            raise DataError(
                f"a record of {len(self.record.rows)} rows needs as many vintages, got "
                f"{len(self.vintages)}"
            )

    @classmethod
    def of(
        cls,
        record: ReplayWorld,
        releases: Iterable[Release],
        *,
        settled_after: int = 1,
        doubted_for: int | None = None,
    ) -> Self:
        """Return the world in which values come out as `releases` say.

        Args:
            record: Values that forecasts are scored on.
            releases: Every value of every period, in any order. The last one of an origin counts.
            settled_after: Rounds from the first value of a period until it is settled, at the value
                that it then has, at least 1; a period is settled after all before it.
            doubted_for: Rounds from the first value of a period until defenders take what it then
                is for true, at least `settled_after`; None: as many. Weights, scales and fits
                learn from settled values, whether or not they are still doubted.

        Raises:
            DataError: A release before its period or of none, a period without a release, or a
                number of rounds outside its range.
        """
        if settled_after < 1:
            raise DataError(f"settled_after must be at least 1, got {settled_after}")
        if doubted_for is not None and doubted_for < settled_after:
            raise DataError(
                f"doubted_for must be at least settled_after = {settled_after}, got {doubted_for}"
            )
        n = len(record.rows)
        by_origin: list[dict[int, float]] = [{} for _ in range(n)]
        first: dict[int, int] = {}
        for one in releases:
            numbers: tuple[Any, ...] = (one.period, one.origin)
            if not all(isinstance(number, Integral) for number in numbers):
                raise DataError(f"periods and origins must be whole numbers, got {one}")
            if one.origin < one.period or not 0 <= one.period < n:
                raise DataError(
                    f"a value of period {one.period} cannot come out at origin {one.origin} of a "
                    f"record of {n} rows"
                )
            first[one.period] = min(one.origin, first.get(one.period, one.origin))
            if one.origin < n:
                by_origin[one.origin][one.period] = one.value
        silent = [period for period in range(n) if period not in first]
        if silent:
            raise DataError(
                f"period {silent[0]} has no value at any origin; leave rows without one out of "
                "the record"
            )
        printed, settled, certain, vintages = -1, -1, -1, []
        for t, values in enumerate(by_origin):
            printed = max(printed, *values) if values else printed
            while settled < printed and first[settled + 1] + settled_after <= t:
                settled += 1
            if doubted_for is not None:
                while certain < settled and first[certain + 1] + doubted_for <= t:
                    certain += 1
            missing = tuple(q for q in range(settled + 1, printed) if first[q] > t)
            known = None if doubted_for is None else certain
            vintages.append(Vintage(printed, settled, values, missing, known))
        return cls(record, tuple(vintages))

    @property
    def withheld(self) -> frozenset[str]:
        """Context columns that determine the value of their own period."""
        return self.record.withheld

    @property
    def known_ahead(self) -> frozenset[str]:
        """Context columns that are known in advance."""
        return self.record.known_ahead

    @property
    def ahead(self) -> int | None:
        """Number of periods ahead that they are known, counted from an origin."""
        return self.record.ahead

    def looking_ahead(self, n: int) -> Self:
        """Return the world whose states say at most of the next periods what is known.

        Args:
            n: Number of periods after an origin that are looked at; more where more values are
                unsettled at any origin, of which games show what the origin they are at calls for.
        """
        if not self.known_ahead:
            return self
        n = max(n, *(one.printed - one.settled for one in self.vintages))
        return replace_unchecked(self, record=self.record.looking_ahead(n))

    def vintage(self, t: int) -> Vintage:
        """Return what comes out at origin `t`.

        Raises:
            DataError: The record has no such row.
        """
        if not 0 <= t < len(self.vintages):
            raise DataError(f"the record has origins 0 to {len(self.vintages) - 1}, not {t}")
        return self.vintages[t]

    def initial_state(self, t: int) -> ForecastState:
        """Return the state of period `t`, from which a game may begin (t at least 1).

        Raises:
            DataError: The record has no such row, or nothing is settled there.
        """
        state = self.record.initial_state(t)
        if self.vintage(t).settled < 0:
            raise DataError(f"no value is settled at origin {t}: a game begins later")
        return state

    def training(self, initial: ForecastState) -> TrainingWindow:
        """Return the rows before `initial`, with the values that they have at its origin.

        A period that has no value yet has the one before it. Beside a value stands the context
        that had been published at the last origin at which it was the newest; columns that are
        known in advance stay those of the period itself.
        """
        window = self.record.training(initial)
        n = len(window)
        values = np.full(n, np.nan)
        contexts = list(window.contexts)
        for t, vintage in enumerate(self.vintages[: initial.t + 1]):
            for period, value in vintage.values.items():
                if period < n:
                    values[period] = value
            if contexts and 0 <= vintage.printed < n:
                own = window.contexts[vintage.printed]
                published = window.contexts[t] if t < n else initial.macro_context
                contexts[vintage.printed] = keep_own(own, published, self.known_ahead)
        known = np.flatnonzero(~np.isnan(values))
        if known.size == 0:
            raise DataError(f"no value has come out by origin {initial.t}")
        # Stand-ins: the value before; at the very beginning the first there is.
        places = np.maximum.accumulate(np.where(np.isnan(values), known[0], np.arange(n)))
        return replace(window, values=values[places], contexts=tuple(contexts))

    def timestamps(self, last: int) -> tuple[datetime, ...]:
        """Return when the recorded periods up to period `last` begin, oldest first."""
        return self.record.timestamps(last)

    def rounds(self, initial: ForecastState) -> int | None:
        """Return how many rounds the record allows from `initial`."""
        return self.record.rounds(initial)

    def unit(self, step_scale: float) -> float:
        """Return the one-step scale: a disturbance of 1 is one usual change."""
        return self.record.unit(step_scale)

    def advance(self, state: ForecastState, **options: Any) -> ForecastState:
        """Return the next state of the record; see `ReplayWorld.advance`."""
        return self.record.advance(state, **options)

    def advance_array(self, state: StateArrays, **options: Any) -> StateArrays:
        """Return what `advance` returns, for many games."""
        return self.record.advance_array(state, **options)
