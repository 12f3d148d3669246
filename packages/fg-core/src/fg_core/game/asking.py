"""One agent asked or fitted: its failures are named, and what it returns is checked."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np

from fg_core.action import AgentAction
from fg_core.batch import ActionArrays
from fg_core.errors import AgentError, ForecastGameError, ForecastUnavailable
from fg_core.frozen import replace_unchecked
from fg_core.numerical import NUMERICAL_FAILURES
from fg_core.reasons import in_short
from fg_core.window import TrainingWindow

__all__ = [
    "Unfitted",
    "ask",
    "call",
    "fit",
    "fit_panel",
    "is_per_lane",
    "numerical_call",
    "refuse_parts",
    "require_numbers",
    "sees_panels",
    "sensitivity",
    "several",
    "successor",
]


_FLOAT = np.dtype(np.float64)
_NO_CONTEXT = AgentAction.context
_PARTS = {
    "alternatives": "alternatives, the hypotheses of a defender about prints",
    "context": "a context, the hits of an adversary on context columns",
    "shape": "a shape, the distribution that a forecaster states",
}


def call(agent: Any, what: str, *args: Any, **kwargs: Any) -> Any:
    """Call a method of an agent; a failure becomes an `AgentError` that names the agent.

    Errors of this project pass as they are: their message is clear already.

    Args:
        agent: Agent that is asked.
        what: Name of the method.
        args: Positional arguments of the method.
        kwargs: Arguments of the method by name.

    Returns:
        Answer of the method, unchecked.

    Raises:
        AgentError: The method failed.
    """
    try:
        return getattr(agent, what)(*args, **kwargs)
    except ForecastGameError:
        raise
    except Exception as error:
        raise _failure(agent, what, error) from error


def _failure(agent: Any, what: str, error: Exception) -> AgentError:
    return AgentError(f"agent {agent.name!r} failed in {what}(): {type(error).__name__}: {error}")


def successor(agent: Any, what: str, method: str, *args: Any) -> Any:
    """Call a method that returns an agent, and return that agent.

    Args:
        agent: Agent that is asked.
        what: Name of the method.
        method: Name of a method that the agent that it returns must have.
        args: Positional arguments of the method.

    Returns:
        Agent that the method returned.

    Raises:
        AgentError: The method failed, or returned something else.
    """
    return _required(agent, what, method, call(agent, what, *args))


def _required(agent: Any, what: str, method: str, new: Any) -> Any:
    if not hasattr(new, method):
        raise AgentError(
            f"agent {agent.name!r} returned a {type(new).__name__} from {what}(): an agent with "
            f"{method}() is wanted"
        )
    return new


def numerical_call(agent: Any, what: str, *args: Any) -> Any:
    """Return what a method of a forecaster returns.

    Args:
        agent: Forecaster that is asked.
        what: Name of the method.
        args: Positional arguments of the method.

    Returns:
        Answer of the method, unchecked.

    Raises:
        ForecastUnavailable: Its arithmetic failed.
        AgentError: It failed otherwise; errors of this project pass as they are.
    """
    try:
        return getattr(agent, what)(*args)
    except ForecastGameError:
        raise
    except Exception as error:
        raise _failure_of_forecaster(agent, what, error) from error


def _failure_of_forecaster(agent: Any, what: str, error: Exception) -> ForecastGameError:
    if isinstance(error, NUMERICAL_FAILURES):
        return ForecastUnavailable(
            f"forecaster {agent.name!r}: {what}() failed numerically: {error}"
        )
    return _failure(agent, what, error)


@dataclass(frozen=True)
class Unfitted:
    """A forecaster whose last fit failed: without forecasts until it is fitted again.

    Args:
        agent: Forecaster as it was before the fit.
        reason: Why the fit failed.
    """

    agent: Any
    reason: str

    @property
    def name(self) -> str:
        """Name of the forecaster."""
        return str(self.agent.name)

    def fit(self, window: TrainingWindow) -> Any:
        """Return the forecaster fitted on `window`."""
        return self.agent.fit(window)

    def act(self, _state: Any, _horizon: int = 1) -> AgentAction:
        """Raise `ForecastUnavailable`: there is no fit."""
        raise ForecastUnavailable(self.reason)

    def act_array(self, _state: Any, _horizon: int = 1) -> ActionArrays:
        """Return no forecast for any game."""
        return ActionArrays(np.nan, reason=self.reason)


def fit(agent: Any, window: TrainingWindow) -> Any:
    """Return an agent fitted on a window; `Unfitted` where its arithmetic failed.

    Args:
        agent: Forecaster, also one whose last fit failed; one without `fit` is returned as it is.
        window: Values that it may see.

    Returns:
        Fitted forecaster, or `Unfitted` with the reason.

    Raises:
        AgentError: The fit failed otherwise, or returned something else.
    """
    if not hasattr(agent, "fit"):
        return agent
    before = agent.agent if isinstance(agent, Unfitted) else agent
    try:
        return _required(before, "fit", "act", numerical_call(before, "fit", window))
    except ForecastUnavailable as reason:
        return Unfitted(before, in_short(str(reason)))


def sees_panels(agent: Any) -> bool:
    """Return whether a forecaster is fitted on all series of a panel at once.

    Args:
        agent: Forecaster, also one whose last fit failed.

    Returns:
        Whether it has `fit_panel`.
    """
    return hasattr(agent.agent if isinstance(agent, Unfitted) else agent, "fit_panel")


def fit_panel(agent: Any, windows: Sequence[TrainingWindow]) -> list[Any]:
    """Return a forecaster fitted on all series of a panel at once, one forecaster per series.

    Args:
        agent: Forecaster that is asked.
        windows: Windows that it may see, one per series.

    Returns:
        `Unfitted` for every series where its arithmetic failed.

    Raises:
        AgentError: It failed otherwise, or returned anything but a forecaster per series.
    """
    before = agent.agent if isinstance(agent, Unfitted) else agent
    try:
        found = numerical_call(before, "fit_panel", tuple(windows))
    except ForecastUnavailable as reason:
        return [Unfitted(before, in_short(str(reason)))] * len(windows)
    return several(before, "fit_panel", "act", found, len(windows))


def several(agent: Any, what: str, method: str, found: Any, n: int) -> list[Any]:
    """Return agents that a method of an agent has returned, if they are as many as they must be.

    Args:
        agent: Agent that was asked.
        what: Name of the method that was called.
        method: Name of a method that each of the agents must have.
        found: Answer of the method.
        n: Number of agents that it must return, one per series.

    Returns:
        Agents, in the order of the series.

    Raises:
        AgentError: The answer is no sequence of so many agents.
    """
    if not isinstance(found, Sequence) or isinstance(found, str | bytes):
        raise AgentError(
            f"agent {agent.name!r} returned a {type(found).__name__} from {what}(): a sequence of "
            "agents is wanted, one per series"
        )
    if len(found) != n:
        raise AgentError(
            f"agent {agent.name!r} returned {len(found)} agents from {what}() for {n} series: one "
            "per series is wanted"
        )
    return [_required(agent, what, method, new) for new in found]


def is_per_lane(numbers: Any, n: int) -> bool:
    """Return whether an answer is a float, or an array of floats with one per lane.

    Nearly all answers are, and need no slower look.

    Args:
        numbers: Answer of an agent.
        n: Number of lanes.

    Returns:
        Whether it is a float or floats of shape (lane,).
    """
    kind = type(numbers)
    return kind is float or (
        kind is np.ndarray and numbers.dtype is _FLOAT and numbers.shape == (n,)
    )


def require_numbers(name: str, what: str, numbers: Any) -> None:
    """Refuse what is neither a number nor an array of numbers.

    Args:
        name: Name of the agent.
        what: Name of what it returned, for the message.
        numbers: Answer of the agent.

    Raises:
        AgentError: It is something else.
    """
    kind = type(numbers)
    if kind is float or (np.asarray(numbers).dtype.kind in "fiu"):
        return
    raise AgentError(f"agent {name!r} returned a {what} of {numbers!r}: numbers are wanted")


def ask(agent: Any, state: Any, horizon: int) -> AgentAction | str:
    """Return the action of a forecaster, or why it has no forecast.

    Args:
        agent: Forecaster that is asked.
        state: State that it acts on.
        horizon: Horizon of the forecast, in rounds.

    Returns:
        Action, whose change is in the unit of the series; a text on one line where there
        is no forecast.

    Raises:
        AgentError: It failed otherwise than in its arithmetic, or returned no action of a
            forecaster.
    """
    # As `numerical_call`, without its frame: nothing is called as often.
    try:
        action = agent.act(state, horizon)
    except ForecastUnavailable as reason:
        return in_short(str(reason))
    except ForecastGameError:
        raise
    except Exception as error:
        failure = _failure_of_forecaster(agent, "act", error)
        if isinstance(failure, ForecastUnavailable):
            return in_short(str(failure))
        raise failure from error
    if not isinstance(action, AgentAction):
        raise AgentError(
            f"agent {agent.name!r} returned a {type(action).__name__}: an AgentAction is wanted"
        )
    if action.delta != action.delta:
        raise AgentError(
            f"agent {agent.name!r} returned a delta of {action.delta}: it must be finite"
        )
    if action.alternatives or action.context is not _NO_CONTEXT:
        refuse_parts(agent.name, "forecaster", action, "alternatives", "context")
    return action


def refuse_parts(name: str, role: str, action: AgentAction, *parts: str) -> None:
    """Refuse an action with a part that its agent's role has no use for.

    Args:
        name: Name of the agent.
        role: Role of the agent, in words.
        action: Action that it returned.
        parts: Names of the fields that must be empty: "alternatives", "context" or "shape".

    Raises:
        AgentError: One of them is not empty.
    """
    for part in parts:
        found = getattr(action, part)
        if found is not None and len(found if isinstance(found, Sized) else (found,)):
            raise AgentError(
                f"{role} {name!r} returned an action with {_PARTS[part]}: a {role} has none"
            )


def sensitivity(agent: Any, state: Any, horizon: int, step: float) -> float:
    """Return d(forecast of the level) / d(last value).

    Args:
        agent: Forecaster that is asked; without `sensitivity`, the slope is a finite difference.
        state: State that it acts on.
        horizon: Horizon of the forecast, in rounds.
        step: Half the step of the finite difference, in the unit of the series.

    Returns:
        Slope, without a unit; 1 where it is not available.

    Raises:
        AgentError: It failed otherwise, or its slope is not finite.
    """
    if hasattr(agent, "sensitivity"):
        try:
            slope: float = numerical_call(agent, "sensitivity", state, horizon)
        except ForecastUnavailable:
            return 1.0
        if type(slope) is not float:
            require_numbers(agent.name, "sensitivity", slope)
        if not math.isfinite(slope):
            raise AgentError(f"agent {agent.name!r} returned a sensitivity of {slope}")
        return float(slope)
    low, high = (
        ask(agent, replace_unchecked(state, value=state.value + side * step), horizon)
        for side in (-1.0, 1.0)
    )
    if isinstance(low, str) or isinstance(high, str):
        return 1.0  # it cannot say; a forecast that moves with the value is the cautious guess
    return 1.0 + (high.delta - low.delta) / (2.0 * step)
