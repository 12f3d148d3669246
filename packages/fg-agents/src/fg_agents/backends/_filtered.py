"""Backends that run through a series once and then forecast from any period of it.

Parameters are estimated by `fit` alone. In between, the state of the model follows the values that
have come since: `Record` appends them to the training values, and the model's filter runs over the
whole with frozen parameters. Whatever is computed depends on the numbers of the series only, never
on when or how often it is asked for, so that fits and filter passes are remembered by their input.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from fg_core import (
    DataError,
    ForecastState,
    ForecastUnavailable,
    TrainingWindow,
)
from fg_core.authoring import ReadsNoContext, require_fit, require_horizon
from fg_core.numerical import numerical_failures

from ._record import Record
from ._reduction import FloatArray, is_still

__all__ = ["FilteredBackend", "Fitted", "Model", "NoFit", "Track"]


class Track(Protocol):
    """A model after one pass over a series; `origin` counts its values from 0.

    `change` is the expected change from that value in `horizon` steps, `scale` its standard
    deviation, both in the unit of the series, and `slope` the derivative of the forecast level
    with respect to that value.
    """

    def change(self, origin: int, horizon: int) -> float: ...
    def scale(self, origin: int, horizon: int) -> float: ...
    def slope(self, origin: int, horizon: int) -> float: ...


class Model(Hashable, Protocol):
    """Estimated parameters: an immutable, hashable value that can filter any series."""

    def track(self, values: FloatArray) -> Track: ...


@dataclass(frozen=True)
class NoFit:
    """Reason why there is no forecast until the next fit."""

    reason: str


@dataclass(frozen=True)
class Fitted:
    """Result of `fit`, kept in a backend.

    Args:
        model: The estimated parameters.
        record: The training values.
    """

    model: Model
    record: Record


@dataclass(frozen=True)
class FilteredBackend(ReadsNoContext, ABC):
    """A model backend around a filter; subclasses say how parameters are estimated."""

    _: KW_ONLY
    fitted: Fitted | NoFit | None = None

    @abstractmethod
    def _estimate(self, values: FloatArray, season_length: int) -> Model:
        """Return the model of a series that moves; raise `ForecastUnavailable` where none fits."""

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy fitted on `window`.

        Where the model cannot be fitted (too short or constant a window, an optimiser that does
        not converge, a decomposition that fails), the copy says so when it is asked for a forecast.
        """
        template = replace(self, fitted=None)
        found = _estimated(template, window.values.tobytes(), window.season_length)
        if isinstance(found, NoFit):
            return replace(self, fitted=found)
        record = Record(tuple(window.values.tolist()), window.end_t)
        return replace(self, fitted=Fitted(found, record))

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the expected change from `state.value` in `horizon` steps.

        Raises:
            AgentError: Not fitted, a history that does not reach back to the fit, or a value that
                is not finite.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The model could not be fitted, or has no forecast here: the filter
                fails numerically, or what it says is not finite.
        """
        with self._reckoning():
            track, origin = self._at(state, horizon)
            change = track.change(origin, horizon)
        return self._finite(change, "forecast", horizon)

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the standard deviation of that change; raises as `predict` does."""
        with self._reckoning():
            track, origin = self._at(state, horizon)
            scale = track.scale(origin, horizon)
        return self._finite(scale, "scale", horizon)

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        """Return d(forecast of the level) / d(`state.value`); raises as `predict` does."""
        with self._reckoning():
            track, origin = self._at(state, horizon)
            slope = track.slope(origin, horizon)
        return self._finite(slope, "sensitivity", horizon)

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
            horizon: Steps ahead; all need the same.
            since_fit: Periods from the last row of the fit to the forecast.
            since_reveal: Periods since the last that it learned of; between fits it learns of none.
            refits: Whether it may be fitted anew before the forecast; it changes nothing.

        Raises:
            ConfigError: `horizon` below 1.
        """
        require_horizon(self._who, horizon, kind="backend")
        return 0 if isinstance(self.fitted, NoFit) else max(0, since_fit - 1)

    def predict_path(
        self, values: ArrayLike, origins: Sequence[int], horizon: int = 1
    ) -> tuple[FloatArray, FloatArray]:
        """Return forecasts from many origins of one series, from one pass over it.

        Parameters stay those of the fit. The numbers are those of `predict` and `predict_scale`
        for the states at these origins.

        Args:
            values: Values of the series from the first training row on, shape (time,).
            origins: Indices into `values`.
            horizon: Steps ahead.

        Returns:
            Expected changes from `values[origin]` and their standard deviations, each of shape
            (origin,). NaN where the model has no forecast.

        Raises:
            AgentError: Not fitted.
            ConfigError: `horizon` below 1.
            DataError: Values that are not finite, or origins outside of them.
            ForecastUnavailable: The model could not be fitted, or the filter fails numerically.
        """
        model = self._fit_for(horizon).model
        series = np.array(values, dtype=np.float64)
        if series.ndim != 1 or not np.isfinite(series).all():
            raise DataError("predict_path wants finite values of shape (time,)")
        if any(not 0 <= origin < series.size for origin in origins):
            raise DataError(f"predict_path: origins must lie in 0 to {series.size - 1}")
        with self._reckoning():
            track = _tracked(model, series.tobytes())
            means = np.array([track.change(origin, horizon) for origin in origins])
            scales = np.array([track.scale(origin, horizon) for origin in origins])
        known = np.isfinite(means) & np.isfinite(scales)
        return np.where(known, means, np.nan), np.where(known, scales, np.nan)

    @property
    def _who(self) -> str:
        return type(self).__name__

    def _reckoning(self) -> numerical_failures:
        return numerical_failures(f"{self._who} has no forecast here")

    def _fit_for(self, horizon: int) -> Fitted:
        require_horizon(self._who, horizon, kind="backend")
        if isinstance(self.fitted, NoFit):
            raise ForecastUnavailable(f"{self._who}: {self.fitted.reason}")
        return require_fit(self._who, self.fitted, kind="backend")

    def _at(self, state: ForecastState, horizon: int) -> tuple[Track, int]:
        fitted = self._fit_for(horizon)
        series = fitted.record.until(self._who, state)
        return _tracked(fitted.model, series.tobytes()), series.size - 1

    def _finite(self, number: float, what: str, horizon: int) -> float:
        if not math.isfinite(number):
            raise ForecastUnavailable(
                f"{self._who} has no {what} for horizon {horizon} here: it comes out as {number}"
            )
        return number


@lru_cache(maxsize=128)
def _estimated(backend: FilteredBackend, series: bytes, season_length: int) -> Model | NoFit:
    values = np.frombuffer(series)
    try:
        with numerical_failures("the estimation has no numerical solution"):
            if is_still(values):
                return NoFit(
                    "the training window is constant, which leaves no variance to estimate"
                )
            return backend._estimate(values, season_length)
    except ForecastUnavailable as error:
        return NoFit(str(error))


@lru_cache(maxsize=16)
def _tracked(model: Model, series: bytes) -> Track:
    return model.track(np.frombuffer(series))
