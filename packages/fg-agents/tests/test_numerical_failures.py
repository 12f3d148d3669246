"""Series beyond what a method can do: forecasts are finite, or the reason is given."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fg_agents import ModelForecaster, PassthroughBackend, SklearnBackend
from fg_agents.backends import ARIMABackend, ThetaBackend
from fg_agents.hierarchy import BottomUpAgent, TopDownAgent
from fg_agents.linear import (
    DataPanel,
    LinearForecaster,
    ShrunkAutoregression,
    VectorAutoregression,
    context_forecasters,
    macro_forecasters,
    univariate_forecasters,
)
from fg_core import AutoRegression, ForecastState, ForecastUnavailable, TrainingWindow
from fg_core.plugins import Registry
from fg_core.protocols import Forecaster

N = 90
REGISTERED = sorted(Registry("fg_core.forecasters").names())
MENU = {
    agent.name: agent
    for agent in (*macro_forecasters(), *univariate_forecasters(4), *context_forecasters())
}


def walk(seed: int) -> Any:
    return 0.3 * np.cumsum(np.random.default_rng(seed).standard_normal(N))


late = np.arange(N) >= 60
SERIES: dict[str, Any] = {
    "a shift of the level": walk(1) + 1e9 * late,
    "a shift beyond all digits": walk(1) + 1e16 * late,
    "one wild value": walk(2) + 1e9 * (np.arange(N) == 50),
    "two values in turn": np.tile([1.0, -1.0], N // 2),
    "growth": 8.0 ** np.arange(N),
    "large": walk(3) * 1e200,
    "as large as it gets": walk(4) / np.max(np.abs(walk(4))) * 1.7e308,
    "from end to end": np.tile([1.7e308, -1.7e308, 0.0], N // 3),
    "small": walk(5) * 1e-200,
    "subnormal": walk(5) * 1e-310,
    "constant": np.full(N, 3.0),
}


def seen(values: Any) -> tuple[TrainingWindow, ForecastState]:
    """Return a window with context and segments that move with the series, and its last state."""
    noise = walk(9)
    with np.errstate(over="ignore"):
        beside = {"realgdp": 0.2 * values, "infl": 0.1 * values, "unemp": noise, "tbilrate": values}
    rows = [{name: float(column[t]) for name, column in beside.items()} for t in range(N)]
    parts = [{"a": 0.25 * value, "b": 0.75 * value} for value in values.tolist()]
    window = TrainingWindow(values, N - 1, contexts=rows, segments=parts, season_length=4)
    *past, last = values.tolist()
    state = ForecastState(
        N - 1,
        last,
        0.0,
        0.0,
        history=tuple(past[-64:]),
        macro_context=rows[-1],
        segment_values=parts[-1],
    )
    return window, state


def answers(agent: Any, window: TrainingWindow, state: ForecastState) -> list[str]:
    """Fit and ask; return the reasons for what is missing."""
    try:
        agent = agent.fit(window) if hasattr(agent, "fit") else agent
    except ForecastUnavailable as reason:
        return [str(reason)]
    missing = []
    for horizon in (1, 4):
        try:
            action = agent.act(state, horizon)
            slope = agent.sensitivity(state, horizon) if hasattr(agent, "sensitivity") else 1.0
        except ForecastUnavailable as reason:
            missing.append(str(reason))
            continue
        assert math.isfinite(action.delta)
        assert math.isfinite(slope)
        assert action.scale is None or 0.0 <= action.scale < math.inf
        assert action.scale != 0.0 or action.shape is not None  # all of it at one value
    return missing


@pytest.mark.parametrize("series", list(SERIES))
@pytest.mark.parametrize("name", REGISTERED)
def test_registered_forecasters(name: str, series: str) -> None:
    agent: Forecaster = Registry("fg_core.forecasters").load(name)()
    answers(agent, *seen(SERIES[series]))


@pytest.mark.parametrize("series", list(SERIES))
def test_the_menus_and_other_backends(series: str) -> None:
    window, state = seen(SERIES[series])
    for agent in MENU.values():
        answers(agent, window, state)
    for backend in (
        PassthroughBackend(),
        SklearnBackend(),
        SklearnBackend(use_context=True),
        ARIMABackend((2, 0, 1)),
        ThetaBackend(season="add"),
    ):
        answers(ModelForecaster(backend, "mine"), window, state)


def test_a_singular_regression_is_no_fit_and_says_so() -> None:
    # Shrunk as little as this, nothing but rounding holds the two columns apart.
    values = np.tile([1.0, -1.0], 30)
    rows = [{"twin": value} for value in values.tolist()]
    window = TrainingWindow(values, 59, contexts=rows)
    agent = LinearForecaster(VectorAutoregression(order=1, tightness=1e9), "twins").fit(window)
    state = ForecastState(59, -1.0, 0.0, 0.0, history=(1.0,), macro_context=rows[-1])
    with pytest.raises(ForecastUnavailable, match=r"'twins' .*: the fit is singular or overflows"):
        agent.act(state)


def test_an_origin_that_is_singular_takes_no_other_with_it() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([np.tile([1.0, -1.0], 20), rng.standard_normal(20)])
    twin = np.concatenate([values[:40], rng.standard_normal(20)])
    rows = [{"twin": value} for value in twin.tolist()]
    panel = DataPanel.of(TrainingWindow(values, 59, contexts=rows))
    specification = VectorAutoregression(order=1, tightness=1e9)
    ends = [30, 39, 58, 59]
    found = specification.fits(panel, ends)
    assert found.reasons == dict.fromkeys((0, 1), "the fit is singular or overflows")
    alone = specification.fits(panel, [59]).systems[0]
    together = next(one for one in found.systems if 3 in one.at)
    last = together.model.at(together.at.index(3))
    np.testing.assert_allclose(last.lags, alone.model.at(0).lags, rtol=1e-9)


# --------------------------------------------------------------------- the edges of the agents


@dataclass(frozen=True)
class Broken(PassthroughBackend):
    """Fails where it is told to."""

    where: str = ""
    error: Callable[[], Exception] = lambda: np.linalg.LinAlgError("Singular matrix")

    def _failing(self, where: str) -> None:
        if where == self.where:
            raise self.error()

    def fit(self, window: TrainingWindow) -> Any:
        self._failing("fit")
        return super().fit(window)

    def predict(self, state: ForecastState, horizon: int = 1) -> float:
        self._failing("predict")
        return super().predict(state, horizon)

    def predict_scale(self, state: ForecastState, horizon: int = 1) -> float:
        self._failing("scale")
        return super().predict_scale(state, horizon)


@pytest.mark.parametrize("where", ["fit", "predict", "scale"])
def test_failures_of_a_backend_name_the_forecaster(where: str) -> None:
    window, state = seen(walk(1))
    missing = answers(ModelForecaster(Broken(where=where), "mine"), window, state)
    assert missing
    assert all(reason.startswith("forecaster 'mine' ") for reason in missing)
    assert all(reason.endswith(": Singular matrix") for reason in missing)


@pytest.mark.parametrize("where", ["fit", "predict", "scale"])
def test_faults_of_a_backend_stay_faults(where: str) -> None:
    backend = Broken(where=where, error=lambda: TypeError("a fault"))
    with pytest.raises(TypeError, match="a fault"):
        answers(ModelForecaster(backend, "mine"), *seen(walk(1)))


@pytest.mark.parametrize("function", ["solve", "svd", "lstsq"])
def test_a_decomposition_that_fails_is_a_missing_forecast(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise np.linalg.LinAlgError("no luck")

    window, state = seen(walk(6) + 0.25)
    agents = {
        "solve": LinearForecaster(ShrunkAutoregression(), "mine"),
        "svd": TopDownAgent(name="mine"),
        "lstsq": ModelForecaster(ARIMABackend(), "mine"),
    }
    assert answers(agents[function], window, state) == []
    monkeypatch.setattr(np.linalg, function, fails)
    # Another series, since fits are remembered.
    window, state = seen(walk(7) + 0.5)
    assert len(answers(agents[function], window, state)) == 2


@pytest.mark.parametrize("value", [1e300, -1.7e308])
def test_a_state_beyond_single_precision_is_no_fault_of_a_forest(value: float) -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="needs scikit-learn")
    window, state = seen(walk(1))
    forest = SklearnBackend(ensemble.RandomForestRegressor(n_estimators=3), lags=2)
    agent = ModelForecaster(forest, "forest").fit(window)
    assert math.isfinite(agent.act(state).delta)
    with pytest.raises(ForecastUnavailable, match="SklearnBackend"):
        agent.act(replace(state, value=value))


def test_a_member_that_cannot_be_fitted_leaves_the_sum_without_a_forecast() -> None:
    window, state = seen(SERIES["from end to end"])
    agent = BottomUpAgent(AutoRegression(2)).fit(window)
    with pytest.raises(ForecastUnavailable, match="a member cannot be fitted"):
        agent.act(state)
    again = replace(agent).fit(seen(walk(8))[0])
    assert math.isfinite(again.act(seen(walk(8))[1]).delta)
