"""Conformance of models and strategies: backend, runtime, refiner, policy loader."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from fg_core.errors import AgentError, ForecastGameError, ForecastUnavailable
from fg_core.protocols import (
    ModelBackend,
    PolicyLoader,
    Refiner,
    RuntimeStatus,
    StrategyAnswer,
    StrategyRuntime,
)
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._play import HORIZONS, Promises, bind, fingerprint
from .agents import check_adversary, check_defender, check_forecaster
from .examples import example_outcomes, example_states, example_window

__all__ = [
    "check_model_backend",
    "check_policy_loader",
    "check_refiner",
    "check_strategy_runtime",
]


def check_model_backend(
    backend: ModelBackend,
    *,
    window: TrainingWindow | None = None,
    states: Sequence[ForecastState] | None = None,
) -> None:
    """Check a backend: `fit` returns a new one, predictions are pure and finite, scales >= 0.

    Args:
        backend: What is checked; it is fitted first.
        window: What it is fitted on; None: `example_window()`.
        states: What it predicts from; None: `example_states(window)`.

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


def check_strategy_runtime(
    runtime: StrategyRuntime, *, states: Sequence[ForecastState] | None = None
) -> None:
    """Check a runtime: a pure and finite change for every state, and who computed it.

    Where it has `status`, `answer` or `close`: the status names a backend, an answer is the change
    that `forecast_delta` returns, and `close` may be called twice (it is called at the end).

    Args:
        runtime: What is checked.
        states: What it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import ConstantRuntime
    >>> check_strategy_runtime(ConstantRuntime(0.4))
    """
    promises = Promises("StrategyRuntime", runtime)
    promises.members("forecast_delta")
    promises.named()
    states = example_states() if states is None else tuple(states)
    promises.replay("forecast_delta", [bind(runtime.forecast_delta, state) for state in states])
    for state in states:
        promises.number(
            "forecast_delta", promises.pure("forecast_delta", runtime.forecast_delta, state)
        )
    optional: Any = runtime
    if hasattr(runtime, "status"):
        found = promises.call("status", optional.status)
        promises.require(
            isinstance(found, RuntimeStatus), "status is a RuntimeStatus", f"got {found!r}"
        )
    for state in states if hasattr(runtime, "answer") else ():
        answer = promises.pure("answer", optional.answer, state)
        promises.require(
            isinstance(answer, StrategyAnswer) and isinstance(answer.given_by, RuntimeStatus),
            "answer is a StrategyAnswer that says who gave it",
            f"got {answer!r}",
        )
        promises.require(
            fingerprint(answer.delta) == fingerprint(runtime.forecast_delta(state)),
            "answer is the change that forecast_delta returns",
            f"at t = {state.t} it is {answer.delta!r}",
        )
    if hasattr(runtime, "close"):
        promises.call("close", optional.close)
        promises.call("a second close", optional.close)


def check_refiner(refiner: Refiner) -> None:
    """Check a refiner: within its limit for any revealed forecasts, none of them included; pure.

    NaN and `ForecastUnavailable` are allowed where it has nothing to propose, as long as they come
    each time. It is shown forecasts that are right on average, far off either way, one alone, many
    and none, and it leaves them as they were.

    Args:
        refiner: What is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import MeanErrorRefiner
    >>> check_refiner(MeanErrorRefiner(0.1))
    """
    promises = Promises("Refiner", refiner)
    promises.members("limit", "propose")
    promises.named()
    promises.frozen(refiner)
    limit = promises.number("limit", refiner.limit, low=0.0)
    whole = example_outcomes(24)
    above = tuple(replace(one, target=one.forecast.mean + 1e6) for one in whole)
    below = tuple(replace(one, target=one.forecast.mean - 1e6) for one in whole)
    shown = [whole, whole[:1], (), tuple(reversed(whole)), whole[12:13] * 40, above, below]
    for outcomes in shown:
        try:
            found = promises.pure("propose", refiner.propose, outcomes)
        except ForecastUnavailable:
            continue
        if not (isinstance(found, float) and math.isnan(found)):
            promises.number("propose", found, low=-limit, high=limit)
    promises.replay("propose", [bind(refiner.propose, outcomes) for outcomes in shown])


def check_policy_loader(
    loader: PolicyLoader, path: str, role: Literal["forecaster", "adversary", "defender"]
) -> None:
    """Check a policy loader on a policy that was saved in the format that it reads.

    The agent that it returns passes the check of its role; the file is left as it was; what is
    truncated, no policy at all or missing is an error of ours; and a pickle is never unpickled.

    Args:
        loader: What is checked.
        path: A saved policy.
        role: What kind of agent it is.

    Raises:
        ConformanceError: A promise is broken.
    """
    promises = Promises("PolicyLoader", loader)
    promises.members("load")
    saved = Path(path).read_bytes()
    agent = promises.call("load", loader.load, path)
    twin = promises.call("load", loader.load, path)
    promises.require(
        Path(path).read_bytes() == saved, "load leaves the file as it was", "the file changed"
    )
    checks: dict[str, Callable[[Any], None]] = {
        "forecaster": check_forecaster,
        "adversary": check_adversary,
        "defender": check_defender,
    }
    checks[role](agent)
    promises.require(
        type(agent) is type(twin) and agent.name == twin.name,
        "load is pure: one file gives one agent",
        f"first {agent!r}, then {twin!r}",
    )
    with tempfile.TemporaryDirectory() as folder:
        marker = Path(folder) / "unpickled"
        # A pickle, by hand, whose reading makes a folder: "os.mkdir(marker)".
        trap = b"cos\nmkdir\n(V" + str(marker).encode("raw_unicode_escape") + b"\ntR."
        bad = {
            "truncated": saved[: len(saved) // 2],
            "empty": b"",
            "no policy": b'{"surprise": [1, 2, 3]}',
            "a pickle": trap,
        }
        for what, data in bad.items():
            file = Path(folder) / Path(path).name
            file.write_bytes(data)
            _refuses(promises, loader, file, what)
        promises.require(
            not marker.exists(), "a policy is never unpickled", "a pickle was read and obeyed"
        )
        _refuses(promises, loader, Path(folder) / "missing" / Path(path).name, "missing")


def _refuses(promises: Promises, loader: PolicyLoader, path: Path, what: str) -> None:
    promise = f"load refuses a file that is {what} with an error of ours"
    try:
        agent = loader.load(str(path))
    except ForecastGameError:
        return
    except FileNotFoundError as error:
        if what == "missing":
            return
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    promises.broken(promise, f"it returned {agent!r}")
