"""Windows of a walk-forward run: disjoint blocks of origins, and what could be fitted by then.

An *origin* is the row that a forecast is made in. Blocks of origins advance monotonically and do
not overlap; targets of longer horizons reach beyond their block.
"""

from __future__ import annotations

from dataclasses import dataclass

from fg_core import ConfigError

__all__ = ["OriginWindow", "origin_windows"]


@dataclass(frozen=True)
class OriginWindow:
    """A block of origins with the rows that a fit at its first origin may see.

    All numbers are row numbers of one series, both ends included.

    Args:
        index: Number of the block, from 0.
        first_origin: First origin of the block.
        last_origin: Last origin of the block.
        train_start: First row of the training range.
        train_end: Last row of the training range: `first_origin` less the gap.
    """

    index: int
    first_origin: int
    last_origin: int
    train_start: int
    train_end: int

    def __len__(self) -> int:
        return self.last_origin - self.first_origin + 1


def origin_windows(
    first: int, last: int, *, step: int, train_window: int | None = None, gap: int = 0
) -> tuple[OriginWindow, ...]:
    """Cut the origins from `first` to `last` into blocks of `step`; the last may be shorter.

    Args:
        first: First origin, at least `gap`.
        last: Last origin; before `first`: there are no windows.
        step: Origins in a block, at least 1.
        train_window: Rows in a training range, which then slides; None: it starts at row 0 and
            expands. It is shorter where the series has not that many rows yet.
        gap: Rows between the training range and its origin (0: the origin's row is the last).

    Returns:
        Windows in the order of their origins, which do not overlap.

    Raises:
        ConfigError: A number outside its range.

    >>> [(w.first_origin, w.last_origin, w.train_end) for w in origin_windows(10, 14, step=3)]
    [(10, 12, 10), (13, 14, 13)]
    """
    for name, value, low in (("step", step, 1), ("gap", gap, 0), ("first", first, gap)):
        if value < low:
            raise ConfigError(f"{name} must be a whole number >= {low}, got {value}")
    if train_window is not None and train_window < 1:
        raise ConfigError(f"train_window must be a whole number >= 1, got {train_window}")
    found = []
    for index, begin in enumerate(range(first, last + 1, step)):
        train_end = begin - gap
        train_start = 0 if train_window is None else max(0, train_end - train_window + 1)
        found.append(
            OriginWindow(index, begin, min(begin + step - 1, last), train_start, train_end)
        )
    return tuple(found)
