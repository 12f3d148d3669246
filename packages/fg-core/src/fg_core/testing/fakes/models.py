# ruff: noqa: ARG002 - a fake ignores most of what its protocol hands it
"""Models and strategies that do one obvious thing each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from fg_core.errors import ArtifactError, ForecastUnavailable
from fg_core.protocols import PolicyRole, RevealedForecast, RuntimeStatus, StrategyAnswer
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from .agents import ConstantForecaster

__all__ = ["ConstantPolicyLoader", "ConstantRuntime", "DriftBackend", "MeanErrorRefiner"]


@dataclass(frozen=True)
class DriftBackend:
    """Expects the mean change of its training window.

    >>> DriftBackend().fit(TrainingWindow([1.0, 2.0, 4.0])).predict(ForecastState(3, 4, 0, 0), 2)
    3.0
    """

    drift: float = 0.0
    step_scale: float = 1.0

    def fit(self, window: TrainingWindow) -> Self:
        """Return the backend with the mean and the spread of one-step changes."""
        n = len(window)
        drift = float(window.values[-1] - window.values[0]) / (n - 1) if n > 1 else 0.0
        return replace(self, drift=drift, step_scale=window.step_scale)

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        """Return the expected change in `horizon` steps."""
        return self.drift * horizon

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        """Return its standard deviation, growing with the root of the horizon."""
        return self.step_scale * float(np.sqrt(horizon))


@dataclass(frozen=True)
class ConstantRuntime:
    """A strategy that expects the same change in every state.

    >>> ConstantRuntime(0.4).forecast_delta(ForecastState(0, 1.0, 0.0, 0.0))
    0.4
    """

    delta: float = 0.0
    name: str = "constant"

    def forecast_delta(self, state: ForecastState) -> float:
        """Return the change."""
        return self.delta

    def status(self) -> RuntimeStatus:
        """Return that the number was written down."""
        return RuntimeStatus("constant", model=f"always {self.delta:g}")

    def answer(self, state: ForecastState) -> StrategyAnswer:
        """Return the change, and that it was written down."""
        return StrategyAnswer(self.delta, self.status())

    def close(self) -> None:
        """End nothing: there is no process."""


@dataclass(frozen=True)
class MeanErrorRefiner:
    """Proposes the mean standardised error of the forecasts, cut to its limit.

    Args:
        limit: Largest proposal, in standard deviations of the forecasts.
        name: Name of the refiner.

    >>> MeanErrorRefiner(0.05).propose(())
    0.0
    """

    limit: float = 0.1
    name: str = "mean_error"

    def propose(self, outcomes: Sequence[RevealedForecast]) -> float:
        """Return the mean of (target - mean) / scale; 0 for no forecasts.

        Raises:
            ForecastUnavailable: A forecast has no spread to measure errors by.
        """
        if not outcomes:
            return 0.0
        if not all(one.forecast.scale > 0.0 for one in outcomes):
            raise ForecastUnavailable("a forecast has a scale of 0")
        errors = [(one.target - one.forecast.mean) / one.forecast.scale for one in outcomes]
        return min(max(sum(errors) / len(errors), -self.limit), self.limit)


@dataclass(frozen=True)
class ConstantPolicyLoader:
    """Reads a `ConstantForecaster` from a JSON file such as `{"delta": 0.1, "scale": 0.5}`."""

    role: PolicyRole = "forecaster"

    def load(self, path: str) -> ConstantForecaster:
        """Return the forecaster.

        Raises:
            ArtifactError: The file is missing, or is no such policy.
        """
        try:
            saved = json.loads(Path(path).read_text(encoding="utf-8"))
            if set(saved) != {"delta", "scale"}:
                raise ValueError(f"fields {sorted(saved)}, expected delta and scale")
            return ConstantForecaster(float(saved["delta"]), float(saved["scale"]))
        except (OSError, ValueError, TypeError) as error:
            raise ArtifactError(f"{path} is no saved policy: {error}") from error
