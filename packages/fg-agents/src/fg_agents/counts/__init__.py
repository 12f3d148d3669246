"""Forecasters of demand that is mostly zero: each states a distribution with a mass at zero.

`demand` has what they share, `smoothed` Croston's method and its relatives, `empirical` the
distribution of past values, and `negative_binomial` that of counts.
"""

from __future__ import annotations

from .demand import DemandForecaster
from .empirical import EmpiricalFit, EmpiricalMethod
from .negative_binomial import CountFit, NegativeBinomialMethod
from .presets import (
    croston,
    empirical,
    empirical_recent,
    intermittent_forecasters,
    negative_binomial,
    negative_binomial_recent,
    sba,
    tsb,
)
from .smoothed import SmoothedFit, SmoothedMethod

__all__ = [
    "CountFit",
    "DemandForecaster",
    "EmpiricalFit",
    "EmpiricalMethod",
    "NegativeBinomialMethod",
    "SmoothedFit",
    "SmoothedMethod",
    "croston",
    "empirical",
    "empirical_recent",
    "intermittent_forecasters",
    "negative_binomial",
    "negative_binomial_recent",
    "sba",
    "tsb",
]
