"""Distributions that are not normal: what forecasters state, and mixtures of it.

`StatedDistribution` is what one forecaster states in one game, `ShapeArrays` are many of them as
arrays; `crps`, `cdf`, `pit` and `quantile` take the weights, means and scales of a mixture and, for
the components that are not normal, their shapes.
"""

from __future__ import annotations

from .branches import beside_each_other, kept_scales, shifted
from .censored import censored_crps, censored_moments, censored_pit
from .energy import crps, own_crps, pool_regret
from .parts import MixtureParts
from .probability import cdf, pit, quantile
from .shapes import LEAST_REST, FrozenShapes, ShapeArrays
from .stated import Mass, NormalPart, QuantileGrid, StatedDistribution, pack
from .stating import stated_arrays

__all__ = [
    "LEAST_REST",
    "FrozenShapes",
    "Mass",
    "MixtureParts",
    "NormalPart",
    "QuantileGrid",
    "ShapeArrays",
    "StatedDistribution",
    "beside_each_other",
    "cdf",
    "censored_crps",
    "censored_moments",
    "censored_pit",
    "crps",
    "kept_scales",
    "own_crps",
    "pack",
    "pit",
    "pool_regret",
    "quantile",
    "shifted",
    "stated_arrays",
]
