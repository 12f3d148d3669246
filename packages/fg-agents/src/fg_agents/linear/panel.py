r"""Panels for linear forecasters: a series and its context columns, as they were known.

Row $t$ of a panel is what had been *published* by the time of value $t$: the value itself and,
beside it, the latest number of each context column. No row says which period a column's number is
for. Beside inflation of the first quarter, out in mid-April, stands the bill rate of the first
quarter but GDP growth of the fourth. A vector autoregression on such rows is one of *what was
known*: its "growth" is growth as last published, which is as good a predictor as any, and what it
forecasts for that column is the next release. What the columns lag behind each other is the release
calendar's, and stays the same as long as that does; where it changes, so does the meaning of the
coefficients. No forecaster has to know the calendar, and nothing is used before it was out.

Segments of the series (its parts, which add up to it) are columns too, called "segments.NAME". They
come out with the value and move with it: a changed print changes them in proportion, see
`fg_core.segments.rescale_segments`.

Two rules for what is missing:

* What was published stays published: a column that a row leaves out has its last number there.
  Before its first number it has none, and rows are used from where all of a model's columns have.
* A column that is in fewer than half of the rows up to a fit is not used in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fg_core import DataError, TrainingWindow
from fg_core.authoring import binary_units
from fg_core.window import immutable_array

from .growing import columns_of, rescaled_rows, same_rows
from .row_weights import row_sizes_together, row_weights

__all__ = ["SEGMENTS", "DataPanel"]

Array = NDArray[np.float64]

SEGMENTS = "segments."
"""Beginning of the names of columns that are segments of the series."""

_LEAST_SHARE = 0.5

_PANELS = 256
"""Number of panels that are remembered: games that were attacked differently are fitted in
turns."""
_RECORDS = 24
"""Number of records of one series that are remembered with their sizes: of games that were attacked
differently."""
_SERIES = 256
"""Number of series of which records are remembered: more than are played together."""

_panels: dict[tuple[object, ...], tuple[TrainingWindow, DataPanel]] = {}
_latest: list[tuple[TrainingWindow, DataPanel]] = []
_sized: dict[tuple[int, float], list[tuple[Array, Array]]] = {}


@dataclass(frozen=True, eq=False)
class DataPanel:
    """A series with what was known beside it; rows are periods, oldest first.

    Args:
        names: Names of the columns beside the series: context, then segments.
        values: Values of shape (time, 1 + column): the series itself, then those columns; NaN
            before a column's first number. Read-only here.
        present: Whether a number stood in the row itself, shape (time, column).
        end_t: Number of the period of the last row.
        season_length: Periods in a season; 1: none.

    Raises:
        DataError: Shapes that do not fit together, or a series that is not finite.

    >>> rows = [{}, {"rate": 2.0}, {}]
    >>> panel = DataPanel.of(TrainingWindow([5.0, 6.0, 7.0], 2, contexts=rows))
    >>> panel.names, panel.values.tolist()
    (('rate',), [[5.0, nan], [6.0, 2.0], [7.0, 2.0]])
    """

    names: tuple[str, ...]
    values: Array
    present: NDArray[np.bool_]
    end_t: int
    _: KW_ONLY
    season_length: int = 1
    _known: dict[tuple[int, int], float] = field(default_factory=dict, init=False, repr=False)
    shared: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Results from the panel that many forecasters use, by what they depend on."""

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        n = len(values)
        if values.shape != (n, 1 + len(self.names)) or self.present.shape != (n, len(self.names)):
            raise DataError(
                f"a panel of {len(self.names)} context columns has values of shape {values.shape} "
                f"and presence of shape {self.present.shape}"
            )
        if not np.isfinite(values[:, 0]).all():
            raise DataError("the series of a panel has a value that is not finite")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, window: TrainingWindow) -> DataPanel:
        """Return the panel of a training window.

        Those of the latest windows are remembered: many forecasters are fitted on one window,
        each on a copy of its own perhaps.

        Returns:
            Panel of the series, its context and its segments, one row per period.
        """
        for latest, panel in _latest:
            if latest is window:
                return panel
        panel = cls._of(window)
        # One assignment, so that another thread sees the old list or the new one.
        _latest[:] = [(window, panel)]
        return panel

    @classmethod
    def _of(cls, window: TrainingWindow) -> DataPanel:
        key = (window.end_t, window.season_length, window.values.tobytes())
        known = _panels.pop(key, None)
        if known is not None and _same_window(known[0], window):
            _panels[key] = known
            return known[1]
        context = columns_of(window.contexts)
        segments = columns_of(rescaled_rows(window.segments, window.values))
        names = (*context, *(SEGMENTS + name for name in segments))
        columns = [*context.values(), *segments.values()]
        beside = np.array(columns).reshape(len(names), len(window)).T
        present = np.isfinite(beside)
        values = np.column_stack([window.values, _carried(beside, present)])
        panel = cls(names, values, present, window.end_t, season_length=window.season_length)
        _panels[key] = (window.last(None), panel)
        while len(_panels) > _PANELS:
            _panels.pop(next(iter(_panels)), None)
        return panel

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataPanel) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @cached_property
    def _content(self) -> tuple[object, ...]:
        numbers = (self.values.tobytes(), self.present.tobytes())
        return (self.names, *numbers, self.end_t, self.season_length)

    def head(self, n: int) -> DataPanel:
        """Return the first `n` rows.

        Returns:
            Panel of shape (n, column).

        Raises:
            DataError: There are fewer, or `n` is below 1.
        """
        if not 1 <= n <= len(self):
            raise DataError(f"the first {n} rows of a panel of {len(self)} rows were asked for")
        return DataPanel(
            self.names,
            self.values[:n],
            self.present[:n],
            self.end_t - len(self) + n,
            season_length=self.season_length,
        )

    # ------------------------------------------------------------------------- what a fit asks for

    def usable(self, end: int) -> tuple[str, ...]:
        """Return the columns that are in at least half of the rows up to row `end`.

        Returns:
            Names of the columns.
        """
        return self._with(end, _LEAST_SHARE * (end + 1))

    def seen(self, end: int) -> tuple[str, ...]:
        """Return the columns that were in any row up to row `end`.

        Returns:
            Names of the columns.
        """
        return self._with(end, 1.0)

    def _with(self, end: int, least: float) -> tuple[str, ...]:
        """Return the columns that are in so many rows up to row `end`."""
        if not self.names:
            return ()
        key = (end, least)
        if key not in self._named:
            counts = self._counts[end].tolist()
            self._named[key] = tuple(
                name for name, n in zip(self.names, counts, strict=True) if n >= least
            )
        return self._named[key]

    @cached_property
    def _named(self) -> dict[tuple[int, float], tuple[str, ...]]:
        return {}

    @cached_property
    def _counts(self) -> NDArray[np.intp]:
        return np.cumsum(self.present, axis=0)

    def column(self, name: str) -> int:
        """Return the number of a column among `values`.

        Returns:
            Position on the second axis of `values`.
        """
        return 1 + self.names.index(name)

    def start(self, columns: tuple[int, ...]) -> int:
        """Return the first row in which all of these columns have a number.

        Returns:
            Number of the row, from 0.
        """
        first = self._first
        return max([first[column] for column in columns])

    def persistence(self, column: int, end: int) -> float:
        """Return the share of a displacement of a column that lasts a period, by row `end`.

        See `TrainingWindow.persistence`.

        Returns:
            Share without a unit.
        """
        key = (column, end)
        if key not in self._known:
            numbers = self.values[: end + 1, column]
            known = numbers[np.isfinite(numbers)]
            reduced = known / binary_units(known)
            if not known.size:
                self._known[key] = 1.0
                return 1.0
            window = TrainingWindow.construct_unchecked(immutable_array(reduced), end)
            self._known[key] = window.persistence
        return self._known[key]

    def weights(self, cutoff: float | None, order: int) -> Array:
        """Return the weight of each row as a target of a fit (`row_weights`); None: all 1.

        Returns:
            Array of shape (time,), in (0, 1].
        """
        if cutoff is None:
            return np.ones(len(self))
        key = "weights", cutoff, order
        if key not in self.shared:
            self.shared[key] = row_weights(self._sizes, cutoff, order)
        found: Array = self.shared[key]
        return found

    @cached_property
    def _first(self) -> list[int]:
        # What was published stays: from its first number on, a column has one in each row.
        return [int(first) for first in np.argmax(np.isfinite(self.values), axis=0)]

    @property
    def _sizes(self) -> Array:
        if "sizes" not in self.shared:
            self.work_out_sizes([self])
        found: Array = self.shared["sizes"]
        return found

    @staticmethod
    def work_out_sizes(panels: Sequence[DataPanel]) -> None:
        """Work out the sizes of changes that weights of rows follow from, of many panels at once.

        Args:
            panels: Panels; those that know their sizes are left alone.
        """
        some = [one for one in panels if "sizes" not in one.shared]
        # A break of the series breaks its segments too; they are no second witness.
        records = [one.values[:, : 1 + len(one.names) - len(one._segments)] for one in some]
        for panel, sizes in zip(some, _sizes_of(records), strict=True):
            panel.shared["sizes"] = sizes

    @cached_property
    def _segments(self) -> list[int]:
        return [1 + i for i, name in enumerate(self.names) if name.startswith(SEGMENTS)]

    def segment_shares(self) -> Array:
        """Return the share of a change of the series in each column, shape (time, column).

        1 for the series itself, 0 for context. Segments of one sign keep their shares; others
        keep their differences, so that each takes the same part.
        """
        found = np.zeros(self.values.shape)
        found[:, 0] = 1.0
        if self._segments:
            here = self.present[:, [column - 1 for column in self._segments]]
            parts = np.where(here, self.values[:, self._segments], 0.0)
            number = np.count_nonzero(here, axis=1, keepdims=True)
            sign = np.sign(self.values[:, :1])
            one_sign = (~here | (np.sign(parts) == sign)).all(axis=1, keepdims=True) & (sign != 0)
            total = np.where(one_sign & (number > 0), parts.sum(axis=1, keepdims=True), 1.0)
            alike = here / np.maximum(number, 1)
            found[:, self._segments] = np.where(one_sign, parts / total, alike)
        return found


def _same_window(a: TrainingWindow, b: TrainingWindow) -> bool:
    """Return whether two windows show the very same rows."""
    return (
        (a.end_t, a.season_length, len(a)) == (b.end_t, b.season_length, len(b))
        and (len(a.contexts), len(a.segments)) == (len(b.contexts), len(b.segments))
        and a.values.tobytes() == b.values.tobytes()
        and same_rows(tuple(a.contexts), tuple(b.contexts))
        and same_rows(tuple(a.segments), tuple(b.segments))
    )


def _sizes_of(records: Sequence[Array]) -> list[Array]:
    """Return `row_sizes` of each record; those of one length are worked out together.

    Those of the latest records are remembered, and rows that they begin with are not looked at
    again: a record often grows, and one with another last value is the same up to there.
    """
    found: list[Any] = [None] * len(records)
    alike: dict[tuple[int, int, int], list[tuple[int, Array | None]]] = {}
    bests: list[tuple[Array, Array] | None] = []
    for i, values in enumerate(records):
        best, n = None, 0
        for one in _sized.get(_beginning(values), ()):
            shared = _shared(one[0], values)
            if shared > n:
                best, n = one, shared
        bests.append(best)
        known = None if best is None else best[1][:n]
        alike.setdefault((*values.shape, n), []).append((i, known))
    for (*_, n), some in alike.items():
        before = np.stack([known for _, known in some if known is not None]) if n else None
        sizes = row_sizes_together(np.stack([records[i] for i, _ in some]), before)
        for (i, _), own in zip(some, sizes, strict=True):
            found[i] = own
    for values, sizes, best in zip(records, found, bests, strict=True):
        key = _beginning(values)
        others = _sized.pop(key, [])
        # A record that another one goes on from is not needed any more.
        rest = [one for one in others if one is not best or _goes_apart(one[0], values)]
        _sized[key] = [(values, sizes), *rest][:_RECORDS]
    while len(_sized) > _SERIES:
        _sized.pop(next(iter(_sized)), None)
    return found


def _beginning(values: Array) -> tuple[int, float]:
    """Return the number of columns and the first value, in which most records of series differ."""
    return values.shape[1], float(values[0, 0])


def _goes_apart(known: Array, values: Array) -> bool:
    """Return whether a record differs from a new one before its last row."""
    return _shared(known, values) < len(known) - 1


def _shared(a: Array, b: Array) -> int:
    """Return the number of rows at the beginning that two records have in common."""
    n = min(len(a), len(b))
    one, other = a[:n], b[:n]
    differs = ((one != other) & ~(np.isnan(one) & np.isnan(other))).any(axis=1)
    return int(np.argmax(differs)) if differs.any() else n


def _carried(context: Array, present: NDArray[np.bool_]) -> Array:
    """Return columns in which a gap has the last number before it."""
    rows = np.where(present, np.arange(len(context))[:, np.newaxis], 0)
    latest = np.maximum.accumulate(rows, axis=0)
    return np.take_along_axis(context, latest, axis=0)
