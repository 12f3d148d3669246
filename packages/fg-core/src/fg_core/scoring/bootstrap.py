"""Intervals of means over time, by drawing blocks of neighbouring periods."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fg_core.errors import ConfigError, DataError
from fg_core.rng import ROUNDS_PER_BLOCK, check_seed, uniform_block

__all__ = ["BootstrapInterval", "block_bootstrap"]


@dataclass(frozen=True)
class BootstrapInterval:
    """A mean over periods and series, and its interval.

    Args:
        n: number of values that it is the mean of.
        mean: mean, in the unit of the values; NaN where there is none.
        low: lower end of the interval, in the same unit; NaN where there are fewer than two blocks.
        high: upper end, alike.
    """

    n: int
    mean: float
    low: float
    high: float


def block_bootstrap(
    values: ArrayLike,
    *,
    block: int | None = None,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> BootstrapInterval:
    """Return the mean of values of several series, with an interval by the block bootstrap.

    Blocks of neighbouring periods are drawn, around the end of the sample to its beginning, until
    there are as many periods as in the sample; the values of all series of a period stay together.
    The interval is that of the percentiles of the means. So it allows for values that hang together
    over time within a block, and across series.

    Args:
        values: values, such as differences of the scores of two forecasts, shape (period,) or
            (period, series), in the order of time; NaN where there is none.
        block: periods in a block, at least 1; None: the cube root of the number of periods, rounded
            up, and at least 2.
        draws: number of samples that are drawn, at least 100.
        level: probability of the interval, in (0, 1).
        seed: seed of the draws, in [0, 2^64).

    Returns:
        Mean over all values that are there, and its interval.

    Raises:
        DataError: Values of another shape, or infinite.
        ConfigError: A number out of its range.

    Reference: Politis & Romano (1992), in LePage & Billard (eds.), Exploring the Limits of
    Bootstrap, 263-270; Kuensch (1989), Ann. Statist. 17, doi:10.1214/aos/1176347265.

    >>> found = block_bootstrap([1.0, 2.0, 4.0, 2.0, 1.0] * 8)
    >>> found.n, found.mean, found.low < 2.0 < found.high
    (40, 2.0, True)
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim not in (1, 2) or np.isinf(table).any():
        raise DataError(
            f"values must be finite or NaN, of shape (period,) or (period, series): {table.shape}"
        )
    if draws < 100 or not 0.0 < level < 1.0 or (block is not None and block < 1):
        raise ConfigError(
            "draws must be at least 100, level between 0 and 1, and block at least 1, got "
            f"{draws!r}, {level!r} and {block!r}"
        )
    table = table.reshape(table.shape[0], -1)
    there = ~np.isnan(table)
    some = there.any(axis=1)
    sums = np.where(there, table, 0.0).sum(axis=1)[some]
    counts = there.sum(axis=1)[some]
    n = sums.size
    total = int(counts.sum())
    if total == 0:
        return BootstrapInterval(0, math.nan, math.nan, math.nan)
    mean = float(sums.sum() / total)
    size = max(2, math.ceil(round(n ** (1 / 3), 9))) if block is None else block
    if n < 2 * size:
        return BootstrapInterval(total, mean, math.nan, math.nan)
    starts = _uniforms(check_seed(seed), draws, -(-n // size))
    places = (np.floor(starts * n).astype(np.intp)[:, :, None] + np.arange(size)) % n
    places = places.reshape(draws, -1)[:, :n]
    means = sums[places].sum(axis=1) / counts[places].sum(axis=1)
    low, high = np.quantile(means, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return BootstrapInterval(total, mean, float(low), float(high))


def _uniforms(seed: int, draws: int, n: int) -> np.ndarray:
    blocks = [
        uniform_block(seed, "bootstrap", "", 0, draws, k, 0)
        for k in range(-(-n // ROUNDS_PER_BLOCK))
    ]
    return np.concatenate(blocks, axis=1)[:, :n]
