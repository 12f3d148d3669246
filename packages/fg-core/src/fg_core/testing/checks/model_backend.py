"""Conformance of model backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.protocols import ModelBackend
from fg_core.state import ForecastState
from fg_core.testing._play import HORIZONS, Promises, bind, fingerprint
from fg_core.testing.examples import example_states, example_window
from fg_core.window import TrainingWindow

__all__ = ["check_model_backend"]


def check_model_backend(
    backend: ModelBackend,
    *,
    window: TrainingWindow | None = None,
    states: Sequence[ForecastState] | None = None,
) -> None:
    """Check a backend: `fit` returns a new one, predictions are pure and finite, scales >= 0.

    Args:
        backend: Backend that is checked; it is fitted first.
        window: Window that it is fitted on; None: `example_window()`.
        states: States that it predicts from; None: `example_states(window)`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import DriftBackend
    >>> check_model_backend(DriftBackend())
    """
    promises = Promises("ModelBackend", backend)
    promises.members("fit", "predict", "predict_scale")
    promises.frozen(backend)
    window = example_window() if window is None else window
    states = example_states(window) if states is None else tuple(states)

    def plays(model: Any) -> list[Callable[[], Any]]:
        return [
            bind(predict, state, horizon)
            for predict in (model.predict, model.predict_scale)
            for state in states
            for horizon in HORIZONS
        ]

    raw = promises.replay("predict", plays(backend))
    fitted = promises.call("fit", backend.fit, window)
    promises.members("fit", "predict", "predict_scale", of=fitted)
    promises.frozen(fitted)
    promises.unchanged("fit", raw, plays(backend))
    before = promises.replay("predict", plays(fitted))
    promises.require(
        before == promises.replay("predict", plays(promises.call("fit", backend.fit, window))),
        "fit is pure: equal windows give models that predict alike",
        "two fits on one window predict differently",
    )
    answered = 0
    for state in states:
        # Who needs a history may complain that there is none.
        promises.refusals = () if state.history else (AgentError,)
        for horizon in HORIZONS:
            try:
                change = promises.pure("predict", fitted.predict, state, horizon=horizon)
                scale = promises.pure("predict_scale", fitted.predict_scale, state, horizon=horizon)
            except ForecastUnavailable:
                continue
            answered += 1
            promises.number("predict", change)
            promises.number("predict_scale", scale, low=0.0)
            if horizon == 1:
                promises.require(
                    fingerprint(promises.call("predict", fitted.predict, state))
                    == fingerprint(change),
                    "predict looks one step ahead unless told",
                    "without a horizon it returned something else than for horizon 1",
                )
    promises.refusals = ()
    promises.require(
        answered > 0,
        "it has a prediction somewhere",
        "it raised ForecastUnavailable at every state and horizon",
    )
    promises.call("fit", fitted.fit, window.last(len(window) // 2))
    promises.unchanged("fit", before, plays(fitted))
