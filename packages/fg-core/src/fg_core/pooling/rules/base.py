"""Rules by which a pool weighs its forecasters: the contract, and what a rule is told.

A rule is a frozen value with the constants of one way of weighing. What it has learned is a tuple
of arrays with the forecaster on the last axis and lanes (games, or series that games share) before
it: `start` makes the first, `update` the next, and `log_weights` says the logarithms of the weights
of the next forecast, up to a constant. Nothing else is asked of it: horizons, scales, absent
forecasters, shrinkage, lanes and saving are the pool's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fg_core._numeric import ordered_sum
from fg_core.distributions import ShapeArrays, own_crps, pool_regret
from fg_core.errors import ConfigError
from fg_core.pooling.crps_learning import crps_regret
from fg_core.pooling.likelihood import Likelihood
from fg_core.pooling.stated import stated_log_densities
from fg_core.pooling.weights import normalise
from fg_core.scoring._kernels import gaussian_crps
from fg_core.transcendental import exp, log

__all__ = ["Array", "Learned", "ScoredForecasts", "WeightRule", "full_prior", "require_share"]

Array = NDArray[np.float64]
Learned: TypeAlias = tuple[Array, ...]
"""State of a rule: arrays of shape (..., forecaster), or with axes of its own between."""


@dataclass(frozen=True, eq=False)
class ScoredForecasts:
    """Forecasts whose target is known; arrays of shape (..., forecaster).

    Args:
        means: Means of the forecasts, in the unit of the series; anything for the absent.
        scales: Standard deviations as they were believed when the forecast was made, above 0.
        target: Value that came, shape (..., 1) or a number.
        known: Whether a forecaster has a forecast.
        everyone: Whether all forecasters have a forecast.
        weights: Weights of the forecast that was scored, of whatever sum, zero for the absent; None
            where the rule has no use for them (see `WeightRule.learns_from_weights`).
        shapes: Distributions of those that are not normal, as they were believed then, leading
            axes (..., forecaster); None: all are.
        typical_change: Root mean square of changes over the horizon, shape (..., 1) or a number.
        n_series: Number of series that are judged together, by their mean log density; lanes are
            then the first axis, series by series (see `fg_core.pooling.shared`). 1: each by itself.
    """

    means: Array
    scales: Array
    target: Array
    known: NDArray[np.bool_]
    everyone: bool
    weights: Array | None = None
    shapes: ShapeArrays | None = None
    typical_change: Array | float = 1.0
    n_series: int = 1

    def blanked(self, found: Array) -> Array:
        """Return `found` with NaN for forecasters that had no forecast."""
        return found if self.everyone else np.where(self.known, found, np.nan)

    def log_densities(self, likelihood: Likelihood) -> Array:
        """Return natural logarithms of the densities of the target.

        Args:
            likelihood: Density by which forecasts are judged.

        Returns:
            Shape (..., forecaster), per unit of the series; NaN for the absent.
        """
        found = likelihood.log(self.means, self.scales, self.target)
        if self.shapes is not None:
            found = stated_log_densities(found, self.shapes, self.target, self.typical_change)
        found = self.blanked(found)
        return found if self.n_series == 1 else _mean_over_series(found, self.n_series)

    def losses(self) -> Array:
        """Return the CRPS of each forecaster's own forecast.

        Returns:
            Shape (..., forecaster), in the unit of the series; anything for the absent.
        """
        found = gaussian_crps(self.means, self.scales, self.target)
        if self.shapes is None:
            return found
        own = own_crps(self.means, self.scales, self.shapes, self.target)
        return np.where(self.shapes.stated, own, found)

    def regrets(self, shares: Array, target: Array) -> Array:
        """Return what the pool would have gained by leaning towards each forecaster.

        Args:
            shares: Weights of the pool that was scored, shape (..., forecaster), sum 1.
            target: Value that came, shape (...).

        Returns:
            Shape (..., forecaster), in the unit of the series.
        """
        found = crps_regret(shares, self.means, self.scales, target)
        if self.shapes is None:
            return found
        return pool_regret(shares, self.means, self.scales, self.shapes, target, found)


def _mean_over_series(logs: Array, n_series: int) -> Array:
    """Return mean log densities over the series of each panel, in every lane of it.

    Where a forecaster is absent from a series, the equally weighted mixture of those present stands
    in for it, so that no unit of a series counts for or against any of them. A series
    without any forecast counts for nothing.

    Args:
        logs: Shape (lane, forecaster), lanes series by series; NaN for the absent.
        n_series: Number of series of a panel.

    Returns:
        Shape (lane, forecaster); NaN for those who are absent from all series.
    """
    known = ~np.isnan(logs)
    here = np.count_nonzero(known, axis=-1)
    if np.count_nonzero(known) < known.size:
        parts = np.where(known, logs, -np.inf)
        top = np.maximum.reduce(parts, axis=-1)[..., np.newaxis]
        top = np.where(np.isfinite(top), top, 0.0)
        with np.errstate(divide="ignore"):
            mixed = log(ordered_sum(exp(parts - top))[..., np.newaxis]) + top
            mixed = mixed - log(np.maximum(here, 1))[..., np.newaxis]
        logs = np.where(known, logs, mixed)
        logs = np.where(here[..., np.newaxis] > 0, logs, 0.0)
    by_series = np.moveaxis(logs.reshape(n_series, -1, logs.shape[-1]), 0, -1)
    counts = np.count_nonzero(here.reshape(n_series, -1), axis=0)[:, np.newaxis]
    mean = ordered_sum(by_series) / np.maximum(counts, 1)
    anywhere = known.reshape(n_series, -1, logs.shape[-1]).any(axis=0)
    return np.tile(np.where(anywhere, mean, np.nan), (n_series, 1))


class WeightRule(ABC):
    """One way of weighing forecasters; a frozen dataclass that is equal where its constants are.

    `prior` is the weights of forecasters of which nothing is known, shape (forecaster,), sum 1, or
    None where all count alike.

    An author writes `start`, `log_weights` and `update`, over arrays of shape (..., forecaster) as
    they come: a game alone has no leading axis. `fg_core.testing.check_aggregator` and
    `check_array_form` check a pool with the rule.

    >>> from fg_core import PoolAggregator, TrainingWindow
    >>> class ByName(WeightRule):
    ...     "Twice the weight for the first forecaster."
    ...     name = "by_name"
    ...     def start(self, n, prior):
    ...         return (np.zeros(n),)
    ...     def log_weights(self, learned, prior):
    ...         return np.where(np.arange(learned[0].shape[-1]) == 0, np.log(2.0), learned[0])
    ...     def update(self, learned, log_weights, prior, scored):
    ...         return learned
    >>> pool = PoolAggregator(ByName(), shrinkage=0.0)
    >>> pool = pool.start(("a", "b"), TrainingWindow([1.0, 2.0, 4.0]), (1,))
    >>> {name: round(weight, 6) for name, weight in pool.weights().items()}
    {'a': 0.666667, 'b': 0.333333}
    """

    name: ClassVar[str]
    """Name by which options and messages call the rule."""

    learns: ClassVar[bool] = True
    """Whether weights ever differ from the prior; where not, nothing else is asked."""

    learns_from_weights: ClassVar[bool] = False
    """Whether `update` is told the weights of the forecast that is scored."""

    pools_series: ClassVar[bool] = False
    """Whether it can learn from all series of a panel: it judges by log densities alone."""

    @abstractmethod
    def start(self, n: int, prior: Array | None) -> Learned:
        """Return what is known of `n` forecasters that have said nothing yet.

        Args:
            n: Number of forecasters.
            prior: See the class.

        Returns:
            Arrays without lanes, of the shapes that `update` keeps.
        """

    @abstractmethod
    def log_weights(self, learned: Learned, prior: Array | None) -> Array:
        """Return the log weights of the next forecast.

        Args:
            learned: State of the rule, as `start` or `update` returned it.
            prior: See the class.

        Returns:
            Shape (..., forecaster), natural logarithms up to a constant per row.
        """

    def weights(self, learned: Learned, prior: Array | None) -> tuple[Array, Array]:
        """Return the weights of the next forecast, of sum one, and their logarithms."""
        logs = self.log_weights(learned, prior)
        return normalise(logs), logs

    @abstractmethod
    def update(
        self, learned: Learned, log_weights: Array, prior: Array | None, scored: ScoredForecasts
    ) -> Learned:
        """Return what is known after a value.

        Args:
            learned: State of the rule before the value.
            log_weights: Log weights that `log_weights` returns for that state.
            prior: See the class.
            scored: Forecasts, and the value that came.

        Returns:
            Arrays of the same number and trailing axes.
        """


def full_prior(prior: Array | None, n: int) -> Array:
    """Return the prior of `n` forecasters as weights, equal ones for None.

    Args:
        prior: Prior weights, shape (forecaster,), sum 1; None: equal ones.
        n: Number of forecasters, at least 1.

    Returns:
        Prior weights, shape (forecaster,), sum 1.

    >>> full_prior(None, 4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return np.full(n, 1.0 / n) if prior is None else prior


def require_share(name: str, *numbers: float) -> None:
    """Raise `ConfigError` where a discount or forgetting factor is not in (0, 1].

    Args:
        name: Name of the setting.
        numbers: Values of the factor, at least one.

    >>> require_share("alpha", 1.5)
    Traceback (most recent call last):
    ...
    fg_core.errors.ConfigError: alpha must be in (0, 1], got 1.5
    """
    wrong = [number for number in numbers if not 0.0 < number <= 1.0]
    if wrong or not numbers:
        got = repr(wrong[0]) if wrong else "none"
        raise ConfigError(f"{name} must be in (0, 1], got {got}")
