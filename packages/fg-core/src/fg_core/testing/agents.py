"""Conformance of the agents that act: forecaster, adversary, defender.

Each check plays the agent and compares; it raises `ConformanceError` with the promise that was
broken. Agents are frozen values: `act` is pure, `fit` and `update` return new ones and leave the
old one as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fg_core.action import AgentAction
from fg_core.distributions import StatedDistribution
from fg_core.errors import AgentError, ForecastUnavailable
from fg_core.forecast import ProbabilisticForecast
from fg_core.protocols import (
    Adversary,
    Defender,
    Forecaster,
    Revealed,
)
from fg_core.state import ForecastState
from fg_core.window import TrainingWindow

from ._play import HORIZONS, Promises, bind
from ._sensitivities import judge_sensitivities, judge_sensitivity
from .examples import (
    example_budget,
    example_draws,
    example_predictive,
    example_reveals,
    example_states,
    example_window,
)
from .panels import judge_panels

__all__ = [
    "check_adversary",
    "check_defender",
    "check_forecaster",
]

Plays = Callable[[Any], list[Callable[[], Any]]]


def check_forecaster(
    forecaster: Forecaster,
    *,
    window: TrainingWindow | None = None,
    states: Sequence[ForecastState] | None = None,
) -> None:
    """Check a forecaster: pure, finite, frozen, horizons 1 to 8, `fit` and `update`.

    One that sees panels (`fit_panel`) returns a forecaster per window, of one window and of
    several, whichever fitted forecaster is asked, and leaves the windows as they were.
    One that draws random numbers (`with_draws`) acts alike with equal draws, and without any. One
    that states a distribution (`AgentAction.shape`) gives its mean and standard deviation.

    `ForecastUnavailable` is allowed where there is no forecast, as long as it is raised each time,
    and `AgentError` for a state without history.

    Args:
        forecaster: What is checked; it is fitted first, if it can be.
        window: What it is fitted on; None: `example_window()`.
        states: What it is played on; None: `example_states(window)`.

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
                _judge_action(promises, agent, action)
                if action.shape is not None:
                    _judge_shape(promises, state, action)
                if horizon == 1:
                    default = promises.call("act", agent.act, state)
                    promises.require(
                        default == action, "act looks one step ahead unless told", f"got {default}"
                    )
                if hasattr(agent, "required_history"):
                    _judge_history(promises, agent, state, horizon, window)
                if hasattr(agent, "sensitivity"):
                    judge_sensitivity(promises, agent, state, horizon)
                if hasattr(agent, "sensitivities"):
                    judge_sensitivities(promises, agent, state, horizon)
        promises.refusals = (AgentError,)
        _judge_draws(promises, agent, plays)
        promises.refusals = ()
        promises.require(
            answered > 0,
            "it has a forecast somewhere",
            "it raised ForecastUnavailable at every state and horizon",
        )

    _judge_learning(promises, forecaster, plays, judge, window)


def check_adversary(adversary: Adversary, *, states: Sequence[ForecastState] | None = None) -> None:
    """Check an adversary: pure (its draws included), finite, frozen, works without a budget.

    Args:
        adversary: What is checked.
        states: What it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.agents import ScriptedAdversary
    >>> check_adversary(ScriptedAdversary({120: 0.5}))
    """
    promises = Promises("Adversary", adversary)
    promises.members("act")
    promises.named()
    promises.frozen(adversary)
    played = example_states() if states is None else tuple(states)
    budgets = (None, example_budget(), example_budget(0.0), example_budget(cost=0.5))

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.act, state, budget) for state in played for budget in budgets]

    def judge(agent: Any) -> None:
        for state in played:
            for budget in budgets:
                _judge_action(promises, agent, promises.pure("act", agent.act, state, budget))
            promises.call("act without a budget", agent.act, state)

    _judge_learning(promises, adversary, plays, judge, example_window())


def check_defender(defender: Defender, *, states: Sequence[ForecastState] | None = None) -> None:
    """Check a defender: pure, finite, frozen, and p_bad and scale in range, near and far off.

    One that lists alternatives does so over prints that are not settled. One that wants the
    pool's sensitivities is given those of an autoregression. One that draws random numbers
    (`with_draws`) acts alike with equal draws, and without any.

    Args:
        defender: What is checked; it is fitted first, if it can be.
        states: What it is played on; None: `example_states()`.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import SilentDefender
    >>> check_defender(SilentDefender())
    """
    promises = Promises("Defender", defender)
    promises.members("act")
    promises.named()
    promises.frozen(defender)
    played = example_states() if states is None else tuple(states)
    pairs = [(state, example_predictive(state)) for state in played]
    pairs += [(state, ProbabilisticForecast(state.value, 1e-12)) for state in played]
    pairs += [(state, ProbabilisticForecast(state.value - 1e6, 1.0)) for state in played]
    more = _example_sensitivities(promises, defender)

    def plays(agent: Any) -> list[Callable[[], Any]]:
        return [bind(agent.act, state, predictive, **more) for state, predictive in pairs]

    def judge(agent: Any) -> None:
        for state, predictive in pairs:
            action = promises.pure("act", agent.act, state, predictive, **more)
            _judge_action(promises, agent, action)
            _judge_alternatives(promises, state, action)
        _judge_draws(promises, agent, plays)

    _judge_learning(promises, defender, plays, judge, example_window())


# ---------------------------------------------------------------------------------------- common


def _judge_action(promises: Promises, agent: Any, action: Any) -> None:
    promises.require(
        isinstance(action, AgentAction), "act returns an AgentAction", f"got {action!r}"
    )
    promises.require(
        action.actor == agent.name,
        "an action carries the name of its agent",
        f"agent {agent.name!r} returned actor {action.actor!r}",
    )
    # AgentAction refuses all this; whoever gets round its constructor is caught here.
    promises.number("delta", action.delta)
    if action.scale is not None:
        promises.number("scale", action.scale, low=0.0)
    if action.p_bad is not None:
        promises.number("p_bad", action.p_bad, low=0.0, high=1.0)
    for column, hit in action.context.items():
        promises.number(f"context of {column!r}", hit)


def _judge_draws(promises: Promises, agent: Any, plays: Plays) -> None:
    """Bind an agent to random numbers, of two games: the same ones give the same actions."""
    if not hasattr(agent, "with_draws"):
        return
    unbound = promises.replay("act", plays(agent))
    for game in (0, 1):
        bound = promises.call("with_draws", agent.with_draws, example_draws(game))
        twin = promises.call("with_draws", agent.with_draws, example_draws(game))
        promises.require(
            hasattr(bound, "act") and getattr(bound, "name", None) == agent.name,
            "with_draws returns an agent of the same name",
            f"got {bound!r}",
        )
        promises.frozen(bound)
        for call in plays(bound):
            try:
                _judge_action(promises, agent, promises.pure("act with draws", call))
            except ForecastUnavailable:
                continue
        promises.require(
            promises.replay("act with draws", plays(bound))
            == promises.replay("act with draws", plays(twin)),
            "equal draws give equal actions",
            f"bound twice to the draws of game {game}, it acts differently",
        )
        promises.unchanged("with_draws", unbound, plays(agent))


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


def _example_sensitivities(promises: Promises, defender: Any) -> dict[str, tuple[float, ...]]:
    """Return what a defender is given beside state and predictive."""
    wanted = getattr(defender, "sensitivities_wanted", 0)
    promises.require(
        isinstance(wanted, int) and not isinstance(wanted, bool) and wanted >= 0,
        "sensitivities_wanted is a whole number, at least 0",
        f"got {wanted!r}",
    )
    if wanted == 0:
        return {}
    return {"sensitivities": tuple([0.9, -0.2, 0.1, *[0.0] * wanted][:wanted])}


def _judge_alternatives(promises: Promises, state: ForecastState, action: AgentAction) -> None:
    unsettled = state.n_unrevealed + 1
    for one in action.alternatives:
        promises.require(
            len(one.pattern) <= unsettled,
            "an alternative is over prints that are not settled (state.n_unrevealed + 1)",
            f"at t = {state.t} {unsettled} are not settled, and it returned {one!r}",
        )


def _judge_learning(
    promises: Promises,
    agent: Any,
    plays: Plays,
    judge: Callable[[Any], None],
    window: TrainingWindow,
) -> None:
    """Play an agent, fit and update it, and see that each step left the one before alone."""
    raw = promises.replay("act", plays(agent))
    fitted = agent
    if hasattr(agent, "fit_panel"):
        fitted = judge_panels(promises, agent, plays, judge, window)
        promises.unchanged("fit_panel", raw, plays(agent))
    if hasattr(agent, "fit"):
        fitted = _successor(promises, "fit", agent, agent.fit, window, plays)
        promises.unchanged("fit", raw, plays(agent))
    judge(fitted)
    if not hasattr(fitted, "update"):
        return
    learned = fitted
    reveals: tuple[Revealed, ...] = example_reveals(window)
    for revealed in reveals:
        before = promises.replay("act", plays(learned))
        new = _successor(promises, "update", learned, learned.update, revealed, plays)
        promises.unchanged("update", before, plays(learned))
        learned = new
    judge(learned)
    if hasattr(learned, "fit"):
        before = promises.replay("act", plays(learned))
        _successor(promises, "fit", learned, learned.fit, window, plays)
        promises.unchanged("fit", before, plays(learned))


def _successor(
    promises: Promises,
    what: str,
    agent: Any,
    step: Callable[[Any], Any],
    given: Any,
    plays: Plays,
) -> Any:
    new = promises.call(what, step, given)
    twin = promises.call(what, step, given)
    promises.require(
        hasattr(new, "act") and getattr(new, "name", None) == agent.name,
        f"{what} returns an agent of the same name",
        f"got {new!r}",
    )
    promises.frozen(new)
    promises.require(
        promises.replay("act", plays(new)) == promises.replay("act", plays(twin)),
        f"{what} is pure: equal arguments give agents that act alike",
        "two agents made alike act differently",
    )
    return new
