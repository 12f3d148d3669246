"""A model backend as a forecaster of the game, and the ready-made ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from fg_core import AgentAction, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.protocols import ModelBackend

from .backends import ARIMABackend, ETSBackend, LocalLevelBackend, ThetaBackend

__all__ = [
    "ModelForecaster",
    "arima_forecaster",
    "ets_forecaster",
    "local_level_forecaster",
    "theta_forecaster",
]

_RELATIVE_STEP = 2.0**-17
"""About the cube root of float spacing: rounding and curvature err about equally there."""


@dataclass(frozen=True)
class ModelForecaster:
    """Forecasts what its backend predicts, with the backend's scale.

    Args:
        backend: The model.
        name: Name of the forecaster.

    >>> from fg_agents import PassthroughBackend
    >>> agent = ModelForecaster(PassthroughBackend(), "last").fit(TrainingWindow([1.0, 3.0, 5.0]))
    >>> agent.act(ForecastState(3, 5.0, 0.0, 0.0))
    AgentAction(actor='last', delta=0.0, scale=2.0, p_bad=None)
    """

    backend: ModelBackend
    name: str

    def fit(self, window: TrainingWindow) -> Self:
        """Return a copy whose backend is fitted on `window`."""
        return replace(self, backend=self.backend.fit(window))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Raises:
            AgentError: Not fitted, or a state that the model cannot use.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The model has no forecast at this origin.
        """
        change = self.backend.predict(state, horizon)
        return AgentAction(self.name, change, scale=self.backend.predict_scale(state, horizon))

    def sensitivity(self, state: ForecastState, horizon: int = 1) -> float:
        r"""Return d(forecast of the level) / d(`state.value`).

        The backend's own where it has one, else the central difference

        $$g_h = 1 + \frac{\delta_h(y + e) - \delta_h(y - e)}{2 e}$$

        with $e$ a share of $2^{-17}$ of the largest number that the state shows; 1, the cautious
        guess, where the model has a forecast at the value but not beside it.

        Raises:
            AgentError: Not fitted, or a state that the model cannot use.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The model has no forecast at this origin.
        """
        own = getattr(self.backend, "sensitivity", None)
        if own is not None:
            return float(own(state, horizon))
        self.backend.predict(state, horizon)
        step = _RELATIVE_STEP * (max(abs(number) for number in state.path) or 1.0)
        above, below = state.value + step, state.value - step
        try:
            up = self.backend.predict(replace(state, value=above), horizon)
            down = self.backend.predict(replace(state, value=below), horizon)
        except ForecastUnavailable:
            return 1.0
        return 1.0 + (up - down) / (above - below)


def arima_forecaster() -> ModelForecaster:
    """Return ARIMA with its order chosen at every fit."""
    return ModelForecaster(ARIMABackend(), "arima")


def ets_forecaster() -> ModelForecaster:
    """Return exponential smoothing with trend and season chosen at every fit."""
    return ModelForecaster(ETSBackend(), "ets")


def theta_forecaster() -> ModelForecaster:
    """Return the standard theta method."""
    return ModelForecaster(ThetaBackend(), "theta")


def local_level_forecaster() -> ModelForecaster:
    """Return the local level model."""
    return ModelForecaster(LocalLevelBackend(), "local_level")
