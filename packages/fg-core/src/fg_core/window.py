"""Windows that a fit may see: the revealed past of one series, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError
from .frozen import frozen_mapping

__all__ = ["TrainingWindow", "immutable_array"]

Array = NDArray[np.float64]

_BYTES = 8
"""Of a number."""


def immutable_array(values: ArrayLike) -> Array:
    """Return `values` as an array that cannot be made writable.

    An array that owns its memory can be marked read-only, and `setflags(write=True)` takes the
    mark away again. The memory of this one is a `bytes` object, which has no writable buffer.
    Slices of it share that memory, and cannot be made writable either.

    Args:
        values: Numbers, any shape. What is over the memory of a `bytes` object already is not
            copied.

    Returns:
        A new array object, C-ordered, of 64-bit floats.

    >>> immutable_array([1.0, 2.0]).setflags(write=True)
    Traceback (most recent call last):
    ...
    ValueError: cannot set WRITEABLE flag to True of this array
    """
    array = np.asarray(values, dtype=np.float64, order="C")
    if isinstance(_memory(array), bytes):
        return array[...]
    return np.frombuffer(array.tobytes(), dtype=np.float64).reshape(array.shape)


def _memory(array: Any) -> object:
    """Return the object that owns the memory of an array."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array


class _Rows:
    """The values of a window: immutable memory, and a new array over it at each access.

    So not even the shape of what another reader holds can be changed. Kept are the memory, where
    the rows begin in it, and how many they are.
    """

    @overload
    def __get__(self, window: None, owner: type) -> Self: ...
    @overload
    def __get__(self, window: object, owner: type) -> Array: ...
    def __get__(self, window: object | None, owner: type) -> Self | Array:
        if window is None:
            # Without a value on the class, a dataclass takes the field for one without default.
            raise AttributeError("values")
        memory, offset, n = window.__dict__["values"]
        return np.frombuffer(memory, np.float64, n, offset)

    def __set__(self, window: object, values: ArrayLike) -> None:
        # Reached from `__init__` alone: a frozen dataclass refuses assignment before it comes here.
        array = immutable_array(values)
        if array.ndim != 1 or array.size == 0:
            raise DataError(f"a training window needs values of shape (time,), got {array.shape}")
        window.__dict__["values"] = _place_of(array)


def _place_of(array: Array) -> tuple[bytes, int, int]:
    """Return the memory of an immutable array of one axis, where it begins, and its length."""
    memory: Any = _memory(array)
    if array.strides != (array.itemsize,):
        memory = array.tobytes()
        return memory, 0, array.size
    if len(memory) == array.nbytes:
        return memory, 0, array.size
    begin, start = (
        one.__array_interface__["data"][0] for one in (array, np.frombuffer(memory, np.uint8))
    )
    return memory, begin - start, array.size


@dataclass(frozen=True, eq=False)
class TrainingWindow:
    """The rows of one series that a fit may see, oldest first.

    A window cannot be changed through its array or its rows. Parts of it (`last`) and windows made
    by `construct_unchecked` share memory, so that a new window of the same rows costs a
    microsecond, however many there are.

    Args:
        values: Values of the series, shape (time,), in the unit of the series, finite; here over
            immutable memory (see `immutable_array`).
        end_t: Number of the period of the last row.
        contexts: Context that had been published by each row's period; empty, or one mapping per
            row. A column that is known in advance is simply in the row of the period that it
            belongs to.
        segments: Value per segment of each row, in the unit of the series; empty, or one
            mapping per row.
        season_length: Periods in a season; 1: none.

    Raises:
        DataError: No rows, a value that is not finite, or lengths that differ.

    >>> TrainingWindow([1.0, 2.0, 4.0]).step_scale
    0.7071067811865476
    """

    values: _Rows = _Rows()
    end_t: int = 0
    _: KW_ONLY
    contexts: Sequence[Mapping[str, float]] = field(default=())
    segments: Sequence[Mapping[str, float]] = field(default=())
    season_length: int = 1

    def __post_init__(self) -> None:
        array = self.values
        for name in ("contexts", "segments"):
            rows = tuple(map(frozen_mapping, getattr(self, name)))
            object.__setattr__(self, name, rows)
        if self.season_length < 1:
            raise DataError(f"a season has at least one period, got {self.season_length}")
        if not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array))[0])
            raise DataError(f"training window: row {row} is {array[row]}, not finite")
        for name in ("contexts", "segments"):
            rows = getattr(self, name)
            if rows and len(rows) != array.size:
                raise DataError(f"training window: {len(rows)} {name} for {array.size} values")

    @classmethod
    def construct_unchecked(
        cls,
        values: Array,
        end_t: int,
        *,
        contexts: tuple[Mapping[str, float], ...] = (),
        segments: tuple[Mapping[str, float], ...] = (),
        season_length: int = 1,
    ) -> Self:
        """Return a window of parts that are known to be right, without a look at the rows.

        Args:
            values: Values of the series, shape (time,) with at least one row, finite, from
                `immutable_array` or a slice of such an array. The window has a view of its own,
                over the same memory.
            end_t: Number of the period of the last row.
            contexts: Empty, or one frozen mapping per row.
            segments: Empty, or one frozen mapping per row.
            season_length: Periods in a season, at least 1.

        >>> history = immutable_array([1.0, 2.0, 4.0])
        >>> TrainingWindow.construct_unchecked(history[:2], 7).values.tolist()
        [1.0, 2.0]
        """
        window: Self = object.__new__(cls)
        window.__dict__.update(
            values=_place_of(values),
            end_t=end_t,
            contexts=contexts,
            segments=segments,
            season_length=season_length,
        )
        return window

    def __reduce__(self) -> tuple[Any, ...]:
        # An array that is pickled or copied as such comes back in writable memory.
        parts = (self.end_t, self.contexts, self.segments, self.season_length)
        return _restored, (type(self), self.values.tobytes(), *parts)

    def __len__(self) -> int:
        n: int = self.__dict__["values"][2]
        return n

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TrainingWindow):
            return NotImplemented
        return (
            self.end_t == other.end_t
            and self.season_length == other.season_length
            and np.array_equal(self.values, other.values)
            and self.contexts == other.contexts
            and self.segments == other.segments
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def step_scale(self) -> float:
        """Standard deviation (n - 1) of one-step changes; 0 with fewer than three rows."""
        if self.values.size < 3:
            return 0.0
        return float(np.std(np.diff(self.values), ddof=1))

    @property
    def context_scales(self) -> Mapping[str, float]:
        """Standard deviation (n - 1) of one-step changes by context column.

        Counted are the changes between neighbouring rows that both have the column; the scale is 0
        where there are fewer than two, and in the unit of the column.

        >>> rows = [{"rate": 1.0}, {"rate": 2.0}, {"rate": 4.0, "sale": 1.0}]
        >>> dict(TrainingWindow([1.0, 2.0, 4.0], contexts=rows).context_scales)
        {'rate': 0.7071067811865476, 'sale': 0.0}
        """
        names = dict.fromkeys(name for row in self.contexts for name in row)
        found = {}
        for name in names:
            column = np.array([row.get(name, np.nan) for row in self.contexts], dtype=np.float64)
            changes = np.diff(column)
            changes = changes[np.isfinite(changes)]
            found[name] = float(np.std(changes, ddof=1)) if changes.size > 1 else 0.0
        return frozen_mapping(found)

    @property
    def persistence(self) -> float:
        """Share of a displacement that lasts one step, in [0, 1].

        The first autocorrelation r, corrected for its small-sample bias (Marriott & Pope 1954,
        Biometrika 41, doi:10.1093/biomet/41.3-4.390): r + (1 + 4 r) / n, clipped. A level comes
        out at or near 1, a growth rate well below. 1 for fewer than eight rows or a constant.
        """
        n = self.values.size
        centred = self.values - np.mean(self.values)
        power = float(centred @ centred)
        if n < 8 or power == 0.0:
            return 1.0
        r = float(centred[1:] @ centred[:-1]) / power
        return float(np.clip(r + (1.0 + 4.0 * r) / n, 0.0, 1.0))

    def last(self, n: int | None, *, gap: int = 0) -> Self:
        """Return the last `n` rows (None: all) after dropping the latest `gap` rows.

        The part shares the memory of the whole, and its rows are not checked again.

        Args:
            n: Number of rows; None: all.
            gap: Number of the latest rows that are dropped first.

        Returns:
            Window of at most `n` rows.

        Raises:
            DataError: `n` is below 1 or `gap` below 0, or nothing is left.
        """
        if gap < 0 or (n is not None and n < 1):
            raise DataError(f"a window wants n >= 1 and gap >= 0, got n = {n} and gap = {gap}")
        stop = len(self) - gap
        start = 0 if n is None else max(0, stop - n)
        if stop <= start:
            raise DataError(f"a gap of {gap} leaves nothing of {len(self)} training rows")
        memory, offset, _ = self.__dict__["values"]
        part: Self = object.__new__(type(self))
        part.__dict__.update(
            values=(memory, offset + start * _BYTES, stop - start),
            end_t=self.end_t - gap,
            contexts=tuple(self.contexts[start:stop]),
            segments=tuple(self.segments[start:stop]),
            season_length=self.season_length,
        )
        return part


def _restored(
    kind: type[TrainingWindow],
    values: bytes,
    end_t: int,
    contexts: tuple[Mapping[str, float], ...],
    segments: tuple[Mapping[str, float], ...],
    season_length: int,
) -> TrainingWindow:
    return kind.construct_unchecked(
        np.frombuffer(values, dtype=np.float64),
        end_t,
        contexts=contexts,
        segments=segments,
        season_length=season_length,
    )
