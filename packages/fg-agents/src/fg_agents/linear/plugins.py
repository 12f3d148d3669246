"""Linear forecasters by name: those that suit any series, with or without columns beside it."""

from __future__ import annotations

from .autoregressive import ShrunkAutoregression
from .forecaster import LinearForecaster
from .vector import VectorAutoregression

__all__ = ["ar_discounted", "ar_shrunk", "ari_discounted", "ari_shrunk", "bvar", "bvar_changes"]


def ar_shrunk() -> LinearForecaster:
    """Return a fourth-order autoregression, shrunk."""
    return LinearForecaster(ShrunkAutoregression(), "ar_shrunk", "univariate")


def ar_discounted() -> LinearForecaster:
    """Return a fourth-order autoregression that forgets 3 % a period."""
    specification = ShrunkAutoregression(tightness=0.4, discount=0.97)
    return LinearForecaster(specification, "ar_discounted", "univariate")


def ari_shrunk() -> LinearForecaster:
    """Return a fourth-order autoregression of one-step changes, shrunk."""
    return LinearForecaster(ShrunkAutoregression(difference="first"), "ari_shrunk", "univariate")


def ari_discounted() -> LinearForecaster:
    """Return a fourth-order autoregression of one-step changes that forgets 5 % a period."""
    specification = ShrunkAutoregression(tightness=0.4, difference="first", discount=0.95)
    return LinearForecaster(specification, "ari_discounted", "univariate")


def bvar() -> LinearForecaster:
    """Return a Bayesian vector autoregression of the series and all context columns."""
    return LinearForecaster(VectorAutoregression(), "bvar", "context")


def bvar_changes() -> LinearForecaster:
    """Return a Bayesian vector autoregression in which columns that wander are in changes."""
    specification = VectorAutoregression(difference="persistent")
    return LinearForecaster(specification, "bvar_changes", "context")
