"""A model backend as a forecaster of the game; ready-made ones stand beside their backends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Self

from fg_core import AgentAction, ForecastState, TrainingWindow
from fg_core.authoring import columns_read
from fg_core.numerical import numerical_failures
from fg_core.protocols import ModelBackend

__all__ = ["ModelForecaster"]


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
        """Return a copy whose backend is fitted on `window`.

        Returns:
            Fitted forecaster; this one is unchanged.

        Raises:
            ForecastUnavailable: The fit of a backend fails numerically.
        """
        with numerical_failures(f"forecaster {self.name!r} cannot be fitted"):
            return replace(self, backend=self.backend.fit(window))

    def act(self, state: ForecastState, horizon: int = 1) -> AgentAction:
        """Return the expected change in `horizon` steps and its standard deviation.

        Returns:
            Change and scale in the unit of the series.

        Raises:
            AgentError: Not fitted, or a state that the model cannot use.
            ConfigError: `horizon` below 1.
            ForecastUnavailable: The model has no forecast at this origin, or fails numerically.
        """
        with numerical_failures(f"forecaster {self.name!r} has no forecast at period {state.t}"):
            change = self.backend.predict(state, horizon)
            scale = self.backend.predict_scale(state, horizon)
        return AgentAction(self.name, change, scale=scale)

    def columns_read(self, columns: Collection[str]) -> frozenset[str]:
        """Return the context columns that the backend reads: all, where it declares nothing."""
        return columns_read(self.backend, columns)

    @property
    def sensitivity(self) -> Callable[[ForecastState, int], float]:
        """The backend's `sensitivity`; absent where the backend has none.

        The game then compares forecasts that lie a doubt's width on either side of a print, which
        is what counts for a model whose forecasts jump, such as trees: the derivative of a step
        is 0 or beyond all bounds.
        """
        backend: Any = self.backend
        own: Callable[[ForecastState, int], float] = backend.sensitivity
        return own

    @property
    def required_history(self) -> Callable[..., int]:
        """The backend's `required_history`; absent where the backend has none."""
        backend: Any = self.backend
        own: Callable[..., int] = backend.required_history
        return own
