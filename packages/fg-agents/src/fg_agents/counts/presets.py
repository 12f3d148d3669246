"""Forecasters of intermittent demand by name, with the constants that are usual."""

from __future__ import annotations

from .demand import DemandForecaster
from .empirical import EmpiricalMethod
from .negative_binomial import NegativeBinomialMethod
from .smoothed import SmoothedMethod

__all__ = [
    "croston",
    "empirical",
    "empirical_recent",
    "intermittent_forecasters",
    "negative_binomial",
    "negative_binomial_recent",
    "sba",
    "tsb",
]

_RECENT = 20.0
"""Half-life of what counts recent values for more, in periods."""


def croston() -> DemandForecaster:
    """Return Croston's method."""
    return DemandForecaster(SmoothedMethod("croston"), "croston")


def sba() -> DemandForecaster:
    """Return Croston's method without its bias, by Syntetos and Boylan."""
    return DemandForecaster(SmoothedMethod("sba"), "sba")


def tsb() -> DemandForecaster:
    """Return the method of Teunter, Syntetos and Babai, for demand that may end."""
    return DemandForecaster(SmoothedMethod("tsb"), "tsb")


def empirical() -> DemandForecaster:
    """Return the distribution of all values of the window."""
    return DemandForecaster(EmpiricalMethod(), "empirical")


def empirical_recent() -> DemandForecaster:
    """Return the distribution of values in which those of 20 periods ago count half."""
    return DemandForecaster(EmpiricalMethod(_RECENT), "empirical_recent")


def negative_binomial() -> DemandForecaster:
    """Return the negative-binomial law with the moments of all values of the window."""
    return DemandForecaster(NegativeBinomialMethod(), "negative_binomial")


def negative_binomial_recent() -> DemandForecaster:
    """Return the negative-binomial law by values in which those of 20 periods ago count half."""
    method = NegativeBinomialMethod(_RECENT)
    return DemandForecaster(method, "negative_binomial_recent")


def intermittent_forecasters() -> tuple[DemandForecaster, ...]:
    """Return all forecasters of this package.

    Returns:
        Forecasters, not yet fitted.

    >>> [one.name for one in intermittent_forecasters()][:3]
    ['croston', 'sba', 'tsb']
    """
    return (
        croston(),
        sba(),
        tsb(),
        empirical(),
        empirical_recent(),
        negative_binomial(),
        negative_binomial_recent(),
    )
