"""Base of forecasters of intermittent demand: a fit, the values since, and a distribution.

A method says how a training window becomes a fit, how a fit goes on with the next value, and which
distribution it states; it works on arrays with a lane per series, so that one series and a thousand
have the same bits. Forecasts are flat: the distribution is that of any later period, and its mean
does not move with the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from fg_core import AgentAction, AgentError, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.authoring import require_fit, require_horizon, require_rows
from fg_core.batch import ActionArrays, StateArrays
from fg_core.distributions import ShapeArrays, StatedDistribution

__all__ = ["MOST_PLACES", "DemandFit", "DemandForecaster", "DemandMethod", "gathered", "with_place"]

Array = NDArray[np.float64]

MOST_PLACES = 32
"""Places that a fit keeps of the values of its window; more are drawn together to so many."""

_LEAST_ROWS = 4


@dataclass(frozen=True, eq=False)
class DemandFit:
    """Fit of a method; arrays have a lane per series, and a row of places where they are long.

    Args:
        places: sizes that demand had, shape (lane, place), in the unit of the series.
        masses: their probabilities within a period with demand, or within any, as the method says.
    """

    places: Array
    masses: Array


class DemandMethod(Protocol):
    """Rule by which a distribution follows from past demand; a frozen value."""

    def fit(self, values: Array) -> Any:
        """Return the fit of one series, with a lane of its own.

        Args:
            values: values of the window, oldest first, shape (row,), none below zero.

        Raises:
            ForecastUnavailable: The method does not suit the series.
        """

    def following(self, fit: Any, value: Array) -> Any:
        """Return the fit after one more value, shape (lane,)."""

    def distribution(self, fit: Any) -> ShapeArrays:
        """Return the distribution of the value of a later period, leading axis (lane,)."""


@dataclass(frozen=True)
class DemandForecaster:
    """Forecaster of intermittent demand, by a method.

    Args:
        method: rule by which the distribution follows from past demand.
        name: name of the forecaster.
        group: name of the idea behind it.
        fitted: fit and the period that it ends with; set by `fit`.

    >>> from fg_agents.counts import EmpiricalMethod
    >>> agent = DemandForecaster(EmpiricalMethod(), "empirical")
    >>> agent = agent.fit(TrainingWindow([0.0, 0.0, 3.0, 0.0], 3))
    >>> agent.act(ForecastState(3, 0.0, 0.0, 0.0)).shape.cdf(0.0)
    0.75
    """

    leaves_arrays_alone: ClassVar[bool] = True
    """It sets neither shape nor type of the arrays that it is given (`fg_core.batch.handing`)."""

    method: DemandMethod
    name: str
    group: str = "demand"
    _: KW_ONLY
    fitted: tuple[Any, int] | None = None

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Returns:
            Fitted forecaster; this one is unchanged.

        Raises:
            DataError: The window has too few rows.
            ForecastUnavailable: A value is below zero, there is no demand in the window, or the
                method does not suit the series.
        """
        require_rows(self.name, window, _LEAST_ROWS)
        values = window.values
        if not (values >= 0.0).all():
            raise ForecastUnavailable(
                f"forecaster {self.name!r} is for demand, and a value of its window is below zero"
            )
        if not (values > 0.0).any():
            raise ForecastUnavailable(f"forecaster {self.name!r} found no demand in its window")
        try:
            fit = self.method.fit(values)
        except ForecastUnavailable as reason:
            raise ForecastUnavailable(f"forecaster {self.name!r}: {reason}") from reason
        return replace(self, fitted=(fit, window.end_t))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the distribution of the value in `horizon` steps.

        Returns:
            Action whose change and scale are the moments of the distribution.

        Raises:
            AgentError: Not fitted, or a history that does not reach back to the fit.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: A value since the fit is below zero.
        """
        history = tuple(np.array([value]) for value in state.history)
        shapes, known = self._shapes(state, np.array([state.value]), history, horizon)
        if not known[0]:
            raise ForecastUnavailable(self._below_zero())
        return AgentAction.stating(self.name, state.value, StatedDistribution.of(shapes, 0))

    def act_array(self, state: StateArrays, horizon: int = 1) -> ActionArrays:
        """Return what `act` returns, for many games.

        Args:
            state: states that it acts on.
            horizon: steps ahead.

        Returns:
            Actions with a distribution per game.
        """
        shapes, known = self._shapes(state, state.value, state.history, horizon)
        if shapes.stated.shape[0] != known.shape[0]:
            shapes = shapes.broadcast(known.shape[0])
        return ActionArrays.stating(state, shapes.where(known), self._below_zero())

    def _below_zero(self) -> str:
        return f"forecaster {self.name!r} is for demand, and was shown a value below zero"

    def _shapes(
        self, state: Any, value: Array, history: Sequence[Array], horizon: int
    ) -> tuple[ShapeArrays, NDArray[np.bool_]]:
        """Return the distributions of lanes, and which of them have one."""
        require_horizon(self.name, horizon)
        fit, end_t = require_fit(self.name, self.fitted)
        new = state.t - end_t
        if new - 1 > len(history):
            raise AgentError(
                f"forecaster {self.name!r} needs the {new - 1} values since its fit in "
                f"state.history, got {len(history)}: set lookback to {new - 1} or more, or refit "
                "more often"
            )
        known = np.ones(value.shape, dtype=np.bool_)
        for one in (*history, value)[len(history) + 1 - new :] if new > 0 else ():
            known &= one >= 0.0
            fit = self.method.following(fit, np.maximum(one, 0.0))
        return self.method.distribution(fit), known

    def required_history(
        self,
        horizon: int = 1,
        *,
        since_fit: int = 1,
        since_reveal: int = 1,  # noqa: ARG002 - between fits it learns nothing
        refits: bool = False,  # noqa: ARG002 - `since_fit` counts from the latest
    ) -> int:
        """Return the number of earlier values that a forecast needs: those since the fit.

        Args:
            horizon: steps ahead; all need the same.
            since_fit: periods from the last row of the fit to the forecast.
            since_reveal: periods since the last that it learned of; it changes nothing.
            refits: whether it may be fitted anew before the forecast; it changes nothing.

        Returns:
            Number of values.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self.name, horizon)
        return max(0, since_fit - 1)

    @classmethod
    def stack(cls, agents: Sequence[Self]) -> Self | None:
        """Return one agent for all lanes; None where their methods or last rows differ.

        Returns:
            Agent whose fit has a lane per agent.
        """
        if not agents or any(
            type(one) is not cls
            or one.fitted is None
            or replace(one, fitted=None) != replace(agents[0], fitted=None)
            for one in agents
        ):
            return None
        ends = {one.fitted[1] for one in agents if one.fitted is not None}
        if len(ends) > 1:
            return None
        fits = [one.fitted[0] for one in agents if one.fitted is not None]
        return replace(agents[0], fitted=(_stacked(fits), ends.pop()))


def _stacked(fits: Sequence[Any]) -> Any:
    """Return fits of a lane each as one with all lanes; places without mass fill up."""
    found = {}
    for item in fields(fits[0]):
        arrays = [getattr(fit, item.name) for fit in fits]
        if arrays[0].ndim == 2:
            width = max(array.shape[1] for array in arrays)
            arrays = [np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in arrays]
        found[item.name] = np.concatenate(arrays)
    return type(fits[0])(**found)


def gathered(values: Array, weights: Array, most: int = MOST_PLACES) -> tuple[Array, Array]:
    """Return the places and masses of a weighted sample, at most `most` of them.

    Where more values differ, neighbours are drawn together to their mean, so that the mean of the
    sample stays as it is.

    Args:
        values: values of the sample, shape (row,), in the unit of the series.
        weights: their weights, shape (row,), above 0.
        most: largest number of places.

    Returns:
        Places and masses, shape (1, place) each; masses sum to 1.

    >>> places, masses = gathered(np.array([2.0, 1.0, 2.0]), np.ones(3))
    >>> places.tolist(), masses.round(3).tolist()
    ([[1.0, 2.0]], [[0.333, 0.667]])
    """
    places, which = np.unique(values, return_inverse=True)
    masses = np.bincount(which, weights) / weights.sum()
    if places.size > most:
        middle = np.cumsum(masses) - 0.5 * masses
        bins = np.minimum((middle * most).astype(np.intp), most - 1)
        total = np.bincount(bins, masses, most)
        mean = np.bincount(bins, masses * places, most)
        there = total > 0.0
        places, masses = mean[there] / total[there], total[there]
    return places[np.newaxis], masses[np.newaxis]


def with_place(fit: DemandFit, value: Array, share: Array | float) -> tuple[Array, Array]:
    """Return places and masses with one more place, which takes a share of all masses.

    Args:
        fit: fit whose places are kept.
        value: new place, shape (lane,), in the unit of the series.
        share: its share, shape (lane,) or one number, in [0, 1].

    Returns:
        Places and masses, shape (lane, place + 1) each.
    """
    lanes = np.broadcast_shapes(value.shape, (fit.places.shape[0],))
    taken = np.broadcast_to(np.asarray(share, dtype=np.float64), lanes)[:, np.newaxis]
    new = np.broadcast_to(value, lanes)[:, np.newaxis]
    places, masses = (np.broadcast_to(a, (*lanes, a.shape[1])) for a in (fit.places, fit.masses))
    return (
        np.concatenate([places, new], axis=1),
        np.concatenate([masses * (1.0 - taken), taken], axis=1),
    )
