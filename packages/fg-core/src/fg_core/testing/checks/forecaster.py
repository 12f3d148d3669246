"""Conformance of forecasters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fg_core.action import AgentAction
from fg_core.distributions import StatedDistribution
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.protocols import Forecaster
from fg_core.state import ForecastState
from fg_core.testing._play import HORIZONS, Promises, bind
from fg_core.testing.examples import example_states, example_window
from fg_core.window import TrainingWindow

from ._agents import judge_action, judge_draws, judge_learning
from ._context import judge_columns_read
from ._sensitivities import judge_sensitivities, judge_sensitivity

__all__ = ["check_forecaster"]


def check_forecaster(
    forecaster: Forecaster,
    *,
    window: TrainingWindow | None = None,
    states: Sequence[ForecastState] | None = None,
) -> None:
    """Check a forecaster: pure, finite, frozen, horizons 1 to 8, `fit` and `update`.

    One that sees panels (`fit_panel`) returns a forecaster per window, of one window and of
    several, whichever fitted forecaster is asked, and leaves the windows as they were.
    One that declares which context columns it reads (`columns_read`) does not move by a bit where
    the numbers of the others are changed.
    One that draws random numbers (`with_draws`) acts alike with equal draws, and without any. One
    that states a distribution (`AgentAction.shape`) gives its mean and standard deviation.

    `ForecastUnavailable` is allowed where there is no forecast, as long as it is raised each time,
    and `AgentError` for a state without history.

    Args:
        forecaster: Forecaster that is checked; it is fitted first, if it can be.
        window: Window that it is fitted on; None: `example_window()`.
        states: States that it is played on; None: `example_states(window)`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import ConstantForecaster
    >>> check_forecaster(ConstantForecaster(0.1, 0.5))
    """
    promises = Promises("Forecaster", forecaster)
    promises.members("act")
    promises.named()
    promises.frozen(forecaster)
    window = example_window() if window is None else window
    states = example_states(window) if states is None else tuple(states)

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.act, state, horizon) for state in states for horizon in HORIZONS]

    def judge(agent: Any) -> None:
        answered = 0
        for state in states:
            # Who needs a history may complain that there is none.
            promises.refusals = () if state.history else (AgentError,)
            for horizon in HORIZONS:
                try:
                    action = promises.pure("act", agent.act, state, horizon=horizon)
                except ForecastUnavailable:
                    continue
                answered += 1
                judge_action(promises, agent, action)
                if action.shape is not None:
                    _judge_shape(promises, state, action)
                if horizon == 1:
                    default = promises.call("act", agent.act, state)
                    promises.require(
                        default == action, "act looks one step ahead unless told", f"got {default}"
                    )
                if hasattr(agent, "required_history"):
                    _judge_history(promises, agent, state, horizon, window)
                if "reads_back" in vars(type(agent)):
                    _judge_reading(promises, agent, state, horizon, window)
                if hasattr(agent, "sensitivity"):
                    judge_sensitivity(promises, agent, state, horizon)
                if hasattr(agent, "sensitivities"):
                    judge_sensitivities(promises, agent, state, horizon)
        promises.refusals = (AgentError,)
        judge_draws(promises, agent, plays)
        promises.refusals = ()
        promises.require(
            answered > 0,
            "it has a forecast somewhere",
            "it raised ForecastUnavailable at every state and horizon",
        )

    judge_learning(promises, forecaster, plays, judge, window)
    if hasattr(forecaster, "columns_read"):
        judge_columns_read(promises, forecaster, window, states)


def _judge_history(
    promises: Promises, agent: Any, state: ForecastState, horizon: int, window: TrainingWindow
) -> None:
    age = state.t - window.end_t
    asked = {"since_fit": age, "since_reveal": age}
    need = promises.pure("required_history", agent.required_history, horizon, **asked)
    promises.require(
        isinstance(need, int) and not isinstance(need, bool) and need >= 0,
        "required_history is a whole number of values, at least 0",
        f"got {need!r}",
    )
    most = promises.call("required_history", agent.required_history, horizon, refits=True, **asked)
    promises.require(
        most >= need,
        "required_history with refits is at least what this fit needs",
        f"got {most}, and {need} without",
    )
    if need > len(state.history):
        return
    history = state.history[len(state.history) - need :]
    shown = replace(state, history=history, n_unrevealed=min(state.n_unrevealed, need))
    try:
        agent.act(shown, horizon)
    except ForecastUnavailable:
        return
    except AgentError as error:
        promises.broken(
            "as many earlier values as required_history says are enough",
            f"with {need} of them at t = {state.t}, horizon {horizon}, act says: {error}",
            error,
        )


def _judge_reading(
    promises: Promises, agent: Any, state: ForecastState, horizon: int, window: TrainingWindow
) -> None:
    """Values further back than `reads_back` says change nothing."""
    # Periods that it did not learn of are counted by the game.
    most = agent.reads_back(window.season_length) + max(0, state.t - window.end_t - 1)
    if most >= len(state.history):
        return

    def said(values: tuple[float, ...]) -> Any:
        shown = replace(state, history=values, n_unrevealed=min(state.n_unrevealed, most))
        try:
            return agent.act(shown, horizon)
        except (AgentError, ForecastUnavailable) as error:
            return type(error)

    nearest = state.history[len(state.history) - most :]
    promises.require(
        said(state.history) == said(nearest),
        "values further back than reads_back says change nothing",
        f"at t = {state.t}, horizon {horizon}, the last {most} alone give another forecast",
    )


def _judge_shape(promises: Promises, state: ForecastState, action: AgentAction) -> None:
    """A stated distribution has the mean and the standard deviation that are stated beside it."""
    shape = action.shape
    if not isinstance(shape, StatedDistribution) or action.scale is None:
        promises.broken("a shape is a StatedDistribution with its scale", f"got {action!r}")
    size = abs(shape.mean) + abs(state.value) + shape.scale
    promises.require(
        abs(state.value + action.delta - shape.mean) <= 1e-6 * shape.scale + 1e-9 * size,
        "delta is the mean of the stated distribution less the last value",
        f"at t = {state.t} it is {action.delta}, and {shape.mean} - {state.value} is wanted",
    )
    promises.require(
        abs(action.scale - shape.scale) <= 1e-6 * shape.scale + 1e-9 * size,
        "scale is the standard deviation of the stated distribution",
        f"at t = {state.t} it is {action.scale}, and {shape.scale} is wanted",
    )
