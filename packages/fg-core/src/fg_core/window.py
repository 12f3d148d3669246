"""What a fit may see: the revealed past of one series, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .frozen import frozen_mapping

__all__ = ["TrainingWindow"]


@dataclass(frozen=True, eq=False)
class TrainingWindow:
    """The rows of one series that a fit may see, oldest first.

    Args:
        values: Shape (time,), in the unit of the series, finite; read-only here.
        end_t: Number of the period of the last row.
        contexts: What had been published by each row's period; empty, or one mapping a row.
        segments: Value per segment of each row; empty, or one mapping a row.
        season_length: Periods in a season; 1: none.

    Raises:
        DataError: No rows, a value that is not finite, or lengths that differ.

    >>> TrainingWindow([1.0, 2.0, 4.0]).step_scale
    0.7071067811865476
    """

    values: NDArray[np.float64]
    end_t: int = 0
    _: KW_ONLY
    contexts: Sequence[Mapping[str, float]] = field(default=())
    segments: Sequence[Mapping[str, float]] = field(default=())
    season_length: int = 1

    def __post_init__(self) -> None:
        array = np.array(self.values, dtype=np.float64)
        array.setflags(write=False)
        object.__setattr__(self, "values", array)
        for name in ("contexts", "segments"):
            rows = tuple(frozen_mapping(row) for row in getattr(self, name))
            object.__setattr__(self, name, rows)
        if self.season_length < 1:
            raise DataError(f"a season has at least one period, got {self.season_length}")
        if array.ndim != 1 or array.size == 0:
            raise DataError(f"a training window needs values of shape (time,), got {array.shape}")
        if not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array))[0])
            raise DataError(f"training window: row {row} is {array[row]}, not finite")
        for name in ("contexts", "segments"):
            rows = getattr(self, name)
            if rows and len(rows) != array.size:
                raise DataError(f"training window: {len(rows)} {name} for {array.size} values")

    def __len__(self) -> int:
        return int(self.values.size)

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

    def last(self, n: int | None, *, gap: int = 0) -> TrainingWindow:
        """Return the last `n` rows (None: all) after dropping the latest `gap` rows.

        Raises:
            DataError: `n` is below 1 or `gap` below 0, or nothing is left.
        """
        if gap < 0 or (n is not None and n < 1):
            raise DataError(f"a window wants n >= 1 and gap >= 0, got n = {n} and gap = {gap}")
        stop = len(self) - gap
        start = 0 if n is None else max(0, stop - n)
        if stop <= start:
            raise DataError(f"a gap of {gap} leaves nothing of {len(self)} training rows")
        return TrainingWindow(
            self.values[start:stop],
            self.end_t - gap,
            contexts=self.contexts[start:stop],
            segments=self.segments[start:stop],
            season_length=self.season_length,
        )
