"""The check of model backends passes what keeps its promises and fails each way of breaking one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pytest

from fg_core.errors import AgentError
from fg_core.state import ForecastState
from fg_core.testing import DriftBackend, check_model_backend
from fg_core.testing.mutants import Counter, NotFrozen, refused
from fg_core.window import TrainingWindow


@dataclass(frozen=True)
class BackendInPlace(DriftBackend):
    def fit(self, window: TrainingWindow) -> Self:
        new = super().fit(window)
        object.__setattr__(self, "drift", new.drift)
        return self


@dataclass(frozen=True)
class BackendSharing(DriftBackend):
    """Fits share a list: the second fit changes the first."""

    memory: list[float] = field(default_factory=list)

    def fit(self, window: TrainingWindow) -> Self:
        self.memory[:] = [float(window.values.mean())]
        return replace(self)

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        if not self.memory:
            raise AgentError("not fitted")
        return self.memory[0]


@dataclass(frozen=True)
class Predicts(DriftBackend):
    value: Any = 0.0
    spread: Any = 1.0

    def predict(self, state: ForecastState, horizon: int = 1) -> Any:
        return self.value() if callable(self.value) else self.value

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> Any:
        return self.spread


@dataclass(frozen=True)
class BackendDefault(DriftBackend):
    def predict(self, state: ForecastState, horizon: int = 3) -> float:
        return super().predict(state, horizon)


@dataclass(frozen=True)
class BackendLoose(DriftBackend):
    def fit(self, window: TrainingWindow) -> Any:
        return _LooseBackend()


class _LooseBackend(DriftBackend):
    pass


_LooseBackend.__dataclass_params__ = None  # type: ignore[attr-defined]

_LooseBackend.__setattr__ = object.__setattr__  # type: ignore[assignment, method-assign]

_LooseBackend.__delattr__ = object.__delattr__  # type: ignore[assignment, method-assign]


def test_good_model_backends_pass() -> None:
    check_model_backend(DriftBackend())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (BackendInPlace(), "fit returns a new object"),
        (BackendSharing(), "fit returns a new object"),
        (Predicts(value=float("nan")), "predict is finite"),
        (Predicts(value=np.array([1.0])), "predict is a number"),
        (Predicts(value=None), "predict is a number"),
        (Predicts(value=Counter()), "predict is pure"),
        (Predicts(spread=-1.0), "predict_scale lies in"),
        (Predicts(spread=float("inf")), "predict_scale is finite"),
        (BackendDefault(), "one step ahead unless told"),
        (BackendLoose(), "it is frozen"),
        (NotFrozen(), "it has fit, predict, predict_scale"),
    ],
    ids=lambda x: type(x).__name__ if not isinstance(x, str) else "",
)
def test_a_broken_backend_is_refused(broken: Any, promise: str) -> None:
    refused(lambda: check_model_backend(broken), promise)
