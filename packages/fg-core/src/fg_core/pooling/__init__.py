"""Combining forecasters: weights, online scales, and the game's own aggregator."""

from __future__ import annotations

from .aggregator import PoolAggregator
from .memory import PoolMemory, PoolMode
from .scale import ScaleRule, discounted_add
from .weights import (
    bayes_weights,
    equal_weights,
    forget,
    normalise,
    rank_weights,
    reward_weights,
)

__all__ = [
    "PoolAggregator",
    "PoolMemory",
    "PoolMode",
    "ScaleRule",
    "bayes_weights",
    "discounted_add",
    "equal_weights",
    "forget",
    "normalise",
    "rank_weights",
    "reward_weights",
]
